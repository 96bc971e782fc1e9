"""What a session may and may not do, held against its journal record by record."""

from collections.abc import Collection, Iterator
from typing import Any, Final, get_args

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
from kedge.execution.lifecycle import Terms
from kedge.risk.gate import GateRules
from kedge.testing.simulation.observed import Books

GRACE_NS: Final = 30_000_000_000
"""How long lots may be without a stop, live or on its way, or an order that closes them."""
FLAT_NS: Final = 30_000_000_000
"""How long nothing may be sold after a flatten while nothing goes wrong."""
_SETTLED_NS: Final = Terms().query_max_ns
"""After the last fault: every order that it has left in doubt has been asked for again."""
_NEVER: Final = 2**62
_TIMED: Final = frozenset(
    {Intent, IntentEnded, OrderApproved, CancelAsked, QueryAsked, Doubted, AccountAsked}
)
"""What is decided at the engine's own time."""
_CHECKED: Final = frozenset({Intent, OrderApproved, Asked, OpenOrders})
_DECIDED: Final = frozenset(get_args(Decided))


def conduct(
    records: list[Record], taken: Collection[str], rules: tuple[GateRules, ...], until: int
) -> Iterator[str]:
    """Everything that the session should not have done.

    Args:
        records: the whole journal, in order.
        taken: ids of orders that the venue took.
        rules: of the gate, by key.
        until: ns UTC at which faults stopped.
    """
    watch = _Watch(Books(rules), taken, until)
    for record in records:
        kind = type(record)
        if kind not in _DECIDED:
            yield from watch.rest()
        if kind in _TIMED and watch.late(record):
            yield f"{kind.__name__} was decided {watch.decided - record.at} ns ago"
        if kind in _CHECKED:
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

    def __init__(self, books: Books, taken: Collection[str], until: int) -> None:
        self.books, self._taken, self._calm = books, taken, until + _SETTLED_NS
        self._bare = [0] * len(books.rules)
        self._held = [0] * len(books.rules)
        self.decided = 0
        self._stranger = ""
        self._flatten = _NEVER
        self._unsold = [0] * len(books.rules)
        self._sold_at = [0] * len(books.rules)

    def rest(self) -> Iterator[str]:
        """Between two events: everything that followed from the last has been done."""
        strange = self._stranger and self._stranger not in self.books.lines
        if strange and self.books.mode is Mode.ACTIVE:
            yield f"traded on while order {self._stranger}, which is not ours, rested there"
        self._stranger = ""
        for key, held in enumerate(self.books.position):
            if held:
                if self._bare_too_long(key):
                    lots = self._bare_lots(key)
                    yield f"{lots} lots of key {key} had neither stop nor closing order for 30 s"
            else:
                self._held[key], self._bare[key] = 0, self.books.at
            if self._flatten < _NEVER:
                yield from self._sold(key, max(self._flatten, self._calm))

    def _bare_too_long(self, key: int) -> bool:
        """Whether lots have not had what protects them, and their position has not shrunk."""
        books = self.books
        held, before = books.position[key], self._held[key]
        self._held[key] = held
        if abs(held) < abs(before) or books.closing(key) or not self._bare_lots(key):
            self._bare[key] = books.at
        elif books.at - self._bare[key] > GRACE_NS:
            self._bare[key] = books.at
            return True
        return False

    def _bare_lots(self, key: int) -> int:
        """Lots that nothing protects; where no stop can rest, once each of theirs was touched."""
        books = self.books
        lots = abs(books.position[key])
        if key in books.foreign:
            return 0
        if books.rules[key].stops:
            lots = 0 if books.replaced(key) else lots - books.guarded(key)
        elif not 0 < books.quotes[key].bid <= books.floors[key]:
            lots = 0
        return 0 if self._dust(key, lots, 2) else lots

    def _dust(self, key: int, lots: int, least: int = 1) -> bool:
        """Whether lots are worth less than so many of the least order."""
        worth = self.books.worth(key, lots, self.books.bids[key])
        return lots <= 0 or worth < least * self.books.rules[key].min_notional

    def _sold(self, key: int, began: int) -> Iterator[str]:
        """After a flatten, and without faults, a position shrinks until it is dust."""
        held = abs(self.books.position[key])
        if held != self._unsold[key] or self._nobody_bids(key):
            self._unsold[key], self._sold_at[key] = held, self.books.at
        if self.books.at - max(began, self._sold_at[key]) > FLAT_NS and not self._dust(
            key, held, 2
        ):
            self._sold_at[key] = self.books.at
            yield f"nothing of {held} lots of key {key} was sold for 30 s after a flatten"

    def _nobody_bids(self, key: int) -> bool:
        """Whether the best bid is further below the best ask than the gate lets orders go."""
        quote, band = self.books.quotes[key], self.books.rules[key].band_bps * 1e-4
        return quote.bid < quote.ask * (1.0 - band)

    def late(self, record: Any) -> bool:
        """Whether something was decided before what was decided last, ``decided`` ns UTC."""
        late = record.at < self.decided
        self.decided = max(self.decided, record.at)
        return bool(late)

    def before(self, record: Record) -> Iterator[str]:
        """What is wrong with the next record."""
        match record:
            case Intent(number=number):
                if number != self.books.last_intent + 1:
                    yield f"intent {number} follows {self.books.last_intent}"
            case OrderApproved():
                yield from self._approved(record)
            case Asked(verb=Verb.KILL | Verb.FLATTEN as verb, granted=True, at=at):
                yield from self._sent_since(at)
                if verb is Verb.FLATTEN:
                    self._flatten = min(self._flatten, at)
            case Asked(verb=Verb.RESUME, granted=True):
                self._flatten = _NEVER
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
        if books.scene is not None:
            most = books.hours.most(key, books.scene)
            used = books.hours.used(record.at, key) + order.lots
            if used > most * 1.000_001:
                yield f"{order.id} brings key {key} to {used} lots in an hour of {most:.0f}"

    def _sent_since(self, at: int) -> Iterator[str]:
        """New risk that left although the latch was closed already."""
        for name, line in self.books.lines.items():
            if line.at >= at and not line.reduces and name in self._taken:
                yield f"{name} was sent after the session was killed"
