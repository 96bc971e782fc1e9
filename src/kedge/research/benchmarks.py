"""What the same money would have made without the strategy.

All functions take a (D, N) matrix of daily simple returns of the instruments,
each on its last observed close, NaN where the instrument has no observation
that day; and the (D,) daily return on cash.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from kedge.domain.errors import DataError
from kedge.domain.panel import F64

BLOCKS = 10
"""Contiguous blocks of the cross-fitted regression."""


def buy_and_hold(instruments: F64, cash: F64) -> F64:
    """Equal capital in every instrument on the day it is first seen, never touched.

    Before its first observation and after its last one an instrument's share
    earns cash; on a masked day in between its value stands still and the next
    observed return carries the gap.

    Args:
        instruments: (D, N) daily returns, NaN where masked.
        cash: (D,) daily return on cash.

    Returns:
        (D,) daily returns of the portfolio.
    """
    seen = np.isfinite(instruments)
    begun = np.maximum.accumulate(seen, axis=0)
    unfinished = np.maximum.accumulate(seen[::-1], axis=0)[::-1]
    held = begun & unfinished
    idle = np.where(held, 0.0, cash[:, None])
    growth = 1.0 + np.where(seen, instruments, idle)
    value = np.cumprod(growth, axis=0).mean(axis=1)
    return np.asarray(value / np.concatenate(([1.0], value[:-1])) - 1.0, np.float64)


def equal_weight(instruments: F64, cash: F64) -> F64:
    """Equal weights on the names observed that day, rebalanced daily; cash if none.

    Args:
        instruments: (D, N) daily returns, NaN where masked.
        cash: (D,) daily return on cash.

    Returns:
        (D,) daily returns of the portfolio.
    """
    seen = np.isfinite(instruments)
    names = seen.sum(axis=1)
    total = np.where(seen, instruments, 0.0).sum(axis=1)
    return np.where(names > 0, total / np.maximum(names, 1), cash)


def at_exposure(benchmark: F64, cash: F64, exposure: float) -> F64:
    """A benchmark held at a constant exposure, the rest in cash.

    Args:
        benchmark: (D,) daily returns.
        cash: (D,) daily return on cash.
        exposure: the strategy's own average net exposure, a fraction of equity.

    Returns:
        (D,) ``cash + exposure * (benchmark - cash)``.
    """
    return cash + exposure * (benchmark - cash)


@dataclass(frozen=True, slots=True)
class Residual:
    """What is left of a strategy once benchmark and cash are taken out.

    Attributes:
        returns: (D,) daily residual returns; their mean is the daily alpha.
        alpha: mean of ``returns``, a day.
        beta: (K,) mean exposure to each benchmark over the blocks.
    """

    returns: F64
    alpha: float
    beta: F64


def residual(strategy: F64, benchmarks: F64, cash: F64) -> Residual:
    """Daily residual return ``r - cash - beta (b - cash)``, beta cross-fitted.

    Beta for each of ten contiguous blocks is the least-squares slope (with an
    intercept) over the nine others. A beta fitted on the same days is biased
    for a rule that reacts to past returns: the sample means that it subtracts
    hold the very moves the rule responded to, which flatters mean reversion
    and punishes momentum. Left out of its own estimate, a block's residual
    has mean zero whenever positions do not foresee returns, whatever the
    benchmark's drift and however exposure varies between blocks.

    Args:
        strategy: (D,) daily returns.
        benchmarks: (D,) or (D, K) daily returns of one or more benchmarks.
        cash: (D,) daily return on cash.

    Raises:
        DataError: lengths differ or a value is not finite.
    """
    excess = strategy - cash
    factors = np.asarray(benchmarks, np.float64).reshape(len(strategy), -1) - cash[:, None]
    if not (np.isfinite(excess).all() and np.isfinite(factors).all()):
        raise DataError("residual: returns must be finite", remedy="replace masked days by cash")
    edges = np.linspace(0, len(excess), BLOCKS + 1).astype(np.int64)
    left = np.empty(len(excess))
    betas = np.zeros((BLOCKS, factors.shape[1]))
    for block, (start, stop) in enumerate(pairwise(edges)):
        others = np.r_[0:start, stop : len(excess)]
        betas[block] = _slopes(excess[others], factors[others])
        left[start:stop] = excess[start:stop] - factors[start:stop] @ betas[block]
    alpha = float(left.mean()) if len(left) else float("nan")
    return Residual(left, alpha, betas.mean(axis=0))


def _slopes(y: F64, x: F64) -> F64:
    """Least-squares slopes with an intercept; zero for a factor that never moves."""
    if len(y) < 2:
        return np.zeros(x.shape[1])
    solution = np.linalg.lstsq(x - x.mean(axis=0), y - y.mean(), rcond=1e-10)[0]
    return np.asarray(solution, np.float64)
