"""Requests of the account: orders, trades, balances."""

from collections.abc import Callable
from itertools import islice

from kedge.domain.order import Order
from kedge.domain.report import CancelRefused, NoAnswer, Rejected
from kedge.venues.simulated.codes import DUPLICATE
from kedge.venues.simulated.filters import broken
from kedge.venues.simulated.requests import Cancel, Submit
from kedge.venues.wire.asked import MS, Asked
from kedge.venues.wire.floor import Floor
from kedge.venues.wire.order_texts import JsonObject, cancelled, held, known, placed, traded
from kedge.venues.wire.refusals import NO_SUCH_CANCEL, NO_SUCH_ORDER, RequestError, missing, refused
from kedge.venues.wire.spot import Spot
from kedge.venues.wire.terms import order_of
from kedge.venues.wire.tickets import Ticket

Serve = Callable[[Floor, Asked], object]
"""Serves one request: what the answer says."""


def place(floor: Floor, asked: Asked) -> object:
    """A new order."""
    order = order_of(asked, floor, f"x-{floor.venue.asked + 1:x}")
    style = asked.text("newOrderRespType", "FULL" if order.limit == 0 else "ACK")
    ticket = _taken(floor, order)
    return placed(ticket, floor.keyed[order.key], style)


def test(floor: Floor, asked: Asked) -> object:
    """An order that is looked at and not taken."""
    order = order_of(asked, floor, "test")
    spot = floor.keyed[order.key]
    wrong = broken(order, spot.listing, floor.venue.exchange.matchers[order.key].last)
    if wrong is not None:
        raise refused(wrong)
    return {}


def cancel(floor: Floor, asked: Asked) -> object:
    """Cancel one order."""
    spot = asked.spot(floor.spots)
    ticket = _named(floor, asked, spot)
    if ticket is None or not ticket.works:
        raise RequestError(*NO_SUCH_CANCEL)
    return _cancelled(floor, ticket, asked.text("newClientOrderId", f"c-{floor.venue.asked:x}"))


def cancel_all(floor: Floor, asked: Asked) -> object:
    """Cancel every open order of a symbol."""
    spot = asked.spot(floor.spots)
    working = [ticket for ticket in floor.tickets.of(spot.listing.key) if ticket.works]
    if not working:
        raise RequestError(*NO_SUCH_CANCEL)
    return [_cancelled(floor, ticket, f"c-{floor.venue.asked:x}") for ticket in working]


def query(floor: Floor, asked: Asked) -> object:
    """What became of an order."""
    spot = asked.spot(floor.spots)
    ticket = _named(floor, asked, spot)
    if ticket is None:
        raise RequestError(*NO_SUCH_ORDER)
    return known(ticket, spot)


def open_orders(floor: Floor, asked: Asked) -> object:
    """Everything that works, of one symbol or of all."""
    key = asked.spot(floor.spots).listing.key if "symbol" in asked.params else None
    keyed = floor.keyed
    return [known(t, keyed[t.order.key]) for t in floor.tickets.of(key) if t.works]


def all_orders(floor: Floor, asked: Asked) -> object:
    """Orders of a symbol, from an id or a time on, or the latest."""
    spot, most = asked.spot(floor.spots), min(asked.integer("limit", 500), 1_000)
    found = list(floor.tickets.of(spot.listing.key))
    if "orderId" in asked.params:
        first = asked.integer("orderId")
        chosen = [ticket for ticket in found if ticket.number >= first][:most]
    else:
        start, end = asked.integer("startTime", 0), asked.integer("endTime", 1 << 60)
        within = [ticket for ticket in found if start <= ticket.at // MS <= end]
        chosen = within[:most] if start else within[-most:]
    return [known(ticket, spot) for ticket in chosen]


def my_trades(floor: Floor, asked: Asked) -> object:
    """The account's trades of a symbol, oldest first."""
    spot, most = asked.spot(floor.spots), min(asked.integer("limit", 500), 1_000)
    fills = floor.tickets.fills.get(spot.listing.key, [])
    if "orderId" in asked.params:
        number = asked.text("orderId")
        return [traded(fill, spot) for fill in fills if fill.venue_id == number]
    if "fromId" in asked.params:
        first = asked.integer("fromId")
        later = (fill for fill in fills if int(fill.trade) >= first)
        return [traded(fill, spot) for fill in islice(later, most)]
    start, end = asked.integer("startTime", 0), asked.integer("endTime", 1 << 60)
    within = [fill for fill in fills if start <= fill.at // MS <= end]
    return [traded(fill, spot) for fill in (within[:most] if start else within[-most:])]


def account(floor: Floor, asked: Asked) -> object:
    """Balances and what the account may do."""
    first = next(iter(floor.spots.values())).listing
    fees = {"maker": f"{first.maker:.8f}", "taker": f"{first.taker:.8f}", "buyer": "0.00000000"}
    return {
        "makerCommission": round(first.maker * 10_000),
        "takerCommission": round(first.taker * 10_000),
        "buyerCommission": 0,
        "sellerCommission": 0,
        "commissionRates": {**fees, "seller": "0.00000000"},
        "canTrade": True,
        "canWithdraw": False,
        "canDeposit": False,
        "brokered": False,
        "requireSelfTradePrevention": False,
        "preventSor": False,
        "updateTime": floor.now // MS,
        "accountType": "SPOT",
        "balances": held(floor),
        "permissions": ["SPOT"],
        "uid": 1,
    }


def coins(floor: Floor, asked: Asked) -> object:
    """The currencies, for those who ask for them before they trade."""
    return [
        {
            "coin": row["asset"],
            "name": row["asset"],
            "free": row["free"],
            "locked": row["locked"],
            "trading": True,
            "isLegalMoney": False,
            "depositAllEnable": False,
            "withdrawAllEnable": False,
            "networkList": [],
        }
        for row in held(floor)
    ]


def _taken(floor: Floor, order: Order) -> Ticket:
    for report in floor.ask(Submit(order)):
        if isinstance(report, Rejected):
            raise RequestError(int(report.code), report.text)
        if isinstance(report, NoAnswer):
            raise RequestError(int(DUPLICATE.code), DUPLICATE.text)
    return floor.tickets.named(order.key, order.id) or _lost(order)


def _cancelled(floor: Floor, ticket: Ticket, by: str) -> JsonObject:
    order = ticket.order
    ticket.cancel = by
    for report in floor.ask(Cancel(order.key, order.id)):
        if isinstance(report, CancelRefused):
            ticket.cancel = ""
            raise RequestError(*NO_SUCH_CANCEL)
    return cancelled(ticket, floor.keyed[order.key])


def _named(floor: Floor, asked: Asked, spot: Spot) -> Ticket | None:
    key = spot.listing.key
    if "orderId" in asked.params:
        return floor.tickets.numbered(key, asked.integer("orderId"))
    if "origClientOrderId" in asked.params:
        return floor.tickets.named(key, asked.text("origClientOrderId"))
    raise missing("origClientOrderId")


def _lost(order: Order) -> Ticket:
    raise RequestError(-1000, f"The exchange lost order {order.id}.", 500)
