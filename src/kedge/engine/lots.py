"""From target weights to the lots that this row's orders can reach (section 10, 1 to 5)."""

from kedge.domain import state as o
from kedge.domain.arithmetic import clip, sign
from kedge.domain.compiled import compiled, inlined
from kedge.domain.reason import Reason
from kedge.domain.state import Params, State
from kedge.engine.aim import stop_distance
from kedge.execution.intents import within_reach
from kedge.risk.exposure import Sums, sums_of

_PARTICIPATION = int(Reason.PARTICIPATION)


@inlined
def _near(n: int, gap: float, size: float, p: Params, s: State) -> bool:
    """Whether a target lies within the no-trade region around the position."""
    if gap > size * p.P[o.P_BUFFER_MAX]:
        return False
    share = s.F[n, o.F_SHARE] / abs(s.F[n, o.F_EDGE])
    return gap <= size * clip(share, p.P[o.P_BUFFER_MIN], p.P[o.P_BUFFER_MAX])


@inlined
def to_lots(n: int, equity: float, p: Params, s: State) -> bool:
    """Section 10, 1 and 2: the no-trade region, then whole lots.

    Returns:
        Whether there is a position, an order or a target at all.
    """
    current = s.I[n, o.I_LOTS] + s.I[n, o.I_PENDING]
    w, held = s.F[n, o.F_W], s.F[n, o.F_CUR]
    if w == 0.0 and current == 0:
        s.I[n, o.I_Q] = 0
        s.I[n, o.I_AIM] = 0
        return False
    if s.I[n, o.I_FREE] == 0 or s.I[n, o.I_HELD] == 1:
        s.I[n, o.I_Q] = current
    elif w == 0.0:
        s.I[n, o.I_Q] = 0
    elif w * held > 0.0 and _near(n, abs(w - held), abs(w), p, s):
        s.I[n, o.I_Q] = current
    else:
        # In this order: a weight that is worth a whole number of lots gives that number.
        s.I[n, o.I_Q] = int(w * equity / s.F[n, o.F_UNIT])
    return True


@inlined
def _settle_for(n: int, lots: int, inverse: float, s: State) -> None:
    """Fewer lots than the target, perhaps on its other side."""
    s.I[n, o.I_Q] = lots
    s.F[n, o.F_W] = lots * (s.F[n, o.F_UNIT] * inverse)
    stop = float(s.I[n, o.I_ORDER_STOP])
    s.F[n, o.F_DIST] = stop_distance(n, sign(lots), stop, s.I[n, o.I_LAST], s)


@inlined
def reach(n: int, ts: int, inverse: float, p: Params, s: State) -> bool:
    """Section 10, 4: the lots that this row's order can bring the position to.

    Returns:
        Whether they are not the target's.
    """
    s.I[n, o.I_AIM] = s.I[n, o.I_Q]
    if s.I[n, o.I_Q] == s.I[n, o.I_LOTS] + s.I[n, o.I_PENDING]:
        return False
    lots = within_reach(n, ts, p, s)
    if lots == s.I[n, o.I_Q]:
        return False
    _settle_for(n, lots, inverse, s)
    return True


@compiled
def keep_pace(inverse: float, s: State) -> Sums:
    """Section 10, 5: no order that adds goes further on its way than what was held back.

    Returns:
        `Sums` of the book that this leaves.
    """
    pace = 1.0
    for n in range(s.F.shape[0]):
        if s.I[n, o.I_Q] != s.I[n, o.I_AIM]:
            current = s.I[n, o.I_LOTS] + s.I[n, o.I_PENDING]
            pace = min(pace, (s.I[n, o.I_Q] - current) / (s.I[n, o.I_AIM] - current))
    for n in range(s.F.shape[0]):
        current = s.I[n, o.I_LOTS] + s.I[n, o.I_PENDING]
        delta = s.I[n, o.I_Q] - current
        if delta == 0 or (delta * current < 0 and abs(delta) <= abs(current)):
            continue
        lots = current + int(pace * (s.I[n, o.I_AIM] - current))
        if lots != s.I[n, o.I_Q]:
            _settle_for(n, lots, inverse, s)
            s.I[n, o.I_REASON] = _PARTICIPATION
            s.bound[_PARTICIPATION] += 1
    return sums_of(s)
