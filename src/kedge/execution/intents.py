"""From target lots to the order of this row (section 11)."""

import numpy as np

from kedge.domain import state as o
from kedge.domain.arithmetic import value
from kedge.domain.compiled import compiled, inlined
from kedge.domain.reason import Reason

_PARTICIPATION = int(Reason.PARTICIPATION)
_INTERVAL = int(Reason.INTERVAL)
_OPEN_ORDERS = int(Reason.OPEN_ORDERS)
_NOTIONAL = int(Reason.NOTIONAL)
_HOUR_NS = 3_600_000_000_000


@inlined
def _refuse(n: int, reason: int, I: np.ndarray, bound: np.ndarray) -> int:  # noqa: E741
    I[o.I_REASON, n] = reason
    bound[reason] += 1
    return 0


@compiled
def intend(
    n: int,
    ts: int,
    row: int,
    J: np.ndarray,
    P: np.ndarray,
    Q: np.ndarray,
    F: np.ndarray,
    I: np.ndarray,  # noqa: E741
    bound: np.ndarray,
) -> int:
    """Signed lots to order for instrument ``n``, 0 for none.

    ``I[I_Q, n]`` holds the target; the difference to position and pending
    orders is sliced by volume, and an order that adds risk also keeps to the
    interval and the number of open orders.
    """
    current = I[o.I_LOTS, n] + I[o.I_PENDING, n]
    delta = I[o.I_Q, n] - current
    hour = ts // _HOUR_NS
    if hour != I[o.I_HOUR, n]:
        I[o.I_HOUR, n] = hour
        I[o.I_USED, n] = 0
    average = F[o.F_AV, n]
    cap = min(int(P[o.P_PARTICIPATION] * average), int(P[o.P_HOUR] * average) - I[o.I_USED, n])
    cap = max(cap, 0)
    if abs(delta) > cap:
        delta = cap if delta > 0 else -cap
        _refuse(n, _PARTICIPATION, I, bound)
        if delta == 0:
            return 0
    reduces = delta * current < 0 and abs(delta) <= abs(current)
    if not reduces:
        if row - I[o.I_LAST_ORDER, n] < Q[o.Q_MIN_ROWS]:
            return _refuse(n, _INTERVAL, I, bound)
        if I[o.I_OPEN_ORDERS, n] >= Q[o.Q_MAX_OPEN]:
            return _refuse(n, _OPEN_ORDERS, I, bound)
    worth = value(abs(delta), I[o.I_LAST, n], J[o.J_NUM, n], J[o.J_DEN, n])
    if worth < J[o.J_MIN_NOTIONAL, n] and current + delta != 0:
        return _refuse(n, _NOTIONAL, I, bound)
    I[o.I_USED, n] += abs(delta)
    I[o.I_LAST_ORDER, n] = row
    return delta
