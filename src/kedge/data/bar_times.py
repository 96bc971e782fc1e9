"""Parsed times to the open instants of bars, with every assumption stated."""

from typing import Final

import numpy as np

from kedge.data.calendars import ALWAYS_OPEN, zone_of
from kedge.data.intervals import DAY, interval_text
from kedge.data.times import Times, localise
from kedge.domain.errors import DataError
from kedge.domain.panel import I64

FEWEST: Final = 5
"""Bars from which on their steps tell the interval."""


def open_instants(
    times: Times, interval: int, calendar: str, zone: str
) -> tuple[I64, tuple[str, ...]]:
    """Open instants of bars; of daily bars the session's date at 00:00 UTC.

    Args:
        times: as parsed.
        interval: length of a bar, ns.
        calendar: the instrument's calendar.
        zone: time zone of naive times; empty assumes the exchange's own.

    Returns:
        (n,) instants, and notes for the report.
    """
    if interval == DAY:
        return _dates(times, calendar, zone)
    if not times.naive:
        return times.ns, (times.note,)
    chosen = zone or zone_of(calendar)
    how = "as given" if zone else f"assumed from calendar {calendar}"
    return localise(times, chosen), (f"{times.note}, taken as {chosen} ({how})",)


def check_step(ts: I64, interval: int, where: str) -> tuple[str, ...]:
    """Refuse bars that are not as far apart as their interval says.

    Bars of an instrument that seldom trades exist only where it did: as long as some
    follow each other at the interval, or there are too few to tell, wider steps are a
    note.

    Args:
        ts: (n,) sorted open instants.
        interval: length of a bar, ns.
        where: file and instrument.

    Raises:
        DataError: when the usual step is shorter than the interval, or longer and no
            step is the interval.
    """
    if len(ts) < 2:
        return ("one bar only",)
    steps, counts = np.unique(np.diff(ts), return_counts=True)
    usual = int(steps[counts.argmax()])
    if usual == interval:
        return ()
    said = f"bars are {_words(usual)} apart, not {interval_text(interval)}"
    if usual < interval or (len(ts) >= FEWEST and interval not in steps):
        longer = "bars longer than a day are not supported: import daily ones"
        raise DataError(said, where, longer if usual > DAY else f"give --interval {_words(usual)}")
    return (said.replace("are", "are mostly", 1),)


def _words(step: int) -> str:
    return interval_text(step) if step % 10**9 == 0 else f"{step} ns"


def _dates(times: Times, calendar: str, zone: str) -> tuple[I64, tuple[str, ...]]:
    if times.dates or bool((times.ns % DAY == 0).all()):
        return times.ns, (f"{times.note}, taken as the sessions' dates",)
    if times.naive and not zone:
        return times.ns // DAY * DAY, (times.note, "the date part is the session date")
    instants = localise(times, zone) if times.naive else times.ns
    if calendar == ALWAYS_OPEN:
        return instants // DAY * DAY, (times.note, "the UTC date is the session date")
    local = zone_of(calendar)
    stamps = instants + _utc_offsets(instants, local)
    return stamps // DAY * DAY, (times.note, f"the date in {local} is the session date")


def _utc_offsets(instants: I64, zone: str) -> I64:
    import polars as pl

    utc = pl.Series(instants).cast(pl.Datetime("ns", "UTC"))
    local = utc.dt.convert_time_zone(zone).dt.replace_time_zone(None)
    return np.asarray(local.to_physical().to_numpy() - instants, dtype=np.int64)
