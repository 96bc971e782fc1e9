"""What the venue's facts and the journal's bytes prove; nothing here asks the engine."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from kedge.domain.decided import Adjusted, Odd, OrderApproved
from kedge.domain.record import Record, decode
from kedge.domain.report import (
    Accepted,
    Ended,
    Filled,
    Found,
    NotFound,
    Rejected,
    Triggered,
    Unsent,
)
from kedge.ledger.journal.disk import SystemDisk
from kedge.ledger.journal.folder import SNAPSHOTS, read_journal
from kedge.ledger.journal.snapshot import SUFFIX
from kedge.ledger.journal.whole_file import PART
from kedge.testing.simulation.scene import CAPITAL, Scene, instruments_of
from kedge.venues.simulated.truth import Known, Truth

REPORTS = (Accepted, Rejected, Filled, Ended, Triggered, Found, NotFound, Unsent)
NEVER_THERE = (Rejected, NotFound, Unsent)


def records(folder: Path) -> list[Record]:
    """Everything durable in the journal of a session."""
    return [decode(payload) for _, payload in read_journal(folder / "journal").read()]


def findings(found: list[Record], truth: Truth, scene: Scene) -> list[str]:
    """Everything that is wrong at rest: lost, duplicated, orphaned, or booked otherwise."""
    return [*_fills(found, truth), *_sums(found, truth, scene), *_orders(found, truth),
            *_said(found)]  # fmt: skip


def _fills(found: list[Record], truth: Truth) -> Iterator[str]:
    """Each fill of the venue once in the journal, with every figure, and no other."""
    told = {(r.key, r.trade): r for r in found if isinstance(r, Filled)}
    real = {(f.key, f.trade): f for f in truth.fills}
    for name in sorted(real.keys() ^ told.keys()):
        where = "venue" if name in real else "journal"
        yield f"fill {name} is only in the {where}"
    for name in real.keys() & told.keys():
        if _figures(real[name]) != _figures(told[name]):
            yield f"fill {name} is {told[name]} here and {real[name]} there"


def _figures(fill: Filled) -> tuple[object, ...]:
    return fill.order, fill.side, fill.lots, fill.ticks, fill.fee


def _sums(found: list[Record], truth: Truth, scene: Scene) -> Iterator[str]:
    """Cash and positions, added up from the journal's fills alone, are the venue's."""
    each = {(r.key, r.trade): r for r in found if isinstance(r, Filled)}.values()
    worth = [i.value_ratio for i in instruments_of(scene)]
    lots: Counter[int] = Counter()
    cash = CAPITAL * 10**8
    for fill in each:
        lots[fill.key] += fill.side * fill.lots
        cash -= fill.side * int(fill.lots * fill.ticks * worth[fill.key]) + fill.fee
    if truth.cash != {"USDT": cash}:
        yield f"the fills come to cash of {cash}, the venue has {truth.cash}"
    for key in {*lots, *truth.lots}:
        if lots[key] != truth.lots.get(key, 0):
            yield f"the fills come to {lots[key]} lots of key {key}, the venue has {truth.lots}"


def _orders(found: list[Record], truth: Truth) -> Iterator[str]:
    """Each approved order once at the venue or never there for a reason; no other, no orphan."""
    approved = Counter(r.order.id for r in found if isinstance(r, OrderApproved))
    taken = Counter(known.order.id for known in truth.orders)
    refused = {r.order for r in found if isinstance(r, NEVER_THERE)}
    gone = {r.order for r in found if isinstance(r, Ended)}
    gone |= {r.order for r in found if isinstance(r, Found) and not r.open}
    for name, times in (approved | taken).items():
        if times > 1:
            yield f"order {name} is there {times} times"
        if name not in approved:
            yield f"order {name} was never approved"
        if name not in taken and name not in refused:
            yield f"order {name} is lost"
    lots = Counter[str]()
    for fill in {(r.key, r.trade): r for r in found if isinstance(r, Filled)}.values():
        lots[fill.order] += fill.lots
    for known in truth.orders:
        name, whole = known.order.id, lots[known.order.id] == known.order.lots
        if known.ended is None and not known.order.trigger:
            yield f"order {name} still works at the venue: an orphan"
        if known.ended is not None and not whole and name not in gone:
            yield f"the end of order {name} is not in the journal"


def _said(found: list[Record]) -> Iterator[str]:
    """Contradictions and corrections that the session itself noted."""
    for record in found:
        if isinstance(record, Odd | Adjusted):
            yield f"the session says: {record}"


def reported(found: list[Record], order: str) -> bool:
    """Whether the journal has heard of an order from its venue."""
    return any(isinstance(r, REPORTS) and r.order == order for r in found)


def filled(found: list[Record], order: str, trade: str) -> bool:
    """Whether the journal has heard of a fill of an order."""
    return any(isinstance(r, Filled) and (r.order, r.trade) == (order, trade) for r in found)


def partly(known: Known | None) -> bool:
    """Whether an order works and has filled in part."""
    return known is not None and known.ended is None and 0 < known.filled < known.order.lots


def durable(folder: Path) -> int:
    """The last record that the watermark vouches for."""
    return read_journal(folder / "journal").durable


def shelf(folder: Path) -> tuple[int, int]:
    """(begun, whole) snapshots."""
    names = SystemDisk(folder / "journal" / SNAPSHOTS).list()
    return sum(n.endswith(PART) for n in names), sum(n.endswith(SUFFIX) for n in names)
