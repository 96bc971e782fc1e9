"""How far the venue's clock is from ours."""

from collections import deque

import msgspec


class ClockSkew(msgspec.Struct, frozen=True):
    """An estimate: venue's clock minus ours, and the most it can be wrong by; ns."""

    offset: int
    error: int


class SkewMeter:
    """Offset from server-time requests, by the one that came back fastest of the last few.

    A request sent at s and answered at r with the server's time t bounds the offset to
    t - (s + r) / 2, give or take half the round trip; the shortest trip bounds it best.
    Events of a stream bound it from one side: what happened at e and arrived at a says
    that the offset is at least e - a, and nothing of how long the way was.

    A clock may be set. Bounds that the latest ones rule out are of before that, and dropped.

    Args:
        keep: requests to look back on.
    """

    def __init__(self, keep: int = 16) -> None:
        self._requests: deque[tuple[int, int]] = deque(maxlen=keep)
        self._floor: int | None = None

    def answered(self, sent: int, server: int, received: int) -> None:
        """Take one request; an answer before its question is none."""
        if received < sent:
            return
        trip, offset = received - sent, server - (sent + received) // 2
        still = [
            each for each in self._requests if abs(each[1] - offset) <= (each[0] + trip) // 2 + 1
        ]
        self._requests = deque([*still, (trip, offset)], self._requests.maxlen)

    def seen(self, event_time: int, available_time: int) -> None:
        """Take one event of a stream."""
        ahead = event_time - available_time
        if self._floor is None or ahead > self._floor:
            self._floor = ahead

    def estimate(self) -> ClockSkew | None:
        """The offset; None before any request was answered."""
        if not self._requests:
            return None
        trip, offset = min(self._requests)
        return ClockSkew(offset, (trip + 1) // 2)

    @property
    def floor(self) -> int | None:
        """The least the offset can be by the events seen; None without any."""
        return self._floor
