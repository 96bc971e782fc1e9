"""Checks of time: gaps against the calendar, bars outside sessions, disorder, duplicates."""

import numpy as np

from kedge.data import calendars
from kedge.data.bars import close_instants
from kedge.data.intervals import DAY
from kedge.data.quality.findings import MOST_EXAMPLES, Checked, Finding, Severity, iso
from kedge.domain.panel import I64


def expected_opens(checked: Checked, first: int, last: int) -> I64:
    """Open instants that the calendar expects in [first, last], ns UTC."""
    calendar = checked.instrument.calendar
    if checked.length == DAY:
        return calendars.sessions_in(calendar, first, last)
    if calendar == calendars.ALWAYS_OPEN:
        count = (last - first) // checked.length + 1
        return first + np.arange(count, dtype=np.int64) * checked.length
    dates = calendars.sessions_in(calendar, first - DAY, last + DAY)
    opens = calendars.opening_instants(calendar, dates)
    closes = calendars.closing_instants(calendar, dates)
    grids = [
        np.arange(a, b, checked.length, dtype=np.int64) for a, b in zip(opens, closes, strict=True)
    ]
    every = np.concatenate(grids) if grids else np.empty(0, dtype=np.int64)
    return every[(every >= first) & (every <= last)]


def between_bars(checked: Checked) -> I64:
    """Open instants that the calendar expects from the first to the last bar."""
    return expected_opens(checked, int(checked.bars.ts.min()), int(checked.bars.ts.max()))


def gaps(checked: Checked) -> list[Finding]:
    """Bars that the calendar expects and that are not there, one finding per hole."""
    expected = between_bars(checked)
    absent = ~_among(expected, checked.bars.ts)
    starts = np.flatnonzero(absent & ~np.concatenate([[False], absent[:-1]]))
    stops = np.flatnonzero(absent & ~np.concatenate([absent[1:], [False]])) + 1
    remedy = "import the missing span; kedge masks it and fills nothing"
    found = [
        checked.finding(
            "gap",
            Severity.WARNING,
            int(expected[a]),
            int(b - a),
            f"{b - a:,} bar(s) missing until {iso(int(expected[b - 1]))}",
            remedy,
        )
        for a, b in zip(starts[:MOST_EXAMPLES], stops, strict=False)
    ]
    if len(starts) > MOST_EXAMPLES:
        bars = int((stops - starts)[MOST_EXAMPLES:].sum())
        at = int(expected[starts[MOST_EXAMPLES]])
        more = len(starts) - MOST_EXAMPLES
        found.append(
            checked.finding("gap", Severity.WARNING, at, bars, f"{more:,} more holes", remedy)
        )
    return found


def _among(instants: I64, ts: I64) -> np.ndarray:
    """Which instants are in ``ts``; an order of magnitude faster than `numpy.isin`."""
    if not len(ts):
        return np.zeros(len(instants), dtype=bool)
    known = np.sort(ts)
    at = np.minimum(np.searchsorted(known, instants), len(known) - 1)
    return np.asarray(known[at] == instants)


def freshness(checked: Checked) -> list[Finding]:
    """Bars that should have become available since the last one, at the time of the check."""
    if checked.as_of is None:
        return []
    last = int(checked.bars.ts.max())
    expected = expected_opens(checked, last, max(last, checked.as_of))
    closed = close_instants(checked.instrument, expected, checked.length)
    overdue = expected[(expected > last) & (closed <= checked.as_of)]
    if not len(overdue):
        return []
    return [
        checked.finding(
            "freshness",
            Severity.WARNING,
            int(overdue[0]),
            len(overdue),
            f"{len(overdue):,} bar(s) overdue: the last is of {iso(last)}",
            "import what came since, unless the instrument no longer trades",
        )
    ]


def outside_sessions(checked: Checked) -> list[Finding]:
    """Daily bars on days when the exchange was closed."""
    if checked.length != DAY:
        return []
    ts = checked.bars.ts
    known = calendars.sessions_in(checked.instrument.calendar, int(ts.min()), int(ts.max()))
    bad = np.flatnonzero(~_among(ts, known))
    words = [f"{checked.instrument.calendar} has no session on this day"] * len(bad)
    remedy = "check the time zone of the import, or the instrument's calendar"
    return checked.each("outside_session", Severity.WARNING, bad, words, remedy)


def disorder(checked: Checked) -> list[Finding]:
    """Bars that open before the bar above them."""
    bad = np.flatnonzero(np.diff(checked.bars.ts) < 0) + 1
    words = [f"follows {iso(int(checked.bars.ts[at - 1]))}" for at in bad[:MOST_EXAMPLES]]
    return checked.each("disorder", Severity.ERROR, bad, words, "import again: it sorts by time")


def duplicates(checked: Checked) -> list[Finding]:
    """Bars with the time of another bar."""
    order = np.argsort(checked.bars.ts, kind="stable")
    ts = checked.bars.ts[order]
    bad = np.sort(order[1:][np.diff(ts) == 0])
    words = ["a second bar with this time"] * len(bad)
    return checked.each(
        "duplicate", Severity.ERROR, bad, words, "import again with --keep last or --keep first"
    )
