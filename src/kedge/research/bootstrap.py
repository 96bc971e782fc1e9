"""Intervals by the stationary bootstrap (Politis and Romano 1994).

A resample joins blocks of consecutive days, each starting anywhere, of
geometric length, wrapped around the end; so dependence over a block survives.
The seed is an argument: equal inputs give equal bits.
"""

import math

import msgspec
import numba
import numpy as np

from kedge.domain.panel import F64, I64
from kedge.research.block_length import optimal_block_length
from kedge.research.metrics import Figure, annual_growth, figure

RESAMPLES = 1_000
LEVEL = 0.95
_CHUNK = 100  # resamples drawn at once: bounds memory, and is part of the seed's meaning


class Interval(msgspec.Struct, frozen=True):
    """Lower and upper bound; None where they are not defined."""

    low: Figure
    high: Figure


class Intervals(msgspec.Struct, frozen=True, kw_only=True):
    """The ``intervals`` block of ``result.json``.

    Attributes:
        sharpe, cagr: 95 % percentile intervals.
        max_drawdown: range over the resamples; not a confidence interval,
            since a maximum is no mean of the days.
        block_length: expected length of a block, days.
        resamples: how many were drawn.
    """

    sharpe: Interval
    cagr: Interval
    max_drawdown: Interval
    block_length: float
    resamples: int


def intervals(
    returns: F64, cash: F64, per_year: float, seed: int, resamples: int = RESAMPLES
) -> Intervals:
    """Resampled intervals of Sharpe ratio, growth and drawdown.

    Args:
        returns: (D,) daily simple returns.
        cash: (D,) daily return on cash, resampled with its day.
        per_year: days a year.
        seed: of the resampling.
        resamples: number of resamples.
    """
    length = optimal_block_length(returns)
    if len(returns) < 2 or not math.isfinite(per_year):
        nothing = Interval(None, None)
        return Intervals(
            sharpe=nothing, cagr=nothing, max_drawdown=nothing, block_length=length, resamples=0
        )
    drawn = resampled_statistics(returns, cash, per_year, length, seed, resamples)
    return Intervals(
        sharpe=percentile_interval(drawn[:, 0]),
        cagr=percentile_interval(annual_growth(drawn[:, 1], len(returns) / per_year)),
        max_drawdown=Interval(figure(drawn[:, 2].min()), figure(drawn[:, 2].max())),
        block_length=length,
        resamples=resamples,
    )


def percentile_interval(values: F64, level: float = LEVEL) -> Interval:
    """Equal-tailed percentile interval; undefined unless every value is finite."""
    if not np.isfinite(values).all():
        return Interval(None, None)
    low, high = np.quantile(values, [(1.0 - level) / 2.0, (1.0 + level) / 2.0])
    return Interval(figure(low), figure(high))


def resampled_statistics(
    returns: F64, cash: F64, per_year: float, block_length: float, seed: int, resamples: int
) -> F64:
    """(R, 3) annual Sharpe ratio, final wealth of an initial 1 and maximum drawdown of each.

    Args:
        returns: (D,) daily simple returns.
        cash: (D,) daily return on cash.
        per_year: days a year.
        block_length: expected block length in days, at least 1.
        seed: of the resampling.
        resamples: R.
    """
    rng = np.random.Generator(np.random.PCG64(seed))
    days = len(returns)
    out = np.empty((resamples, 3))
    excess = np.ascontiguousarray(returns - cash)
    for first in range(0, resamples, _CHUNK):
        part = out[first : first + _CHUNK]
        index = stationary_index(rng, days, block_length, len(part))
        _walk(np.ascontiguousarray(returns), excess, index, part)
    out[:, 0] *= math.sqrt(per_year)
    return out


def stationary_index(
    rng: np.random.Generator, days: int, block_length: float, resamples: int
) -> I64:
    """(R, D) day indices of stationary resamples.

    Args:
        rng: source of randomness.
        days: D.
        block_length: expected block length, at least 1.
        resamples: R.
    """
    start = rng.integers(0, days, (resamples, days))
    begins = rng.random((resamples, days)) < 1.0 / block_length
    begins[:, 0] = True
    _continue_blocks(start, begins)
    return start


@numba.njit(cache=True)
def _continue_blocks(index: I64, begins: np.ndarray) -> None:
    days = index.shape[1]
    for r in range(index.shape[0]):
        for t in range(days):
            if not begins[r, t]:
                following = index[r, t - 1] + 1
                index[r, t] = following if following < days else 0


@numba.njit(cache=True, error_model="numpy")
def _walk(returns: F64, excess: F64, index: I64, out: F64) -> None:
    """Per resample: daily Sharpe ratio (NaN if flat), final wealth, worst drawdown."""
    days = index.shape[1]
    for r in range(index.shape[0]):
        total = square = worst = 0.0
        wealth = peak = 1.0
        for t in range(days):
            day = index[r, t]
            total += excess[day]
            square += excess[day] * excess[day]
            wealth *= 1.0 + returns[day]
            if wealth > peak:
                peak = wealth
            fall = 1.0 - wealth / peak
            if fall > worst:
                worst = fall
        mean = total / days
        variance = (square - days * mean * mean) / (days - 1)
        flat = variance <= 1e-24 * square
        out[r, 0] = np.nan if flat else mean / math.sqrt(variance)
        out[r, 1] = wealth
        out[r, 2] = worst


def equity_fan(returns: F64, quantiles: F64, seed: int, resamples: int = RESAMPLES) -> F64:
    """(Q, D) quantiles of the resampled wealth paths, from an initial 1.

    Args:
        returns: (D,) daily simple returns.
        quantiles: (Q,) in [0, 1].
        seed: of the resampling.
        resamples: number of paths.
    """
    rng = np.random.Generator(np.random.PCG64(seed))
    index = stationary_index(rng, len(returns), optimal_block_length(returns), resamples)
    paths = np.cumprod(1.0 + returns[index], axis=1)
    return np.asarray(np.quantile(paths, quantiles, axis=0), np.float64)
