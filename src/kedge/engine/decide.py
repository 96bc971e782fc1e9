"""From forecasts to this row's orders (sections 5 to 12)."""

from math import inf

import numpy as np

from kedge.domain import state as o
from kedge.domain.arithmetic import clip, sign
from kedge.domain.compiled import compiled, inlined
from kedge.domain.panel import LEFT
from kedge.domain.reason import Reason
from kedge.domain.state import Out, Params, Rows, State
from kedge.ensemble.blend import alone, blend, learn
from kedge.ensemble.forecasts import follow, refresh
from kedge.execution.intents import order, within_reach
from kedge.portfolio.sizing import position_size
from kedge.risk.exposure import sums as exposure_sums
from kedge.risk.instrument_limits import limit_instrument
from kedge.risk.shape import shape_book
from kedge.risk.verify import exceeds, verify_alone, verify_book

_MASKED = int(Reason.MASKED)
_HALTED = int(Reason.HALTED)
_EXITING = int(Reason.EXITING)
_NO_FORECAST = int(Reason.NO_FORECAST)
_LOCKED = int(Reason.LOCKED)
_CONFIDENCE = int(Reason.CONFIDENCE)
_COST = int(Reason.COST)
_OPEN_RISK = int(Reason.OPEN_RISK)
_INFEASIBLE = int(Reason.INFEASIBLE)
_PARTICIPATION = int(Reason.PARTICIPATION)


@inlined
def _hear(
    t: int, n: int, ok: bool, elapsed: int, to_price: float, p: Params, s: State, x: Rows, out: Out
) -> tuple[int, int]:
    """Section 5 for one instrument; returns how many forecasts live, and the last of them."""
    live, last = 0, 0
    for k in range(p.Q[o.Q_STRATEGIES]):
        b = k * o.SF_
        alive = refresh(t, n, k, ok, elapsed, p, s, x)
        edge = s.SF[n, b + o.SF_EDGE] if alive else 0.0
        if ok:
            edge = follow(t, n, k, edge, to_price, p, s, x, out)
        if alive:
            s.SF[n, b + o.SF_E] = edge * p.SP[k, o.SP_FACTOR]
            live += 1
            last = k
    return live, last


@inlined
def _distance(n: int, side: int, ticks: float, last: int, s: State) -> float:
    """Distance to the stop of a target on ``side``, as a fraction of the last price.

    Args:
        n: instrument.
        side: of the target.
        ticks: the decision's stop distance; inf where there is no decision.
        last: last price in ticks, above 0.
        s: state; a position on the same side may have a tighter stop.
    """
    lots = s.I[n, o.I_LOTS]
    if lots * side > 0:
        ticks = min(ticks, max(0.0, float(side * (last - s.I[n, o.I_STOP]))))
    return ticks / last


@inlined
def _refused(n: int, side: int, s: State) -> int:
    """Rules 2 to 5 of section 7: the reason why the target is 0, or 0."""
    if side != s.I[n, o.I_LOCK]:
        s.I[n, o.I_LOCK] = 0
    if s.K[o.K_HALTED] == 1:
        return _HALTED
    if s.I[n, o.I_EXITING] == 1:
        return _EXITING
    if side == 0:
        return _NO_FORECAST
    if s.I[n, o.I_LOCK] == side:
        return _LOCKED
    return 0


@inlined
def _stop_ticks(n: int, stop: float, last: int, to_price: float, p: Params, s: State) -> float:
    """The decision's stop distance in ticks, at least one."""
    if stop > 0.0:
        return max(1.0, np.rint(stop / to_price))
    return max(1.0, np.rint(p.P[o.P_STOP_SIGMAS] * s.F[n, o.F_SIGMA] * last))


@inlined
def _stay(n: int, current: int, held: float, last: int, s: State) -> None:
    """A masked cell keeps what it has, fixed; what is pending will have its decision's stop."""
    s.F[n, o.F_W] = held
    s.I[n, o.I_FREE] = 0
    if current != 0:
        ticks = float(s.I[n, o.I_ORDER_STOP]) if s.I[n, o.I_PENDING] != 0 else inf
        s.F[n, o.F_DIST] = _distance(n, sign(current), ticks, last, s)
    s.I[n, o.I_REASON] = _MASKED


@inlined
def _aim(
    n: int,
    ok: bool,
    left: bool,
    live: int,
    k: int,
    inverse: float,
    to_price: float,
    p: Params,
    s: State,
) -> bool:
    """Sections 6 to 8 for one instrument: its target weight, shaped alone.

    Returns:
        Whether a blended forecast was there to act on.
    """
    lots = s.I[n, o.I_LOTS]
    current = lots + s.I[n, o.I_PENDING]
    held = current * (s.F[n, o.F_UNIT] * inverse)
    last = s.I[n, o.I_LAST]
    s.F[n, o.F_CUR] = held
    s.F[n, o.F_DIST] = 0.0
    s.F[n, o.F_W] = 0.0
    s.I[n, o.I_HELD] = 0
    if not ok:
        _stay(n, current, held, last, s)
        return False
    s.I[n, o.I_FREE] = 1
    edge = sigma = confidence = stop = 0.0
    tau = 1.0
    if live == 1:
        edge, sigma, confidence, stop, tau = alone(n, k, p, s)
    elif live > 1:
        edge, sigma, confidence, stop, tau = blend(n, p, s)
    side = sign(edge)
    ticks = _stop_ticks(n, stop, last, to_price, p, s)
    s.I[n, o.I_ORDER_STOP] = int(ticks)
    reason = _refused(n, side, s)
    if reason != 0:
        s.I[n, o.I_REASON] = reason
        return False
    same = current * side > 0
    share = tau * s.F[n, o.F_COST]
    net = abs(edge) - share
    distance = _distance(n, side, ticks, last, s)
    s.F[n, o.F_DIST] = distance
    s.F[n, o.F_SHARE] = share
    s.F[n, o.F_EDGE] = edge
    s.I[n, o.I_REASON] = 0
    if confidence <= p.P[o.P_GATE] or net <= 0.0:
        s.I[n, o.I_REASON] = _CONFIDENCE if confidence <= p.P[o.P_GATE] else _COST
        if not same:
            return True
        size = abs(held)
        s.I[n, o.I_HELD] = 1
    else:
        risk, kelly, sessions = p.P[o.P_SIZE_RISK], p.P[o.P_KELLY], p.P[o.P_H_SESSIONS]
        sigma_n = s.F[n, o.F_SIGMA]
        size = position_size(net, sigma, confidence, ticks, last, sigma_n, risk, kelly, sessions)
    s.F[n, o.F_W] = side * limit_instrument(n, left, size, side, held, distance, p, s)
    return True


