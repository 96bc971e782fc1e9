"""What a session may and may not do, held against its journal record by record."""

from collections.abc import Collection, Iterator
from typing import Final

from kedge.domain.control import Asked, Mode, Verb
from kedge.domain.decided import (
    AccountAsked,
    CancelAsked,
    Doubted,
    Intent,
    IntentEnded,
    OrderApproved,
    QueryAsked,
)
from kedge.domain.record import Decided, Record
from kedge.domain.report import OpenOrders
from kedge.risk.gate import GateRules
from kedge.testing.simulation.observed import Books

GRACE_NS: Final = 30_000_000_000
"""How long lots may be without a stop, live or on its way, or an order that closes them."""
_TIMED: Final = (
    Intent, IntentEnded, OrderApproved, CancelAsked, QueryAsked, Doubted, AccountAsked,
)  # fmt: skip
"""What is decided at the engine's own time."""


def conduct(
    records: list[Record], taken: Collection[str], rules: tuple[GateRules, ...]
) -> Iterator[str]:
    """Everything that the session should not have done.

    Args:
        records: the whole journal, in order.
        taken: ids of orders that the venue took.
        rules: of the gate, by key.
    """
    watch = _Watch(Books(rules), taken)
    for record in records:
        if not isinstance(record, Decided):
            yield from watch.rest()
        yield from watch.before(record)
        watch.books.take(record)
    for number, lots in watch.books.wanted.items():
        if lots < 0:
            yield f"intent {number} was filled by {-lots} lots too many"
    for number, intent in watch.books.intents.items():
        if intent.until < watch.books.at - GRACE_NS:
            yield f"intent {number} has not ended, 30 s after its time was over"


class _Watch:
    """The rules, and what they must remember beside the books."""

    def __init__(self, books: Books, taken: Collection[str]) -> None:
        self.books, self._taken = books, taken
        self._bare = [0] * len(books.rules)
        self._held = [0] * len(books.rules)
        self._decided = 0
        self._stranger = ""

    def rest(self) -> Iterator[str]:
        """Between two events: everything that followed from the last has been done."""
        if self._stranger and self.books.mode is Mode.ACTIVE:
            yield f"traded on while order {self._stranger}, which is not ours, rested there"
        self._stranger = ""
        for key in range(len(self._bare)):
            yield from self._covered(key)

    def _covered(self, key: int) -> Iterator[str]:
        """Every lot has a stop, live or on its way, or its position shrinks, but for dust."""
        books = self.books
        shrinks = books.closing(key) or abs(books.position[key]) < abs(self._held[key])
        self._held[key] = books.position[key]
        lots = abs(books.position[key]) - books.guarded(key)
        least = 2 * books.rules[key].min_notional
        small = lots <= 0 or books.worth(key, lots, books.bids[key]) < least
        if small or shrinks or books.replaced(key):
            self._bare[key] = books.at
        elif books.at - self._bare[key] > GRACE_NS:
            self._bare[key] = books.at
            yield f"{lots} lots of key {key} had neither stop nor closing order for 30 s"

    def before(self, record: Record) -> Iterator[str]:
        """What is wrong with the next record."""
        if isinstance(record, _TIMED):
            if record.at < self._decided:
                yield f"{type(record).__name__} was decided {self._decided - record.at} ns ago"
            self._decided = max(self._decided, record.at)
        match record:
            case Intent(number=number):
                if number != self.books.last_intent + 1:
                    yield f"intent {number} follows {self.books.last_intent}"
            case OrderApproved():
                yield from self._approved(record)
            case Asked(verb=Verb.KILL | Verb.FLATTEN, granted=True, at=at):
                yield from self._sent_since(at)
            case OpenOrders(orders=orders):
                strange = [client for client, *_ in orders if client not in self.books.lines]
                self._stranger = strange[0] if strange else ""
            case _:
                pass

    def _approved(self, record: OrderApproved) -> Iterator[str]:
        books, order = self.books, record.order
        if order.id in books.lines:
            yield f"{order.id} was approved twice"
        if not order.protective and order.intent not in books.intents:
            yield f"{order.id} is of no intent that lives"
        if order.intent in books.refused and not order.protective:
            yield f"{order.id} follows an order of its intent that was refused"
        if order.side < 0 and not books.reduces(order):
            yield f"{order.id} sells more than there is to sell"
        if not books.reduces(order):
            yield from self._adds(record)

    def _adds(self, record: OrderApproved) -> Iterator[str]:
        books, order = self.books, record.order
        key, rules, quote = order.key, books.rules[order.key], books.quotes[order.key]
        if books.mode is not Mode.ACTIVE:
            yield f"{order.id} adds risk while {books.mode.name}"
        if not books.told:
            yield f"{order.id} adds risk before the venue has told what the account holds"
        age = quote.age + record.at - books.quoted_at
        if quote.age < 0 or age > rules.stale_ns:
            yield f"{order.id} adds risk on a quote that is {age / 1e9:.1f} s old"
        lots = books.position[key] + books.working(key, order.side) + order.lots
        worth = books.worth(key, lots, max(quote.ask, order.limit))
        # Between two rows fills and fees move equity a little.
        if worth > rules.position * books.equity * 1.02:
            yield f"{order.id} brings key {key} to {worth:.0f} of {books.equity}"

    def _sent_since(self, at: int) -> Iterator[str]:
        """New risk that left although the latch was closed already."""
        for name, line in self.books.lines.items():
            if line.at >= at and not line.reduces and name in self._taken:
                yield f"{name} was sent after the session was killed"
