"""Checks of prices and volume: contradictions, stale runs, outliers, missed splits."""

from fractions import Fraction
from typing import Final

import numpy as np

from kedge.data.derive import USUAL
from kedge.data.intervals import DAY
from kedge.data.quality.findings import MOST_EXAMPLES, Checked, Finding, Severity
from kedge.domain.instrument import AssetClass
from kedge.domain.panel import CLOSE, F64, HIGH, LOW, OPEN, EventKind
from kedge.settings import QualityChecks

MAD_TO_SIGMA: Final = 1.482602218505602
"""1 / Phi^-1(3/4): makes the median absolute deviation estimate sigma of a normal."""


def non_positive(checked: Checked) -> list[Finding]:
    """Bars with a price at or below zero."""
    bad = np.flatnonzero((checked.prices <= 0).any(axis=1))
    words = [f"price {checked.prices[at].min():g}" for at in bad[:MOST_EXAMPLES]]
    return checked.each(
        "non_positive",
        Severity.ERROR,
        bad,
        words,
        "correct the bar and import it again; until then the cell is masked",
    )


def contradictions(checked: Checked) -> list[Finding]:
    """Bars whose high is below, or whose low is above, another of their prices."""
    p = checked.prices
    bad = np.flatnonzero((p[:, HIGH] < p.max(axis=1)) | (p[:, LOW] > p.min(axis=1)))
    words = [
        f"open {o:g}, high {h:g}, low {low:g}, close {c:g}"
        for o, h, low, c in p[bad[:MOST_EXAMPLES]]
    ]
    return checked.each("ohlc", Severity.ERROR, bad, words, "correct the bar and import it again")


def stale(checked: Checked) -> list[Finding]:
    """Runs in which no price changes from bar to bar, although there may be volume."""
    at = checked.limits
    longest = at.stale_daily if checked.length == DAY else at.stale_intraday
    same = (np.diff(checked.prices, axis=0) == 0).all(axis=1)
    edges = np.flatnonzero(np.diff(np.concatenate([[0], same.astype(np.int8), [0]])))
    found = []
    for start, stop in zip(edges[::2], edges[1::2], strict=True):
        count = int(stop - start) + 1
        if count >= longest:
            found.append(
                checked.finding(
                    "stale",
                    Severity.WARNING,
                    int(checked.bars.ts[start]),
                    count,
                    f"{count} equal bars at {checked.prices[start, CLOSE]:g}",
                    "the source may repeat its last price: remove the repeats and import again",
                )
            )
    return found


def outliers(checked: Checked) -> list[Finding]:
    """Log returns far out in robust z-score, splits and dividends taken out."""
    returns = _returns(checked)
    if not np.isfinite(returns).any():
        return []
    spread = MAD_TO_SIGMA * float(np.nanmedian(np.abs(returns - np.nanmedian(returns))))
    if not spread > 0.0:
        return []
    score = np.abs(returns - np.nanmedian(returns)) / spread
    limits = checked.limits
    daily = checked.length == DAY
    floor = limits.outlier_floor_daily if daily else limits.outlier_floor_intraday
    bad = np.flatnonzero((score > limits.outlier_score) & (np.abs(returns) > floor)) + 1
    words = [
        f"return {np.expm1(returns[at - 1]):+.1%}, robust z-score {score[at - 1]:.0f}"
        for at in bad[:MOST_EXAMPLES]
    ]
    return checked.each(
        "outlier",
        Severity.WARNING,
        bad,
        words,
        "compare with another source; if it is false, correct the bar and import it again",
    )


def negative_volume(checked: Checked) -> list[Finding]:
    """Bars with a volume below zero."""
    volume = checked.bars.volume
    bad = np.flatnonzero(volume < 0)
    words = [f"volume {volume[at]:g}" for at in bad[:MOST_EXAMPLES]]
    return checked.each(
        "negative_volume",
        Severity.ERROR,
        bad,
        words,
        "correct the bar and import it again; until then its volume counts as unknown",
    )


def zero_volume(checked: Checked) -> list[Finding]:
    """Bars in which nothing traded."""
    volume = checked.bars.volume
    bad = np.flatnonzero(volume == 0)
    if not len(bad):
        return []
    share = len(bad) / len(volume)
    return [
        checked.finding(
            "zero_volume",
            Severity.WARNING if share > checked.limits.zero_volume else Severity.INFO,
            int(checked.bars.ts[bad[0]]),
            len(bad),
            f"{len(bad):,} bar(s) without volume ({share:.2%})",
            "no order fills in them; a more liquid instrument or interval has fewer",
        )
    ]


def missed_splits(checked: Checked) -> list[Finding]:
    """Overnight jumps by a simple fraction, with share volume to match, and no event."""
    stock = checked.instrument.asset_class is AssetClass.EQUITY
    if checked.length != DAY or checked.instrument.adjusted_only or not stock:
        return []
    close, volume = checked.prices[:, CLOSE], checked.bars.volume
    found = []
    for at in np.flatnonzero(np.abs(_returns(checked)) > checked.limits.split_move) + 1:
        jumps = close[at - 1] / checked.prices[at, OPEN], close[at - 1] / close[at]
        terms = _split_terms(*jumps, checked.limits)
        least = checked.limits.split_volume
        if terms is None or not _volume_moved(volume, int(at), float(terms), least):
            continue
        words = f"{terms.numerator} for {terms.denominator}"
        found.append(
            checked.finding(
                "missed_split",
                Severity.ERROR,
                int(checked.bars.ts[at]),
                1,
                f"from {close[at - 1]:g} to {close[at]:g} looks like a split {words}",
                "add the event: kedge data import FILE --actions",
            )
        )
    return found


def _split_terms(at_open: float, at_close: float, limits: QualityChecks) -> Fraction | None:
    """The usual split that explains the jump to the open and to the close."""
    for terms in (*USUAL, *(1 / each for each in USUAL)):
        near_open = abs(at_open / float(terms) - 1.0) < limits.split_tolerance
        if near_open and abs(at_close / float(terms) - 1.0) < limits.split_day_tolerance:
            return terms
    return None


def _volume_moved(volume: F64, at: int, terms: float, least: float) -> bool:
    """Whether share volume rose (or fell, at a reverse split) with the number of shares."""
    before, after = volume[max(0, at - 20) : at], volume[at : at + 20]
    if not (np.isfinite(before).any() and np.isfinite(after).any()):
        return True  # close-only data: the price has to do
    old, new = float(np.nanmedian(before)), float(np.nanmedian(after))
    return new > least * old if terms > 1 else new < old / least


def _returns(checked: Checked) -> F64:
    """(T - 1,) log returns of closes with splits and dividends undone, NaN at bad prices."""
    close = np.where(checked.prices[:, CLOSE] > 0, checked.prices[:, CLOSE], np.nan)
    returns = np.diff(np.log(close))
    for action in checked.actions:
        at = int(np.searchsorted(checked.bars.ts, action.ts))
        if not 0 < at < len(close) or action.kind not in (EventKind.SPLIT, EventKind.DIVIDEND):
            continue
        if action.kind is EventKind.SPLIT:
            returns[at - 1] += np.log(action.a / action.b)
        elif action.x < close[at - 1]:
            returns[at - 1] -= np.log1p(-action.x / close[at - 1])
    return np.asarray(returns, dtype=np.float64)
