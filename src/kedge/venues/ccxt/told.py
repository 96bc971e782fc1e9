"""Everything that came in, in order of arrival, and what has been told already."""

from collections import OrderedDict, deque
from collections.abc import Callable, Hashable
from typing import Any

import msgspec

from kedge.domain.report import VenueReport

_KEEP = 50_000


class Told:
    """Reports on their way to whoever asks for them.

    Args:
        clock: ns UTC.

    Attributes:
        begun: no order that is asked about was given out before, ns UTC; 0: that is not known.
    """

    def __init__(self, clock: Callable[[], int]) -> None:
        self._clock = clock
        self._reports: deque[VenueReport] = deque()
        self._last = 0
        self._said: OrderedDict[Hashable, object] = OrderedDict()
        self._names: OrderedDict[str, tuple[int, str]] = OrderedDict()
        self._aliases: OrderedDict[str, str] = OrderedDict()
        self._given: OrderedDict[str, int] = OrderedDict()
        self.begun = 0

    def now(self) -> int:
        """The clock, which never runs backward here."""
        self._last = max(self._last, self._clock())
        return self._last

    def say(self, report: VenueReport) -> None:
        """Let a report come in now."""
        self._reports.append(msgspec.structs.replace(report, received=self.now()))

    def take(self) -> list[VenueReport]:
        """Everything since the last call."""
        taken = []
        while self._reports:
            taken.append(self._reports.popleft())
        return taken

    def anew(self, thing: Hashable, value: object = True) -> bool:
        """Whether a thing is told for the first time, or with another value than before."""
        if self._said.get(thing) == value:
            return False
        self._said[thing] = value
        _trim(self._said)
        return True

    def knows(self, thing: Hashable) -> bool:
        """Whether a thing has been told, whatever its value."""
        return thing in self._said

    def name(self, venue_id: str, key: int, order: str) -> None:
        """Remember which order the exchange calls so."""
        self._names[venue_id] = (key, order)
        _trim(self._names)

    def give(self, order: str, at: int) -> None:
        """Remember when an order was given out, ns UTC."""
        self._given[order] = at
        _trim(self._given)

    def given(self, order: str) -> int:
        """No later than when an order was given out, ns UTC; 0 where nothing is known of it."""
        return self._given.get(order, self.begun)

    def alias(self, number: str, venue_id: str) -> None:
        """Remember that an order works by another id than the one it is known by."""
        self._aliases[number] = venue_id
        _trim(self._aliases)

    def canonical(self, number: str) -> str:
        """The id by which an order is known, whichever it works by."""
        return self._aliases.get(number, number)

    def works_as(self, venue_id: str) -> str:
        """The id by which an order works now."""
        pairs = reversed(self._aliases.items())
        return next((number for number, known in pairs if known == venue_id), venue_id)

    def place(self, venue_id: str) -> int | None:
        """Key of what the exchange calls so; None where it was never told."""
        found = self._names.get(venue_id)
        return None if found is None else found[0]

    def named(self, venue_id: str) -> str | None:
        """Client id of what the exchange calls so; None where it was never told."""
        found = self._names.get(venue_id)
        return None if found is None else found[1]

    def called(self, key: int, order: str) -> str | None:
        """What the exchange calls an order; None where it was never told."""
        wanted = (key, order)
        return next(
            (number for number, own in reversed(self._names.items()) if own == wanted), None
        )


def _trim(table: OrderedDict[Any, Any]) -> None:
    while len(table) > _KEEP:
        table.popitem(last=False)
