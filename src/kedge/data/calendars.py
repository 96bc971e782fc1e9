"""Session calendars: exchanges through exchange-calendars, crypto as UTC days.

Importing exchange-calendars and building a calendar takes up to seconds, so the
sessions of a calendar are built once and kept on disk as plain arrays, keyed by
the package's version.
"""

import io
import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import Final
from zipfile import BadZipFile

import numpy as np
import numpy.typing as npt

from kedge.compile_cache import cache_folder
from kedge.data.files import write_atomic
from kedge.data.intervals import DAY
from kedge.domain.errors import DataError, RunError

I64 = npt.NDArray[np.int64]

ALWAYS_OPEN: Final = "24/7"
FIRST: Final = "1960-01-01"
LAST: Final = "2049-12-31"
YEAR_NS: Final = int(365.25 * DAY)


@dataclass(frozen=True, slots=True)
class Sessions:
    """The sessions of one exchange from `FIRST` to `LAST`, S of them.

    Attributes:
        dates: (S,) the session's date at 00:00 UTC, ns.
        midnights: (S,) the start of that date on the exchange's clock, ns UTC.
        opens, closes: (S,) first and last instant of regular trading, ns UTC.
        zone: the exchange's time zone.
    """

    dates: I64
    midnights: I64
    opens: I64
    closes: I64
    zone: str


