"""``kedge backtest`` as a command: bad input is one line, equal input gives equal bytes."""

import json
import re
import shutil
from pathlib import Path

import polars as pl
import pytest

from kedge.interfaces.cli.main import main
from kedge.research.configuration import config_hash
from kedge.settings import load_settings

HEAD = """
from kedge.strategies import CONFIDENCE, EDGE_BPS, SIGMA_BPS, strategy

@strategy(needs=("sma({n})",), params={"n": 10})
def rule(window, params, out):
"""
BAD_STRATEGIES = {
    "raises": ("    raise ValueError('too bad')\n", "too bad"),
    "wrong shape": ("    out[EDGE_BPS, window.shape[1] + 5] = 1.0\n", "out of bounds"),
    "returns": ("    return 3.0\n", "return"),
    "leaves": ("    raise SystemExit(0)\n", "SystemExit: 0"),
}
BAD_SETTINGS = {
    "limit: {position: 0.05}": "unknown key 'limit' (did you mean 'limits'?",
    "costs: {impact_y: -1}": "costs.impact_y",
    "costs: {borrow_bps: -5}": "costs.borrow_bps",
    "strategies: [ma_momentun]": (
        "config.yaml:1: strategies.ma_momentun: there is no strategy 'ma_momentun' "
        "(did you mean ma_momentum?)"
    ),
    "strategies:\n  - trend\n  - {name: technical, params: {fst: 3}}": (
        "config.yaml:3: strategies.technical: has no parameter 'fst' (its parameters: fast, slow"
    ),
    "strategies: [{name: trend, params: {fast: x}}]": (
        "config.yaml:1: strategies.trend: fast: 'x' is not a number (write a number)"
    ),
    "strategies: [trend]\nensemble: {weights: {momentum: 0}}": (
        "config.yaml:1: strategies.trend: every strategy has the weight 0: nothing would trade"
    ),
    "strategies: [trend, book_pressure]": (
        "strategy book_pressure: reads trades and order books, of which bars hold nothing (leave"
    ),
    "strategies: [nowhere.py:rule]": "there is no such file",
    "universe: {symbols: [AAPL, ZZZ]}": "no instrument 'ZZZ'",
    "universe: {symbols: [AAPL, IBM], benchmark: NOPE}": "no instrument 'NOPE'",
    "universe: {interval: 1d}": "the store holds several universes: us_five, us_twenty",
    "data: {start: 2030-01-01}": "store: no 1d bar of AAPL, IBM in the span (widen the span",
    "currency: EUR": "no exchange rates of USD in EUR",
}


