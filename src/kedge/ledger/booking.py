"""Booking a fill: position, cash, protective stop and the trade it belongs to."""

from kedge.domain import state as o
from kedge.domain.arithmetic import portion, value
from kedge.domain.compiled import compiled, inlined
from kedge.domain.state import Booking, Out, Params, State


@inlined
def booking(p: Params, s: State, out: Out) -> Booking:
    """The arrays that a fill is booked into."""
    return Booking(
        p.J, p.Q, s.I, s.SF, s.K, out.fills, out.attr, out.trades, out.counts, out.scratch
    )


@compiled
def post(kind: int, currency: int, amount: int, n: int, s: State, out: Out) -> None:
    """Book ``amount`` minor units of cash besides fills; ``n`` < 0 for no instrument."""
    s.K[o.K_ + currency] += amount
    if n >= 0:
        s.I[n, o.I_TRADE_CASH] += amount
    at = out.counts[1]
    out.posts[at, o.POST_ROW] = s.K[o.K_ROW]
    out.posts[at, o.POST_KIND] = kind
    out.posts[at, o.POST_CURRENCY] = currency
    out.posts[at, o.POST_AMOUNT] = amount
    out.posts[at, o.POST_INSTRUMENT] = n
    out.counts[1] += 1


@inlined
def _close_trade(n: int, side: int, b: Booking) -> None:
    profit = b.I[n, o.I_TRADE_CASH]
    at = b.counts[2]
    b.trades[at, o.TRADE_INSTRUMENT] = n
    b.trades[at, o.TRADE_OPEN] = b.I[n, o.I_TRADE_ROW]
    b.trades[at, o.TRADE_CLOSE] = b.K[o.K_ROW]
    b.trades[at, o.TRADE_SIDE] = side
    b.trades[at, o.TRADE_PROFIT] = profit
    b.trades[at, o.TRADE_NOTIONAL] = b.I[n, o.I_TRADE_NOTIONAL]
    b.trades[at, o.TRADE_FEES] = b.I[n, o.I_TRADE_FEES]
    b.counts[2] += 1
    b.K[o.K_LOSSES] = b.K[o.K_LOSSES] + 1 if profit < 0 else 0
    b.I[n, o.I_TRADE_CASH] = 0
    b.I[n, o.I_TRADE_NOTIONAL] = 0
    b.I[n, o.I_TRADE_FEES] = 0


@compiled
def end_position(n: int, side: int, b: Booking) -> None:
    """A position is gone: its trade closes, and its stop with it."""
    _close_trade(n, side, b)
    b.I[n, o.I_STOP] = 0
    b.I[n, o.I_STOP_DIST] = 0
    b.I[n, o.I_EXITING] = 0


@inlined
def _part(n: int, opens: bool, adds: bool, notional: int, fee: int, b: Booking) -> None:
    """Cash of one part of a fill into the trade it belongs to."""
    if opens:
        b.I[n, o.I_TRADE_ROW] = b.K[o.K_ROW]
    b.I[n, o.I_TRADE_CASH] -= notional + fee
    b.I[n, o.I_TRADE_FEES] += fee
    if adds:
        b.I[n, o.I_TRADE_NOTIONAL] += abs(notional)


@inlined
def book_fill(n: int, lots: int, ticks: int, fee: int, b: Booking) -> int:
    """Book signed ``lots`` at ``ticks`` with ``fee`` minor units.

    Returns:
        The notional, with the sign of ``lots``.
    """
    num, den = b.J[n, o.J_NUM], b.J[n, o.J_DEN]
    notional = value(lots, ticks, num, den)
    before = b.I[n, o.I_LOTS]
    after = before + lots
    b.K[o.K_ + b.J[n, o.J_CURRENCY]] -= notional + fee
    b.I[n, o.I_LOTS] = after
    side = 1 if before > 0 else -1
    if before != 0 and (before > 0) != (after > 0) and after != 0:
        closing = value(-before, ticks, num, den)
        closing_fee = portion(fee, abs(before), abs(lots))
        _part(n, False, False, closing, closing_fee, b)
        _close_trade(n, side, b)
        _part(n, True, True, notional - closing, fee - closing_fee, b)
    else:
        _part(n, before == 0, abs(after) > abs(before), notional, fee, b)
        if after == 0:
            end_position(n, side, b)
    _place_stop(n, before, after, ticks, b)
    return notional


@inlined
def _place_stop(n: int, before: int, after: int, ticks: int, b: Booking) -> None:
    """The one protective stop of the net position: placed or tightened."""
    if after == 0:
        return
    same = before != 0 and (before > 0) == (after > 0)
    if same and abs(after) <= abs(before):
        return
    side = 1 if after > 0 else -1
    distance = b.I[n, o.I_ORDER_STOP]
    stop = ticks - side * distance
    old = b.I[n, o.I_STOP]
    if same and old > 0:
        stop = max(stop, old) if side > 0 else min(stop, old)
    b.I[n, o.I_STOP] = max(stop, 1)
    b.I[n, o.I_STOP_DIST] = distance
    if not same:
        b.I[n, o.I_EXITING] = 0
