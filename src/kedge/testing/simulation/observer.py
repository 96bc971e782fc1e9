"""An independent observer: it sees the venue's facts and the journal, and nothing else.

It keeps its own, simpler books of what the journal says and never asks the engine. What
it finds wrong is a list of lines; an empty list is a world without a fault of ours.
"""

from collections import Counter
from collections.abc import Iterator

from kedge.domain.decided import OrderApproved
from kedge.domain.record import Opened, Record
from kedge.domain.report import Filled
from kedge.risk.gate import GateRules
from kedge.testing.simulation.conduct import conduct
from kedge.venues.simulated.truth import Known, Truth


def judge(
    records: list[Record], truth: Truth, rules: tuple[GateRules, ...], until: int
) -> list[str]:
    """Everything that is wrong.

    Args:
        records: the whole journal, in order.
        truth: of the venue, once the world is at rest.
        rules: that the gate held orders against.
        until: ns UTC at which faults stopped.
    """
    ours = _ours(records, truth)
    taken = {known.order.id for known in ours}
    return [
        *_ledger(records, truth),
        *conduct(records, taken, rules, until),
        *_orders(records, ours, rules),
        *_stops(ours, truth, rules),
    ]


def _ours(records: list[Record], truth: Truth) -> list[Known]:
    """Orders at the venue whose ids this journal could have made."""
    lineage = next(r.lineage for r in records if isinstance(r, Opened))
    return [known for known in truth.orders if known.order.id.startswith(f"k{lineage}-")]


def _ledger(records: list[Record], truth: Truth) -> Iterator[str]:
    """Fills at the venue = fills in the ledger, to the last figure, each once."""
    booked = {(r.key, r.trade): r for r in reversed(records) if isinstance(r, Filled)}
    real = {(f.key, f.trade): f for f in truth.fills}
    for name in sorted(real.keys() - booked.keys()):
        yield f"fill {name} of the venue is not in the ledger"
    for name in sorted(booked.keys() - real.keys()):
        yield f"fill {name} of the ledger never happened"
    for name in sorted(real.keys() & booked.keys()):
        ours, theirs = booked[name], real[name]
        if (ours.side, ours.lots, ours.ticks, ours.fee, ours.order) != (
            theirs.side, theirs.lots, theirs.ticks, theirs.fee, theirs.order,
        ):  # fmt: skip
            yield f"fill {name} is booked as {ours}, the venue has {theirs}"


def _orders(
    records: list[Record], ours: list[Known], rules: tuple[GateRules, ...]
) -> Iterator[str]:
    """At most one venue order for each that was approved; nothing else under our name."""
    approved = {r.order.id for r in records if isinstance(r, OrderApproved)}
    taken = Counter(known.order.id for known in ours)
    for name, times in sorted(taken.items()):
        if times > 1:
            yield f"order {name} was taken {times} times"
        if name not in approved:
            yield f"order {name} was never approved"
    for known in ours:
        if known.order.trigger and not rules[known.order.key].stops:
            yield f"stop {known.order.id} was sent to a venue where none rests"
        if known.ended is None and known.order.trigger == 0:
            yield f"order {known.order.id} still works at the venue: an orphan"


def _stops(ours: list[Known], truth: Truth, rules: tuple[GateRules, ...]) -> Iterator[str]:
    """At rest the stops of a key close its position, and sell no more than it."""
    for key in range(len(rules)):
        stops = [k for k in ours if k.ended is None and k.order.trigger and k.order.key == key]
        held = truth.lots.get(key, 0)
        covered = -sum(k.order.side * (k.order.lots - k.filled) for k in stops)
        if covered * held < 0 or abs(covered) > abs(held):
            yield f"stops for {covered} lots of key {key} rest, {held} are held"
