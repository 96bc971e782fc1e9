"""The observer's own books: what a journal says, in the plainest terms."""

from collections import defaultdict
from collections.abc import Callable
from operator import attrgetter
from typing import Any, Final, get_args

from kedge.domain.control import Mode, Parameters, Quoted, Started, Tick
from kedge.domain.decided import (
    Adopted,
    CancelAsked,
    Intent,
    IntentEnded,
    ModeSet,
    OrderApproved,
)
from kedge.domain.order import Order
from kedge.domain.record import Record
from kedge.domain.report import (
    Accepted,
    Balances,
    Ended,
    Filled,
    Found,
    NotFound,
    Rejected,
    Triggered,
    Unsent,
)
from kedge.domain.row import RowClosed, RowDecided
from kedge.engine.trading.fold_rows import quotes_of
from kedge.risk.gate import GateRules
from kedge.testing.simulation.hours import Hours
from kedge.testing.simulation.parameters import scene_of
from kedge.testing.simulation.scene import ABSENCE_NS, Scene, gate_rules

_NOTHING: Final = Quoted(0, 0, -1)
_NOWHERE: Final = 2**62
_AT: Final[dict[type, Callable[[Any], int]]] = {
    kind: attrgetter("received" if "received" in kind.__struct_fields__ else "at")
    for kind in get_args(Record)
}
"""When a record came to us, or was made: ns UTC."""


class Line:
    """One order.

    Attributes:
        order: what was approved.
        at: when, ns UTC.
        reduces: whether it could only make the position smaller, with all that worked then.
        left: lots that may still fill.
        seen: lots that filled.
        protective: whether it is a stop.
        known: whether the venue has shown that it had it.
        asked: whether a cancel was asked for.
    """

    __slots__ = ("asked", "at", "known", "left", "order", "protective", "reduces", "seen")

    def __init__(self, order: Order, at: int, reduces: bool) -> None:
        self.order, self.at, self.reduces = order, at, reduces
        self.left, self.seen, self.protective = order.lots, 0, order.protective
        self.known = self.asked = False


