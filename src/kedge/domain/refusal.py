"""What the pre-trade gate held against an order, in words.

The journal keeps a code and two numbers; the log, the view and the report say them in one way,
from here. A session settles in one currency, so amounts of the book are in the instrument's.
"""

from collections.abc import Callable
from decimal import Decimal
from math import isfinite
from typing import Final, NamedTuple

from kedge.domain.control import Mode
from kedge.domain.decided import OrderRefused, Refusal
from kedge.domain.instrument import Instrument
from kedge.domain.money import currency
from kedge.domain.order import OrderType

REFUSED: Final = "the gate refused"
"""How a line of the log begins that says so."""


class _Held(NamedTuple):
    """A refusal and what its numbers are measured in."""

    limit: float
    value: float
    lots: int
    instrument: Instrument

    def money(self, minor: float) -> str:
        code = self.instrument.settle
        return f"{minor * 10.0 ** -currency(code).digits:,.2f} {code}"

    def units(self, lots: float) -> str:
        return f"{_plain(float(self.instrument.lot) * lots)} {self.instrument.base}".rstrip()

    def price(self, ticks: float) -> str:
        return f"{self.instrument.tick * Decimal(ticks):,f}" if isfinite(ticks) else "none"


def refusal_words(refused: OrderRefused, instrument: Instrument) -> str:
    """Why the gate refused an order: the limit and what it was held against it, one line.

    Args:
        refused: the record.
        instrument: of the order's key.
    """
    held = _Held(refused.limit, refused.value, refused.order.lots, instrument)
    return _WORDS[refused.why](held)


def _mode(held: _Held) -> str:
    known = {float(mode): mode.name for mode in Mode}
    name = "killed" if held.value == held.limit else f"mode {known.get(held.value, 'unknown')}"
    return f"{name}; only ACTIVE may add risk"


def _quote(held: _Held) -> str:
    if held.limit > 1 and held.value > 0:
        return f"crossed quote, bid {held.price(held.limit)} above ask {held.price(held.value)}"
    if held.value < 0:
        return "no quote has been seen yet"
    return "no quote to trust on one side or both"


def _stale(held: _Held) -> str:
    return f"quote {_seconds(held.value)} old, at most {_seconds(held.limit)}"


def _spread(held: _Held) -> str:
    return _apart("spread", "", held)


def _band(held: _Held) -> str:
    return _apart("price", " from the other side of the quote", held)


def _slippage(held: _Held) -> str:
    return _apart("expected slippage", "", held)


def _lot(held: _Held) -> str:
    if held.value != held.lots:
        return f"shows {held.units(held.value)} of {held.units(held.limit)}"
    if held.value >= 1 and _is_multiple(held.value, held.limit):
        return f"quantity {held.units(held.value)} is more than the venue takes"
    return f"quantity {held.units(held.value)} is no multiple of {held.units(held.limit)}"


def _tick(held: _Held) -> str:
    if held.value == 0:
        return "a price is missing"
    if _is_multiple(held.value, held.limit):
        return f"price {held.price(held.value)}, where its type has none"
    return f"price {held.price(held.value)} is no multiple of {held.price(held.limit)}"


def _notional(held: _Held) -> str:
    return f"worth {held.money(held.value)}, the venue takes {held.money(held.limit)} or more"


def _order_notional(held: _Held) -> str:
    return f"worth {held.money(held.value)}, at most {held.money(held.limit)} an order"


def _position(held: _Held) -> str:
    return f"position could reach {held.money(held.value)}, at most {held.money(held.limit)}"


def _gross(held: _Held) -> str:
    return f"gross exposure could reach {held.money(held.value)}, at most {held.money(held.limit)}"


def _cash(held: _Held) -> str:
    return f"working buys and this one cost {held.money(held.value)}, cash {held.money(held.limit)}"


def _short(held: _Held) -> str:
    return f"position could reach {held.units(held.value)}; it may not be short"


def _interval(held: _Held) -> str:
    since = f"{_seconds(held.value)} since the last order that added risk"
    return f"{since}, at least {_seconds(held.limit)}"


def _open_orders(held: _Held) -> str:
    return f"orders at work {held.value:.0f}, at most {held.limit:.0f}"


def _participation(held: _Held) -> str:
    share = f"its share of the average volume is {held.units(held.limit)}"
    return f"quantity {held.units(held.value)}, {share}"


def _not_able(held: _Held) -> str:
    kinds = {float(kind): kind.name.lower().replace("_", "-") for kind in OrderType}
    return f"the venue takes no such {kinds.get(held.value, 'unknown')} order"


def _input(held: _Held) -> str:
    return f"a figure that risk is measured with is missing or absurd: {held.value:g}"


def _always(text: str) -> Callable[[_Held], str]:
    return lambda held: text


_WORDS: Final[dict[Refusal, Callable[[_Held], str]]] = {
    Refusal.MODE: _mode,
    Refusal.QUOTE_MISSING: _quote,
    Refusal.QUOTE_STALE: _stale,
    Refusal.SPREAD: _spread,
    Refusal.PRICE_BAND: _band,
    Refusal.SLIPPAGE: _slippage,
    Refusal.LOT: _lot,
    Refusal.TICK: _tick,
    Refusal.NOTIONAL: _notional,
    Refusal.ORDER_NOTIONAL: _order_notional,
    Refusal.POSITION: _position,
    Refusal.GROSS: _gross,
    Refusal.CASH: _cash,
    Refusal.SHORT: _short,
    Refusal.INTERVAL: _interval,
    Refusal.OPEN_ORDERS: _open_orders,
    Refusal.PARTICIPATION: _participation,
    Refusal.RATE: _always("too many requests to the venue"),
    Refusal.NOT_ABLE: _not_able,
    Refusal.DUPLICATE: _always("its id was used before"),
    Refusal.INPUT: _input,
    Refusal.UNSETTLED: _always("the account has not been compared with the venue yet"),
    Refusal.LINK: _always("no link to the venue"),
}


def _plain(value: float) -> str:
    return f"{value:,.10g}"


def _is_multiple(value: float, step: float) -> bool:
    return step > 0 and value % step == 0


def _apart(what: str, where: str, held: _Held) -> str:
    """A distance in basis points, or in per cent where its limit is one per cent or more."""
    unit, size = ("%", 100) if held.limit >= 100 else ("bp", 1)
    value, limit = (f"{bps / size:.5g} {unit}" for bps in (held.value, held.limit))
    return f"{what} {value}{where}, at most {limit}"


def _seconds(ns: float) -> str:
    return f"{ns * 1e-9:.6g} s"
