"""Bars that a served market is played back from: of a file, or of a store."""

from collections import Counter
from pathlib import Path
from typing import Final

import numpy as np
import polars as pl

from kedge.data.bar_reader import ROW, BarReader
from kedge.data.calendars import ALWAYS_OPEN
from kedge.data.cleaning import Rows, clean
from kedge.data.columns import guess_columns, require
from kedge.data.intervals import interval_ns
from kedge.data.numbers import decimal_comma
from kedge.data.store import ParquetStore
from kedge.data.tables import Table
from kedge.domain.errors import DataError
from kedge.domain.panel import F64, I64
from kedge.venues.simulated.bars import Ladder, lines_of_bars
from kedge.venues.wire.spot import Spot
from kedge.venues.wire.tape_part import OTHERS, Part

MOST: Final = 10_000
"""Bars that are played; more of them take too long to lay out."""
OHLC: Final = ("open", "high", "low", "close")
_LADDER: Final = Ladder()


def file_bars(spot: Spot, path: Path, table: Table) -> Part:
    """A tape through the first bars of a file.

    Raises:
        DataError: the file has no such bars, no volume, or contradicts itself.
    """
    columns = guess_columns(table.frame.columns, spot.symbol)
    require(columns, str(path), table.frame.columns)
    missing = [role for role in (*OHLC, "volume") if role not in columns]
    if missing:
        raise DataError(f"no {', '.join(missing)} column", str(path), "bars need all of them")
    frame, left = table.frame.with_row_index(ROW), Counter[str]()
    if "symbol" in columns:
        frame = frame.filter(pl.col(columns["symbol"]).cast(pl.String) == spot.symbol)
        left[OTHERS] = table.frame.height - frame.height
        if not frame.height:
            raise DataError(f"has no row of {spot.symbol}", str(path), "name one that it has")
    comma = decimal_comma([table.frame[columns[role]] for role in OHLC])
    reader = BarReader(path, table, frame, columns, comma)
    opens, _ = reader.opens(0, ALWAYS_OPEN, "UTC")
    rows = Rows(
        opens, np.stack([reader.floats(role) for role in OHLC], axis=1), reader.floats("volume"),
        np.full(len(opens), np.nan), np.zeros(len(opens), np.int64), reader.row,
    )  # fmt: skip
    read = len(rows.ts)
    rows, _ = clean(rows, "", f"{path}: {spot.symbol}")
    left["rows without a price or told twice"] = read - len(rows.ts)
    return _part(spot, str(path), rows.ts, rows.prices, rows.volume, left)


def store_bars(spot: Spot, folder: Path) -> Part:
    """A tape through the first bars of a store, of the shortest interval that it has.

    Raises:
        DataError: it has none of the symbol, or no volume.
    """
    store = ParquetStore(folder)
    instrument = store.instrument(spot.symbol)
    intervals = store.intervals(spot.symbol)
    if not intervals:
        raise DataError(f"has no bars of {spot.symbol}", str(folder), "kedge data import")
    bars = store.bars(spot.symbol, min(intervals, key=interval_ns))
    prices = bars.prices.astype(np.float64) * float(instrument.tick)
    return _part(spot, str(folder), bars.ts, prices, bars.volume, Counter())


def _part(spot: Spot, where: str, ts: I64, prices: F64, volume: F64, left: Counter[str]) -> Part:
    """Prices between two ticks become the nearer one; a bar lasts until the next begins."""
    left[f"bars beyond the first {MOST:,}"] = max(0, len(ts) - MOST)
    ts, prices, volume = ts[:MOST], prices[:MOST], volume[:MOST]
    if len(ts) < 2:
        raise DataError(f"has fewer than two bars of {spot.symbol}", where, "give more")
    if not np.isfinite(volume).all() or (volume < 0).any():
        raise DataError(f"has bars of {spot.symbol} without a volume", where, "give it")
    ticks = np.rint(prices / float(spot.instrument.tick)).astype(np.int64)
    opened, high, low, close = ticks.T
    odd = (low < 1) | (low > np.minimum(opened, close)) | (high < np.maximum(opened, close))
    if odd.any():
        raise DataError(
            f"bar {int(odd.argmax()) + 1} of {spot.symbol} does not hold its own prices", where,
            "high is the highest, low the lowest and above zero",
        )  # fmt: skip
    width = int(np.min(np.diff(ts)))
    lots = np.floor(volume / float(spot.instrument.lot)).astype(np.int64)
    table = np.column_stack([ts, ts + width, ticks, lots])
    return Part(lines_of_bars(spot.listing.key, table, _LADDER), len(ts), left)
