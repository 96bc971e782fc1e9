"""A backtest says what is wrong with the very bars that it used."""

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from kedge.bootstrap import check_data, open_panel
from kedge.data.quality.findings import Finding, Quality, Severity
from kedge.data.store import ParquetStore
from kedge.domain.panel import HIGH, LOW
from kedge.interfaces.cli.main import main
from kedge.ports.store import Bars
from kedge.research.data_quality import WORST, error_warning, quality_block
from kedge.settings import Settings, load_settings

Captured = pytest.CaptureFixture[str]


@pytest.fixture
def own(store: Path, tmp_path: Path) -> Path:
    """A copy of the sample store that a test may spoil."""
    shutil.copytree(store, tmp_path / "store", ignore=shutil.ignore_patterns("trials"))
    return tmp_path / "store"


def two_stocks(folder: Path) -> Path:
    path = folder / "two.yaml"
    path.write_text(
        "universe: {symbols: [AAPL, IBM]}\ndata: {start: 2010-01-01, end: 2011-01-01}\n"
    )
    return path


def result_of_two(store: Path, folder: Path) -> dict[str, Any]:
    """The result of two stocks over 2010."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KEDGE_DATA__STORE", str(store))
        words = ["backtest", str(two_stocks(folder)), "--out", str(folder / "out"), "--quick"]
        assert main(words) == 0
    return json.loads((folder / "out" / "result.json").read_text())  # type: ignore[no-any-return]


def spoil(store: Path, symbol: str, day: str, column: int, ticks: int) -> None:
    """Overwrite one price of one bar as a source's mistake would."""
    kept = ParquetStore(store)
    bars = kept.bars(symbol, "1d")
    at = int(np.searchsorted(bars.ts, np.datetime64(day, "ns").astype(np.int64)))
    prices = bars.prices.copy()
    prices[at, column] = ticks
    parts = (bars.ts, bars.closed_at, bars.available_at, prices, bars.volume)
    one = Bars(*(part[at : at + 1] for part in parts))
    kept.put_bars(kept.instrument(symbol), "1d", one)


def test_a_planted_bad_bar_is_reported_with_its_day_and_remedy(
    own: Path, tmp_path: Path, capsys: Captured
) -> None:
    spoil(own, "AAPL", "2010-06-15", HIGH, 5)
    result = result_of_two(own, tmp_path)
    quality = result["data"]["quality"]
    assert quality["errors"] == 1
    assert quality["counts"][0] == {
        "check": "ohlc", "severity": "error", "bars": 1, "symbols": ["AAPL"],
    }  # fmt: skip
    worst = quality["worst"][0]
    assert (worst["symbol"], worst["ts"][:10], worst["check"]) == ("AAPL", "2010-06-15", "ohlc")
    assert worst["remedy"] == "correct the bar and import it again"
    said = "1 bar of the data contains errors (ohlc: AAPL; the first on 2010-06-15)"
    assert result["data"]["warnings"][0].startswith(said)
    page = (tmp_path / "out" / "report.html").read_text()
    head = page[page.index('class="head"') : page.index('id="verdict"')]
    assert said in head.replace("&#x27;", "'")
    assert worst["what"] in page
    assert said in " ".join(capsys.readouterr().out.split())


def test_a_bad_bar_outside_the_run_is_not_its_business(own: Path, tmp_path: Path) -> None:
    spoil(own, "AAPL", "2012-06-15", HIGH, 5)
    spoil(own, "MSFT", "2010-06-15", HIGH, 5)
    result = result_of_two(own, tmp_path)
    assert result["data"]["quality"]["errors"] == 0
    assert not any("errors" in warning for warning in result["data"]["warnings"])


def test_a_bar_that_is_masked_for_its_price_is_reported(own: Path, tmp_path: Path) -> None:
    spoil(own, "IBM", "2010-06-15", LOW, -5)
    settings: Settings = load_settings(two_stocks(tmp_path), {"data.store": own}, environment={})
    _, ibm = check_data(settings, open_panel(settings))
    assert ibm.counts["non_positive"] == 1


def test_clean_data_says_how_much_was_checked(own: Path, tmp_path: Path) -> None:
    result = result_of_two(own, tmp_path)
    quality = result["data"]["quality"]
    assert quality == {
        "bars": 2 * result["data"]["rows"], "errors": 0, "warnings": 0, "infos": 0,
        "counts": [], "worst": [],
    }  # fmt: skip
    assert "Nothing was found in 504 bars" in (tmp_path / "out" / "report.html").read_text()


def test_fees_of_zero_are_a_plain_warning_until_one_is_set(own: Path, tmp_path: Path) -> None:
    warned = result_of_two(own, tmp_path)["data"]["warnings"]
    assert warned == [
        "Fees are 0 for all 2 instruments: set fees.maker_bps and fees.taker_bps in the store's "
        "instruments.yaml unless your broker charges nothing."
    ]
    listed = own / "instruments.yaml"
    text = listed.read_text()
    assert "\nAAPL:\n" in text
    listed.write_text(text.replace("\nAAPL:\n", "\nAAPL:\n  fees: {taker_bps: 1}\n"))
    warned = result_of_two(own, tmp_path)["data"]["warnings"]
    assert warned[0].startswith("Fees are 0 for IBM: ")


def finding(severity: Severity, count: int, check: str = "gap", symbol: str = "AAA") -> Finding:
    return Finding(
        check=check, severity=severity, symbol=symbol, interval="1d", ts=f"2010-01-{count:02}",
        count=count, what="it", remedy="mend it",
    )  # fmt: skip


def checked(*findings: Finding) -> Quality:
    return Quality(
        symbol="AAA", interval="1d", rows=100, first="", last="", completeness=1.0, counts={},
        findings=findings,
    )  # fmt: skip


def test_the_worst_are_errors_then_warnings_by_the_bars_they_concern() -> None:
    warnings = [finding(Severity.WARNING, n) for n in range(1, WORST + 3)]
    block: dict[str, Any] = quality_block(
        [checked(finding(Severity.INFO, 31, "zero_volume"), *warnings),
         checked(finding(Severity.ERROR, 1, "ohlc", "BBB"))]
    )  # fmt: skip
    assert [f["severity"] for f in block["worst"]] == ["error"] + ["warning"] * (WORST - 1)
    assert [f["count"] for f in block["worst"]][:3] == [1, WORST + 2, WORST + 1]
    assert (block["bars"], block["errors"], block["infos"]) == (200, 1, 31)
    assert [each["check"] for each in block["counts"]] == ["ohlc", "gap", "zero_volume"]
    assert json.dumps(block)


def test_many_instruments_with_errors_are_counted() -> None:
    wrong = [finding(Severity.ERROR, 2, "ohlc", f"S{n}") for n in range(7)]
    (said,) = error_warning([checked(each) for each in wrong])
    assert said.startswith(
        "14 bars of the data contain errors (ohlc: S0, S1, S2, S3, S4 and 2 more"
    )
    assert error_warning([checked(finding(Severity.WARNING, 3))]) == []


def test_the_command_that_checks_and_the_run_agree(own: Path, tmp_path: Path) -> None:
    spoil(own, "IBM", "2010-06-15", HIGH, 5)
    assert main(["data", "check", "IBM", "--strict", "--store", str(own)]) == 1
    assert result_of_two(own, tmp_path)["data"]["quality"]["errors"] == 1
