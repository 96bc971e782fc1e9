"""Orders and stops meet the bar (section 3)."""

import numpy as np

from kedge.domain import state as o
from kedge.domain.arithmetic import value
from kedge.domain.compiled import compiled, constant, inlined
from kedge.domain.panel import CLOSE, CLOSED, HIGH, LOW, OPEN
from kedge.domain.reason import Reason
from kedge.domain.rules import FillMode
from kedge.domain.state import Booking, Out, Params, Rows, State
from kedge.execution.attribution import attribute
from kedge.execution.bar_fill import affordable, market_price, slip, volume_cap
from kedge.ledger.booking import book_fill, booking

_STOP = constant(Reason.STOP)
_ZERO = constant(0)
_CASH = int(Reason.CASH)
_LIMIT_MODE = int(FillMode.LIMIT)
_CLOSE_MODE = int(FillMode.NEXT_CLOSE)


@compiled
def cancel_pending(n: int, s: State) -> None:
    """Cancel every pending order of an instrument."""
    for slot in range(0, s.pend.shape[0], o.PEND_):
        s.pend[slot, n] = 0
    s.K[o.K_PENDING] -= s.I[n, o.I_OPEN_ORDERS]
    s.I[n, o.I_OPEN_ORDERS] = 0
    s.I[n, o.I_PENDING] = 0


@compiled
def book(n: int, lots: int, ticks: int, base: int, fee: int, reason: int, b: Booking) -> None:
    """Book a fill everywhere it belongs: ledger, attribution, records."""
    num, den = b.J[n, o.J_NUM], b.J[n, o.J_DEN]
    worth = value(b.I[n, o.I_LOTS], base, num, den)
    notional = book_fill(n, lots, ticks, fee, b)
    after = value(b.I[n, o.I_LOTS], base, num, den)
    holding = worth - b.I[n, o.I_VALUE]
    slippage = after - worth - notional
    b.I[n, o.I_VALUE] = after
    attribute(n, lots, fee, holding, slippage, b)
    record = b.fills[b.counts[0]]
    record[o.FILL_ROW] = b.K[o.K_ROW]
    record[o.FILL_INSTRUMENT] = n
    record[o.FILL_LOTS] = lots
    record[o.FILL_TICKS] = ticks
    record[o.FILL_BASE] = base
    record[o.FILL_FEE] = fee
    record[o.FILL_NOTIONAL] = notional
    record[o.FILL_REASON] = reason
    record[o.FILL_PROFIT] = holding + slippage
    b.counts[0] += 1


@compiled
def close_unordered(
    n: int, ticks: int, base: int, reason: int, p: Params, s: State, out: Out
) -> None:
    """Close a position that no order closes: a cash deal, a delisting."""
    cancel_pending(n, s)
    lots = s.I[n, o.I_LOTS]
    if lots != 0:
        book(n, -lots, ticks, base, _ZERO, reason, booking(p, s, out))


@inlined
def total_cash(p: Params, s: State) -> int:
    """All balances in reporting minor units."""
    total = s.K[o.K_]
    for c in range(1, p.Q[o.Q_CURRENCIES]):
        total += int(np.rint(s.K[o.K_ + c] * s.G[o.G_ + c]))
    return total


@inlined
def _with_cash(n: int, lots: int, ticks: int, rate: float, p: Params, s: State) -> int:
    """Lots of a buy that cash allows; covering a short needs none."""
    covering = max(0, -s.I[n, o.I_LOTS])
    if lots <= covering:
        return lots
    unit = ticks * p.A[n, o.A_RATIO] * s.G[o.G_ + p.J[n, o.J_CURRENCY]]
    most = covering + affordable(total_cash(p, s), unit, rate)
    if lots <= most:
        return lots
    s.bound[_CASH] += 1
    return most


