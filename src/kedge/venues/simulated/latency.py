"""How long things take on their way: to the venue, from it, and from its feed."""

from collections.abc import Iterable, Iterator
from heapq import heappop, heappush
from random import Random
from typing import Final, Generic, TypeVar

import msgspec

from kedge.domain.errors import ConfigError

NEVER: Final = 2**62
"""A time that does not come, ns."""

_T = TypeVar("_T")


class Latency(msgspec.Struct, frozen=True):
    """One-way delays, uniform between bounds, in ns.

    The default is 100 to 500 ms from a request to its answer.

    Attributes:
        low, high: of requests and, drawn anew, of reports.
        feed_low, feed_high: of market data.
    """

    low: int = 50_000_000
    high: int = 250_000_000
    feed_low: int = 5_000_000
    feed_high: int = 50_000_000

    def __post_init__(self) -> None:
        for low, high in ((self.low, self.high), (self.feed_low, self.feed_high)):
            if not 0 <= low <= high:
                raise ConfigError(f"latency of {low} to {high} ns", remedy="0 <= low <= high")

    def way(self, random: Random) -> int:
        """Delay of one request or report."""
        return self.low + int((self.high - self.low) * random.random())

    def feed(self, random: Random) -> int:
        """Delay of one market message."""
        return self.feed_low + int((self.feed_high - self.feed_low) * random.random())


NONE: Final = Latency(0, 0, 0, 0)
"""Everything arrives in the instant in which it is sent."""


class Mail(Generic[_T]):
    """Things on their way, out in order of arrival, then of sending."""

    __slots__ = ("_heap", "_sent")

    def __init__(self) -> None:
        self._heap: list[tuple[int, int, _T]] = []
        self._sent = 0

    def __len__(self) -> int:
        return len(self._heap)

    def send(self, due: int, thing: _T) -> None:
        """Let a thing arrive at ``due``."""
        self._sent += 1
        heappush(self._heap, (due, self._sent, thing))

    def send_all(self, due: int, things: Iterable[_T]) -> None:
        """Let things arrive at ``due``, one after the other."""
        heap, sent = self._heap, self._sent
        for thing in things:
            sent += 1
            heappush(heap, (due, sent, thing))
        self._sent = sent

    def next_time(self) -> int:
        """When the next thing arrives."""
        return self._heap[0][0] if self._heap else NEVER

    def take(self) -> _T:
        """The thing that arrives next."""
        return heappop(self._heap)[2]

    def arrived(self, now: int) -> Iterator[tuple[int, _T]]:
        """(due, thing) of everything that has arrived by ``now``, taken out one by one."""
        heap = self._heap
        while heap and heap[0][0] <= now:
            due, _, thing = heappop(heap)
            yield due, thing

    def waiting(self) -> list[tuple[int, _T]]:
        """(due, thing) of everything on its way, in order of arrival."""
        return [(due, thing) for due, _, thing in sorted(self._heap, key=lambda x: x[:2])]
