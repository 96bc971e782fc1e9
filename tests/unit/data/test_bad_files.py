"""Every bad file ends in one clear line, exit code 2, and an untouched store."""

from pathlib import Path

import polars as pl
import pytest

from kedge.data import lock
from kedge.data.importers import ImportSpec, import_bars
from kedge.data.store import ParquetStore
from kedge.domain.errors import DataError
from kedge.interfaces.cli.main import main

HEADER = "date,open,high,low,close,volume\n"
ROW = "2024-01-02,10,11,9,10.5,100\n"

BAD = {
    "empty file": ("", "is empty"),
    "blank file": ("\n\n  \n", "is empty"),
    "header only": (HEADER, "no row"),
    "missing close": ("date,open,high,low,volume\n2024-01-02,1,2,1,100\n", "no close column"),
    "missing low": ("date,open,high,close\n2024-01-02,1,2,1\n", "no low column"),
    "missing time": ("open,high,low,close\n1,2,1,2\n", "no header with the columns"),
    "text in a price": (HEADER + ROW + "2024-01-03,10,11,oops,10,1\n", "bad.csv:3: 'oops'"),
    "infinite price": (HEADER + ROW + "2024-01-03,10,inf,9,10,1\n", "bad.csv:3: 'inf'"),
    "text in the time": (HEADER + ROW + "yesterday,10,11,9,10,1\n", "bad.csv:3: 'yesterday'"),
    "time missing": (HEADER + ROW + ",10,11,9,10,1\n", "bad.csv:3: time is missing"),
    "impossible date": (HEADER + ROW + "2024-02-30,10,11,9,10,1\n", "is no date"),
    "day or month": (HEADER + "01/02/2024,10,11,9,10,1\n", "which is the day?"),
    "decimal or thousands": (
        "date;open;high;low;close\n2024-01-02;1,000;1,200;1,000;1,100\n",
        "may be a decimal comma or thousands",
    ),
    "all NaN": (HEADER + "2024-01-02,nan,nan,nan,nan,1\n2024-01-03,,,,,\n", "no row has all"),
    "web page": ("<!DOCTYPE html><html><body>429</body></html>", "is a web page"),
    "prose": ("The quick brown fox\njumps over\n", "no header"),
    "ragged": (HEADER + ROW + "2024-01-03,10,11\n2024-01-04,1,1,1,1,1,1,1\n", "columns"),
    "contradiction": (HEADER + ROW + "2024-01-02,10,11,9,10.6,100\n", "two different bars"),
    "one zone or none": (
        "time,close\n2024-01-02T00:00:00Z,1\n2024-01-03T00:00:00,2\n",
        "bad.csv:3: mixed time zones",
    ),
    "two zones": (
        "time,close\n2024-01-02T00:00:00Z,1\n2024-01-03T00:00:00+09:00,2\n",
        "mixed time zones: Z and +09:00",
    ),
    "two units": ("time,close\n1704153600,1\n1704240000000,2\n", "change from s to ms"),
    "too small for an epoch": ("time,close\n12,1\n13,2\n", "is no epoch"),
    "finer than said": (
        "time,close\n2024-01-02T10:00:00Z,1\n2024-01-02T10:01:00Z,2\n2024-01-02T10:02:00Z,2\n",
        "bars are 1m apart, not 5m",
    ),
}


def _write(folder: Path, content: str) -> Path:
    path = folder / "bad.csv"
    path.write_text(content)
    return path


@pytest.mark.parametrize("case", BAD)
def test_bad_file_is_one_line_and_stores_nothing(case: str, tmp_path: Path) -> None:
    content, said = BAD[case]
    path = _write(tmp_path, content)
    interval = "5m" if case == "finer than said" else "1d"
    with pytest.raises(DataError) as caught:
        import_bars(
            ParquetStore(tmp_path / "store"), path, ImportSpec(interval=interval, symbol="AAA")
        )
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)
    assert caught.value.exit_code == 2
    assert {each.name for each in tmp_path.glob("store/*")} <= {lock.FILE}


