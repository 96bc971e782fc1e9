"""The pre-trade gate's checks, each its own function; None lets an order pass.

Every comparison is written so that NaN refuses. The first group holds for every
order: what the venue would refuse anyway. The second holds for whatever is not a verified
reduction: new risk needs every input to be there and every limit to hold.
"""

from collections.abc import Callable
from math import ceil, sqrt
from typing import Final

import msgspec

from kedge.domain.arithmetic import value
from kedge.domain.compiled import plain
from kedge.domain.control import Mode
from kedge.domain.decided import Refusal
from kedge.domain.order import Order, OrderType, TimeInForce
from kedge.risk.gate_view import LARGEST, GateRules, View

_BPS = 1e4
_SAFE: Final = 2**62
_INFINITE: Final = float("inf")
_NUMBER: Final = (float, int)
_TYPES: Final = tuple(OrderType)
_TIMES: Final = tuple(TimeInForce)
# Read through its class a member takes ten times as long as a name of the module's.
_ACTIVE: Final = Mode.ACTIVE
_LIMIT, _STOP, _STOP_LIMIT = OrderType.LIMIT, OrderType.STOP, OrderType.STOP_LIMIT
_IOC, _FOK, _BAR = TimeInForce.IOC, TimeInForce.FOK, TimeInForce.BAR
_LIMITED: Final = (_LIMIT, _STOP_LIMIT)
_TRIGGERED: Final = (_STOP, _STOP_LIMIT)

# The arithmetic of every fill without the compiler: whole numbers of any size, no overflow.
worth: Callable[[int, int, int, int], int] = plain(value)


class Refused(msgspec.Struct, frozen=True):
    """An order that may not be sent.

    Attributes:
        why: which check.
        limit, value: what it was held against, and what it was.
    """

    why: Refusal
    limit: float
    value: float


def reduces(order: Order, view: View) -> bool:
    """Whether an order can only make the position smaller, with all that works already."""
    held = view.held
    working = view.key_buying if order.side > 0 else view.key_selling
    if not (_whole(held, -_SAFE) and _whole(working, 0)):
        return False
    return order.side * held < 0 and order.lots + working <= abs(held)


def well_formed(order: Order, rules: GateRules) -> Refused | None:
    """Lots, prices and side are what the venue's steps and the order's type allow."""
    if order.side not in (1, -1):
        return Refused(Refusal.INPUT, 1.0, 0.0)
    if not _whole(order.lots, 1) or order.lots > rules.max_lots or order.lots % rules.lot_step:
        return Refused(Refusal.LOT, rules.lot_step, _figure(order.lots))
    if not _whole(order.display, 0) or order.display > order.lots:
        return Refused(Refusal.LOT, order.lots, _figure(order.display))
    limited, triggered = order.type in _LIMITED, order.type in _TRIGGERED
    for price, wanted in ((order.limit, limited), (order.trigger, triggered)):
        if type(price) is not int or not 0 <= price < _SAFE:
            return Refused(Refusal.TICK, rules.tick_step, _figure(price))
        if (price > 0) != wanted or price % rules.tick_step:
            return Refused(Refusal.TICK, rules.tick_step, _figure(price))
    return None


def able(order: Order, rules: GateRules, view: View, reducing: bool) -> Refused | None:
    """The venue has the type and flags; a flag that our own check makes true needs no venue."""
    kind, tif = order.type, order.tif
    lacks = (
        kind not in _TYPES
        or tif not in _TIMES
        or (kind in _TRIGGERED and not rules.stops)
        or (kind == _STOP_LIMIT and not rules.stop_limit)
        or (order.post_only and not (rules.post_only and kind == _LIMIT))
        or (tif == _IOC and not rules.ioc)
        or (tif == _FOK and not rules.fok)
        or (tif == _BAR and not rules.bars)
        or (order.display and not rules.iceberg)
        or (order.reduce_only and not (rules.reduce_only or reducing))
        or (not rules.client_ids and (view.buys if order.side > 0 else view.sells) != 0)
    )
    return Refused(Refusal.NOT_ABLE, 0.0, float(order.type)) if lacks else None


def minimum(order: Order, rules: GateRules, view: View, reducing: bool) -> Refused | None:
    """The venue's smallest notional, unless the order closes what is left of a position."""
    ticks = order.limit or order.trigger or view.bid
    if not _whole(ticks, 1):
        return None if reducing else Refused(Refusal.QUOTE_MISSING, 1.0, _figure(ticks))
    notional = worth(order.lots, ticks, rules.num, rules.den)
    if notional >= rules.min_notional:
        return None
    working = view.key_buying if order.side > 0 else view.key_selling
    if rules.closes_dust and reducing and order.lots + working == abs(view.held):
        return None
    return Refused(Refusal.NOTIONAL, rules.min_notional, notional)


def state_of_session(view: View) -> Refused | None:
    """Only an active session with a working, compared account takes new risk."""
    if view.mode != _ACTIVE or view.killed is not False:
        return Refused(Refusal.MODE, float(_ACTIVE), _figure(view.mode))
    if view.link is not True:
        return Refused(Refusal.LINK, 1.0, 0.0)
    if view.settled is not True:
        return Refused(Refusal.UNSETTLED, 1.0, 0.0)
    return None