@compiled
def execute(
    n: int, want: int, base: int, volume: float, reason: int, p: Params, s: State, out: Out
) -> None:
    """Fill what the bar's volume and the cash allow of ``want`` signed lots.

    An order of the limit mode fills at ``base`` itself; everything else, a
    protective stop among it, pays the spread and its impact.
    """
    side = 1 if want > 0 else -1
    lots = min(abs(want), volume_cap(p.P[o.P_PARTICIPATION], volume))
    if side < 0 and p.J[n, o.J_SHORTABLE] == 0:
        # The buy that this sale was to reduce may have been cut in the meantime.
        lots = min(lots, max(0, s.I[n, o.I_LOTS]))
    if lots == 0:
        return
    limit = p.Q[o.Q_FILL] == _LIMIT_MODE and reason != _STOP
    rate = p.A[n, o.A_MAKER] if limit else p.A[n, o.A_TAKER]
    ticks = base if limit else market_price(base, side, slip(n, lots, p, s))
    if side > 0:
        lots = _with_cash(n, lots, ticks, rate, p, s)
        if lots == 0:
            return
    notional = value(lots, ticks, p.J[n, o.J_NUM], p.J[n, o.J_DEN])
    fee = int(np.rint(notional * rate))
    book(n, side * lots, ticks, base, fee, reason, booking(p, s, out))


@inlined
def _meet(t: int, n: int, slot: int, want: int, p: Params, s: State, x: Rows, out: Out) -> None:
    """One due order meets its bar, unless the cell is masked or the limit is not reached."""
    if x.flags[t, n] & 3 != 3:
        return
    base = x.bars[t, n, CLOSE if p.Q[o.Q_FILL] == _CLOSE_MODE else OPEN]
    if p.Q[o.Q_FILL] == _LIMIT_MODE:
        base = s.pend[slot + o.PEND_LIMIT, n]
        if not (x.bars[t, n, LOW] < base if want > 0 else x.bars[t, n, HIGH] > base):
            return
    s.I[n, o.I_ORDER_STOP] = s.pend[slot + o.PEND_STOP, n]
    execute(n, want, base, x.volume[t, n], s.pend[slot + o.PEND_REASON, n], p, s, out)


@inlined
def _wait(n: int, slot: int, s: State) -> None:
    """An order whose exchange is closed is due in the next row, as one with the order due there."""
    after = (slot + o.PEND_) % s.pend.shape[0]
    if after == slot:  # without latency every row has the same slot
        return
    lots, later = s.pend[slot, n], s.pend[after, n]
    s.pend[slot, n] = 0
    s.pend[after, n] = lots + later
    if later == 0:
        for field in (o.PEND_LIMIT, o.PEND_REASON, o.PEND_STOP):
            s.pend[after + field, n] = s.pend[slot + field, n]
        return
    gone = 1 if lots + later != 0 else 2
    s.I[n, o.I_OPEN_ORDERS] -= gone
    s.K[o.K_PENDING] -= gone


@compiled
def fill_due(t: int, p: Params, s: State, x: Rows, out: Out) -> None:
    """Rules 1 to 6: the orders due in this row, sells first; the rest is cancelled or waits."""
    slot = o.PEND_ * (s.K[o.K_ROW] % (s.pend.shape[0] // o.PEND_))
    for side in (-1, 1):
        for n in range(s.F.shape[0]):
            want = s.pend[slot, n]
            if want * side <= 0:
                continue
            if x.flags[t, n] & CLOSED != 0:
                _wait(n, slot, s)
                continue
            s.pend[slot, n] = 0
            s.I[n, o.I_PENDING] -= want
            s.I[n, o.I_OPEN_ORDERS] -= 1
            s.K[o.K_PENDING] -= 1
            _meet(t, n, slot, want, p, s, x, out)


@compiled
def stop_out(n: int, t: int, p: Params, s: State, x: Rows, out: Out) -> None:
    """Rule 8: the protective stop was touched."""
    lots, stop, start = s.I[n, o.I_LOTS], s.I[n, o.I_STOP], x.bars[t, n, OPEN]
    base = min(start, stop) if lots > 0 else max(start, stop)
    s.I[n, o.I_LOCK] = 1 if lots > 0 else -1
    s.I[n, o.I_EXITING] = 1
    cancel_pending(n, s)
    execute(n, -lots, base, x.volume[t, n], _STOP, p, s, out)


@inlined
def stop_touched(n: int, t: int, s: State, x: Rows) -> bool:
    """Whether the bar touches the protective stop of a position."""
    lots = s.I[n, o.I_LOTS]
    if lots == 0 or x.flags[t, n] & 3 != 3:
        return False
    stop = s.I[n, o.I_STOP]
    return (lots > 0 and x.bars[t, n, LOW] <= stop) or (lots < 0 and x.bars[t, n, HIGH] >= stop)
