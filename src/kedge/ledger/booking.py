"""Booking a fill: position, cash, protective stop and the trade it belongs to."""

from kedge.domain import state as o
from kedge.domain.arithmetic import portion, value
from kedge.domain.compiled import compiled, inlined
from kedge.domain.state import Out, Params, State


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
def _close_trade(n: int, side: int, s: State, out: Out) -> None:
    profit = s.I[n, o.I_TRADE_CASH]
    at = out.counts[2]
    out.trades[at, o.TRADE_INSTRUMENT] = n
    out.trades[at, o.TRADE_OPEN] = s.I[n, o.I_TRADE_ROW]
    out.trades[at, o.TRADE_CLOSE] = s.K[o.K_ROW]
    out.trades[at, o.TRADE_SIDE] = side
    out.trades[at, o.TRADE_PROFIT] = profit
    out.trades[at, o.TRADE_NOTIONAL] = s.I[n, o.I_TRADE_NOTIONAL]
    out.trades[at, o.TRADE_FEES] = s.I[n, o.I_TRADE_FEES]
    out.counts[2] += 1
    s.K[o.K_LOSSES] = s.K[o.K_LOSSES] + 1 if profit < 0 else 0
    s.I[n, o.I_TRADE_CASH] = 0
    s.I[n, o.I_TRADE_NOTIONAL] = 0
    s.I[n, o.I_TRADE_FEES] = 0


@compiled
def end_position(n: int, side: int, s: State, out: Out) -> None:
    """A position is gone: its trade closes, and its stop with it."""
    _close_trade(n, side, s, out)
    s.I[n, o.I_STOP] = 0
    s.I[n, o.I_STOP_DIST] = 0
    s.I[n, o.I_EXITING] = 0


@inlined
def _part(n: int, opens: bool, adds: bool, notional: int, fee: int, s: State) -> None:
    """Cash of one part of a fill into the trade it belongs to."""
    if opens:
        s.I[n, o.I_TRADE_ROW] = s.K[o.K_ROW]
    s.I[n, o.I_TRADE_CASH] -= notional + fee
    s.I[n, o.I_TRADE_FEES] += fee
    if adds:
        s.I[n, o.I_TRADE_NOTIONAL] += abs(notional)


@inlined
def book_fill(n: int, lots: int, ticks: int, fee: int, p: Params, s: State, out: Out) -> int:
    """Book signed ``lots`` at ``ticks`` with ``fee`` minor units.

    Returns:
        The notional, with the sign of ``lots``.
    """
    num, den = p.J[n, o.J_NUM], p.J[n, o.J_DEN]
    notional = value(lots, ticks, num, den)
    before = s.I[n, o.I_LOTS]
    after = before + lots
    s.K[o.K_ + p.J[n, o.J_CURRENCY]] -= notional + fee
    s.I[n, o.I_LOTS] = after
    side = 1 if before > 0 else -1
    if before != 0 and (before > 0) != (after > 0) and after != 0:
        closing = value(-before, ticks, num, den)
        closing_fee = portion(fee, abs(before), abs(lots))
        _part(n, False, False, closing, closing_fee, s)
        _close_trade(n, side, s, out)
        _part(n, True, True, notional - closing, fee - closing_fee, s)
    else:
        _part(n, before == 0, abs(after) > abs(before), notional, fee, s)
        if after == 0:
            end_position(n, side, s, out)
    _place_stop(n, before, after, ticks, s)
    return notional


@inlined
def _place_stop(n: int, before: int, after: int, ticks: int, s: State) -> None:
    """The one protective stop of the net position: placed or tightened."""
    if after == 0:
        return
    same = before != 0 and (before > 0) == (after > 0)
    if same and abs(after) <= abs(before):
        return
    side = 1 if after > 0 else -1
    distance = s.I[n, o.I_ORDER_STOP]
    stop = ticks - side * distance
    old = s.I[n, o.I_STOP]
    if same and old > 0:
        stop = max(stop, old) if side > 0 else min(stop, old)
    s.I[n, o.I_STOP] = max(stop, 1)
    s.I[n, o.I_STOP_DIST] = distance
    if not same:
        s.I[n, o.I_EXITING] = 0
