"""Seeded bars for the benchmark: random walks with clustered volatility.

Every bar opens where the last one closed, so "the next open" and "this close"
are one price, and the sides can be compared whichever of the two they fill at.
"""

from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path

import numpy as np
import numpy.typing as npt

F64 = npt.NDArray[np.float64]
I64 = npt.NDArray[np.int64]

TICK = 1e-6
INTERVAL_S = 300
INTERVAL_NS = INTERVAL_S * 10**9
SESSION_ROWS = 288
START_NS = 1_577_836_800_000_000_000


@dataclass(frozen=True)
class Market:
    """T rows of N instruments, 24/7, 288 rows a session.

    Attributes:
        ts: (T,) instant a bar closed, ns UTC.
        ticks: (T, 4, N) int64 open, high, low, close.
        volume: (T, N) units.
    """

    ts: I64
    ticks: I64
    volume: F64

    def save(self, folder: Path) -> None:
        """Write what every side reads: prices as floats, one file per series."""
        folder.mkdir(parents=True, exist_ok=True)
        for k, name in enumerate(("open", "high", "low", "close")):
            np.save(folder / f"{name}.npy", np.ascontiguousarray(self.ticks[:, k]) * TICK)
        np.save(folder / "volume.npy", self.volume)
        np.save(folder / "ts.npy", self.ts)


def make_market(rows: int, instruments: int, seed: int, depth: float = 3e6) -> Market:
    """Bars with an AR(1) log volatility and one common factor.

    Args:
        rows: T.
        instruments: N.
        seed: of everything random.
        depth: typical volume of a bar, units.
    """
    rng = np.random.default_rng(seed)
    shape = (rows, instruments)
    sigma = _volatility(rng, rows) / np.sqrt(SESSION_ROWS)
    share = rng.uniform(0.3, 0.9, instruments)
    common = rng.standard_normal((rows, 1))
    own = rng.standard_normal(shape)
    steps = sigma[:, None] * (np.sqrt(share) * common + np.sqrt(1.0 - share) * own)
    close = 100.0 * np.exp(np.cumsum(steps, axis=0))
    opened = np.vstack([np.full((1, instruments), 100.0), close[:-1]])
    reach = np.abs(rng.standard_normal((2, *shape))) * 0.3 * sigma[:, None]
    high = np.maximum(opened, close) * (1.0 + reach[0])
    low = np.minimum(opened, close) / (1.0 + reach[1])
    ticks = np.stack([opened, high, low, close], axis=1) / TICK
    day = np.cos(2.0 * np.pi * np.arange(rows) / SESSION_ROWS)
    traded = depth * np.exp(0.6 * rng.standard_normal(shape) + 0.5 * day[:, None])
    return Market(
        ts=START_NS + (np.arange(rows) + 1) * INTERVAL_NS,
        ticks=np.maximum(1, np.rint(ticks)).astype(np.int64),
        volume=np.rint(traded),
    )


def _volatility(rng: np.random.Generator, rows: int) -> F64:
    """Daily volatility by row: 3 % at the median, moved by a slow AR(1)."""
    sessions = rows // SESSION_ROWS + 1
    shocks = rng.standard_normal(sessions) * 0.12
    level = list(accumulate(shocks, lambda before, shock: shock + 0.97 * before))
    return np.asarray(np.repeat(0.03 * np.exp(level), SESSION_ROWS)[:rows], dtype=np.float64)


def closest_call(ticks: I64, fast: int, slow: int) -> float:
    """Smallest gap between the averages as a share of the slow one.

    Averages are sums in floating point on every side; a gap near their rounding
    error could be read either way, so a world with one is not used for parity.
    """
    sums = np.cumsum(ticks, axis=0)
    quick = sums[slow:] - sums[slow - fast : -fast]
    whole = sums[slow:] - sums[:-slow]
    gap = np.abs(quick * slow - whole * fast)
    return float((gap / (whole * fast)).min())
