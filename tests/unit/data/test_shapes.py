"""The shapes in which people keep their bars, and what the report says about each."""

import gzip
from decimal import Decimal
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from kedge.data.import_report import ImportReport
from kedge.data.importers import ImportSpec, import_bars
from kedge.data.store import ParquetStore
from kedge.domain.errors import DataError
from kedge.ports.store import Bars

DAY = np.datetime64("2024-01-02", "ns").astype(np.int64)


def load(
    folder: Path, content: str | bytes, name: str = "AAA.csv", **spec: object
) -> tuple[ImportReport, Bars]:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    store = ParquetStore(folder / "store")
    given = ImportSpec(**{"interval": "1d", **spec})  # type: ignore[arg-type]
    (report,) = import_bars(store, path, given)
    return report, store.bars(report.id, given.interval)


SHAPES = {
    "plain": "ts,open,high,low,close,volume\n2024-01-02,10,11,9,10.5,100\n",
    "short names": "t,o,h,l,c,v\n2024-01-02,10,11,9,10.5,100\n",
    "capitals, quotes": '"Date","Open","High","Low","Close","Volume"\n'
    '"2024-01-02","10","11","9","10.5","100"\n',
    "semicolons, commas": "Datum;time;open;high;low;close;volume\n"
    "x;2024-01-02;10,0;11,0;9,0;10,5;100,0\n",
    "german dots": "Date;Open;High;Low;Close;Volume\n02.01.2024;10,00;11,00;9,00;10,50;100\n",
    "tabs": "date\topen\thigh\tlow\tclose\tvolume\n2024-01-02\t10\t11\t9\t10.5\t100\n",
    "alpha vantage": "timestamp,1. open,2. high,3. low,4. close,5. volume\n"
    "2024-01-02,10,11,9,10.5,100\n",
    "metatrader": "<DATE>\t<OPEN>\t<HIGH>\t<LOW>\t<CLOSE>\t<TICKVOL>\n"
    "2024.01.02\t10\t11\t9\t10.5\t100\n",
    "nasdaq": "Date,Close/Last,Volume,Open,High,Low\n"
    "01/02/2024,$10.50,100,$10.00,$11.00,$9.00\n01/31/2024,$10.50,100,$10.00,$11.00,$9.00\n",
    "thousands": 'date,open,high,low,close,volume\n2024-01-02,10.0,11.0,9.0,10.5,"100"\n'
    '2024-01-03,10.0,11.0,9.0,10.5,"1,000,000"\n',
    "suffixes": "Date,Price,Open,High,Low,Vol.\n2024-01-02,10.5,10,11,9,0.1K\n",
    "title above": "downloaded from somewhere\ndate,open,high,low,close,volume\n"
    "2024-01-02,10,11,9,10.5,100\n",
    "compact dates": "date,open,high,low,close,volume\n20240102,10,11,9,10.5,100\n",
    "epoch seconds": "time,open,high,low,close,volume\n1704153600,10,11,9,10.5,100\n",
    "epoch microseconds": "time,open,high,low,close,volume\n1704153600000000,10,11,9,10.5,100\n",
    "zone": "time,open,high,low,close,volume\n2024-01-02 00:00:00-05:00,10,11,9,10.5,100\n",
    "windows": "date,open,high,low,close,volume\r\n2024-01-02,10,11,9,10.5,100\r\n",
    "byte order mark": "\ufeffdate,open,high,low,close,volume\n2024-01-02,10,11,9,10.5,100\n",
    "headerless": "1704153600,10,11,9,10.5,100\n",
}


@pytest.mark.parametrize("shape", SHAPES)
def test_shape_is_read(shape: str, tmp_path: Path) -> None:
    _, bars = load(tmp_path, SHAPES[shape])
    assert bars.ts[0] == DAY
    assert bars.prices[0].tolist() == [1000, 1100, 900, 1050]
    assert bars.volume[0] == 100.0