@pytest.fixture
def small(store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to write configurations to; the store is the session's."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("KEDGE_DATA__STORE", str(store))
    return tmp_path


def write(folder: Path, text: str, **more: str) -> str:
    """A configuration of two stocks over one year, with further lines."""
    given = {
        "universe": "universe: {symbols: [AAPL, IBM]}",
        "data": "data: {start: 2010-01-01, end: 2011-01-01}",
    } | more
    kept = [line for key, line in given.items() if not text.startswith(f"{key}:")]
    path = folder / "config.yaml"
    path.write_text("\n".join([text, *kept]) + "\n")
    return str(path)


def one_line(capsys: pytest.CaptureFixture[str]) -> str:
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.count("\n") == 1
    assert said.err.startswith("kedge: ")
    assert "Traceback" not in said.err
    return said.err


@pytest.mark.parametrize("text", BAD_SETTINGS)
def test_bad_configuration_is_one_line(
    small: Path, capsys: pytest.CaptureFixture[str], text: str
) -> None:
    assert main(["backtest", write(small, text), "--out", "out"]) == 2
    assert BAD_SETTINGS[text] in one_line(capsys)
    assert not (small / "out").exists()


@pytest.mark.parametrize("how", BAD_STRATEGIES)
def test_bad_strategy_is_one_line(
    small: Path, capsys: pytest.CaptureFixture[str], how: str
) -> None:
    body, said = BAD_STRATEGIES[how]
    (small / "mine.py").write_text(HEAD + body)
    config = write(small, "strategies: ['mine.py:rule']")
    assert main(["backtest", config, "--out", "out", "--quick"]) == 2
    assert said in one_line(capsys)
    assert not (small / "out").exists()


def test_negative_lag_is_refused(small: Path, capsys: pytest.CaptureFixture[str]) -> None:
    body = (
        HEAD.replace("sma({n})", "lag(sma({n}), -1)") + "    out[EDGE_BPS, 0] = window[-1, 0, 0]\n"
    )
    (small / "mine.py").write_text(body)
    assert main(["backtest", write(small, "strategies: ['mine.py:rule']"), "--out", "out"]) == 2
    one_line(capsys)


def test_a_strategy_of_nan_is_refused_in_one_line(
    small: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (small / "mine.py").write_text(HEAD + "    out[EDGE_BPS, 0] = window[0, 0, 0] * float('nan')\n")
    config = write(small, "strategies: ['mine.py:rule']")
    assert main(["backtest", config, "--out", "out", "--quick"]) == 2
    assert "gave no forecast" in one_line(capsys)
    assert not Path("out").exists()


def test_missing_store_names_both_remedies(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("KEDGE_DATA__STORE", raising=False)
    assert main(["backtest", "--out", "out"]) == 2
    said = one_line(capsys)
    assert "kedge data sample" in said
    assert "kedge data import" in said


@pytest.fixture
def edited(store: Path, small: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The instruments' file of a store of one's own."""
    own = small / "own"
    shutil.copytree(store, own)
    monkeypatch.setenv("KEDGE_DATA__STORE", str(own))
    return own / "instruments.yaml"


@pytest.mark.parametrize(
    ("line", "figure"),
    [
        ("lot: '0.00000000000001'", "lot 0.00000000000001"),
        ("lot: '1.0000000000000001'", "lot 1.0000000000000001"),
        ("multiplier: 1000000000000000000", "multiplier 1000000000000000000"),
        ("min_notional: '1e15'", "min_notional: 1000000000000000"),
    ],
)
@pytest.mark.parametrize("command", ["backtest {} --out out", "research robustness {}"])
def test_instrument_edited_until_cash_overflows_is_one_line(
    small: Path,
    edited: Path,
    capsys: pytest.CaptureFixture[str],
    command: str,
    line: str,
    figure: str,
) -> None:
    text = re.sub(r"^  lot: .*\n", "", edited.read_text(), flags=re.MULTILINE)
    edited.write_text(text.replace("\nAAPL:\n", f"\nAAPL:\n  {line}\n"))
    assert main(command.format(write(small, "strategies: [technical]")).split()) == 2
    said = one_line(capsys)
    assert "AAPL" in said
    assert figure in said
    assert "overflows 64-bit cash" in said
    assert not (small / "out").exists()


def test_capital_that_overflows_an_instrument_is_one_line(
    small: Path, edited: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    edited.write_text(edited.read_text().replace("lot: '1'", "lot: '0.0001'"))
    assert main(["backtest", write(small, "capital: 10000"), "--out", "out", "--quick"]) == 0
    capsys.readouterr()
    assert main(["backtest", write(small, "capital: 40000000000"), "--out", "huge"]) == 2
    said = one_line(capsys)
    assert f"{edited}: AAPL: " in said
    assert "less capital" in said


def test_one_row_of_history_is_one_line(small: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = write(small, "data: {start: 2010-01-04, end: 2010-01-05}")
    assert main(["backtest", config, "--out", "out"]) == 2
    assert "needs at least two" in one_line(capsys)


def test_configuration_of_the_working_directory_is_read(
    small: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (small / "kedge.yaml").write_text("capitol: 5\n")
    assert main(["backtest", "--out", "out"]) == 2
    assert "kedge.yaml:1" in one_line(capsys)


def test_json_is_the_file_and_nothing_else(small: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = write(small, "strategies: [technical]")
    assert main(["backtest", config, "--out", "out", "--quick", "--json"]) == 0
    said = capsys.readouterr()
    assert said.out == Path("out/result.json").read_text()
    assert said.err == ""


def test_same_input_gives_the_same_bytes(store: Path, tmp_path: Path) -> None:
    """Configuration, data and trial ledger are the inputs; timing alone may differ."""
    folders = []
    for number in (1, 2):
        here = tmp_path / str(number)
        shutil.copytree(store, here / "store")
        shutil.rmtree(here / "store" / "trials", ignore_errors=True)
        config = write(here, "strategies: [technical, trend]")
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("KEDGE_DATA__STORE", str(here / "store"))
            assert main(["backtest", config, "--out", str(here / "out"), "--quick"]) == 0
        folders.append(here / "out")
    first, second = folders
    for path in sorted(first.glob("*.parquet")):
        assert path.read_bytes() == (second / path.name).read_bytes(), path.name
    results = [json.loads((folder / "result.json").read_text()) for folder in folders]
    for result in results:
        del result["timing"]
    assert results[0] == results[1]


def test_a_rerun_is_no_second_trial_and_another_configuration_is(
    store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(store, tmp_path / "store")
    shutil.rmtree(tmp_path / "store" / "trials", ignore_errors=True)
    monkeypatch.setenv("KEDGE_DATA__STORE", str(tmp_path / "store"))

    def trials(text: str) -> int:
        config = write(tmp_path, text)
        assert main(["backtest", config, "--out", str(tmp_path / "out"), "--quick"]) == 0
        result = json.loads((tmp_path / "out" / "result.json").read_text())
        return int(result["evidence"]["trials"])

    assert [trials("seed: 1"), trials("seed: 1"), trials("seed: 2")] == [1, 1, 2]


def test_a_halted_book_says_when_and_stays_flat(small: Path) -> None:
    limits = "limits: {drawdown_start: 0.001, drawdown_stop: 0.002}"
    config = write(small, limits, data="data: {start: 2000-01-01, end: 2003-01-01}")
    assert main(["backtest", config, "--out", "out", "--quick"]) == 0
    result = json.loads(Path("out/result.json").read_text())
    equity = pl.read_parquet("out/equity.parquet")
    at = equity["ts"].dt.strftime("%Y-%m-%dT%H:%M:%SZ")[result["halted"]["row"]]
    assert result["halted"]["ts"] == at
    day = result["halted"]["ts"][:10]
    assert f"The drawdown stop was reached on {day}" in result["data"]["notes"][0]
    stop = next(limit for limit in result["limits"] if limit["name"] == "drawdown stop")
    assert stop["bound"] == result["data"]["rows"] - result["halted"]["row"]
    assert equity["gross"].tail(100).max() == 0.0


def test_an_edited_strategy_file_is_another_configuration(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text("strategies: ['mine.py:rule']\n")
    hashes = set()
    for body in ("    return\n", "    out[EDGE_BPS, 0] = 1.0\n"):
        (tmp_path / "mine.py").write_text(HEAD + body)
        hashes.add(config_hash(load_settings(path, environment={}), {}))
    assert len(hashes) == 2


def test_two_sessions_are_not_annualised_and_the_result_says_so(
    small: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = write(small, "data: {start: 2010-01-04, end: 2010-01-06}")
    assert main(["backtest", config, "--out", "out", "--quick"]) == 0
    result = json.loads((small / "out" / "result.json").read_text())
    assert result["data"]["sessions"] == 2
    for figures in (result["metrics"], *result["benchmark"].values()):
        assert (figures["cagr"], figures["calmar"]) == (None, None)
        assert figures["total_return"] is not None
    assert result["intervals"]["cagr"] == {"low": None, "high": None}
    said = "The record spans 2 days: annualised growth (cagr, calmar) is not given below 90 days"
    assert any(warning.startswith(said) for warning in result["data"]["warnings"])
    shown = " ".join(capsys.readouterr().out.split())
    assert "The record spans 2 days" in shown
    assert "Fees, USD" in shown
    assert "Slippage, USD" in shown


def test_a_universe_of_closes_states_one_way_to_fill(
    small: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The default fill is the next open, which close-only data does not have."""
    config = write(small, "universe: {symbols: [AAPL.ADJ, IBM]}")
    assert main(["backtest", config, "--out", "out", "--quick", "--json"]) == 0
    result = json.loads(capsys.readouterr().out)
    assert any("Orders fill at the close of the next row" in n for n in result["data"]["notes"])
    assert result["assumptions"][0].startswith("Orders fill at the close of the next row;")
