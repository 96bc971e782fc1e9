"""An order's terms, between the wire's words and ours."""

from decimal import Decimal
from typing import Final

from kedge.domain.order import Order, OrderType, TimeInForce
from kedge.venues.wire.asked import Asked
from kedge.venues.wire.floor import Floor
from kedge.venues.wire.refusals import RequestError, missing
from kedge.venues.wire.spot import ORDER_TYPES, Spot, number

_TYPES: Final = {
    "LIMIT": OrderType.LIMIT,
    "LIMIT_MAKER": OrderType.LIMIT,
    "MARKET": OrderType.MARKET,
    "STOP_LOSS": OrderType.STOP,
    "STOP_LOSS_LIMIT": OrderType.STOP_LIMIT,
}
_TIMES: Final = {"GTC": TimeInForce.GTC, "IOC": TimeInForce.IOC, "FOK": TimeInForce.FOK}
_SIDES: Final = {"BUY": 1, "SELL": -1}
_LIMITED: Final = ("LIMIT", "LIMIT_MAKER", "STOP_LOSS_LIMIT")
_TIMED: Final = ("LIMIT", "STOP_LOSS_LIMIT")


def order_of(asked: Asked, floor: Floor, spare_id: str) -> Order:
    """The order that a request asks for.

    Args:
        asked: the request.
        floor: the exchange.
        spare_id: client id where it has none.

    Raises:
        RequestError: a parameter is missing, or is not what it has to be.
    """
    spot = asked.spot(floor.spots)
    kind = asked.text("type")
    if kind not in ORDER_TYPES:
        raise RequestError(-1116, "Invalid orderType.")
    side = _SIDES.get(asked.text("side"))
    if side is None:
        raise RequestError(-1117, "Invalid side.")
    life = asked.text("timeInForce") if kind in _TIMED else "GTC"
    if life not in _TIMES:
        raise RequestError(-1115, "Invalid timeInForce.")
    return Order(
        id=asked.text("newClientOrderId", spare_id),
        key=spot.listing.key,
        side=side,
        lots=_lots(asked, floor, spot, kind, side),
        type=_TYPES[kind],
        tif=_TIMES[life],
        limit=spot.ticks(asked.text("price"), "price") if kind in _LIMITED else 0,
        trigger=spot.ticks(asked.text("stopPrice"), "stopPrice") if "STOP" in kind else 0,
        post_only=kind == "LIMIT_MAKER",
        display=_display(asked, spot),
    )


def wire_type(order: Order) -> str:
    """Kind of an order as the wire writes it."""
    if order.post_only:
        return "LIMIT_MAKER"
    return {OrderType.LIMIT: "LIMIT", OrderType.MARKET: "MARKET", OrderType.STOP: "STOP_LOSS"}.get(
        order.type, "STOP_LOSS_LIMIT"
    )


def wire_life(order: Order) -> str:
    """Life of an order as the wire writes it."""
    return {TimeInForce.IOC: "IOC", TimeInForce.FOK: "FOK"}.get(order.tif, "GTC")


def _display(asked: Asked, spot: Spot) -> int:
    shown = asked.text("icebergQty", "0")
    return spot.lots(shown, "icebergQty")


def _lots(asked: Asked, floor: Floor, spot: Spot, kind: str, side: int) -> int:
    if "quantity" in asked.params:
        return spot.lots(asked.text("quantity"), "quantity")
    if kind != "MARKET" or "quoteOrderQty" not in asked.params:
        raise missing("quantity")
    return _lots_for(number(asked.text("quoteOrderQty"), "quoteOrderQty"), floor, spot, side)


def _lots_for(amount: Decimal, floor: Floor, spot: Spot, side: int) -> int:
    """What an amount of the quote currency gets in the book, in whole steps."""
    left = int(amount / (spot.instrument.tick * spot.instrument.lot))
    lots = 0
    for ticks, shown in floor.venue.exchange.matchers[spot.listing.key].halves[-side].depth():
        part = min(shown, left // ticks)
        lots, left = lots + part, left - part * ticks
        if part < shown:
            break
    return lots - lots % spot.listing.lot_step