def test_daily_bar_closes_with_its_session(tmp_path: Path) -> None:
    _, bars = load(tmp_path, SHAPES["plain"])
    assert bars.closed_at[0] == np.datetime64("2024-01-02T21:00", "ns").astype(np.int64)
    assert bars.available_at[0] == bars.closed_at[0]


def test_gzip_and_utf_16_are_read(tmp_path: Path) -> None:
    report, _ = load(tmp_path, gzip.compress(SHAPES["plain"].encode()), "BBB.csv.gz")
    assert report.symbol == "BBB"
    report, bars = load(tmp_path, SHAPES["plain"].encode("utf-16"), "CCC.csv")
    assert bars.prices[0, 3] == 1050


def test_binance_dump_without_header_is_read(tmp_path: Path) -> None:
    line = "1704153600000,1.5,1.75,1.25,1.5,10,1704153899999,15,3,5,7,0\n"
    report, bars = load(tmp_path, line, "BTCUSDT.csv", interval="5m", venue="binance")
    assert bars.ts[0] == DAY
    assert bars.closed_at[0] == DAY + 300 * 10**9
    assert any("no header" in note for note in report.notes)
    assert any("epochs in ms" in note for note in report.notes)


def test_date_and_time_columns_are_joined_and_local_time_is_stated(tmp_path: Path) -> None:
    content = "Date,Time,Open,High,Low,Close\n2024-07-01,09:30,1,2,1,2\n"
    report, bars = load(tmp_path, content, interval="1m")
    assert bars.ts[0] == np.datetime64("2024-07-01T13:30", "ns").astype(np.int64)
    assert any("taken as America/New_York (assumed" in note for note in report.notes)


def test_given_zone_wins_over_the_exchange(tmp_path: Path) -> None:
    _, bars = load(
        tmp_path, "time,close\n2024-07-01 09:30:00,1\n", interval="1m", zone="Asia/Seoul"
    )
    assert bars.ts[0] == np.datetime64("2024-07-01T00:30", "ns").astype(np.int64)


def test_summer_time_offsets_of_one_zone_are_no_mixture(tmp_path: Path) -> None:
    content = "time,close\n2024-03-08T15:59:00-05:00,1\n2024-03-11T09:30:00-04:00,2\n"
    _, bars = load(tmp_path, content, interval="1m")
    assert bars.ts[1] == np.datetime64("2024-03-11T13:30", "ns").astype(np.int64)


def test_daily_instants_take_the_date_of_the_exchange(tmp_path: Path) -> None:
    _, bars = load(tmp_path, "time,close\n2024-01-02T14:30:00Z,1\n2024-01-04T01:00:00Z,2\n")
    assert bars.ts.tolist() == [DAY, DAY + 86_400 * 10**9]


def test_newest_first_and_shuffled_rows_are_sorted_and_said(tmp_path: Path) -> None:
    head = "date,close\n"
    report, bars = load(tmp_path, head + "2024-01-04,3\n2024-01-03,2\n2024-01-02,1\n")
    assert bars.prices[:, 3].tolist() == [100, 200, 300]
    assert "newest first: reversed" in report.notes
    report, bars = load(tmp_path, head + "2024-01-03,2\n2024-01-02,1\n2024-01-04,3\n", "B.csv")
    assert (np.diff(bars.ts) > 0).all()
    assert "1 row(s) out of order: sorted by time" in report.notes


def test_identical_duplicates_are_dropped_and_counted(tmp_path: Path) -> None:
    report, bars = load(tmp_path, "date,close\n2024-01-02,1\n2024-01-02,1\n2024-01-03,2\n")
    assert len(bars) == 2
    assert "1 identical duplicate(s) dropped" in report.notes


@pytest.mark.parametrize(("keep", "close"), [("last", 200), ("first", 100)])
def test_contradicting_duplicates_are_resolved_as_told(
    keep: str, close: int, tmp_path: Path
) -> None:
    report, bars = load(tmp_path, "date,close\n2024-01-02,1\n2024-01-02,2\n", keep=keep)
    assert bars.prices[:, 3].tolist() == [close]
    assert f"1 contradicting duplicate(s): kept the {keep}" in report.notes