def inputs(view: View) -> Refused | None:
    """Everything that new risk is measured with is there, finite, and of its sign."""
    for number in (view.now, view.buying, view.selling, view.key_buying, view.key_selling,
                   view.buys, view.sells, view.used, view.reserved):  # fmt: skip
        if type(number) is not int or not 0 <= number < _SAFE:
            return Refused(Refusal.INPUT, 0.0, _figure(number))
    for number in (view.held, view.net, view.cash, view.last):
        if type(number) is not int or not -_SAFE <= number < _SAFE:
            return Refused(Refusal.INPUT, 0.0, _figure(number))
    for figure in (view.sigma, view.session_volume, view.equity, view.rate):
        if not (type(figure) is float or _float(figure)) or not 0.0 < figure < _INFINITE:
            return Refused(Refusal.INPUT, 0.0, _figure(figure))
    for figure in (view.row_volume, view.hour_volume, view.gross):
        if not (type(figure) is float or _float(figure)) or not 0.0 <= figure < _INFINITE:
            return Refused(Refusal.INPUT, 0.0, _figure(figure))
    return None


def quote(view: View, rules: GateRules) -> Refused | None:
    """Both sides are there, not crossed, and young enough."""
    for ticks in (view.bid, view.ask):
        if type(ticks) is not int or not 1 <= ticks <= LARGEST:
            return Refused(Refusal.QUOTE_MISSING, 1.0, _figure(ticks))
    if view.bid > view.ask:
        return Refused(Refusal.QUOTE_MISSING, view.bid, view.ask)
    if not _whole(view.age, 0):
        return Refused(Refusal.QUOTE_MISSING, 0.0, _figure(view.age))
    if view.age > rules.stale_ns:
        return Refused(Refusal.QUOTE_STALE, rules.stale_ns, view.age)
    return None


def prices(order: Order, rules: GateRules, view: View) -> Refused | None:
    """Spread, distance of the order's own prices, and expected slippage."""
    middle = 0.5 * (view.bid + view.ask)
    spread = _BPS * (view.ask - view.bid) / middle
    if not spread <= rules.spread_bps:
        return Refused(Refusal.SPREAD, rules.spread_bps, spread)
    other = view.ask if order.side > 0 else view.bid
    for price in (order.limit, order.trigger):
        away = _BPS * abs(price - other) / other if price else 0.0
        if not away <= rules.band_bps:
            return Refused(Refusal.PRICE_BAND, rules.band_bps, away)
    slippage = _slippage_bps(order, rules, view, middle, spread)
    if not slippage <= rules.slippage_bps:
        return Refused(Refusal.SLIPPAGE, rules.slippage_bps, slippage)
    return None


def _slippage_bps(
    order: Order, rules: GateRules, view: View, middle: float, spread: float
) -> float:
    """Half the spread and the square-root impact (Toth et al. 2011), capped by a limit price."""
    if order.post_only:
        return 0.0
    share = min(1.0, order.lots / view.session_volume)
    expected = 0.5 * spread + _BPS * rules.impact * view.sigma * sqrt(share)
    if not order.limit or order.trigger:
        return expected
    worst = _BPS * order.side * (order.limit - middle) / middle
    return min(expected, max(0.0, worst))


def exposure(order: Order, rules: GateRules, view: View) -> Refused | None:
    """Order size, position and gross, valued at the dearest price, if all that works fills."""
    dearest = max(view.ask, order.limit, order.trigger)
    notional = worth(order.lots, dearest, rules.num, rules.den)
    if not notional <= rules.max_notional:
        return Refused(Refusal.ORDER_NOTIONAL, rules.max_notional, notional)
    long, short = view.net + view.buying, view.net - view.selling
    before = max(abs(long), abs(short))
    if order.side > 0:
        long += order.lots
    else:
        short -= order.lots
    reached = long if order.side > 0 else -short
    limit = rules.position * view.equity
    exposed = view.rate * worth(max(0, reached), dearest, rules.num, rules.den)
    if not exposed <= limit:
        return Refused(Refusal.POSITION, limit, exposed)
    added = max(abs(long), abs(short)) - before
    gross = view.gross + view.rate * worth(max(0, added), dearest, rules.num, rules.den)
    if added > 0 and not gross <= rules.gross * view.equity:
        return Refused(Refusal.GROSS, rules.gross * view.equity, gross)
    return None


def funds(order: Order, rules: GateRules, view: View) -> Refused | None:
    """A buy is paid with what working buys leave; a sale needs what it sells."""
    if order.side < 0:
        left = view.held - view.key_selling - order.lots
        return None if rules.short or left >= 0 else Refused(Refusal.SHORT, 0.0, left)
    dearest = max(view.ask, order.limit, order.trigger)
    notional = worth(order.lots, dearest, rules.num, rules.den)
    cost = view.reserved + ceil(notional * rules.margin) + ceil(notional * rules.fee)
    return None if cost <= view.cash else Refused(Refusal.CASH, view.cash, cost)


def pace(order: Order, rules: GateRules, view: View) -> Refused | None:
    """Time between orders, their number, and their share of volume."""
    waited = view.now - view.last
    if view.last >= 0 and not waited >= rules.interval_ns:
        return Refused(Refusal.INTERVAL, rules.interval_ns, waited)
    at_work = view.buys + view.sells
    if not at_work < rules.open_orders:
        return Refused(Refusal.OPEN_ORDERS, rules.open_orders, at_work)
    most = rules.participation * view.row_volume
    if not order.lots <= most:
        return Refused(Refusal.PARTICIPATION, most, order.lots)
    most = rules.participation_hour * view.hour_volume
    if not view.used + order.lots <= most:
        return Refused(Refusal.PARTICIPATION, most, view.used + order.lots)
    return None


def _whole(number: object, least: int) -> bool:
    """A plain whole number from ``least`` on, small enough for int64 arithmetic."""
    return type(number) is int and least <= number < _SAFE


def _float(number: object) -> bool:
    return isinstance(number, _NUMBER) and type(number) is not bool


def _figure(number: object) -> float:
    """Any input as a float for the record; NaN for what is none."""
    if not isinstance(number, _NUMBER):
        return float("nan")
    return float(number) if abs(number) < _INFINITE and abs(number) < 1e300 else float("nan")
