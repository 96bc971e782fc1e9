"""Sessions before the first one: what the venue's prices did while nobody looked."""

from collections.abc import Sequence
from random import Random
from typing import Final

import msgspec
import numpy as np
import numpy.typing as npt

from kedge.venues.simulated.prices import Prices, Worth

I64 = npt.NDArray[np.int64]
STEPS: Final = 96
"""Prices that a session's bar is made of."""
DAY_S: Final = 86_400.0


class Past(msgspec.Struct, frozen=True):
    """Bars of D sessions of N instruments, oldest first.

    Attributes:
        bars: (D, N, 4) open, high, low, close in ticks.
        lots: (D, N) traded.
    """

    bars: I64
    lots: I64

    @property
    def last(self) -> list[int]:
        """(N,) last closes, ticks."""
        found: list[int] = self.bars[-1, :, 3].tolist()
        return found


def past_of(worths: Sequence[Worth], daily_lots: Sequence[float], days: int, seed: int) -> Past:
    """Walk prices through so many sessions, to where they stand now.

    Args:
        worths: how each instrument moves; the walk ends at their ticks.
        daily_lots: mean lots of a session.
        days: D, at least 1.
        seed: of the walk.
    """
    random = Random(f"{seed}/past")
    prices = Prices(worths, random)
    n = len(worths)
    path, lots = np.empty((days, STEPS + 1, n)), np.zeros((days, n), np.int64)
    for day in range(days):
        path[day, 0] = prices.ticks
        for step in range(STEPS):
            prices.step(DAY_S / STEPS)
            path[day, step + 1] = prices.ticks
        busy = [scale * random.uniform(0.7, 1.3) for scale in prices.scale]
        lots[day] = [max(1, int(mean * b)) for mean, b in zip(daily_lots, busy, strict=True)]
    ends = np.array([worth.ticks for worth in worths])
    ticks = np.maximum(1, np.rint(path * (ends / path[-1, -1]))).astype(np.int64)
    bars = np.stack((ticks[:, 0], ticks.max(axis=1), ticks.min(axis=1), ticks[:, -1]), axis=2)
    return Past(bars, lots)
