"""Daily equity: what every annualised figure derives from (docs/reference/metrics.md).

A day is a session: a UTC day for what trades around the clock, a trading day
for everything else. Rows inside a session are only a path to its last value.
"""

from dataclasses import dataclass

import numpy as np

from kedge.domain.errors import DataError
from kedge.domain.panel import F64, I64

YEAR_NS = 365.25 * 86_400 * 1e9
"""Mean length of a Julian year in nanoseconds."""
RUIN = 1e-12
"""Fraction of the initial capital at or below which there is nothing left to earn on."""


@dataclass(frozen=True, slots=True)
class DailyEquity:
    """Equity at the end of each session.

    Attributes:
        ts: (D,) instant of the last row of each session, ns UTC.
        equity: (D,) equity at that instant, reporting currency.
        returns: (D,) simple return of each session; the first is measured from
            the initial capital. After ruin (next to nothing left, or debt) it is 0.
        initial: capital before the first session.
        per_year: observed sessions a year; NaN when there are fewer than two.
    """

    ts: I64
    equity: F64
    returns: F64
    initial: float
    per_year: float

    @property
    def days(self) -> int:
        """Number of sessions D."""
        return len(self.equity)

    @property
    def years(self) -> float:
        """Length of the record in years; NaN when the days a year are unknown."""
        return self.days / self.per_year


def session_ends(session: I64) -> I64:
    """Index of the last row of each session.

    Args:
        session: (T,) session number per row, never decreasing.

    Returns:
        (D,) row indices, increasing.
    """
    if not len(session):
        return np.empty(0, np.int64)
    changes = np.flatnonzero(session[1:] != session[:-1])
    return np.append(changes, len(session) - 1).astype(np.int64)


def observed_days_per_year(ts: I64) -> float:
    """Sessions a year, counted: (D - 1) sessions over the time they took.

    Args:
        ts: (D,) one instant per session, ns UTC, increasing.

    Returns:
        Sessions a year; NaN for fewer than two sessions.
    """
    if len(ts) < 2:
        return float("nan")
    return float((len(ts) - 1) * YEAR_NS / (ts[-1] - ts[0]))


def simple_returns(equity: F64, initial: float) -> F64:
    """Return of each day on the day before, the first on the initial capital.

    A day that starts with nothing (at or below `RUIN` of the initial capital)
    has nothing to earn a return on: its return is 0.
    """
    previous = np.concatenate(([initial], equity[:-1]))
    alive = previous > RUIN * initial
    return np.where(alive, equity / np.where(alive, previous, 1.0) - 1.0, 0.0)


def daily_equity(ts: I64, session: I64, equity: F64, initial: float) -> DailyEquity:
    """Row equity to daily equity.

    Args:
        ts: (T,) row instants, ns UTC, increasing.
        session: (T,) session number per row, never decreasing.
        equity: (T,) equity after each row, reporting currency.
        initial: capital before the first row, above zero.

    Raises:
        DataError: lengths differ, equity is not finite, or capital is not positive.
    """
    if not len(ts) == len(session) == len(equity):
        raise DataError(f"equity of {len(equity)} rows for {len(ts)} instants")
    if not (initial > 0.0 and np.isfinite(equity).all()):
        raise DataError("equity must be finite and start from a positive capital")
    last = session_ends(session)
    values = np.asarray(equity[last], np.float64)
    return DailyEquity(
        ts=ts[last],
        equity=values,
        returns=simple_returns(values, initial),
        initial=float(initial),
        per_year=observed_days_per_year(ts[last]),
    )


def daily_mean(values: F64, session: I64) -> F64:
    """Mean of a row series over each session, such as the daily net exposure.

    Args:
        values: (T,) one value per row.
        session: (T,) session number per row, never decreasing.

    Returns:
        (D,) means.
    """
    last = session_ends(session)
    sums = np.diff(np.cumsum(values)[last], prepend=0.0)
    return np.asarray(sums / np.diff(last, prepend=-1), np.float64)