class Books:
    """What the journal says so far.

    Args:
        rules: of the gate, by key.

    Attributes:
        foreign: keys of which only a stranger's order has brought what is held: no decision of
            ours has given a level at which to stop.
        floors: ticks by key, at or below which every stop of what is held has been touched.
    """

    def __init__(self, rules: tuple[GateRules, ...]) -> None:
        keys = range(len(rules))
        self.rules = rules
        self.scene: Scene | None = None
        self.hours = Hours(len(rules))
        self.foreign: set[int] = set()
        self.floors = [_NOWHERE for _ in keys]
        self.at = 0
        self.mode = Mode.ACTIVE
        self.told = False
        self.equity = 0
        self.quotes, self.quoted_at = [_NOTHING for _ in keys], 0
        self.bids = [0 for _ in keys]
        self.position = [0 for _ in keys]
        self.lines: dict[str, Line] = {}
        self.live: list[dict[str, Line]] = [{} for _ in keys]
        self.intents: dict[int, Intent] = {}
        self.wanted: dict[int, int] = defaultdict(int)
        self.last_intent = 0
        self.refused: set[int] = set()
        self.trades: set[tuple[int, str]] = set()

    def working(self, key: int, side: int) -> int:
        """Lots of a side that may still fill, stops among them."""
        return sum(each.left for each in self.live[key].values() if each.order.side == side)

    def replaced(self, key: int) -> bool:
        """Whether the venue owes its word on a stop: until then no other can be placed."""
        for each in self.live[key].values():
            if each.protective and (each.asked or not each.known):
                return True
        return False

    def closing(self, key: int) -> bool:
        """Whether an order closes some of the position now."""
        held = self.position[key]
        for each in self.live[key].values():
            if not each.protective and each.order.side * held < 0:
                return True
        return False

    def guarded(self, key: int) -> int:
        """Lots that a stop covers, live or on its way."""
        return sum([each.left for each in self.live[key].values() if each.protective])

    def worth(self, key: int, lots: int, ticks: int) -> float:
        """Minor units of lots at a price."""
        return lots * ticks * self.rules[key].num / self.rules[key].den

    def take(self, record: Record) -> None:
        """Book one record."""
        kind = type(record)
        self.at = max(self.at, _AT[kind](record))
        book = _BOOKED.get(kind)
        if book is not None:
            book(self, record)
        elif (told := _TOLD.get(kind)) is not None:
            self._tell(told, record)

    def _tell(self, told: "_Told", record: Any) -> None:
        line = self.lines.get(record.order)
        if line is not None:
            told(self, line, record)

    def _parameters(self, record: Parameters) -> None:
        self.scene = scene_of(record.tree)
        self.rules = gate_rules(self.scene)

    def _mode(self, record: ModeSet) -> None:
        self.mode = record.mode

    def _balances(self, record: Balances) -> None:
        self.told = True

    def _decided(self, record: RowDecided) -> None:
        self.equity = record.marks[0]
        self.hours.decide()

    def _intent(self, record: Intent) -> None:
        self.intents[record.number] = record
        self.wanted[record.number] = abs(record.lots)
        self.last_intent = record.number

    def _ended(self, record: IntentEnded) -> None:
        self.intents.pop(record.number, None)

    def _adopted(self, record: Adopted) -> None:
        order = record.order
        self.lines[order.id] = self.live[order.key][order.id] = Line(order, record.at, False)

    def _quotes(self, record: Started | RowClosed | Tick) -> None:
        if isinstance(record, Started):
            self.quotes, self.told = [_NOTHING] * len(self.quotes), False
            return
        if isinstance(record, RowClosed):
            self.hours.close(record)
        raw = record.quotes
        self.quotes = quotes_of(raw) if isinstance(raw, bytes) else list(raw)
        self.quoted_at = record.at
        self.bids = [new.bid or old for new, old in zip(self.quotes, self.bids, strict=True)]

    def reduces(self, order: Order) -> bool:
        """Whether an order can only make its position smaller, with all that works."""
        held = self.position[order.key]
        return held * order.side < 0 and order.lots + self.working(order.key, order.side) <= abs(
            held
        )

    def _approved(self, record: OrderApproved) -> None:
        order = record.order
        line = Line(order, record.at, self.reduces(order))
        self.hours.ordered(record.at, order)
        self.lines[order.id] = self.live[order.key][order.id] = line

    def _cancel(self, line: Line, record: CancelAsked) -> None:
        line.asked = True

    def _there(self, line: Line, report: Accepted | Triggered) -> None:
        line.known = True

    def _gone(self, line: Line, report: Ended) -> None:
        self._over(line, report.filled)

    def _found(self, line: Line, report: Found) -> None:
        if report.open:
            line.known = True
        else:
            self._over(line, report.filled)

    def _refused(self, line: Line, report: Rejected | Unsent) -> None:
        if not line.known:
            self.refused.add(line.order.intent)
            self._over(line, 0)

    def _not_found(self, line: Line, report: NotFound) -> None:
        if not line.known and report.asked - line.at > ABSENCE_NS:
            self._over(line, 0)

    def _over(self, line: Line, filled: int) -> None:
        """It is gone; what filled of it may still be on its way to us."""
        line.left = max(0, filled - line.seen)
        if not line.left:
            self.live[line.order.key].pop(line.order.id, None)

    def _filled(self, line: Line, fill: Filled) -> None:
        if (fill.key, fill.trade) in self.trades:
            return
        self.trades.add((fill.key, fill.trade))
        self._note_whose(line.order, fill.key)
        self.position[fill.key] += fill.side * fill.lots
        self._floor(line.order, fill)
        line.known = True
        line.seen += fill.lots
        line.left = max(0, line.left - fill.lots)
        if not line.left:
            self.live[fill.key].pop(fill.order, None)
        if line.order.intent:
            self.wanted[line.order.intent] -= fill.lots

    def _note_whose(self, order: Order, key: int) -> None:
        if order.intent or order.protective:
            self.foreign.discard(key)
        elif not self.position[key]:
            self.foreign.add(key)

    def _floor(self, order: Order, fill: Filled) -> None:
        """A stop of a long position is never lower than the lowest of what brought it."""
        if self.position[fill.key] <= 0:
            self.floors[fill.key] = _NOWHERE
        elif fill.side > 0:
            lowest = fill.ticks - order.stop if order.stop else 0
            self.floors[fill.key] = min(self.floors[fill.key], lowest)


_Told = Callable[[Books, Line, Any], None]
_BOOKED: Final[dict[type, Callable[[Books, Any], None]]] = {
    Parameters: Books._parameters,
    ModeSet: Books._mode,
    Balances: Books._balances,
    RowDecided: Books._decided,
    Started: Books._quotes,
    RowClosed: Books._quotes,
    Tick: Books._quotes,
    Intent: Books._intent,
    IntentEnded: Books._ended,
    OrderApproved: Books._approved,
    Adopted: Books._adopted,
}
_TOLD: Final[dict[type, _Told]] = {
    Filled: Books._filled,
    CancelAsked: Books._cancel,
    Accepted: Books._there,
    Triggered: Books._there,
    Ended: Books._gone,
    Found: Books._found,
    Rejected: Books._refused,
    Unsent: Books._refused,
    NotFound: Books._not_found,
}
"""What is said of one order."""
