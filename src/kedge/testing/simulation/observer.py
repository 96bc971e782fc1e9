"""An independent observer: it sees the venue's facts and the journal, and nothing else.

It keeps its own, simpler books of what the journal says and never asks the engine. What
it finds wrong is a list of lines; an empty list is a world without a fault of ours.
"""

from collections import Counter
from collections.abc import Iterator

from kedge.domain.control import Mode, Parameters
from kedge.domain.decided import Intent, IntentEnded, ModeSet, OrderApproved
from kedge.domain.record import Decided, Record
from kedge.domain.report import Ended, Filled, NotFound, Rejected, Unsent
from kedge.domain.row import RowClosed, RowDecided
from kedge.risk.gate import GateRules
from kedge.testing.simulation.parameters import scene_of
from kedge.testing.simulation.scene import gate_rules
from kedge.venues.simulated.truth import Truth

GRACE_NS = 30_000_000_000
"""How long a position may be without a stop that is live or on its way, or a closing intent."""


class Book:
    """What the journal says, key by key, in the plainest terms.

    Args:
        rules: of the gate, by key.
    """

    def __init__(self, rules: tuple[GateRules, ...]) -> None:
        keys = len(rules)
        self.rules = rules
        self.at = 0
        self.mode = Mode.ACTIVE
        self.equity = 0
        self.asks = [0] * keys
        self.bids = [0] * keys
        self.position = [0] * keys
        self.left: dict[str, int] = {}
        self.sides: dict[str, tuple[int, int]] = {}
        self.stops: list[set[str]] = [set() for _ in range(keys)]
        self.intents: dict[int, tuple[int, int]] = {}
        self.trades: set[tuple[int, str]] = set()
        self.bare: list[int] = [0] * keys
        self.filled: Counter[int] = Counter()
        self.served: dict[str, int] = {}

    def working(self, key: int, side: int) -> int:
        """Lots of a side that may still fill, stops apart."""
        return sum(
            lots
            for name, lots in self.left.items()
            if self.sides[name] == (key, side) and name not in self.stops[key]
        )

    def gone(self, name: str) -> None:
        """Nothing more of an order is expected."""
        self.left.pop(name, None)
        for stops in self.stops:
            stops.discard(name)


def judge(records: list[Record], truth: Truth, rules: tuple[GateRules, ...]) -> list[str]:
    """Everything that is wrong.

    Args:
        records: the whole journal, in order.
        truth: of the venue, once the world is at rest.
        rules: that the gate held orders against.
    """
    return [*_ledger(records, truth), *_course(records, rules), *_orders(records, truth)]


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


def _orders(records: list[Record], truth: Truth) -> Iterator[str]:
    """At most one venue order for each that was approved; nothing else under our name."""
    approved = {r.order.id: r.order for r in records if isinstance(r, OrderApproved)}
    taken = Counter(known.order.id for known in truth.orders)
    for name, times in sorted(taken.items()):
        if times > 1:
            yield f"order {name} was taken {times} times"
        if name not in approved:
            yield f"order {name} was never approved"
    for known in truth.open:
        if known.order.trigger == 0:
            yield f"order {known.order.id} still works at the venue: an orphan"


def _course(records: list[Record], rules: tuple[GateRules, ...]) -> Iterator[str]:
    """The journal from its first record to its last: limits, mode, stops, intents."""
    book = Book(rules)
    for record in records:
        if not isinstance(record, Decided):
            yield from _bare(book)
        yield from _take(book, record)
    for number, lots in book.filled.items():
        if lots < 0:
            yield f"intent {number} was filled by {-lots} lots too many"


def _take(book: Book, record: Record) -> Iterator[str]:
    at: int = getattr(record, "received", 0) or getattr(record, "at", 0)
    book.at = max(book.at, at)
    match record:
        case Parameters(tree=tree):
            book.rules = gate_rules(scene_of(tree))
        case ModeSet(mode=mode):
            book.mode = mode
        case RowClosed():
            _prices(book, record)
        case RowDecided(marks=marks):
            book.equity = marks[0]
        case Intent(number=number, key=key, lots=lots):
            book.intents[number] = (key, lots)
            book.filled[number] = abs(lots)
        case IntentEnded(number=number):
            book.intents.pop(number, None)
        case OrderApproved():
            yield from _approved(book, record)
        case Filled():
            _filled(book, record)
        case Ended() | Rejected() | Unsent():
            if record.order in book.left:
                book.gone(record.order)
        case NotFound():
            pass
        case _:
            pass


def _prices(book: Book, row: RowClosed) -> None:
    from kedge.engine.trading.fold_rows import quotes_of

    for key, quote in enumerate(quotes_of(row.quotes)):
        if quote.bid and quote.ask:
            book.bids[key], book.asks[key] = quote.bid, quote.ask


def _approved(book: Book, record: OrderApproved) -> Iterator[str]:
    order = record.order
    key, rules = order.key, book.rules[order.key]
    held = book.position[key]
    reduces = held * order.side < 0 and order.lots <= abs(held)
    if book.mode is not Mode.ACTIVE and not reduces:
        yield f"{order.id} adds risk while {book.mode.name}"
    if not reduces:
        ticks = max(book.asks[key], order.limit)
        lots = held + book.working(key, 1) + order.lots
        worth = lots * ticks * rules.num / rules.den
        # The quote that the gate saw may be younger than the last row's.
        if worth > rules.position * book.equity * 1.1:
            yield f"{order.id} brings key {key} to {worth:.0f} of {book.equity}"
    if order.trigger:
        book.stops[key].add(order.id)
    else:
        book.served[order.id] = order.intent
    book.left[order.id] = order.lots
    book.sides[order.id] = (key, order.side)


def _filled(book: Book, fill: Filled) -> None:
    if (fill.key, fill.trade) in book.trades:
        return
    book.trades.add((fill.key, fill.trade))
    book.position[fill.key] += fill.side * fill.lots
    if fill.order in book.left:
        book.left[fill.order] -= fill.lots
        if book.left[fill.order] == 0:
            book.gone(fill.order)
    if fill.order in book.served:
        book.filled[book.served[fill.order]] -= fill.lots


def _bare(book: Book) -> Iterator[str]:
    """Every position worth an order has a stop, live or on its way, or is being closed."""
    for key, held in enumerate(book.position):
        rules = book.rules[key]
        small = abs(held) * book.bids[key] * rules.num / rules.den < 2 * rules.min_notional
        closing = any(k == key and lots * held < 0 for k, lots in book.intents.values())
        if held == 0 or small or closing or book.stops[key]:
            book.bare[key] = book.at
        elif book.at - book.bare[key] > GRACE_NS:
            book.bare[key] = book.at
            yield f"key {key} held {held} lots for 30 s with neither stop nor closing intent"
