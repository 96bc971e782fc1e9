"""Our orders as ccxt takes them."""

from typing import Any, Final

import msgspec

from kedge.domain.errors import MessageError
from kedge.domain.instrument import Instrument
from kedge.domain.order import Order, OrderType, TimeInForce
from kedge.venues.ccxt import numbers
from kedge.venues.ccxt.exchanges import Exchange
from kedge.venues.ccxt.packing import packed, unpacked

_LIVES: Final = {TimeInForce.GTC: "GTC", TimeInForce.IOC: "IOC", TimeInForce.FOK: "FOK"}


class Placing(msgspec.Struct, frozen=True):
    """Arguments of ccxt's ``create_order``; figures are text."""

    symbol: str
    type: str
    side: str
    amount: str
    price: str | None
    params: dict[str, object]


def placing(order: Order, instrument: Instrument, exchange: Exchange, client: Any) -> Placing:
    """An order's arguments.

    ccxt rounds what does not fit the exchange's increments; what it would round is not sent.

    Raises:
        MessageError: the exchange cannot be asked for this exactly.
    """
    symbol = market_of(instrument)
    limited = order.limit > 0
    amount = _exact(client.amount_to_precision, symbol, order.lots, instrument.lot, "quantity")
    price = _exact(client.price_to_precision, symbol, order.limit, instrument.tick, "price")
    params: dict[str, object] = {"clientOrderId": client_id(order.id, exchange)}
    if order.type in (OrderType.STOP, OrderType.STOP_LIMIT):
        params[exchange.trigger] = _exact(
            client.price_to_precision, symbol, order.trigger, instrument.tick, "trigger"
        )
    if order.type is OrderType.STOP and exchange.stop_gives:
        price, limited = _capped(order, instrument, exchange), True
    if limited:
        params["timeInForce"] = _life(order)
    if order.post_only:
        del params["timeInForce"]
        params["postOnly"] = True
    if order.display:
        shown = numbers.text(order.display, instrument.lot)
        params["icebergAmount"] = params["icebergQty"] = shown
    if order.reduce_only and exchange.able.reduce_only:
        params["reduceOnly"] = True
    kind, side = ("limit" if limited else "market"), ("buy" if order.side > 0 else "sell")
    return Placing(symbol, kind, side, amount, price if limited else None, params)


def market_of(instrument: Instrument) -> str:
    """Ccxt's name of a spot market."""
    return f"{instrument.base}/{instrument.quote}"


def client_id(order: str, exchange: Exchange) -> str:
    """A client id as the exchange takes it: as it is, or packed where it is too long.

    Raises:
        MessageError: it is too long there all the same.
    """
    if len(order) <= exchange.longest_id:
        return order.replace("-", exchange.dash)
    short = packed(order)
    if short is None or len(short) > exchange.longest_id:
        raise MessageError(f"{exchange.name} takes client ids of {exchange.longest_id} at most")
    return short


def own_id(client: str, exchange: Exchange) -> str:
    """A client id as we know it."""
    long = unpacked(client)
    if long is not None and len(long) > exchange.longest_id:
        return long
    return client if exchange.dash == "-" else client.replace(exchange.dash, "-")


def _capped(order: Order, instrument: Instrument, exchange: Exchange) -> str:
    """A limit so far beyond the trigger that it fills like a market order, but for a crash."""
    way = order.trigger * (1 + order.side * exchange.stop_gives)
    return numbers.text(max(1, int(way)), instrument.tick)


def _life(order: Order) -> str:
    life = _LIVES.get(order.tif)
    if life is None:
        raise MessageError(f"spot venues know no orders of life {order.tif.name}")
    return life


def _exact(round_: Any, symbol: str, steps: int, step: Any, what: str) -> str:
    if not steps:
        return ""
    wanted = numbers.text(steps, step)
    rounded = round_(symbol, wanted)
    if numbers.decimal(rounded, what) != steps * step:
        raise MessageError(f"{what} {wanted} does not fit the increments of {symbol}")
    return wanted
