"""When an exchange trades: its sessions by the clock, with a time before each opening.

::

    pre-open ── opening ─────────── close ── … ── pre-open of the next session
    a session begins   rows are decided   nothing

Half-days are sessions whose close comes early; the calendar knows them.
"""

from enum import Enum
from typing import Final

import numpy as np

from kedge.data.calendars import ALWAYS_OPEN, I64, sessions
from kedge.data.intervals import DAY

NEVER: Final = 2**62
USUAL: Final = 21
"""Sessions by which the usual length of one is told."""


class Phase(Enum):
    """What an exchange does at an instant."""

    CLOSED = "closed"
    PRE_OPEN = "pre-open"
    OPEN = "open"


class Hours:
    """The hours of one calendar; a market that never closes has a session a day of UTC.

    Args:
        calendar: exchange-calendars name, or ``24/7``.
        pre_open_ns: how long before its opening a session begins.

    Raises:
        DataError: there is no such calendar.
    """

    def __init__(self, calendar: str, pre_open_ns: int = 0) -> None:
        self.calendar = calendar
        self._always = calendar == ALWAYS_OPEN
        if not self._always:
            known = sessions(calendar)
            self._opens: I64 = known.opens
            self._closes: I64 = known.closes
            before = np.concatenate((known.closes[:1] - NEVER // 2, known.closes[:-1]))
            self._begins: I64 = np.maximum(known.opens - pre_open_ns, before)

    def session(self, at: int) -> int:
        """Number of the session that an instant belongs to; a row's end belongs to its row."""
        if self._always:
            return (at - 1) // DAY
        return int(np.searchsorted(self._begins, at, side="left")) - 1

    def opened(self, at: int) -> int:
        """When the session opened that a row's end belongs to, ns UTC."""
        if self._always:
            return (at - 1) // DAY * DAY
        return int(self._opens[max(1, int(np.searchsorted(self._opens, at))) - 1])

    def usual_length(self, at: int) -> int:
        """Length of a session, ns: the median of the latest `USUAL`, so that no half-day is."""
        if self._always:
            return DAY
        last = max(1, int(np.searchsorted(self._opens, at)))
        latest = slice(max(0, last - USUAL), last)
        lengths = np.sort(self._closes[latest] - self._opens[latest])
        return int(lengths[len(lengths) // 2])

    def phase(self, at: int) -> Phase:
        """What the exchange does at an instant, ns UTC."""
        if self._always:
            return Phase.OPEN
        number = int(np.searchsorted(self._begins, at, side="right")) - 1
        if number < 0 or at >= self._closes[number]:
            return Phase.CLOSED
        return Phase.OPEN if at >= self._opens[number] else Phase.PRE_OPEN

    def decides(self, at: int) -> bool:
        """Whether a row that ends then is decided: what it orders can still trade."""
        return self.phase(at) is Phase.OPEN

    def next_change(self, at: int) -> int:
        """When the phase next changes, ns UTC; `NEVER` for a market that never closes."""
        if self._always:
            return NEVER
        found = [
            int(each[k])
            for each in (self._begins, self._opens, self._closes)
            if (k := int(np.searchsorted(each, at, side="right"))) < len(each)
        ]
        return min(found, default=NEVER)

    def closes_before(self, at: int, count: int) -> list[int]:
        """Ends of the last ``count`` sessions that were over by an instant, oldest first."""
        if self._always:
            last = at // DAY
            return [(last - k) * DAY for k in range(count - 1, -1, -1)]
        end = int(np.searchsorted(self._closes, at, side="right"))
        return [int(each) for each in self._closes[max(0, end - count) : end]]

    def open_before(self, at: int, span_ns: int) -> tuple[int, int]:
        """The latest stretch of open hours up to an instant, of at most ``span_ns``."""
        if self._always:
            return at - span_ns, at
        number = int(np.searchsorted(self._opens, at, side="left")) - 1
        end = min(at, int(self._closes[number]))
        return max(int(self._opens[number]), end - span_ns), end
