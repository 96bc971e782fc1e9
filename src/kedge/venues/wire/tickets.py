"""The account's orders as the wire knows them: a fold over what the exchange reports."""

from collections.abc import Iterator

import msgspec

from kedge.domain.order import Order
from kedge.domain.report import Accepted, End, Ended, Filled, Triggered

_STATUS = {End.FILLED: "FILLED", End.CANCELLED: "CANCELED", End.EXPIRED: "EXPIRED"}
WORKING = ("NEW", "PARTIALLY_FILLED")
"""Statuses of an order that may still fill."""


class Ticket(msgspec.Struct, eq=False):
    """One order that was taken.

    Attributes:
        number: the exchange's.
        order: as it arrived.
        at, updated: when it was taken, and when it last changed, ns.
        status: as the wire writes it.
        filled: lots.
        product: sum of lots times ticks of its fills.
        worked: when it went to the market, ns; 0 for a stop that was not touched.
        cancel: client id of the request that cancelled it.
        fills: of it, in order.
    """

    number: int
    order: Order
    at: int
    updated: int
    status: str = "NEW"
    filled: int = 0
    product: int = 0
    worked: int = 0
    cancel: str = ""
    fills: list[Filled] = []

    @property
    def works(self) -> bool:
        """Whether it may still fill."""
        return self.status in WORKING


class Tickets:
    """Orders by number and, the latest of each, by client id."""

    def __init__(self) -> None:
        self._by_number: dict[int, Ticket] = {}
        self._latest: dict[tuple[int, str], Ticket] = {}
        self.fills: dict[int, list[Filled]] = {}

    def take(self, order: Order, accepted: Accepted) -> Ticket:
        """The exchange took an order."""
        number = int(accepted.venue_id)
        at = accepted.at
        ticket = Ticket(number, order, at, at, worked=0 if order.trigger else at)
        self._by_number[number] = ticket
        self._latest[order.key, order.id] = ticket
        return ticket

    def fill(self, fill: Filled) -> Ticket:
        """One execution."""
        ticket = self._by_number[int(fill.venue_id)]
        ticket.fills.append(fill)
        self.fills.setdefault(fill.key, []).append(fill)
        ticket.filled += fill.lots
        ticket.product += fill.lots * fill.ticks
        ticket.status = "FILLED" if ticket.filled == ticket.order.lots else "PARTIALLY_FILLED"
        ticket.updated = fill.at
        return ticket

    def touch(self, what: Triggered) -> Ticket:
        """A stop is at the market."""
        ticket = self._latest[what.key, what.order]
        ticket.worked = ticket.updated = what.at
        return ticket

    def end(self, what: Ended) -> Ticket:
        """An order is gone."""
        ticket = self._latest[what.key, what.order]
        ticket.status, ticket.updated = _STATUS[what.why], what.at
        return ticket

    def numbered(self, key: int, number: int) -> Ticket | None:
        """By the exchange's number."""
        ticket = self._by_number.get(number)
        return ticket if ticket is not None and ticket.order.key == key else None

    def named(self, key: int, client: str) -> Ticket | None:
        """By client id: the latest, an older one of the same id is out of reach."""
        return self._latest.get((key, client))

    def of(self, key: int | None) -> Iterator[Ticket]:
        """All of a symbol, or of every symbol, in order of arrival."""
        return (t for t in self._by_number.values() if key is None or t.order.key == key)
