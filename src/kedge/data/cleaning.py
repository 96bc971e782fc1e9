"""Rows into order, without holes' ghosts and without duplicates; each repair is stated."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from kedge.domain.errors import DataError
from kedge.domain.panel import F64, I64

Keep = Literal["", "first", "last"]


@dataclass(frozen=True, slots=True)
class Rows:
    """Columns of one instrument before they become bars.

    Attributes:
        ts: (n,) open instants, ns UTC.
        prices: (n, k) open, high, low, close, or close alone.
        volume: (n,) base units.
        adjusted: (n,) adjusted close, NaN where there is none.
        available_at: (n,) ns UTC; 0 where the file does not say.
        row: (n,) index of the file's row.
    """

    ts: I64
    prices: F64
    volume: F64
    adjusted: F64
    available_at: I64
    row: I64

    def take(self, chosen: np.ndarray) -> "Rows":
        """The chosen rows, by mask or by order."""
        return Rows(
            self.ts[chosen],
            self.prices[chosen],
            self.volume[chosen],
            self.adjusted[chosen],
            self.available_at[chosen],
            self.row[chosen],
        )


def clean(rows: Rows, keep: Keep, where: str) -> tuple[Rows, tuple[str, ...]]:
    """Drop rows without a price, sort by time, resolve duplicates.

    Args:
        rows: as read.
        keep: which of two contradicting bars of one instant stays; empty refuses.
        where: file and instrument, for the error.

    Returns:
        The rows, and a note for each repair.

    Raises:
        DataError: when no row has a price, or duplicates contradict each other.
    """
    rows, unpriced = _without_holes(rows, where)
    rows, disorder = _sorted(rows)
    rows, doubles = _without_duplicates(rows, keep, where)
    return rows, (*unpriced, *disorder, *doubles)


def _without_holes(rows: Rows, where: str) -> tuple[Rows, tuple[str, ...]]:
    priced = np.asarray(np.isfinite(rows.prices).all(axis=1))
    if not priced.any():
        raise DataError(
            "no row has all its prices",
            where,
            "its price columns are blank or NaN: fill them, or remove its rows from the file",
        )
    gone = int((~priced).sum())
    if not gone:
        return rows, ()
    return rows.take(priced), (f"{gone:,} row(s) without a price dropped, left as holes",)


def _sorted(rows: Rows) -> tuple[Rows, tuple[str, ...]]:
    backward = int((np.diff(rows.ts) < 0).sum())
    if not backward:
        return rows, ()
    if (np.diff(rows.ts) <= 0).all():
        note = "newest first: reversed"
    else:
        note = f"{backward:,} row(s) out of order: sorted by time"
    return rows.take(np.lexsort((rows.row, rows.available_at, rows.ts))), (note,)


def _without_duplicates(rows: Rows, keep: Keep, where: str) -> tuple[Rows, tuple[str, ...]]:
    same_key = (np.diff(rows.ts) == 0) & (np.diff(rows.available_at) == 0)
    if not same_key.any():
        return rows, ()
    content = np.column_stack([rows.prices, rows.volume, rows.adjusted])
    equal = (content[1:] == content[:-1]) | (np.isnan(content[1:]) & np.isnan(content[:-1]))
    clash = same_key & ~equal.all(axis=1)
    if clash.any() and not keep:
        at = int(clash.argmax()) + 1
        when = np.datetime_as_string(rows.ts[at].astype("datetime64[ns]"), unit="s")
        raise DataError(
            f"two different bars at {when}Z (data rows {rows.row[at - 1] + 1} and "
            f"{rows.row[at] + 1})",
            where,
            "remove one, or choose with --keep last or --keep first",
        )
    stays = np.ones(len(rows.ts), dtype=bool)
    if keep == "last":
        stays[:-1] = ~same_key
    else:
        stays[1:] = ~same_key
    same, different = int((same_key & ~clash).sum()), int(clash.sum())
    notes = [f"{same:,} identical duplicate(s) dropped"] if same else []
    notes += [f"{different:,} contradicting duplicate(s): kept the {keep}"] if different else []
    return rows.take(stays), tuple(notes)
