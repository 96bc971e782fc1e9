"""Forecasts as they age, and the virtual sub-position of each strategy (sections 5)."""

from math import inf

import numpy as np

from kedge.domain import state as o
from kedge.domain.arithmetic import sign
from kedge.domain.compiled import inlined
from kedge.domain.forecast import CONFIDENCE, EDGE_BPS, SIGMA_BPS, STOP, TARGET, TRAIL
from kedge.domain.panel import CLOSE, HIGH, LOW


@inlined
def refresh(
    t: int, n: int, s: int, ok: bool, elapsed: int, fc: np.ndarray, SP: np.ndarray, SF: np.ndarray
) -> bool:
    """Take row ``t``'s forecast if it is valid, else let the old one decay.

    Returns:
        Whether strategy ``s`` has a live forecast for instrument ``n``.
    """
    b = s * o.SF_
    if ok:
        edge = fc[t, s, EDGE_BPS, n]
        sigma = fc[t, s, SIGMA_BPS, n]
        confidence = fc[t, s, CONFIDENCE, n]
        if edge - edge == 0.0 and 0.0 < sigma < inf and 0.0 <= confidence <= 1.0:
            SF[b + o.SF_EDGE, n] = edge
            SF[b + o.SF_SIGMA, n] = sigma
            SF[b + o.SF_CONFIDENCE, n] = confidence
            SF[b + o.SF_STOP, n] = fc[t, s, STOP, n]
            SF[b + o.SF_TARGET, n] = fc[t, s, TARGET, n]
            SF[b + o.SF_TRAIL, n] = fc[t, s, TRAIL, n]
            SF[b + o.SF_AGE, n] = 0.0
            return True
    age = SF[b + o.SF_AGE, n]
    if age < 0.0:
        return False
    age += elapsed
    if age > SP[s, o.SP_EXPIRY]:
        SF[b + o.SF_AGE, n] = -1.0
        return False
    SF[b + o.SF_AGE, n] = age
    SF[b + o.SF_EDGE, n] *= 2.0 ** (-elapsed * SP[s, o.SP_DECAY])
    return True


@inlined
def _exits(
    b: int,
    n: int,
    x: int,
    held: int,
    max_rows: float,
    high: float,
    low: float,
    SF: np.ndarray,
) -> bool:
    """Whether the sub-position's own trailing stop, target or time exit strikes."""
    trail = SF[b + o.SF_ENTRY_TRAIL, n]
    target = SF[b + o.SF_ENTRY_TARGET, n]
    best = SF[b + o.SF_BEST, n]
    entry = SF[b + o.SF_ENTRY, n]
    if x > 0:
        if trail > 0.0 and low <= best - trail:
            return True
        if target > 0.0 and high >= entry + target:
            return True
    else:
        if trail > 0.0 and high >= best + trail:
            return True
        if target > 0.0 and low <= entry - target:
            return True
    return max_rows > 0.0 and held >= max_rows


@inlined
def follow(
    t: int,
    n: int,
    s: int,
    edge: float,
    to_price: float,
    bars: np.ndarray,
    SP: np.ndarray,
    SF: np.ndarray,
    SI: np.ndarray,
    ended: np.ndarray,
) -> float:
    """Advance the virtual sub-position of strategy ``s`` in ``n`` by one fresh row.

    Args:
        edge: the strategy's (possibly aged) edge; 0 without a live forecast.
        to_price: adjusted price per tick.
        ended: (2, S) scratch: virtual trades ended and hits in this row.

    Returns:
        The edge as it counts: 0 while its sign is blocked after an exit.
    """
    b, c = s * o.SF_, s * o.SI_
    x = SI[c + o.SI_POSITION, n]
    g = sign(edge)
    blocked = SI[c + o.SI_BLOCKED, n]
    if x == 0 and blocked == 0 and g == 0:
        return edge
    close = bars[t, CLOSE, n] * to_price
    exited = False
    if x != 0:
        high, low = bars[t, HIGH, n] * to_price, bars[t, LOW, n] * to_price
        held = SI[c + o.SI_HELD, n] + 1
        SI[c + o.SI_HELD, n] = held
        exited = _exits(b, n, x, held, SP[s, o.SP_MAX_ROWS], high, low, SF)
        if exited:
            blocked = x
        elif x > 0:
            SF[b + o.SF_BEST, n] = max(SF[b + o.SF_BEST, n], high)
        else:
            SF[b + o.SF_BEST, n] = min(SF[b + o.SF_BEST, n], low)
    if blocked != 0:
        if g != blocked:
            blocked = 0
        else:
            g = 0
            edge = 0.0
        SI[c + o.SI_BLOCKED, n] = blocked
    if exited or g != x:
        if x != 0:
            ended[0, s] += 1
            if x * (close - SF[b + o.SF_ENTRY, n]) > 0.0:
                ended[1, s] += 1
        if g != 0:
            SF[b + o.SF_ENTRY, n] = close
            SF[b + o.SF_BEST, n] = close
            SF[b + o.SF_ENTRY_TARGET, n] = SF[b + o.SF_TARGET, n]
            SF[b + o.SF_ENTRY_TRAIL, n] = SF[b + o.SF_TRAIL, n]
            SI[c + o.SI_HELD, n] = 0
        SI[c + o.SI_POSITION, n] = g
    return edge
