"""What can go wrong between us and a venue, how often, and for how long."""

from enum import Enum
from random import Random

import msgspec


class Fault(Enum):
    """Kinds of fault; docs/simulated-venue.md says what each does."""

    REQUEST_LOST = "request lost"
    REQUEST_LATE = "request late"
    REQUEST_TWICE = "request twice"
    ANSWER_LOST = "answer lost"
    ANSWER_LATE = "answer late"
    ERROR_DONE = "server error, done"
    ERROR_NOT_DONE = "server error, not done"
    RATE_LIMITED = "rate limited"
    REPORT_LOST = "report lost"
    REPORT_LATE = "report late"
    REPORT_TWICE = "report twice"
    REPORT_SWAPPED = "reports swapped"
    WRONG_BALANCES = "wrong balances"
    BANNED = "banned"
    LINK_DOWN = "link down"
    HALF_OPEN = "half open"
    CLOCK_SKEW = "clock skew"
    OUTAGE = "outage"
    HALT = "halt"
    FEED_GAP = "feed gap"

    # Each of them is there once; what the class has of itself is no compiled code.
    __hash__ = object.__hash__


OF_REQUESTS = (
    Fault.REQUEST_LOST,
    Fault.REQUEST_LATE,
    Fault.REQUEST_TWICE,
    Fault.ANSWER_LOST,
    Fault.ANSWER_LATE,
    Fault.ERROR_DONE,
    Fault.ERROR_NOT_DONE,
    Fault.RATE_LIMITED,
)
"""Strike at most one a request."""

OF_REPORTS = (Fault.REPORT_LOST, Fault.REPORT_LATE, Fault.REPORT_TWICE, Fault.REPORT_SWAPPED)
"""Strike at most one a report of the stream."""

SPELLS = (
    Fault.BANNED,
    Fault.LINK_DOWN,
    Fault.HALF_OPEN,
    Fault.CLOCK_SKEW,
    Fault.OUTAGE,
    Fault.HALT,
    Fault.FEED_GAP,
)
"""Last for a while."""


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """Faults of one world.

    Attributes:
        chance: of each fault of a request, report or balance, every time; absent is never.
        every_s: mean seconds between the starts of each kind of spell; absent is never.
        lasting_s: mean seconds of a spell.
        until: ns UTC after which nothing goes wrong any more.
        timeout: ns after which an unanswered request is given up.
        late: most ns by which a late thing is late; with the way itself below the timeout.
        watch: ns of silence after which a half-open stream is noticed.
        skew: ns that the venue's clock is ahead while it is off.
    """

    chance: dict[Fault, float] = {}
    every_s: dict[Fault, float] = {}
    lasting_s: float = 8.0
    until: int = 2**62
    timeout: int = 10_000_000_000
    late: int = 7_000_000_000
    watch: int = 15_000_000_000
    skew: int = 8_000_000_000


def drawn(random: Random, until: int, on: float = 0.5) -> Plan:
    """A plan in which every kind is switched on or off, and of a strength, by chance.

    Args:
        random: of the plan alone.
        until: ns UTC after which nothing goes wrong any more.
        on: chance of each kind to be there at all.
    """
    chance = {
        fault: random.choice((0.02, 0.05, 0.15))
        for fault in (*OF_REQUESTS, *OF_REPORTS)
        if random.random() < on
    }
    if random.random() < on:
        chance[Fault.WRONG_BALANCES] = random.choice((0.1, 0.4))
    every_s = {
        fault: random.choice((30.0, 90.0, 240.0)) for fault in SPELLS if random.random() < on
    }
    lasting_s = random.choice((2.0, 6.0, 15.0))
    return Plan(chance=chance, every_s=every_s, lasting_s=lasting_s, until=until)
