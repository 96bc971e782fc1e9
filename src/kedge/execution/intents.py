"""From target lots to the order of this row (section 11)."""

from kedge.domain import state as o
from kedge.domain.arithmetic import value
from kedge.domain.compiled import inlined
from kedge.domain.reason import Reason
from kedge.domain.state import Params, State
from kedge.execution.attribution import take_shares

_PARTICIPATION = int(Reason.PARTICIPATION)
_INTERVAL = int(Reason.INTERVAL)
_OPEN_ORDERS = int(Reason.OPEN_ORDERS)
_NOTIONAL = int(Reason.NOTIONAL)
_HOUR_NS = 3_600_000_000_000


@inlined
def _refuse(n: int, reason: int, s: State) -> int:
    s.I[n, o.I_REASON] = reason
    s.bound[reason] += 1
    return 0


@inlined
def _volume_left(n: int, ts: int, p: Params, s: State) -> int:
    """Lots that participation allows now, per order and per clock hour."""
    hour = ts // _HOUR_NS
    if hour != s.I[n, o.I_HOUR]:
        s.I[n, o.I_HOUR] = hour
        s.I[n, o.I_USED] = 0
    average = s.F[n, o.F_AV]
    left = int(p.P[o.P_HOUR] * average) - s.I[n, o.I_USED]
    return max(0, min(int(p.P[o.P_PARTICIPATION] * average), left))


@inlined
def intend(n: int, ts: int, p: Params, s: State) -> int:
    """Signed lots to order for instrument ``n``, 0 for none.

    ``I[I_Q, n]`` holds the target; the difference to position and pending
    orders is sliced by volume, and an order that adds risk also keeps to the
    interval and the number of open orders.
    """
    row = s.K[o.K_ROW]
    current = s.I[n, o.I_LOTS] + s.I[n, o.I_PENDING]
    delta = s.I[n, o.I_Q] - current
    cap = _volume_left(n, ts, p, s)
    if abs(delta) > cap:
        delta = cap if delta > 0 else -cap
        _refuse(n, _PARTICIPATION, s)
        if delta == 0:
            return 0
    reduces = delta * current < 0 and abs(delta) <= abs(current)
    if not reduces:
        if row - s.I[n, o.I_LAST_ORDER] < p.Q[o.Q_MIN_ROWS]:
            return _refuse(n, _INTERVAL, s)
        if s.I[n, o.I_OPEN_ORDERS] >= p.Q[o.Q_MAX_OPEN]:
            return _refuse(n, _OPEN_ORDERS, s)
    worth = value(abs(delta), s.I[n, o.I_LAST], p.J[n, o.J_NUM], p.J[n, o.J_DEN])
    if worth < p.J[n, o.J_MIN_NOTIONAL] and current + delta != 0:
        return _refuse(n, _NOTIONAL, s)
    s.I[n, o.I_USED] += abs(delta)
    s.I[n, o.I_LAST_ORDER] = row
    return delta


@inlined
def order(n: int, ts: int, p: Params, s: State) -> None:
    """Make this row's order for ``n``, due after the latency, and its shares."""
    delta = intend(n, ts, p, s)
    if delta == 0:
        return
    slot = o.PEND_ * (s.K[o.K_ROW] % (s.pend.shape[0] // o.PEND_))
    s.pend[slot, n] = delta
    s.pend[slot + o.PEND_LIMIT, n] = s.I[n, o.I_LAST]
    s.pend[slot + o.PEND_REASON, n] = s.I[n, o.I_REASON]
    s.pend[slot + o.PEND_STOP, n] = s.I[n, o.I_ORDER_STOP]
    s.I[n, o.I_PENDING] += delta
    s.I[n, o.I_OPEN_ORDERS] += 1
    s.K[o.K_PENDING] += 1
    if s.I[n, o.I_Q] != 0:
        take_shares(n, p.Q[o.Q_STRATEGIES], s)