@inlined
def _near(n: int, gap: float, size: float, p: Params, s: State) -> bool:
    """Whether a target lies within the no-trade region around the position."""
    if gap > size * p.P[o.P_BUFFER_MAX]:
        return False
    share = s.F[n, o.F_SHARE] / abs(s.F[n, o.F_EDGE])
    return gap <= size * clip(share, p.P[o.P_BUFFER_MIN], p.P[o.P_BUFFER_MAX])


@inlined
def _to_lots(n: int, equity: float, p: Params, s: State) -> bool:
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
        s.I[n, o.I_Q] = int(w * (equity / s.F[n, o.F_UNIT]))
    return True


@inlined
def _settle_for(n: int, lots: int, inverse: float, s: State) -> None:
    """Fewer lots than the target, perhaps on its other side."""
    s.I[n, o.I_Q] = lots
    s.F[n, o.F_W] = lots * (s.F[n, o.F_UNIT] * inverse)
    stop = float(s.I[n, o.I_ORDER_STOP])
    s.F[n, o.F_DIST] = _distance(n, sign(lots), stop, s.I[n, o.I_LAST], s)


@inlined
def _reach(n: int, ts: int, inverse: float, p: Params, s: State) -> bool:
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
def _keep_pace(inverse: float, s: State) -> tuple[float, float, float, float, float]:
    """Section 10, 5: no order that adds goes further on its way than what was held back.

    Returns:
        `exposure.sums` of the book that this leaves.
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
    return exposure_sums(s)


@inlined
def _weigh(
    n: int, sums: tuple[float, float, float, float, float], s: State
) -> tuple[float, float, float, float, float]:
    """Add instrument ``n`` to the running `exposure.sums`."""
    risk_fixed, risk_free, gross_fixed, gross_free, beta = sums
    weight = abs(s.F[n, o.F_W])
    beta += abs(s.F[n, o.F_BETA]) * weight
    if s.I[n, o.I_FREE] == 1:
        return (
            risk_fixed,
            risk_free + weight * s.F[n, o.F_DIST],
            gross_fixed,
            gross_free + weight,
            beta,
        )
    return risk_fixed + weight * s.F[n, o.F_DIST], risk_free, gross_fixed + weight, gross_free, beta


@inlined
def decide(t: int, equity: int, elapsed: int, p: Params, s: State, x: Rows, out: Out) -> None:
    """Sections 5 to 12 for the whole universe."""
    N = s.F.shape[0]
    money = float(max(equity, 1))
    inverse = 1.0 / money
    active = 0
    sums = (0.0, 0.0, 0.0, 0.0, 0.0)
    for n in range(N):
        ok, left = x.flags[t, n] & 3 == 3, x.flags[t, n] & LEFT != 0
        to_price = p.A[n, o.A_TICK] * x.adjust[t, n]
        live, k = _hear(t, n, ok, elapsed, to_price, p, s, x, out)
        if _aim(n, ok, left, live, k, inverse, to_price, p, s):
            active += 1
        if s.F[n, o.F_W] != 0.0:
            sums = _weigh(n, sums, s)
    fixed = sums[2] > 0.0
    mask = shape_book(fixed, sums[0], sums[1], sums[2], sums[3], sums[4], p, s)
    sums, held_back = (0.0, 0.0, 0.0, 0.0, 0.0), False
    for n in range(N):
        if _to_lots(n, money, p, s):
            verify_alone(n, inverse, p, s)
            held_back |= _reach(n, x.ts[t], inverse, p, s)
            sums = _weigh(n, sums, s)
    if held_back and exceeds(fixed, p, s):
        sums = _keep_pace(inverse, s)
    mask |= verify_book(fixed, x.ts[t], inverse, sums[0], sums[1], sums[2], sums[3], sums[4], p, s)
    if mask != 0:
        for r in range(_OPEN_RISK, _INFEASIBLE + 1):
            s.bound[r] += (mask >> r) & 1
    if active > 0:
        s.K[o.K_ACTIVE_CELLS] += active
        s.K[o.K_ACTIVE_ROWS] += 1
    for n in range(N):
        if s.I[n, o.I_Q] != s.I[n, o.I_LOTS] + s.I[n, o.I_PENDING]:
            order(n, p, s)
        out.reasons[t, n] = s.I[n, o.I_REASON]
    ended = 0
    for k in range(p.Q[o.Q_STRATEGIES]):
        ended += out.ended[0, k]
    if ended > 0:
        learn(p, s, out)
