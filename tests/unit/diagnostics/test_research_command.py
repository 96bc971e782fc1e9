import errno
import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from kedge.data.bars import make_bars
from kedge.data.intervals import DAY
from kedge.data.store import ParquetStore
from kedge.data.venues import default_instrument
from kedge.interfaces.cli.main import main
from kedge.research import whole_folder
from kedge.research.trials import FOLDER, read_ledger
from kedge.research.worlds import TICK, WorldSpec, planted

Captured = pytest.CaptureFixture[str]
PARAMS = ("--strategy", "ma_momentum", "--param", "short=5,15", "--param", "long=30,60")


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("research")
    market = planted(WorldSpec(instruments=2, years=2.5), 2, 0.2)
    store = ParquetStore(folder / "store")
    for n, symbol in enumerate(("AAA", "BBB")):
        prices = np.round(market.bars[:, :, n] * float(TICK), 2)
        bars = make_bars(default_instrument(symbol), DAY, market.ts, prices, market.volume[:, n])
        store.put_bars(default_instrument(symbol), "1d", bars)
    path = folder / "kedge.yaml"
    path.write_text(
        "data: {store: ./store}\nuniverse: {symbols: [AAA, BBB], interval: 1d}\n"
        "strategies: [ma_momentum]\nresearch: {resamples: 100}\n"
    )
    return path


def said(capsys: Captured) -> dict:  # type: ignore[type-arg]
    return json.loads(capsys.readouterr().out)


def test_sweep_writes_its_files_and_counts_its_trials(
    config: Path, tmp_path: Path, capsys: Captured
) -> None:
    out = tmp_path / "deep" / "sweep"
    assert main(["research", "sweep", str(config), *PARAMS, "--out", str(out), "--json"]) == 0
    content = said(capsys)
    assert content == json.loads((out / "sweep.json").read_text())
    assert content["candidates"] == content["evidence"]["trials"] == len(content["rows"]) == 4
    assert content["evidence"]["pbo"] is not None
    assert sorted(path.name for path in out.iterdir()) == ["sweep.html", "sweep.json"]
    assert len(read_ledger(config.parent / "store" / FOLDER).trials) == 4
    assert main(["research", "sweep", str(config), *PARAMS]) == 0
    shown = capsys.readouterr().out
    assert "evidence of an edge (simulated)" in shown
    assert "4 candidates, 0 of them new in the trial ledger" in " ".join(shown.split())


@pytest.fixture
def alone(config: Path, tmp_path: Path) -> Path:
    """The module's market with an empty trial ledger."""
    shutil.copytree(config.parent, tmp_path / "alone")
    shutil.rmtree(tmp_path / "alone" / "store" / FOLDER, ignore_errors=True)
    return tmp_path / "alone"


def evidence(folder: Path, params: str, capsys: Captured) -> dict:  # type: ignore[type-arg]
    """The evidence of a backtest of ``ma_momentum`` with parameters written into kedge.yaml."""
    path = folder / "kedge.yaml"
    base = [line for line in path.read_text().splitlines() if not line.startswith("strategies")]
    strategies = f"strategies: [{{name: ma_momentum, params: {{{params}}}}}]"
    path.write_text("\n".join([*base, strategies]) + "\n")
    out = str(folder / "out")
    assert main(["backtest", str(path), "--out", out, "--quick", "--json"]) == 0
    return said(capsys)["evidence"]  # type: ignore[no-any-return]


def test_a_backtest_of_the_winner_of_a_sweep_carries_its_probability_of_overfitting(
    alone: Path, capsys: Captured
) -> None:
    assert evidence(alone, "short: 5", capsys)["search"] is None  # one of the sweep, before it
    swept = ["--strategy", "ma_momentum", "--param", "short=5,10,15,20"]
    assert main(["research", "sweep", str(alone / "kedge.yaml"), *swept, "--json"]) == 0
    sweep = said(capsys)
    best = sweep["best"]["params"]["short"]
    for spelled in (
        f"short: {best:g}",
        f"short: {best:.1f}, long: 60",
        f"long: 60.0, short: {best:g}",
    ):
        found = evidence(alone, spelled, capsys)
        assert found == sweep["evidence"] | {"ledger_hash": found["ledger_hash"]}
    assert found["pbo"] == found["search"]["pbo"] > 0.2
    (reason,) = (each for each in found["reasons"] if "overfitting" in each)
    assert reason.startswith("fail: this configuration is one of 4 tried in the search over ")
    assert reason.removeprefix("fail: ") in (alone / "out" / "report.html").read_text()
    assert (
        main(["backtest", str(alone / "kedge.yaml"), "--out", str(alone / "out"), "--quick"]) == 0
    )
    assert "one of 4 tried in the search" in " ".join(capsys.readouterr().out.split())


