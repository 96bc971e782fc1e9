"""What an observer at the venue sees: the facts, whatever was reported of them."""

import msgspec

from kedge.domain.order import Order
from kedge.domain.report import End, Filled
from kedge.venues.simulated.exchange import Exchange


class Known(msgspec.Struct, frozen=True):
    """One order that the venue took.

    Attributes:
        number: the venue's, in order of arrival.
        order: as it arrived.
        at: when it was taken, ns.
        filled: lots.
        ended: why it is gone, None while it works.
    """

    number: int
    order: Order
    at: int
    filled: int
    ended: End | None


class Truth(msgspec.Struct, frozen=True):
    """The account as it is at the venue.

    Attributes:
        orders: every order that is remembered, by number; refused ones were never taken.
        fills: every fill that is remembered, in order.
        cash: minor units by currency.
        lots: positions by key.
        fees, funding: minor units by currency, paid and received so far.
    """

    orders: tuple[Known, ...]
    fills: tuple[Filled, ...]
    cash: dict[str, int]
    lots: dict[int, int]
    fees: dict[str, int]
    funding: dict[str, int]

    @property
    def open(self) -> tuple[Known, ...]:
        """Orders that work."""
        return tuple(known for known in self.orders if known.ended is None)


def truth_of(exchange: Exchange) -> Truth:
    """The facts of an exchange now."""
    account = exchange.account
    orders = (
        Known(e.working.number, e.order, e.at, e.working.filled, e.ended)
        for e in exchange.entries.remembered()
    )
    return Truth(
        orders=tuple(sorted(orders, key=lambda known: known.number)),
        fills=tuple(exchange.entries.fills),
        cash=dict(account.cash),
        lots=dict(account.lots),
        fees=dict(account.fees),
        funding=dict(account.funding),
    )
