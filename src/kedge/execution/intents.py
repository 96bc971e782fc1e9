"""From target lots to the order of this row (section 11)."""

from kedge.domain import state as o
from kedge.domain.arithmetic import value
from kedge.domain.compiled import inlined
from kedge.domain.reason import Reason
from kedge.domain.state import Params, State
from kedge.execution.attribution import take_shares
from kedge.risk.participation import sliced

_PARTICIPATION = int(Reason.PARTICIPATION)
_INTERVAL = int(Reason.INTERVAL)
_OPEN_ORDERS = int(Reason.OPEN_ORDERS)
_NOTIONAL = int(Reason.NOTIONAL)


@inlined
def _note(n: int, reason: int, s: State) -> None:
    s.I[n, o.I_REASON] = reason
    s.bound[reason] += 1


@inlined
def within_reach(n: int, ts: int, p: Params, s: State) -> int:
    """The lots that this row's order can bring instrument ``n`` to.

    ``I[I_Q, n]`` holds the target; the difference to position and pending
    orders is sliced by volume, and an order that adds risk also keeps to the
    interval and the number of open orders.
    """
    current = s.I[n, o.I_LOTS] + s.I[n, o.I_PENDING]
    lots = sliced(n, s.I[n, o.I_Q], ts, p, s)
    if lots != s.I[n, o.I_Q]:
        _note(n, _PARTICIPATION, s)
    delta = lots - current
    if delta == 0 or (delta * current < 0 and abs(delta) <= abs(current)):
        return lots
    row = s.K[o.K_ROW]
    if row - s.I[n, o.I_LAST_ORDER] < p.Q[o.Q_MIN_ROWS]:
        _note(n, _INTERVAL, s)
        return current
    if s.I[n, o.I_OPEN_ORDERS] >= p.Q[o.Q_MAX_OPEN]:
        _note(n, _OPEN_ORDERS, s)
        return current
    return lots


@inlined
def order(n: int, p: Params, s: State) -> None:
    """Make this row's order for ``n``, due after the latency, and its shares.

    ``I[I_Q, n]`` holds verified lots within reach, other than the current ones.
    """
    delta = s.I[n, o.I_Q] - s.I[n, o.I_LOTS] - s.I[n, o.I_PENDING]
    worth = value(abs(delta), s.I[n, o.I_LAST], p.J[n, o.J_NUM], p.J[n, o.J_DEN])
    if worth < p.J[n, o.J_MIN_NOTIONAL] and s.I[n, o.I_Q] != 0:
        _note(n, _NOTIONAL, s)
        return
    row = s.K[o.K_ROW]
    s.I[n, o.I_USED] += abs(delta)
    s.I[n, o.I_LAST_ORDER] = row
    slot = o.PEND_ * (row % (s.pend.shape[0] // o.PEND_))
    s.pend[slot, n] = delta
    s.pend[slot + o.PEND_LIMIT, n] = s.I[n, o.I_LAST]
    s.pend[slot + o.PEND_REASON, n] = s.I[n, o.I_REASON]
    s.pend[slot + o.PEND_STOP, n] = s.I[n, o.I_ORDER_STOP]
    s.I[n, o.I_PENDING] += delta
    s.I[n, o.I_OPEN_ORDERS] += 1
    s.K[o.K_PENDING] += 1
    if s.I[n, o.I_AIM] != 0 and s.I[n, o.I_Q] != 0:
        take_shares(n, p.Q[o.Q_STRATEGIES], s)