@pytest.mark.parametrize("case", ["empty file", "text in a price", "web page", "two zones"])
def test_command_says_one_line_and_exits_with_2(
    case: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = _write(tmp_path, BAD[case][0])
    code = main(["data", "import", str(path), "--symbol", "A", "--store", str(tmp_path / "s")])
    shown = capsys.readouterr()
    assert code == 2
    assert shown.out == ""
    assert len(shown.err.strip().splitlines()) == 1
    assert BAD[case][1] in shown.err


def test_truncated_parquet_is_named_as_such(tmp_path: Path) -> None:
    whole, cut = tmp_path / "whole.parquet", tmp_path / "cut.parquet"
    pl.DataFrame({"ts": [1, 2], "close": [1.0, 2.0]}).write_parquet(whole)
    cut.write_bytes(whole.read_bytes()[:-20])
    with pytest.raises(DataError, match="is truncated"):
        import_bars(ParquetStore(tmp_path / "s"), cut, ImportSpec(interval="1d"))


def test_parquet_without_rows_and_a_missing_file_are_refused(tmp_path: Path) -> None:
    empty = tmp_path / "none.parquet"
    pl.DataFrame({"ts": [], "close": []}).write_parquet(empty)
    store, spec = ParquetStore(tmp_path / "s"), ImportSpec(interval="1d")
    with pytest.raises(DataError, match="holds no row"):
        import_bars(store, empty, spec)
    with pytest.raises(DataError, match="does not exist"):
        import_bars(store, tmp_path / "nowhere.csv", spec)
    with pytest.raises(DataError, match="is a folder"):
        import_bars(store, tmp_path, spec)


def test_truncated_gzip_is_one_line(tmp_path: Path) -> None:
    import gzip

    path = tmp_path / "cut.csv.gz"
    path.write_bytes(gzip.compress((HEADER + ROW * 50).encode())[:-12])
    with pytest.raises(DataError, match="cannot be read"):
        import_bars(ParquetStore(tmp_path / "s"), path, ImportSpec(interval="1d"))


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--interval", "5x"], "no bar interval"),
        (["--venue", "atlantis"], "no defaults for venue"),
        (["--keep", "best"], "write first or last"),
        (["--symbol", "ABC", "--venue", "binance"], "quote currency"),
        (["--actions", "--universe", "u"], "exclude each other"),
    ],
)
def test_bad_usage_is_one_line(
    arguments: list[str], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = _write(tmp_path, HEADER + ROW)
    assert main(["data", "import", str(path), "--store", str(tmp_path / "s"), *arguments]) == 2
    assert said in capsys.readouterr().err


def test_unknown_time_zone_is_refused(tmp_path: Path) -> None:
    path = _write(tmp_path, "time,close\n2024-01-02 10:00,1\n")
    with pytest.raises(DataError, match="unknown time zone 'Mars/Olympus'"):
        import_bars(
            ParquetStore(tmp_path / "s"), path, ImportSpec(interval="1m", zone="Mars/Olympus")
        )


def test_time_that_the_clock_change_skips_is_refused_by_line(tmp_path: Path) -> None:
    path = _write(tmp_path, "time,close\n2024-03-10 01:59,1\n2024-03-10 02:30,2\n")
    with pytest.raises(DataError, match=r"bad.csv:3: .*skipped or repeated"):
        import_bars(ParquetStore(tmp_path / "s"), path, ImportSpec(interval="1m"))


def dated(*days: int) -> str:
    """Daily bars of January 2024."""
    return HEADER + "".join(f"2024-01-{day:02},10,11,9,10.5,100\n" for day in days)


@pytest.mark.parametrize(
    ("content", "interval", "said"),
    [
        (dated(*range(2, 12)), "5m", "bars are 1d apart, not 5m (give --interval 1d)"),
        (dated(5, 12, 19, 26, 27), "1h", "bars are 7d apart, not 1h (bars longer than a day"),
        (dated(1, 8, 15, 22, 29), "1d", "bars are 7d apart, not 1d (bars longer than a day"),
    ],
)
def test_bars_further_apart_than_said_are_refused_with_a_remedy(
    tmp_path: Path, content: str, interval: str, said: str
) -> None:
    path = _write(tmp_path, content)
    spec = ImportSpec(interval=interval, symbol="AAA")
    with pytest.raises(DataError) as caught:
        import_bars(ParquetStore(tmp_path / "store"), path, spec)
    assert said in str(caught.value)
    assert str(caught.value).startswith(str(path))


def test_an_instrument_that_seldom_trades_keeps_its_interval(tmp_path: Path) -> None:
    path = _write(tmp_path, dated(2, 3, 8, 13, 18, 23))
    (report,) = import_bars(
        ParquetStore(tmp_path / "store"), path, ImportSpec(interval="1d", symbol="AAA")
    )
    assert report.rows == 6
    assert "bars are mostly 5d apart, not 1d" in report.notes
