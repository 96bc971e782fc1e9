"""What a generated market traded before its tape begins: coarse long ago, fine of late.

::

    60 days ago      2 days ago       2 hours ago      the tape begins
         └─ 15 minutes ──┴──── minutes ────┴──── seconds ─────┘

It is a walk of prices, not of orders: there are bars of it, and no prints.
"""

from collections.abc import Iterator, Mapping, Sequence
from random import Random
from typing import Final

import numpy as np

from kedge.venues.simulated.flow import Stream
from kedge.venues.simulated.prices import Prices
from kedge.venues.wire.candles import DAY, HOUR, MINUTE, QUARTER, SECOND, Candle

DAYS: Final = 60
_FINE: Final = ((2 * DAY, QUARTER), (2 * HOUR, MINUTE), (0, SECOND))
"""How long before the tape each step of the walk ends, and how long its bars are."""


Past = Mapping[int, Sequence[Candle]]
"""By each width: bars that are no longer, oldest first, up to the last whole second."""


def past_of(streams: Sequence[Stream], start: int, seed: int) -> dict[int, Past]:
    """What each book traded before the tape, by key.

    Args:
        streams: how each book trades; the walk ends at what it is worth at first.
        start: of the tape, ns UTC.
        seed: of the walk.
    """
    random = Random(f"{seed}/past")
    prices = Prices([stream.worth for stream in streams], random)
    steps = list(_steps(start))
    path, busy = [list(prices.ticks)], []
    for _, width in steps:
        prices.step(width / SECOND)
        path.append(list(prices.ticks))
        busy.append([scale * random.uniform(0.5, 1.5) for scale in prices.scale])
    ends = np.array([stream.worth.ticks for stream in streams])
    ticks = np.maximum(1, np.rint(np.array(path) * (ends / path[-1]))).astype(np.int64)
    past: dict[int, Past] = {}
    for n, (stream, own) in enumerate(zip(streams, ticks.T.tolist(), strict=True)):
        moves = zip(steps, own, own[1:], busy, strict=False)
        bars = [_bar(stream, *step, a, b, much[n]) for step, a, b, much in moves]
        past[stream.key] = {width: _no_longer(steps, bars, width) for _, width in _FINE}
    return past


def _no_longer(steps: Sequence[tuple[int, int]], bars: Sequence[Candle], most: int) -> list[Candle]:
    return [bar for bar, (_, width) in zip(bars, steps, strict=True) if width <= most]


def _steps(start: int) -> Iterator[tuple[int, int]]:
    """When each bar opens, and its length."""
    at = start - start % DAY - DAYS * DAY
    for before, width in _FINE:
        until = start - before
        while at + width <= until:
            yield at, width
            at += width


def _bar(stream: Stream, opened: int, width: int, first: int, last: int, busy: float) -> Candle:
    habits = stream.habits
    takers = habits.rate * habits.takers * busy * width / SECOND
    lots, trades = max(1, int(takers * habits.lots)), max(1, int(takers))
    middle = (first + last) // 2
    low, high = min(first, last), max(first, last)
    return Candle(
        opened, first, high, low, last, lots, lots * middle, trades, lots // 2, lots // 2 * middle
    )
