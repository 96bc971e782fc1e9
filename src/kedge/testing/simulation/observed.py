"""The observer's own books: what a journal says, in the plainest terms."""

from collections import defaultdict
from collections.abc import Callable
from typing import Any, Final

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


class Line:
    """One order.

    Attributes:
        order: what was approved.
        at: when, ns UTC.
        reduces: whether it could only make the position smaller, with all that worked then.
        left: lots that may still fill.
        seen: lots that filled.
        known: whether the venue has shown that it had it.
        asked: whether a cancel was asked for.
    """

    __slots__ = ("asked", "at", "known", "left", "order", "reduces", "seen")

    def __init__(self, order: Order, at: int, reduces: bool) -> None:
        self.order, self.at, self.reduces = order, at, reduces
        self.left, self.seen = order.lots, 0
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
        lines = self.live[key].values()
        return any(each.order.protective and (each.asked or not each.known) for each in lines)

    def closing(self, key: int) -> bool:
        """Whether an order closes some of the position now."""
        held = self.position[key]
        lines = self.live[key].values()
        return any(each.order.side * held < 0 and not each.order.protective for each in lines)

    def guarded(self, key: int) -> int:
        """Lots that a stop covers, live or on its way."""
        lines = self.live[key].values()
        return sum(each.left for each in lines if each.order.protective)

    def worth(self, key: int, lots: int, ticks: int) -> float:
        """Minor units of lots at a price."""
        return lots * ticks * self.rules[key].num / self.rules[key].den

    def take(self, record: Record) -> None:
        """Book one record."""
        self.at = max(self.at, getattr(record, "received", 0) or getattr(record, "at", 0))
        book = _BOOKED.get(type(record))
        if book is not None:
            book(self, record)

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

    def _report(self, record: Record) -> None:
        line = self.lines.get(getattr(record, "order", ""))
        if line is None:
            return
        match record:
            case Filled():
                self._filled(line, record)
            case CancelAsked():
                line.asked = True
            case Accepted() | Triggered():
                line.known = True
            case Ended(filled=filled):
                self._over(line, filled)
            case Found(open=False, filled=filled):
                self._over(line, filled)
            case Rejected() | Unsent() if not line.known:
                self.refused.add(line.order.intent)
                self._over(line, 0)
            case NotFound(asked=asked) if not line.known and asked - line.at > ABSENCE_NS:
                self._over(line, 0)
            case Found():
                line.known = True
            case _:
                pass

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
    **dict.fromkeys(
        (Filled, CancelAsked, Accepted, Triggered, Ended, Found, Rejected, Unsent, NotFound),
        Books._report,
    ),
}