def test_a_backtest_of_what_no_sweep_tried_counts_its_trials_and_carries_no_probability(
    alone: Path, capsys: Captured
) -> None:
    assert main(["research", "sweep", str(alone / "kedge.yaml"), *PARAMS, "--json"]) == 0
    assert said(capsys)["evidence"]["trials"] == 4
    found = evidence(alone, "short: 7", capsys)
    assert (found["pbo"], found["search"], found["trials"]) == (None, None, 5)
    assert not any("overfitting" in reason for reason in found["reasons"])
    assert evidence(alone, "short: 7", capsys)["trials"] == 5


def test_walk_forward_reports_each_untouched_segment(
    config: Path, tmp_path: Path, capsys: Captured
) -> None:
    words = ["research", "walk-forward", str(config), *PARAMS, "--train", "500d", "--test", "90d"]
    assert main([*words, "--out", str(tmp_path), "--json"]) == 0
    content = said(capsys)
    assert content == json.loads((tmp_path / "walk_forward.json").read_text())
    assert len(content["segments"]) >= 4
    assert set(content["segments"][0]["params"]) == {"short", "long"}
    assert content["evidence"]["pbo"] is None
    assert main(words) == 0
    assert "out of sample: residual Sharpe" in " ".join(capsys.readouterr().out.split())


def test_robustness_is_the_result_block_of_a_backtest(config: Path, capsys: Captured) -> None:
    assert main(["research", "robustness", str(config), "--json"]) == 0
    content = said(capsys)
    assert [row["multiplier"] for row in content["stress"]] == [1.0, 2.0, 4.0]
    assert set(content["robustness"]) == {"sensitivity", "delay", "noise", "bootstrap"}
    assert main(["research", "robustness", str(config)]) == 0
    shown = capsys.readouterr().out
    assert "bootstrap" in shown
    assert "Sharpe" in shown
    assert "%" in shown


def test_null_and_planted_count_verdicts_and_resume(tmp_path: Path, capsys: Captured) -> None:
    words = ["--worlds", "3", "--seed", "40", "--out", str(tmp_path), "--json"]
    assert main(["research", "null", "--kind", "garch_t", *words]) == 0
    (first,) = said(capsys)["worlds"]
    assert first["judged"] == first["none"] + first["weak"] + first["strong"] == 3
    (checkpoint,) = tmp_path.glob("garch_t-*.jsonl")
    before = checkpoint.read_bytes()
    assert [json.loads(line)["seed"] for line in before.splitlines()[1:]] == [40, 41, 42]
    assert main(["research", "null", "--kind", "garch_t", *words]) == 0
    assert said(capsys)["worlds"] == [first]
    assert checkpoint.read_bytes() == before
    assert main(["research", "planted", "--worlds", "2"]) == 0
    assert "planted" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (["sweep", "--strategy", "nope", "--param", "a=1"], "there is no strategy 'nope'"),
        (["sweep", "--strategy", "ma_momentum", "--param", "a"], "'a' is no parameter"),
        (["walk-forward", *PARAMS, "--train", "soon"], "--train: 'soon' is not a length of time"),
        (["walk-forward", *PARAMS, "--train", "9000d"], "too few for these windows"),
        (["null", "--worlds", "0"], "--worlds"),
    ],
)
def test_a_wrong_word_is_one_line_and_code_2(
    words: list[str], line: str, config: Path, capsys: Captured
) -> None:
    where = [] if words[0] == "null" else [str(config)]
    assert main(["research", words[0], *where, *words[1:]]) == 2
    said = capsys.readouterr().err
    assert line in said
    assert said.count("\n") == 1


def test_an_output_that_is_a_file_is_refused(config: Path, capsys: Captured) -> None:
    assert main(["research", "sweep", str(config), *PARAMS, "--out", str(config)]) == 2
    assert "is a file (name a folder for --out)" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["sweep", "walk-forward"])
def test_a_folder_that_holds_anything_else_is_refused_before_the_search(
    command: str, config: Path, capsys: Captured
) -> None:
    assert main(["research", command, str(config), *PARAMS, "--out", str(config.parent)]) == 2
    assert "holds kedge.yaml, which is no result of kedge" in capsys.readouterr().err


@pytest.mark.parametrize("written", range(2))
def test_full_disk_leaves_the_older_sweep_untouched(
    config: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured, written: int
) -> None:
    out = tmp_path / "sweep"
    out.mkdir()
    for name in ("sweep.json", "sweep.html"):
        (out / name).write_text("old")
    room = iter([True] * written)
    write = whole_folder._durably

    def filling(path: Path, content: bytes) -> None:
        if not next(room, False):
            path.write_bytes(content[: len(content) // 2])
            raise OSError(errno.ENOSPC, "No space left on device", str(path))
        write(path, content)

    monkeypatch.setattr(whole_folder, "_durably", filling)
    assert main(["research", "sweep", str(config), *PARAMS, "--out", str(out)]) == 1
    assert "no space left on the disk; nothing was written" in capsys.readouterr().err
    assert {path.name: path.read_text() for path in out.iterdir()} == {
        "sweep.json": "old",
        "sweep.html": "old",
    }
    assert [path.name for path in tmp_path.iterdir()] == ["sweep"]
