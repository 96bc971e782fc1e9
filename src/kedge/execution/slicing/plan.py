"""How an intent is worked off in children: frozen plans, and the rules all of them keep.

A plan says how many lots should have been ordered by an instant; the rules say how many of
the missing ones may be ordered now. They are the same for every style:

- the sum of all children never exceeds the intent;
- two children are at least ``interval_ns`` apart;
- no child is above its share of the average row's volume, nor the clock hour's above its own;
- no child is below the venue's minimum: it waits and joins its neighbour, and a rest that
  would be too small joins the child before it;
- what closes a position takes its last dust along; other dust is given up.
"""

from typing import Final

import msgspec

from kedge.execution.slicing.profile import FLAT, Profile

HOUR_NS: Final = 3_600_000_000_000
FOREVER: Final = 2**63 - 1
"""When nothing will be due, whatever happens."""


class SliceTerms(msgspec.Struct, frozen=True, kw_only=True):
    """What a style may do with an intent of one key.

    Attributes:
        min_lots: smallest child that the venue takes at the decision's price.
        per_order: most lots of a child, from volume; 0 where volume is not known.
        per_hour: most lots of a clock hour.
        largest: most lots of an order at the venue.
        reduces: the whole intent makes the position smaller.
        closes: the whole intent closes the position.
        interval_ns: shortest time between two children.
        gap_ns: time between children that a schedule aims for.
        span_ns: time that a schedule spreads over, if the intent lives as long.
        share: of the traded volume, to follow it.
        shown: lots that an iceberg shows.
        hidden: the venue hides the rest of an order itself.
        patience: share of the plan's time in which children rest before they cross.
        profile: when the volume of a session is traded.
        opened: when the session opened, ns UTC; the origin of the profile.
    """

    min_lots: int = 1
    per_order: int
    per_hour: int
    largest: int = FOREVER
    reduces: bool = False
    closes: bool = False
    interval_ns: int = 30_000_000_000
    gap_ns: int = 60_000_000_000
    span_ns: int = 1_800_000_000_000
    share: float = 0.05
    shown: int = 0
    hidden: bool = False
    patience: float = 0.8
    profile: Profile = FLAT
    opened: int = 0


class Base(msgspec.Struct, frozen=True):
    """What every plan states.

    Attributes:
        lots: of the intent, above zero.
        side: 1 buys, -1 sells.
        start, until: ns UTC; from ``until`` on nothing is ordered.
        urgent: from here on children cross the spread; ns UTC.
        interval_ns: shortest time between two children.
        gap_ns: time that a child may rest before it is made anew.
        min_lots, most, hourly: smallest and largest child, and most lots of a clock hour.
        closes: dust is ordered whole.
        display: lots that the venue shows of a child, 0 for all.
    """

    lots: int
    side: int
    start: int
    until: int
    urgent: int
    interval_ns: int
    gap_ns: int
    min_lots: int
    most: int
    hourly: int
    closes: bool
    display: int


class Scheduled(Base, frozen=True, tag=1):
    """Lots by the clock: from ``times[i]`` on ``goals[i]`` lots should have been ordered.

    Times ascend.
    """

    times: tuple[int, ...]
    goals: tuple[int, ...]


class Weighted(Scheduled, frozen=True, tag=4):
    """Lots by the clock, in proportion to the volume of so many sessions."""

    sessions: int


class Following(Base, frozen=True, tag=2):
    """Lots by the market's volume: ``share`` of what was traded since the start."""

    share: float


class Shown(Base, frozen=True, tag=3):
    """Lots by what rests: ``shown`` more once nothing of it is at work."""

    shown: int


Plan = Scheduled | Weighted | Following | Shown


_plans: Final = msgspec.msgpack.Decoder(Plan)


def plan_of(raw: bytes) -> Plan:
    """A plan from its bytes (`msgspec.msgpack`), as the journal keeps it.

    Raises:
        msgspec.DecodeError: the bytes are no plan.
    """
    return _plans.decode(raw)


class Progress(msgspec.Struct, frozen=True):
    """How far an intent has come.

    Attributes:
        worked: lots filled or at work.
        open: lots at work.
        last: when an order of the instrument was last made, ns UTC; -1 for never.
        used: lots ordered of the instrument in this clock hour.
        traded: lots that the market traded since the plan's start.
    """

    worked: int = 0
    open: int = 0
    last: int = -1
    used: int = 0
    traded: int = 0


def base(lots: int, until: int, now: int, terms: SliceTerms) -> Base:
    """What all styles share of a plan for signed ``lots``.

    A reduction whose volume is not known is not held back by it, and one that volume
    would cut below the venue's minimum is ordered in minimal children. No child is above the
    venue's largest order.
    """
    most, hourly = terms.per_order, terms.per_hour
    if terms.reduces:
        most = max(most, terms.min_lots) if most > 0 else abs(lots)
        hourly = max(hourly, most)
    most = min(most, terms.largest)
    end = min(until, now + max(terms.span_ns, terms.interval_ns))
    return Base(
        lots=abs(lots),
        side=1 if lots > 0 else -1,
        start=now,
        until=until,
        urgent=now + int(terms.patience * (end - now)),
        interval_ns=terms.interval_ns,
        gap_ns=max(terms.gap_ns, terms.interval_ns),
        min_lots=max(1, terms.min_lots),
        most=most,
        hourly=hourly,
        closes=terms.closes,
        display=0,
    )


def scheduled(common: Base, times: tuple[int, ...], goals: tuple[int, ...]) -> Scheduled:
    """A plan by the clock."""
    return Scheduled(**msgspec.structs.asdict(common), times=times, goals=goals)