def test_rows_without_a_price_stay_holes(tmp_path: Path) -> None:
    report, bars = load(tmp_path, "date,close\n2024-01-02,1\n2024-01-03,null\n2024-01-04,3\n")
    assert len(bars) == 2
    assert "1 row(s) without a price dropped, left as holes" in report.notes


def test_close_only_data_gets_the_declared_proxy(tmp_path: Path) -> None:
    report, bars = load(tmp_path, "date,close\n2024-01-02,10\n2024-01-03,12\n2024-01-04,11\n")
    assert bars.prices.tolist() == [
        [1000, 1000, 1000, 1000],
        [1000, 1200, 1000, 1200],
        [1200, 1200, 1100, 1100],
    ]
    assert np.isnan(bars.volume).all()
    instrument = ParquetStore(tmp_path / "store").instrument("AAA")
    assert instrument.close_only
    assert instrument.average_volume == 1_000_000.0
    assert any("close only" in each for each in report.assumptions)
    assert any("no volume" in each for each in report.assumptions)


def test_adjusted_close_alone_marks_the_instrument(tmp_path: Path) -> None:
    report, _ = load(tmp_path, "date,adj close\n2024-01-02,10.123456\n2024-01-03,12.2\n")
    instrument = ParquetStore(tmp_path / "store").instrument("AAA")
    assert instrument.adjusted_only
    assert instrument.close_only
    assert report.tick == "0.000001"
    assert any("2 price(s) off" in e or "1 price(s) off" in e for e in report.assumptions)


def test_adjusted_close_beside_the_raw_one_yields_events(tmp_path: Path) -> None:
    rows = "2024-01-02,100,49.0\n2024-01-03,102,49.98\n2024-01-04,51,49.98\n2024-01-05,50,50\n"
    report, _ = load(tmp_path, "date,close,adj close\n" + rows)
    split, dividend = ParquetStore(tmp_path / "store").actions("AAA")
    assert (split.a, split.b) == (2, 1)
    assert dividend.x == pytest.approx(51 * (1 - 49.98 / 51))
    assert any("1 split(s) and 1 dividend(s) derived" in note for note in report.notes)


def test_crypto_gets_the_coarsest_decimal_tick_that_fits(tmp_path: Path) -> None:
    content = "ts,close\n1704153600000,0.08312\n1704153900000,0.08313\n"
    report, bars = load(tmp_path, content, "DOGEUSDT.csv", interval="5m", venue="binance")
    assert report.tick == "0.00001"
    assert bars.prices[:, 3].tolist() == [8312, 8313]


def test_finer_tick_of_a_later_file_rescales_what_is_stored(tmp_path: Path) -> None:
    load(tmp_path, "date,close\n2024-01-02,10.25\n", "AAA.csv")
    report, bars = load(tmp_path, "date,close\n2024-01-03,10.255\n", "AAA.csv")
    assert report.tick == "0.000001"
    assert bars.prices[:, 3].tolist() == [10_250_000, 10_255_000]


def test_symbol_column_yields_one_report_each(tmp_path: Path) -> None:
    path = tmp_path / "all.parquet"
    pl.DataFrame(
        {
            "Name": ["B", "A", "A"],
            "date": ["2024-01-02", "2024-01-02", "2024-01-03"],
            "close": [1.0, 2, 3],
        }
    ).write_parquet(path)
    store = ParquetStore(tmp_path / "s")
    reports = import_bars(store, path, ImportSpec(interval="1d"))
    assert [(each.symbol, each.rows) for each in reports] == [("A", 2), ("B", 1)]
    (only,) = import_bars(store, path, ImportSpec(interval="1d", symbol="B"))
    assert only.symbol == "B"


