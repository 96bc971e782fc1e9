"""Orders and amounts of an instrument as the session's log names them."""

from kedge.domain.instrument import Instrument
from kedge.domain.order import Order, OrderType


def amount_words(lots: int, instrument: Instrument) -> str:
    """``0.387 ETHUSDT``."""
    return f"{float(instrument.lot * lots):,.10g} {instrument.symbol}"


def price_words(ticks: int, instrument: Instrument) -> str:
    """``3,107.05``, in quote currency."""
    return f"{instrument.tick * ticks:,f}"


def wish_words(order: Order, instrument: Instrument) -> str:
    """``buy (post-only) 0.387 ETHUSDT``, without its price."""
    side = "buy" if order.side > 0 else "sell"
    if order.type in (OrderType.STOP, OrderType.STOP_LIMIT):
        side = f"stop: {side}"
    elif order.post_only:
        side = f"{side} (post-only)"
    return f"{side} {amount_words(order.lots, instrument)}"


def order_words(order: Order, instrument: Instrument) -> str:
    """``stop: sell 0.387 ETHUSDT at 3,107.05 or worse``."""
    wish = wish_words(order, instrument)
    if order.trigger:
        return f"{wish} at {price_words(order.trigger, instrument)} or worse"
    if order.limit:
        return f"{wish} at {price_words(order.limit, instrument)}"
    return f"{wish} at the market"
