"""Run every check over an instrument's bars."""

from collections import Counter
from collections.abc import Callable
from typing import Final

import numpy as np

from kedge.data.intervals import interval_ns
from kedge.data.quality import prices, times
from kedge.data.quality.findings import DEFAULTS, Checked, Finding, Quality, iso
from kedge.domain.errors import DataError
from kedge.domain.instrument import Instrument
from kedge.ports.store import Action, Bars, Store
from kedge.settings import QualityChecks

CHECKS: Final[tuple[Callable[[Checked], list[Finding]], ...]] = (
    times.gaps,
    times.freshness,
    times.outside_sessions,
    times.disorder,
    times.duplicates,
    prices.non_positive,
    prices.contradictions,
    prices.stale,
    prices.outliers,
    prices.negative_volume,
    prices.zero_volume,
    prices.missed_splits,
)


def check_instrument(
    store: Store,
    name: str,
    interval: str,
    as_of: int | None = None,
    limits: QualityChecks = DEFAULTS,
) -> Quality:
    """Check the stored bars of one instrument.

    Raises:
        DataError: for an unknown instrument or an interval without bars.
    """
    instrument = store.instrument(name)
    bars = store.bars(instrument.id, interval, as_of)
    if not len(bars):
        what = f"no {interval} bar of {instrument.symbol} by then"
        raise DataError(what, str(store.folder), "give a later --as-of, or import some")
    actions = store.actions(instrument.id, as_of)
    return check_bars(instrument, interval, bars, actions, as_of, limits)


def check_bars(
    instrument: Instrument,
    interval: str,
    bars: Bars,
    actions: tuple[Action, ...] = (),
    as_of: int | None = None,
    limits: QualityChecks = DEFAULTS,
) -> Quality:
    """Check bars as they stand, sorted or not.

    Args:
        instrument: gives tick and calendar.
        interval: length of a bar, as text.
        bars: at least one.
        actions: dated events that explain jumps.
        as_of: the time of the check, ns UTC, by which bars are overdue.
        limits: from when on a check speaks up.

    Raises:
        DataError: when there is no bar.
    """
    if not len(bars):
        raise DataError(f"no {interval} bar of {instrument.symbol}", "store", "import some")
    checked = Checked(
        instrument,
        interval,
        interval_ns(interval),
        bars,
        np.asarray(bars.prices * float(instrument.tick), dtype=np.float64),
        actions,
        as_of,
        limits,
    )
    found = [finding for check in CHECKS for finding in check(checked)]
    counts: Counter[str] = Counter()
    for finding in found:
        counts[finding.check] += finding.count
    expected = max(1, len(times.between_bars(checked)))
    return Quality(
        symbol=instrument.symbol,
        interval=interval,
        rows=len(bars),
        first=iso(int(bars.ts.min())),
        last=iso(int(bars.ts.max())),
        completeness=1.0 - counts["gap"] / expected,
        counts={name: count for name, count in sorted(counts.items()) if count},
        findings=tuple(sorted(found, key=lambda each: (each.ts, each.check))),
    )
