"""Resampled equity curves: what else the same days might have added up to."""

import numpy as np

from kedge.domain.panel import F64
from kedge.research.block_length import optimal_block_length
from kedge.research.bootstrap import equity_fan, resampled_statistics
from kedge.research.daily import DailyEquity
from kedge.research.diagnostics.figures import BootstrapRow, percentiles
from kedge.research.metrics import annual_growth

LEVELS = np.array([0.025, 0.05, 0.25, 0.5, 0.75, 0.95, 0.975])
"""Percentiles of the resamples."""


def fan(daily: DailyEquity, seed: int, resamples: int) -> F64:
    """(Q, D) percentiles of the resampled equity curves, from an initial 1."""
    return equity_fan(daily.returns, LEVELS, seed, resamples)


def bootstrap_rows(
    daily: DailyEquity, cash: F64, seed: int, resamples: int
) -> tuple[BootstrapRow, ...]:
    """Percentiles over resamples by the stationary bootstrap, each figure by itself.

    Args:
        daily: of the run.
        cash: (D,) daily return on cash.
        seed: of the resampling.
        resamples: how many are drawn.
    """
    if daily.days < 2 or not np.isfinite(daily.per_year):
        return ()
    length = optimal_block_length(daily.returns)
    drawn = resampled_statistics(daily.returns, cash, daily.per_year, length, seed, resamples)
    final = drawn[:, 1]
    figures = (drawn[:, 0], annual_growth(final, daily.years), drawn[:, 2], final - 1.0)
    sharpe, growth, drawdown, total = (percentiles(values, LEVELS) for values in figures)
    return tuple(
        BootstrapRow(
            percentile=f"{100.0 * level:g} %",
            sharpe=sharpe[q],
            cagr=growth[q],
            max_drawdown=drawdown[q],
            total_return=total[q],
        )
        for q, level in enumerate(LEVELS)
    )
