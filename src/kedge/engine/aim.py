"""What one instrument should hold: forecasts, blend, size and its own limits (sections 5 to 8)."""

from math import inf

import numpy as np

from kedge.domain import state as o
from kedge.domain.arithmetic import sign
from kedge.domain.compiled import inlined
from kedge.domain.reason import Reason
from kedge.domain.state import Out, Params, Rows, State
from kedge.ensemble.blend import alone, blend
from kedge.ensemble.forecasts import follow, refresh
from kedge.portfolio.sizing import position_size
from kedge.risk.instrument_limits import limit_instrument

_MASKED = int(Reason.MASKED)
_HALTED = int(Reason.HALTED)
_EXITING = int(Reason.EXITING)
_NO_FORECAST = int(Reason.NO_FORECAST)
_LOCKED = int(Reason.LOCKED)
_CONFIDENCE = int(Reason.CONFIDENCE)
_COST = int(Reason.COST)


@inlined
def hear(
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
def stop_distance(n: int, side: int, ticks: float, last: int, s: State) -> float:
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
        s.F[n, o.F_DIST] = stop_distance(n, sign(current), ticks, last, s)
    s.I[n, o.I_REASON] = _MASKED


@inlined
def _opinion(
    n: int, live: int, k: int, p: Params, s: State
) -> tuple[float, float, float, float, float]:
    """Section 6: edge, its error, confidence, stop and share of costs; ``k`` is the last live."""
    if live == 1:
        return alone(n, k, p, s)
    if live > 1:
        return blend(n, p, s)
    return 0.0, 0.0, 0.0, 0.0, 1.0


@inlined
def _wanted(
    n: int,
    net: float,
    sigma: float,
    confidence: float,
    ticks: float,
    last: int,
    p: Params,
    s: State,
) -> float:
    """Size before the limits."""
    risk, kelly, sessions = p.P[o.P_SIZE_RISK], p.P[o.P_KELLY], p.P[o.P_H_SESSIONS]
    sigma_n = s.F[n, o.F_SIGMA]
    return position_size(net, sigma, confidence, ticks, last, sigma_n, risk, kelly, sessions)


@inlined
def aim(
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
    current = s.I[n, o.I_LOTS] + s.I[n, o.I_PENDING]
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
    edge, sigma, confidence, stop, tau = _opinion(n, live, k, p, s)
    side = sign(edge)
    ticks = _stop_ticks(n, stop, last, to_price, p, s)
    s.I[n, o.I_ORDER_STOP] = int(ticks)
    reason = _refused(n, side, s)
    if reason != 0:
        s.I[n, o.I_REASON] = reason
        return False
    share = tau * s.F[n, o.F_COST]
    distance = stop_distance(n, side, ticks, last, s)
    s.F[n, o.F_DIST] = distance
    s.F[n, o.F_SHARE] = share
    s.F[n, o.F_EDGE] = edge
    s.I[n, o.I_REASON] = 0
    net = abs(edge) - share
    if confidence <= p.P[o.P_GATE] or net <= 0.0:
        s.I[n, o.I_REASON] = _CONFIDENCE if confidence <= p.P[o.P_GATE] else _COST
        if current * side <= 0:
            return True
        size = abs(held)
        s.I[n, o.I_HELD] = 1
    else:
        size = _wanted(n, net, sigma, confidence, ticks, last, p, s)
    s.F[n, o.F_W] = side * limit_instrument(n, left, size, side, held, distance, p, s)
    return True
