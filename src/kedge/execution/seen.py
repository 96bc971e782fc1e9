"""Which fills have been booked already: exact for recent ones, bounded for ever.

Venues repeat fills: after a reconnect, in answers to questions, in both of two streams. A
fill is known by its key and the venue's id of the execution. Per key the last ``keep`` ids
are remembered exactly. Of what is forgotten two marks stay: the latest time, and the
largest id where ids are whole numbers. A fill past either mark cannot be one that was
forgotten, so it is new; one behind both is `OLD`. That is a repeat unless more than ``keep``
later fills of its key overtook it, which only a comparison of positions can tell: so it
is not booked, and said aloud.
"""

from enum import IntEnum
from typing import Final

import msgspec

from kedge.domain.report import Filled

KEEP = 4096
"""Ids remembered exactly for each key, some 0.5 MB."""

_DAWN = -(2**63)


class Sight(IntEnum):
    """What `Seen` knows of a fill."""

    NEW = 0
    REPEAT = 1
    OLD = 2
    """Behind what is remembered: a repeat, as far as anybody can tell."""


_NEW: Final = Sight.NEW


class SeenOfKey(msgspec.Struct):
    """What is remembered of one key.

    Attributes:
        ids: times by id, oldest first.
        time: of the latest forgotten fill, ns UTC.
        number: largest forgotten id that is a whole number.
    """

    ids: dict[str, int]
    time: int = _DAWN
    number: int = -1


class Seen(msgspec.Struct):
    """Fills booked so far, by key. A snapshot encodes it as it is.

    Attributes:
        keep: ids remembered exactly for each key.
        keys: what is remembered, by key.
    """

    keep: int = KEEP
    keys: dict[int, SeenOfKey] = {}

    def look(self, fill: Filled) -> Sight:
        """What is known of a fill; changes nothing."""
        known = self.keys.get(fill.key)
        if known is None:
            return _NEW
        if fill.trade in known.ids:
            return Sight.REPEAT
        if fill.at > known.time or _number(fill.trade) > known.number >= 0:
            return _NEW
        return Sight.OLD

    def note(self, fill: Filled) -> None:
        """Remember a fill that was booked; the oldest of its key is forgotten for it."""
        known = self.keys.setdefault(fill.key, SeenOfKey({}))
        known.ids[fill.trade] = fill.at
        if len(known.ids) > self.keep:
            oldest = next(iter(known.ids))
            known.time = max(known.time, known.ids.pop(oldest))
            known.number = max(known.number, _number(oldest))


def _number(trade: str) -> int:
    """An id as a number, -1 where it is none."""
    return int(trade) if trade.isascii() and trade.isdigit() and len(trade) < 19 else -1
