"""The rules of the pre-trade gate again: slow, exact fractions, every violation at once.

It shares no code with the gate. Where the gate reasons about the worst case of working
orders, this tries the subsets of what may fill.
"""

from fractions import Fraction
from itertools import product
from math import isfinite, sqrt
from typing import Any

from kedge.domain.control import Mode
from kedge.domain.decided import Refusal
from kedge.domain.order import Order, OrderType, TimeInForce
from kedge.risk.gate import GateRules, View


def is_int(x: Any) -> bool:
    return isinstance(x, int) and not isinstance(x, bool) and abs(x) < 2**62


def is_count(x: Any) -> bool:
    return is_int(x) and x >= 0


def is_figure(x: Any) -> bool:
    return isinstance(x, int | float) and isfinite(x)


def rounded(x: Fraction) -> int:
    """Half away from zero."""
    whole = int(abs(x) + Fraction(1, 2))
    return whole if x >= 0 else -whole


def is_reduction(order: Order, view: View) -> bool:
    """Whether every order of what may fill leaves a position no larger, and on its side."""
    against = view.key_selling if order.side == -1 else view.key_buying
    if not is_int(view.held) or not is_count(against) or view.held == 0:
        return False
    long = view.held > 0
    if long == (order.side == 1):
        return False
    return abs(view.held) - against - order.lots >= 0


def violated(order: Order, rules: GateRules, view: View) -> set[Refusal]:
    """Every check that the order fails; empty for one that may be sent."""
    bad = form(order, rules)
    if bad:
        return bad
    reducing = is_reduction(order, view)
    found = {Refusal.DUPLICATE} if view.duplicate is not False else set()
    found |= venue(order, rules, view, reducing)
    return found if reducing else found | new_risk(order, rules, view)


def form(order: Order, rules: GateRules) -> set[Refusal]:
    found = set()
    if order.side != 1 and order.side != -1:
        return {Refusal.INPUT}
    shown = order.display
    lots = order.lots
    if (
        not is_int(lots)
        or lots < 1
        or lots > rules.max_lots
        or lots % rules.lot_step != 0
        or not is_count(shown)
        or shown > lots
    ):
        found.add(Refusal.LOT)
    for price, kinds in ((order.limit, "LIMIT STOP_LIMIT"), (order.trigger, "STOP STOP_LIMIT")):
        needed = any(order.type == OrderType[kind] for kind in kinds.split())
        if not is_count(price) or bool(price) is not needed or price % rules.tick_step:
            found.add(Refusal.TICK)
    return found


def venue(order: Order, rules: GateRules, view: View, reducing: bool) -> set[Refusal]:
    found = set()
    needs = {
        "stops": order.trigger > 0,
        "stop_limit": order.type == OrderType.STOP_LIMIT,
        "post_only": order.post_only,
        "ioc": order.tif == TimeInForce.IOC,
        "fok": order.tif == TimeInForce.FOK,
        "bars": order.tif == TimeInForce.BAR,
        "iceberg": order.display > 0,
        "reduce_only": order.reduce_only and not reducing,
    }
    if any(needed and not getattr(rules, name) for name, needed in needs.items()):
        found.add(Refusal.NOT_ABLE)
    if order.post_only and order.type != OrderType.LIMIT:
        found.add(Refusal.NOT_ABLE)
    same = view.buys if order.side == 1 else view.sells
    if not rules.client_ids and same != 0:
        found.add(Refusal.NOT_ABLE)
    price = order.limit if order.limit else (order.trigger if order.trigger else view.bid)
    if is_int(price) and price > 0:
        notional = rounded(Fraction(order.lots * price * rules.num, rules.den))
        against = view.key_selling if order.side == -1 else view.key_buying
        last = reducing and abs(view.held) == order.lots + against
        if notional < rules.min_notional and not last:
            found.add(Refusal.NOTIONAL)
    elif not reducing:
        found.add(Refusal.QUOTE_MISSING)
    return found


def new_risk(order: Order, rules: GateRules, view: View) -> set[Refusal]:
    found = set()
    if view.mode is not Mode.ACTIVE or view.killed is not False:
        found.add(Refusal.MODE)
    if view.link is not True:
        found.add(Refusal.LINK)
    if view.settled is not True:
        found.add(Refusal.UNSETTLED)
    if not measurable(view):
        return found | {Refusal.INPUT} | quoted(view, rules)
    missing = quoted(view, rules)
    if Refusal.QUOTE_MISSING in missing:
        return found | missing
    return found | missing | limits(order, rules, view)