def session_numbers(calendar: str, ts: I64) -> I64:
    """The session each row instant belongs to, as a number that counts sessions.

    A row instant is when its bar closed, so midnight still belongs to the day
    before; what happens between sessions belongs to the one before.

    Args:
        calendar: exchange-calendars name, or ``24/7`` for UTC days.
        ts: (T,) row instants, ns UTC.

    Returns:
        (T,) session numbers; consecutive sessions differ by one.
    """
    if calendar == ALWAYS_OPEN:
        return np.asarray((ts - 1) // DAY, dtype=np.int64)
    known = sessions(calendar)
    _check_span(calendar, known, ts)
    return np.asarray(np.searchsorted(known.midnights, ts, side="left") - 1, dtype=np.int64)


def session_dates(calendar: str, ts: I64, later: I64) -> I64:
    """Dates (00:00 UTC, ns) of the sessions some sessions after those of row instants.

    Args:
        calendar: exchange-calendars name, or ``24/7`` for UTC days.
        ts: (K,) row instants, ns UTC.
        later: (K,) sessions to go on by, 0 for the row's own.
    """
    numbers = session_numbers(calendar, ts) + later
    if calendar == ALWAYS_OPEN:
        return np.asarray(numbers * DAY, dtype=np.int64)
    dates = sessions(calendar).dates
    return np.asarray(dates[np.minimum(numbers, len(dates) - 1)], dtype=np.int64)


def sessions_in(calendar: str, start: int, end: int) -> I64:
    """Dates (00:00 UTC, ns) of the sessions whose date lies in [start, end]."""
    if calendar == ALWAYS_OPEN:
        # whole days: arange counts in floats, to which a day and a nanosecond are one
        return np.arange(-(-start // DAY) * DAY, (end // DAY + 1) * DAY, DAY, dtype=np.int64)
    dates = sessions(calendar).dates
    return dates[np.searchsorted(dates, start) : np.searchsorted(dates, end, side="right")]


def closing_instants(calendar: str, dates: I64) -> I64:
    """When the sessions of these dates close, ns UTC, early closes included.

    A date that is no session closes at the end of its day, so that a stray bar
    keeps its place in time; the quality check reports it.
    """
    fallback = np.asarray(dates + DAY, dtype=np.int64)
    if calendar == ALWAYS_OPEN:
        return fallback
    known = sessions(calendar)
    at = np.searchsorted(known.dates, dates).clip(max=len(known.dates) - 1)
    return np.where(known.dates[at] == dates, known.closes[at], fallback)


def opening_instants(calendar: str, dates: I64) -> I64:
    """When the sessions of these dates open, ns UTC; a date that is no session, its midnight."""
    if calendar == ALWAYS_OPEN:
        return np.asarray(dates, dtype=np.int64)
    known = sessions(calendar)
    at = np.searchsorted(known.dates, dates).clip(max=len(known.dates) - 1)
    return np.where(known.dates[at] == dates, known.opens[at], dates)


def bars_due(calendar: str, interval: int, ts: I64) -> npt.NDArray[np.bool_]:
    """Whether the exchange completed a bar since the row before (of the first: at its instant).

    Args:
        calendar: exchange-calendars name, or ``24/7``.
        interval: length of a bar, ns.
        ts: (T,) row instants, increasing, ns UTC.
    """
    if not len(ts):
        return np.zeros(0, dtype=bool)
    instants = np.concatenate((ts[:1] - 1, ts))
    return np.asarray(np.diff(_completed(calendar, interval, instants)) > 0)


def _completed(calendar: str, interval: int, ts: I64) -> I64:
    """A number that grows with every bar completed by an instant."""
    if calendar == ALWAYS_OPEN:
        return np.asarray(ts // interval)
    known = sessions(calendar)
    if interval >= DAY:
        return np.searchsorted(known.closes, ts, side="right").astype(np.int64)
    number = (np.searchsorted(known.opens, ts) - 1).clip(min=0)
    opens, closes = known.opens[number], known.closes[number]
    whole = (ts - opens).clip(min=0) // interval
    last = -((opens - closes) // interval)  # the close may cut the last bar short
    return np.asarray(number * (DAY // interval + 2) + np.where(ts >= closes, last, whole))


def sessions_per_year(names: Iterable[str]) -> float:
    """Average number of days a year with a session of any of these calendars.

    Not observed, since a span may be too short for that.
    """
    several = set(names)
    if ALWAYS_OPEN in several:
        return YEAR_NS / DAY
    dates = np.unique(np.concatenate([sessions(name).dates for name in several]))
    return float((len(dates) - 1) / ((dates[-1] - dates[0]) / YEAR_NS))


def zone_of(calendar: str) -> str:
    """The time zone of the exchange's clock."""
    return "UTC" if calendar == ALWAYS_OPEN else sessions(calendar).zone


def is_known(calendar: str) -> bool:
    """Whether there is such a calendar; one met for the first time is built to find out."""
    if calendar == ALWAYS_OPEN or _stored(calendar).exists():
        return True
    try:
        return bool(sessions(calendar).zone)
    except DataError:
        return False


def _stored(calendar: str) -> Path:
    safe = calendar.replace("/", "_")
    return cache_folder() / "calendars" / f"{safe}-{version('exchange-calendars')}-1.npz"


@lru_cache(maxsize=8)
def sessions(calendar: str) -> Sessions:
    """The sessions of an exchange, from the cache or built once.

    Raises:
        DataError: when exchange-calendars knows no such calendar.
    """
    path = _stored(calendar)
    try:
        with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as stored:
            return Sessions(
                stored["dates"],
                stored["midnights"],
                stored["opens"],
                stored["closes"],
                str(stored["zone"]),
            )
    except (OSError, ValueError, KeyError, EOFError, BadZipFile):
        built = _build(calendar)  # absent or damaged: it can always be made again
    buffer = io.BytesIO()
    np.savez(
        buffer,
        dates=built.dates,
        midnights=built.midnights,
        opens=built.opens,
        closes=built.closes,
        zone=np.array(built.zone),
    )
    try:
        write_atomic(path, buffer.getvalue())
    except RunError:
        return built  # a cache that cannot be written costs a second next time, nothing else
    return built


def _build(calendar: str) -> Sessions:
    import exchange_calendars
    from exchange_calendars.errors import CalendarError

    with warnings.catch_warnings():
        # exchange-calendars uses a pandas accessor that pandas 3.1 announces to change
        warnings.simplefilter("ignore")
        try:
            found = exchange_calendars.get_calendar(calendar, start=FIRST, end=LAST)
        except (CalendarError, ValueError) as error:
            raise DataError(
                f"unknown calendar {calendar!r}", "instruments.yaml", "write XNYS, XKRX or 24/7"
            ) from error
        labels = found.sessions
        zone = str(found.tz)
        earlier = np.ones(len(labels), dtype=bool)  # where the clock shows midnight twice
        local = labels.tz_localize(zone, ambiguous=earlier, nonexistent="shift_forward")
        midnights = local.tz_convert("UTC").tz_localize(None)
        opens = found.opens.dt.tz_convert("UTC").dt.tz_localize(None)
        closes = found.closes.dt.tz_convert("UTC").dt.tz_localize(None)
        return Sessions(_ns(labels), _ns(midnights), _ns(opens), _ns(closes), zone)


def _ns(stamps: object) -> I64:
    return np.asarray(stamps, dtype="datetime64[ns]").astype(np.int64)


def _check_span(calendar: str, known: Sessions, ts: I64) -> None:
    if len(ts) and (ts.min() <= known.midnights[0] or ts.max() > known.closes[-1] + DAY):
        raise DataError(
            f"instants outside {FIRST} to {LAST}", calendar, "check the unit of the time column"
        )
