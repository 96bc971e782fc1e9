"""Prints of one instrument in the open row, by price.

A print is judged when its row closes, since only then it is known where the book stood. Kept
are not prints but zones, each no wider than a 32nd of its price: so many prints cost the memory
of one, and a row can still be made without those that turn out to be implausible. All but a
few rows have one zone.
"""

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

import msgspec

_NARROW: Final = 6
"""A zone reaches from its first price a 64th of it up and down: that power of two."""


class Reach(NamedTuple):
    """Between which prices a print of a row is plausible.

    Attributes:
        low, high: ticks.
        step: share of a plausible print's price within which another one is plausible too: a
            market that goes somewhere leaves prints on its way.
    """

    low: float
    high: float
    step: float = 0.0

    def holds(self, zone: "Zone") -> bool:
        """Whether any print of a zone may be true; then all of it is taken."""
        return zone.high >= self.low and zone.low <= self.high

    def over(self, zones: Iterable["Zone"]) -> "Reach":
        """On from zone to zone, as far as they lie within a step of each other."""
        low, high, step = self
        rising = sorted(zones, key=_low)
        for zone in rising:
            if zone.high >= low and zone.low <= high:
                high = max(high, zone.high * (1.0 + step))
        for zone in reversed(rising):
            if zone.high >= low and zone.low <= high:
                low = min(low, zone.low * (1.0 - step))
        return Reach(low, high, step)


EVERYTHING: Final = Reach(0, float("inf"))


class Zone(msgspec.Struct):
    """Prints at about one price.

    Attributes:
        floor, ceiling: what it reaches to, ticks.
        turn: number of the change of zones that last led to it.
        open, high, low, close: ticks.
        lots: traded.
        prints: how many.
        last: event time of the latest, ns UTC; -1 before the first.
    """

    floor: int
    ceiling: int
    turn: int
    open: int
    high: int
    low: int
    close: int
    lots: int = 0
    prints: int = 0
    last: int = -1


NOWHERE: Final = Zone(1, 0, -1, 0, 0, 0, 0)
"""No price lies in it: where a row begins."""


def zone_of(zones: list[Zone], ticks: int) -> Zone:
    """The zone of a price that does not lie in that of the print before; made where needed."""
    turn = 1 + max((zone.turn for zone in zones), default=0)
    for zone in zones:
        if zone.floor <= ticks <= zone.ceiling:
            zone.turn = turn
            return zone
    width = ticks >> _NARROW
    zone = Zone(ticks - width, ticks + width, turn, ticks, ticks, ticks, ticks)
    zones.append(zone)
    return zone


def current(zones: Sequence[Zone]) -> Zone:
    """The zone of the last print."""
    return max(zones, key=_turn, default=NOWHERE)


def bar_of(zones: Sequence[Zone]) -> list[int]:
    """Open, high, low, close and lots of zones in the order in which they were made."""
    if len(zones) == 1:
        zone = zones[0]
        return [zone.open, zone.high, zone.low, zone.close, zone.lots]
    if not zones:
        return [0, 0, 0, 0, 0]
    high, low = max(zone.high for zone in zones), min(zone.low for zone in zones)
    lots = sum(zone.lots for zone in zones)
    return [zones[0].open, high, low, current(zones).close, lots]


def last_of(zones: Iterable[Zone], before: int) -> int:
    """Event time of the latest print, or of a later one before the row."""
    return max([before, *(zone.last for zone in zones)])


def _low(zone: Zone) -> int:
    return zone.low


def _turn(zone: Zone) -> int:
    return zone.turn