def measurable(view: View) -> bool:
    counts = [
        "now",
        "buying",
        "selling",
        "key_buying",
        "key_selling",
        "buys",
        "sells",
        "used",
        "reserved",
    ]
    signed = ["held", "net", "cash", "last"]
    above = ["sigma", "session_volume", "equity", "rate"]
    least_zero = ["row_volume", "hour_volume", "gross"]
    return (
        all(is_count(getattr(view, name)) for name in counts)
        and all(is_int(getattr(view, name)) for name in signed)
        and all(is_figure(getattr(view, name)) and getattr(view, name) > 0 for name in above)
        and all(is_figure(getattr(view, name)) and getattr(view, name) >= 0 for name in least_zero)
    )


def quoted(view: View, rules: GateRules) -> set[Refusal]:
    for side in (view.bid, view.ask):
        if not is_int(side) or not 1 <= side <= 2**53:
            return {Refusal.QUOTE_MISSING}
    if view.ask < view.bid or not is_count(view.age):
        return {Refusal.QUOTE_MISSING}
    return {Refusal.QUOTE_STALE} if view.age > rules.stale_ns else set()


def limits(order: Order, rules: GateRules, view: View) -> set[Refusal]:
    found = set()
    bps = Fraction(10_000)
    bid, ask, side = Fraction(view.bid), Fraction(view.ask), order.side
    middle = (bid + ask) / 2
    spread = (ask - bid) / middle * bps
    if over(spread, rules.spread_bps):
        found.add(Refusal.SPREAD)
    touch = ask if side == 1 else bid
    for price in (order.limit, order.trigger):
        if price and over(abs(price / touch - 1) * bps, rules.band_bps):
            found.add(Refusal.PRICE_BAND)
    impact = rules.impact * view.sigma * sqrt(min(1.0, order.lots / view.session_volume))
    expected = spread / 2 + Fraction(impact) * bps
    if order.type == OrderType.LIMIT:
        expected = max(Fraction(0), min(expected, side * (order.limit - middle) / middle * bps))
    if over(Fraction(0) if order.post_only else expected, rules.slippage_bps):
        found.add(Refusal.SLIPPAGE)
    found |= sizes(order, rules, view)
    if view.last >= 0 and view.now - view.last < rules.interval_ns:
        found.add(Refusal.INTERVAL)
    if view.buys + view.sells >= rules.open_orders:
        found.add(Refusal.OPEN_ORDERS)
    if over(Fraction(order.lots), rules.participation * view.row_volume) or over(
        Fraction(order.lots + view.used), rules.participation_hour * view.hour_volume
    ):
        found.add(Refusal.PARTICIPATION)
    return found


def sizes(order: Order, rules: GateRules, view: View) -> set[Refusal]:
    """Money and positions, over what may fill: nothing, all, of either side, in any mixture."""
    found = set()
    price = max(view.ask, order.limit, order.trigger)

    def minor(lots: int) -> int:
        return rounded(Fraction(lots * price * rules.num, rules.den))

    if minor(order.lots) > rules.max_notional:
        found.add(Refusal.ORDER_NOTIONAL)
    mixtures = list(product((0, view.buying), (0, view.selling)))
    without = [view.net + bought - sold for bought, sold in mixtures]
    with_it = [lots + order.side * order.lots for lots in without]
    worst = max(order.side * lots for lots in with_it)
    if over(Fraction(view.rate) * minor(max(0, worst)), rules.position * view.equity):
        found.add(Refusal.POSITION)
    added = max(map(abs, without + with_it)) - max(map(abs, without))
    gross = Fraction(view.gross) + Fraction(view.rate) * minor(added)
    if added > 0 and over(gross, rules.gross * view.equity):
        found.add(Refusal.GROSS)
    if order.side == 1:
        notional = minor(order.lots)
        cost = sum(-int(-notional * part // 1) for part in (rules.margin, rules.fee))
        if view.reserved + cost > view.cash:
            found.add(Refusal.CASH)
    elif not rules.short and view.held < view.key_selling + order.lots:
        found.add(Refusal.SHORT)
    return found


def over(value: Fraction, limit: float) -> bool:
    """Above by more than float64 can be wrong."""
    return value > Fraction(limit) + abs(Fraction(limit)) * Fraction(1, 10**12)
