"""Figures the report computes for display only; no verdict rests on them."""

from dataclasses import dataclass

import numpy as np

from kedge.research.report.model import F64, I64, Curve

DAY_NS = 86_400 * 1_000_000_000


@dataclass(frozen=True, slots=True)
class MonthlyReturns:
    """Compounded returns by calendar month, UTC.

    Attributes:
        years: (Y,) calendar years, increasing.
        months: (Y, 12) simple returns, NaN where there was no day.
        totals: (Y,) simple returns of the years.
    """

    years: I64
    months: F64
    totals: F64


@dataclass(frozen=True, slots=True)
class DailyRange:
    """Rows gathered by UTC day.

    Attributes:
        ts: (D,) int64 ns UTC, the first row of each day.
        mean, low, high: (D,) over the rows of the day.
    """

    ts: I64
    mean: F64
    low: F64
    high: F64


@dataclass(frozen=True, slots=True)
class Drawdown:
    """One episode below the high-water mark; instants are int64 ns UTC.

    Attributes:
        start: the high-water mark.
        trough: the lowest point.
        end: the first row at or above the mark again; None when still under.
        depth: fraction lost from the mark, negative.
    """

    start: int
    trough: int
    end: int | None
    depth: float


def align(curve: Curve, ts: I64) -> F64:
    """A curve's last known value at each instant; NaN before its first.

    Args:
        curve: the series.
        ts: (T,) int64 ns UTC, increasing.

    Returns:
        (T,) in the curve's unit.
    """
    if np.array_equal(curve.ts, ts):
        return curve.values
    aligned = np.full(len(ts), np.nan)
    index = np.searchsorted(curve.ts, ts, side="right") - 1
    begun = index >= 0
    aligned[begun] = curve.values[index[begun]]
    return aligned


def underwater(values: F64) -> F64:
    """Value over its running maximum minus one, (T,); NaN where unknown."""
    peak = np.fmax.accumulate(values)
    under = np.full(len(values), np.nan)
    np.divide(values, peak, out=under, where=peak > 0)
    return under - 1.0


def worst_drawdowns(ts: I64, equity: F64, most: int) -> tuple[Drawdown, ...]:
    """The deepest episodes, deepest first.

    Args:
        ts: (T,) int64 ns UTC.
        equity: (T,) reporting currency.
        most: how many to return at the most.
    """
    depth = underwater(equity)
    below = np.concatenate(([False], depth < 0, [False])).astype(np.int8)
    starts = np.flatnonzero(np.diff(below) == 1)
    ends = np.flatnonzero(np.diff(below) == -1)
    episodes = []
    for first, after in zip(starts.tolist(), ends.tolist(), strict=True):
        low = first + int(np.argmin(depth[first:after]))
        end = int(ts[after]) if after < len(ts) else None
        episodes.append(Drawdown(int(ts[max(first - 1, 0)]), int(ts[low]), end, float(depth[low])))
    return tuple(sorted(episodes, key=lambda e: (e.depth, e.start))[:most])


def rolling_sharpe(returns: F64, window: int, sessions_per_year: float) -> tuple[F64, F64]:
    """Annualised Sharpe ratio over a moving window, and its standard error.

    The standard error is that of independent returns,
    ``sqrt((1 + S^2 / 2) / n)`` for the ratio per session S over n sessions:
    A. Lo, "The Statistics of Sharpe Ratios", Financial Analysts Journal 58(4),
    2002, equation 10.

    Args:
        returns: (D,) simple returns per session.
        window: sessions in a window.
        sessions_per_year: for annualising.

    Returns:
        Two (D,) arrays, NaN until the first window is full.
    """
    sharpe = np.full(len(returns), np.nan)
    error = np.full(len(returns), np.nan)
    if len(returns) < window or window < 2:
        return sharpe, error
    views = np.lib.stride_tricks.sliding_window_view(returns, window)
    mean, spread = views.mean(axis=1), views.std(axis=1, ddof=1)
    per_session = np.divide(mean, spread, out=np.full(len(mean), np.nan), where=spread > 0)
    year = np.sqrt(sessions_per_year)
    sharpe[window - 1 :] = per_session * year
    error[window - 1 :] = np.sqrt((1.0 + per_session**2 / 2.0) / window) * year
    return sharpe, error


def by_day(ts: I64, values: F64) -> DailyRange:
    """Rows gathered by UTC day.

    Args:
        ts: (T,) int64 ns UTC, increasing.
        values: (T,) finite values.
    """
    first = np.flatnonzero(np.diff(ts // DAY_NS, prepend=ts[0] // DAY_NS - 1))
    size = np.diff(first, append=len(ts))
    return DailyRange(
        ts[first],
        np.add.reduceat(values, first) / size,
        np.minimum.reduceat(values, first),
        np.maximum.reduceat(values, first),
    )


def monthly_returns(daily: Curve) -> MonthlyReturns:
    """Daily returns compounded by calendar month and year; NaN days are skipped."""
    known = np.isfinite(daily.values)
    month_number = daily.ts[known].astype("datetime64[ns]").astype("datetime64[M]").astype(np.int64)
    growth = np.log1p(np.maximum(daily.values[known], -1.0 + 1e-12))
    if not len(growth):
        return MonthlyReturns(np.empty(0, np.int64), np.empty((0, 12)), np.empty(0))
    first_year, last_year = month_number[0] // 12, month_number[-1] // 12
    cells = month_number - first_year * 12
    size = int(last_year - first_year + 1) * 12
    sums = np.bincount(cells, weights=growth, minlength=size)
    seen = np.bincount(cells, minlength=size) > 0
    months = np.where(seen, np.expm1(sums), np.nan).reshape(-1, 12)
    totals = np.expm1(sums.reshape(-1, 12).sum(axis=1))
    return MonthlyReturns(np.arange(first_year, last_year + 1) + 1970, months, totals)
