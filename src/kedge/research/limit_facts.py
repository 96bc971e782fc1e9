"""What explanations of limits are made from: a run, its rules, and measures of both."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np

from kedge.domain import state as o
from kedge.domain.panel import F64
from kedge.domain.reason import Reason
from kedge.domain.rules import Rules
from kedge.research.account import minor_units
from kedge.research.daily import session_ends
from kedge.research.run import Run

MOST_NAMES = 3


@dataclass(frozen=True, slots=True)
class Facts:
    """What explanations are made from.

    Attributes:
        run: what was counted.
        rules: the limits.
        peaks: largest use of each limit that has a measure, 1 at the limit.
    """

    run: Run
    rules: Rules
    peaks: Mapping[Reason, float]

    @property
    def names(self) -> int:
        """Number of instruments."""
        return len(self.run.panel.instruments)

    @property
    def cap(self) -> float:
        """The largest position limit."""
        return max(self.rules.position_cap)

    @property
    def equity(self) -> float:
        """At the last row, reporting minor units, at least one."""
        return float(max(int(self.run.rows[-1, o.ROW_EQUITY]), 1))

    def feature(self, column: int) -> F64:
        """(N,) a column of the instruments' state ``F`` after the last row."""
        return np.asarray(self.run.memory.book.F[:, column], np.float64)

    def constant(self, column: int) -> F64:
        """(N,) a column of the instruments' constants ``A``."""
        return np.asarray(self.run.decision.program.params.A[:, column], np.float64)

    def symbols(self, chosen: np.ndarray) -> str:
        """Symbols of the chosen instruments (a mask), the first few by name."""
        return listed([s for s, one in zip(self.run.panel.symbols, chosen, strict=True) if one])


def listed(symbols: Sequence[str]) -> str:
    """The first few of some symbols, and how many more there are."""
    more = len(symbols) - MOST_NAMES
    return ", ".join(symbols[:MOST_NAMES]) + (f" and {more} more" if more > 0 else "")


def percent(value: float) -> str:
    """A fraction as a percentage, without a digit that says nothing."""
    shown = 100.0 * value
    if 0.0 < abs(shown) < 0.1:
        return f"{shown:.2g}%"
    return f"{shown:.0f}%" if abs(shown - round(shown)) < 0.05 else f"{shown:.1f}%"


def between(low: float, high: float) -> str:
    """A range of percentages, or the one where both read the same."""
    first, last = percent(low), percent(high)
    return first if first == last else f"{first} to {last}"


def last_words(reason: Reason, facts: Facts) -> str:
    """In how many cells of which instruments it had the last word; empty for a single one."""
    counts = (facts.run.reasons == int(reason)).sum(axis=0)
    if facts.names < 2 or not counts.any():
        return ""
    order = np.argsort(-counts, kind="stable")[:MOST_NAMES]
    symbols = facts.run.panel.symbols
    said = ", ".join(f"{symbols[n]} ({int(counts[n]):,})" for n in order if counts[n])
    return f"Cells in which it had the last word: {said}."


def slippage_bps(facts: Facts) -> F64:
    """(N,) expected slippage of a full position at the last row."""
    return 0.5 * facts.feature(o.F_COST) - facts.constant(o.A_TAKER_BPS)


def full_volatility(facts: Facts) -> float:
    """Yearly volatility of a book long every instrument up to the limits, at the last row."""
    caps = np.asarray(facts.rules.position_cap)
    weights = caps * min(1.0, facts.rules.gross / float(caps.sum()))
    covariance = facts.run.memory.book.cov[: facts.names]
    variance = float(weights @ covariance @ weights)
    return sqrt(max(variance, 0.0) * facts.rules.sessions_per_year)


def worst_sessions(run: Run) -> F64:
    """(D,) largest loss within each session from its opening equity, a fraction."""
    equity = run.equity.astype(np.float64)
    ends = session_ends(run.panel.session)
    begins = np.concatenate(([0], ends[:-1] + 1))
    opening = np.concatenate(([float(run.decision.program.capital)], equity[ends[:-1]]))
    lowest = np.minimum.reduceat(equity, begins)
    solvent = opening > 0
    return np.asarray(1.0 - lowest[solvent] / opening[solvent], np.float64)


def drawdowns(run: Run) -> F64:
    """(T,) fall from the highest equity so far, a positive fraction."""
    equity = run.equity.astype(np.float64)
    capital = float(run.decision.program.capital)
    return np.asarray(1.0 - equity / np.maximum.accumulate(np.maximum(equity, capital)), np.float64)


def largest_group(facts: Facts) -> np.ndarray:
    """(N,) mask of the group with most members at the last row."""
    groups = facts.run.memory.book.I[:, o.I_GROUP]
    return np.asarray(groups == np.bincount(groups).argmax())


def bar_values(facts: Facts) -> F64:
    """(N,) value of an instrument's average bar at the last row, reporting minor units."""
    return facts.feature(o.F_AV) * facts.feature(o.F_UNIT)


def money(facts: Facts, minor: float) -> str:
    """An amount in reporting currency."""
    currency = facts.run.decision.program.currencies[0]
    return f"{minor / minor_units(facts.run.decision):,.0f} {currency}"
