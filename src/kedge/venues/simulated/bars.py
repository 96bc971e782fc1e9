"""A market made from bars: a path of trades and quotes through each, no more volume than it had.

A bar says where trading went but not how. The path taken here is open, then the nearer
of high and low, then the other, then close: the shorter of the two ways, and the same
every time. At each step the book is a ladder around the price, and the step's part of
the bar's volume trades there. Shares of the bar's volume bound what an account can get
of a bar, however often it asks.
"""

from itertools import pairwise
from typing import Final

import msgspec
import numpy as np

from kedge.domain.market import I64
from kedge.venues.simulated.setup import MakeMarket
from kedge.venues.simulated.tape import CLEAR, EXPIRE, LEVEL, NOTE, PRINT, taped

BAR_COLUMNS: Final = ("open_time", "close_time", "open", "high", "low", "close", "lots")
"""Of bars: ns UTC twice, four prices in ticks, volume in lots."""


class Ladder(msgspec.Struct, frozen=True, kw_only=True):
    """The book around a bar's path.

    Attributes:
        steps: of the path through one bar; at least its four prices.
        half_spread: ticks from the path to either side's best price.
        gap: ticks between levels.
        levels: on either side.
        depth: share of the bar's volume that all ladders of a bar show together on a side.
        meets: share of the bar's volume that meets resting orders of an account on its way.
    """

    steps: int = 12
    half_spread: int = 1
    gap: int = 1
    levels: int = 5
    depth: float = 0.1
    meets: float = 0.1


def path(start: int, high: int, low: int, end: int, steps: int) -> I64:
    """Prices in ticks through a bar: through both extremes, the nearer one first.

    Returns:
        (k,) int64; the four prices are among them, and none is outside the bar.
    """
    up_first = high - start <= start - low
    corners = (start, high, low, end) if up_first else (start, low, high, end)
    legs = [abs(b - a) for a, b in pairwise(corners)]
    found = [start]
    for (a, b), leg in zip(pairwise(corners), legs, strict=True):
        pieces = max(1, round((steps - 1) * leg / max(1, sum(legs))))
        found += [a + round((b - a) * i / pieces) for i in range(1, pieces + 1)]
    return np.array(found, np.int64)


def lines_of_bars(key: int, bars: I64, ladder: Ladder) -> I64:
    """A tape through bars, see `kedge.venues.simulated.tape`.

    A bar without volume has no trades and no depth. ``BAR`` orders expire with their bar.

    Args:
        key: whose bars.
        bars: (rows, 7) int64 in order of time, see `BAR_COLUMNS`.
        ladder: the book around the path.
    """
    rows: list[tuple[int, ...]] = []
    for opens, closes, start, high, low, end, lots in bars.tolist():
        prices = path(start, high, low, end, ladder.steps).tolist() if lots > 0 else []
        pace = (closes - opens) // (len(prices) + 1)
        for i, price in enumerate(prices):
            at, part = opens + i * pace, lots * (i + 1) // len(prices) - lots * i // len(prices)
            shown = int(part * ladder.depth / ladder.levels)
            rows += _ladder(at, key, price, shown, ladder)
            side, met = 1 if price >= prices[max(0, i - 1)] else -1, int(part * ladder.meets)
            rows.append((at, key, PRINT, side, price, met))
            rows.append((at, key, NOTE, side, price, part - met))
        rows += [(closes, key, CLEAR, 0, 0, 0), (closes, key, EXPIRE, 0, 0, 0)]
    kept = [row for row in rows if row[5] or row[2] in (CLEAR, EXPIRE)]
    return np.array(kept, np.int64).reshape(-1, 6)


def barred(bars: dict[int, I64], ladder: Ladder) -> MakeMarket:
    """A market from bars by key, for `kedge.venues.simulated.venue.SimulatedVenue`."""
    lines = np.concatenate([lines_of_bars(key, rows, ladder) for key, rows in bars.items()])
    return taped(lines[np.argsort(lines[:, 0], kind="stable")])


def _ladder(at: int, key: int, price: int, lots: int, ladder: Ladder) -> list[tuple[int, ...]]:
    """The whole book around a price; what was there before is gone."""
    rows: list[tuple[int, ...]] = [(at, key, CLEAR, 0, 0, 0)]
    for i in range(ladder.levels):
        for side in (1, -1):
            ticks = price - side * (ladder.half_spread + i * ladder.gap)
            if ticks > 0:
                rows.append((at, key, LEVEL, side, ticks, lots))
    return rows
