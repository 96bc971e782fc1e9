"""Forecasts as they age, and the virtual sub-position of each strategy (section 5)."""

from kedge.domain import state as o
from kedge.domain.arithmetic import sign
from kedge.domain.compiled import inlined
from kedge.domain.forecast import CONFIDENCE, EDGE_BPS, SIGMA_BPS, STOP, TARGET, TRAIL
from kedge.domain.panel import CLOSE, HIGH, LOW
from kedge.domain.state import Out, Params, Rows, State


@inlined
def refresh(t: int, n: int, k: int, ok: bool, elapsed: int, p: Params, s: State, x: Rows) -> bool:
    """Take row ``t``'s forecast of strategy ``k`` if it is valid, else let the old one decay.

    Returns:
        Whether the strategy has a live forecast for instrument ``n``.
    """
    b = k * o.SF_
    if ok:
        edge = x.fc[t, k, n, EDGE_BPS]
        sigma = x.fc[t, k, n, SIGMA_BPS]
        confidence = x.fc[t, k, n, CONFIDENCE]
        # x - x is 0 for what is finite: fewer instructions than comparing with inf.
        known = edge - edge == 0.0 and sigma - sigma == 0.0
        if known and sigma > 0.0 and 0.0 <= confidence <= 1.0:
            s.SF[n, b + o.SF_EDGE] = edge
            s.SF[n, b + o.SF_SIGMA] = sigma
            s.SF[n, b + o.SF_CONFIDENCE] = confidence
            s.SF[n, b + o.SF_STOP] = x.fc[t, k, n, STOP]
            s.SF[n, b + o.SF_TARGET] = x.fc[t, k, n, TARGET]
            s.SF[n, b + o.SF_TRAIL] = x.fc[t, k, n, TRAIL]
            s.SF[n, b + o.SF_AGE] = 0.0
            return True
    age = s.SF[n, b + o.SF_AGE]
    if age < 0.0:
        return False
    age += elapsed
    if age > p.SP[k, o.SP_EXPIRY]:
        s.SF[n, b + o.SF_AGE] = -1.0
        return False
    s.SF[n, b + o.SF_AGE] = age
    s.SF[n, b + o.SF_EDGE] *= 2.0 ** (-elapsed * p.SP[k, o.SP_DECAY])
    return True


@inlined
def _exits(b: int, n: int, position: int, high: float, low: float, s: State) -> bool:
    """Whether the sub-position's own trailing stop or target strikes."""
    trail = s.SF[n, b + o.SF_ENTRY_TRAIL]
    target = s.SF[n, b + o.SF_ENTRY_TARGET]
    best = s.SF[n, b + o.SF_BEST]
    entry = s.SF[n, b + o.SF_ENTRY]
    if position > 0:
        trailed = trail > 0.0 and low <= best - trail
        reached = target > 0.0 and high >= entry + target
    else:
        trailed = trail > 0.0 and high >= best + trail
        reached = target > 0.0 and low <= entry - target
    return trailed or reached


@inlined
def _advance(
    t: int, n: int, k: int, position: int, to_price: float, p: Params, s: State, x: Rows
) -> bool:
    """One more row for an open sub-position; returns whether it exits."""
    b, c = k * o.SF_, k * o.SI_
    held = s.SI[n, c + o.SI_HELD] + 1
    s.SI[n, c + o.SI_HELD] = held
    limit = p.SP[k, o.SP_MAX_ROWS]
    if limit > 0.0 and held >= limit:
        return True
    if not (s.SF[n, b + o.SF_ENTRY_TRAIL] > 0.0 or s.SF[n, b + o.SF_ENTRY_TARGET] > 0.0):
        return False
    high, low = x.bars[t, HIGH, n] * to_price, x.bars[t, LOW, n] * to_price
    if _exits(b, n, position, high, low, s):
        return True
    best = s.SF[n, b + o.SF_BEST]
    s.SF[n, b + o.SF_BEST] = max(best, high) if position > 0 else min(best, low)
    return False


@inlined
def follow(
    t: int, n: int, k: int, edge: float, to_price: float, p: Params, s: State, x: Rows, out: Out
) -> float:
    """Advance the virtual sub-position of strategy ``k`` in ``n`` by one fresh row.

    Args:
        edge: the strategy's (possibly aged) edge; 0 without a live forecast.
        to_price: adjusted price per tick.

    Returns:
        The edge as it counts: 0 while its sign is blocked after an exit.
    """
    b, c = k * o.SF_, k * o.SI_
    position = s.SI[n, c + o.SI_POSITION]
    blocked = s.SI[n, c + o.SI_BLOCKED]
    g = sign(edge)
    if position == 0 and blocked == 0 and g == 0:
        return edge
    exited = False
    if position != 0 and _advance(t, n, k, position, to_price, p, s, x):
        exited = True
        blocked = position
    if blocked != 0:
        if g != blocked:
            blocked = 0
        else:
            g = 0
            edge = 0.0
        s.SI[n, c + o.SI_BLOCKED] = blocked
    if exited or g != position:
        close = x.bars[t, CLOSE, n] * to_price
        if position != 0:
            out.ended[0, k] += 1
            if position * (close - s.SF[n, b + o.SF_ENTRY]) > 0.0:
                out.ended[1, k] += 1
        if g != 0:
            s.SF[n, b + o.SF_ENTRY] = close
            s.SF[n, b + o.SF_BEST] = close
            s.SF[n, b + o.SF_ENTRY_TARGET] = s.SF[n, b + o.SF_TARGET]
            s.SF[n, b + o.SF_ENTRY_TRAIL] = s.SF[n, b + o.SF_TRAIL]
            s.SI[n, c + o.SI_HELD] = 0
        s.SI[n, c + o.SI_POSITION] = g
    return edge
