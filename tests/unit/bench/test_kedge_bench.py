"""``kedge bench`` times what the commands call, and says so in JSON."""

import json
from pathlib import Path

import pytest

from kedge.domain.errors import InputError
from kedge.interfaces.cli import bench_run
from kedge.interfaces.cli.bench_run import Case, latency, throughput
from kedge.interfaces.cli.bench_text import show, write
from kedge.interfaces.cli.main import main

SMALL = Case(2, 900, ("ma_momentum",))


def test_random_bars_are_five_minute_rows_around_the_clock_and_the_same_for_a_seed() -> None:
    panel, again, other = SMALL.panel(7), SMALL.panel(7), SMALL.panel(8)
    assert panel.rows == 900
    assert panel.interval_ns == 300 * 10**9
    assert panel.session[287] == 0
    assert panel.session[288] == 1
    assert (panel.bars == again.bars).all()
    assert (panel.bars != other.bars).any()


def test_figures_of_a_case_fit_together(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(bench_run, "WARM_ROWS", 5)
    monkeypatch.setattr(bench_run, "LIVE_ROWS", 20)
    rate, delay = throughput(SMALL, 7), latency(SMALL, 7)
    assert rate["fastest_s"] <= rate["median_s"] <= rate["slowest_s"]
    assert rate["cells_per_second"] == pytest.approx(2 * 900 / rate["median_s"])
    assert 0.0 < delay["p50_us"] <= delay["p99_us"] <= delay["longest_us"]
    found = {"throughput": [rate], "latency": [delay]}
    write(tmp_path / "bench.json", found)
    assert json.loads((tmp_path / "bench.json").read_text()) == found
    show(found)
    assert "ma_momentum" in capsys.readouterr().out


def test_a_file_that_cannot_be_written_is_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be written"):
        write(tmp_path / "missing" / "bench.json", {})


@pytest.fixture
def measured(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[object]]:
    found: dict[str, list[object]] = {"throughput": [], "latency": []}
    monkeypatch.setattr(bench_run, "measure_all", lambda seed: found | {"seed": seed})
    return found | {"seed": 7}


def test_json_goes_to_stdout_and_nothing_else_does(
    measured: dict[str, list[object]], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["bench", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == measured


def test_json_goes_to_a_file_that_is_named(
    measured: dict[str, list[object]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["bench", "--json", str(tmp_path / "bench.json")]) == 0
    assert json.loads((tmp_path / "bench.json").read_text()) == measured
    assert "median" in capsys.readouterr().out
