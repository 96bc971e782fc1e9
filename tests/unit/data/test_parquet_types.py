"""Parquet columns of every type are read, or refused in one line."""

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from kedge.data.importers import ImportSpec, import_bars
from kedge.data.store import ParquetStore
from kedge.domain.errors import DataError

DAYS = pl.Series("ts", [date(2024, 1, 2), date(2024, 1, 3)])
PRICES = pl.Series("close", [1.5, 2.25])


def closes(folder: Path, ts: pl.Series, close: pl.Series) -> list[int]:
    path = folder / "AAA.parquet"
    pl.DataFrame([ts.alias("ts"), close.alias("close")]).write_parquet(path)
    store = ParquetStore(folder / "store")
    import_bars(store, path, ImportSpec(interval="1d"))
    return store.bars("AAA", "1d").prices[:, 3].tolist()


@pytest.mark.parametrize(
    "close",
    [
        pl.Series(["1.5", "2.25"]),
        pl.Series(["1.5", "2.25"], dtype=pl.Categorical),
        pl.Series([Decimal("1.50"), Decimal("2.25")]),
        pl.Series([1.5, 2.25], dtype=pl.Float32),
    ],
    ids=lambda series: str(series.dtype),
)
def test_price_column_of_any_number_type_is_read(close: pl.Series, tmp_path: Path) -> None:
    assert closes(tmp_path, DAYS, close) == [150, 225]


@pytest.mark.parametrize(
    "ts",
    [
        pl.Series(["2024-01-02", "2024-01-03"], dtype=pl.Categorical),
        pl.Series([datetime(2024, 1, 2), datetime(2024, 1, 3)]),  # noqa: DTZ001 - naive on purpose
        pl.Series([20240102, 20240103], dtype=pl.Int32),
        pl.Series([1704153600.0, 1704240000.0]),
        pl.Series([1704153600, 1704240000], dtype=pl.UInt32),
    ],
    ids=lambda series: str(series.dtype),
)
def test_time_column_of_any_sensible_type_is_read(ts: pl.Series, tmp_path: Path) -> None:
    assert closes(tmp_path, ts, PRICES) == [150, 225]


@pytest.mark.parametrize(
    ("ts", "close"),
    [
        (DAYS, pl.Series([True, False])),
        (DAYS, pl.Series([[1.0], [2.0]])),
        (DAYS, pl.Series([b"1.5", b"2.5"])),
        (DAYS, pl.Series([{"a": 1}, {"a": 2}])),
        (DAYS, pl.Series([date(2024, 1, 1)] * 2)),
        (DAYS, pl.Series([None, None])),
        (pl.Series([time(9, 30), time(9, 31)]), PRICES),
        (pl.Series([True, False]), PRICES),
        (pl.Series([[1], [2]]), PRICES),
        (pl.Series([None, None]), PRICES),
        (pl.Series([timedelta(1), timedelta(2)]), PRICES),
        (pl.Series([float("nan"), 1e9]), PRICES),
        (pl.Series([date(1, 1, 1), date(9999, 1, 1)]), PRICES),
    ],
    ids=lambda series: str(series.dtype),
)
def test_column_of_a_senseless_type_is_refused(
    ts: pl.Series, close: pl.Series, tmp_path: Path
) -> None:
    with pytest.raises(DataError):
        closes(tmp_path, ts, close)