def test_symbols_written_as_numbers_are_symbols(tmp_path: Path) -> None:
    path = tmp_path / "krx.parquet"
    pl.DataFrame({"code": [660, 5930], "date": ["2024-01-02"] * 2, "close": [1, 2]}).write_parquet(
        path
    )
    store = ParquetStore(tmp_path / "s")
    (report,) = import_bars(store, path, ImportSpec(interval="1d", symbol="5930", venue="xkrx"))
    assert (report.symbol, report.rows) == ("5930", 1)
    assert store.instrument("5930").quote == "KRW"


def test_text_dates_of_an_object_parquet_and_real_stamps_agree(tmp_path: Path) -> None:
    stamps = pl.Series("ts", [DAY], dtype=pl.Int64).cast(pl.Datetime("ns", "UTC"))
    for number, column in enumerate(
        [stamps, stamps.cast(pl.Datetime("ms", "UTC")), stamps.dt.date(), stamps.cast(pl.Int64)]
    ):
        path = tmp_path / f"A{number}.parquet"
        pl.DataFrame([column, pl.Series("close", [1.0])]).write_parquet(path)
        store = ParquetStore(tmp_path / "s")
        import_bars(store, path, ImportSpec(interval="1d"))
        assert store.bars(f"A{number}", "1d").ts.tolist() == [DAY]


def test_32_bit_prices_keep_the_digits_that_were_written(tmp_path: Path) -> None:
    path = tmp_path / "AAA.parquet"
    close = pl.Series("close", [127.12, 0.1], dtype=pl.Float32)
    pl.DataFrame([pl.Series("ts", ["2024-01-02", "2024-01-03"]), close]).write_parquet(path)
    store = ParquetStore(tmp_path / "s")
    (report,) = import_bars(store, path, ImportSpec(interval="1d"))
    assert report.tick == "0.01"
    assert store.bars("AAA", "1d").prices[:, 3].tolist() == [12712, 10]


def test_tiny_price_gets_a_tick_on_which_it_does_not_vanish(tmp_path: Path) -> None:
    content = "ts,close\n1704153600,0.00001\n1704153900,0.00000999\n"
    report, bars = load(tmp_path, content, "PEPEUSDT.csv", interval="5m", venue="binance")
    assert report.tick == "0.00000001"
    assert bars.prices[:, 3].tolist() == [1000, 999]
    # 1e12 coins at ten times the price: 2 x 1e4 ticks x 1e14 lots is the most below 2^62
    assert ParquetStore(tmp_path / "store").instrument("PEPEUSDT").lot == Decimal("0.01")
    assert any("lot is now 0.01," in each for each in report.assumptions)


def test_nan_in_parquet_is_a_hole_and_nothing_but_nan_is_refused(tmp_path: Path) -> None:
    path, store = tmp_path / "AAA.parquet", ParquetStore(tmp_path / "s")
    days = ["2024-01-02", "2024-01-03"]
    pl.DataFrame({"ts": days, "close": [1.0, float("nan")]}).write_parquet(path)
    (report,) = import_bars(store, path, ImportSpec(interval="1d"))
    assert report.rows == 1
    pl.DataFrame({"ts": days, "close": [None, float("nan")]}).write_parquet(path)
    with pytest.raises(DataError, match=r"no row has all its prices .* remove its rows from"):
        import_bars(store, path, ImportSpec(interval="1d"))


def test_one_row_history_is_accepted(tmp_path: Path) -> None:
    report, bars = load(tmp_path, "date,close\n2024-01-02,1\n")
    assert len(bars) == 1
    assert "one bar only" in report.notes


def test_report_lists_the_defaults_in_force(tmp_path: Path) -> None:
    report, _ = load(tmp_path, SHAPES["plain"])
    assert {"equity in USD", "tick 0.01", "lot 1", "calendar XNYS"} <= set(report.assumptions)


def test_blank_lines_are_skipped_and_line_numbers_stay_true(tmp_path: Path) -> None:
    _, bars = load(tmp_path, "date,close\n2024-01-02,1\n\n2024-01-03,2\n\n")
    assert len(bars) == 2
    with pytest.raises(DataError, match=r"AAA.csv:4: 'x'"):
        load(tmp_path, "date,close\n2024-01-02,1\n\n2024-01-03,x\n")
