"""Limits that look at one instrument alone (section 8)."""

import numpy as np

from kedge.domain import state as o
from kedge.domain.arithmetic import clip
from kedge.domain.compiled import inlined
from kedge.domain.reason import Reason

_INPUT = int(Reason.INPUT)
_SHORT = int(Reason.SHORT)
_SPREAD = int(Reason.SPREAD)
_SLIPPAGE = int(Reason.SLIPPAGE)
_DRAWDOWN = int(Reason.DRAWDOWN)
_DAILY_LOSS = int(Reason.DAILY_LOSS)
_LOSSES = int(Reason.LOSSES)
_TRADE_RISK = int(Reason.TRADE_RISK)
_POSITION = int(Reason.POSITION)


@inlined
def _bind(n: int, reason: int, I: np.ndarray, bound: np.ndarray) -> None:  # noqa: E741
    I[o.I_REASON, n] = reason
    I[o.I_HELD, n] = 0
    bound[reason] += 1


@inlined
def limit_instrument(
    n: int,
    fx: float,
    A: np.ndarray,
    J: np.ndarray,
    P: np.ndarray,
    Q: np.ndarray,
    F: np.ndarray,
    I: np.ndarray,  # noqa: E741
    G: np.ndarray,
    K: np.ndarray,
    bound: np.ndarray,
) -> None:
    """Shape the free target weight ``F[F_W, n]`` until its own limits hold.

    A clamp allows no more than the current weight on the same side and nothing
    on the other: no new risk, while every reduction passes.
    """
    w = F[o.F_W, n]
    if w == 0.0:
        return
    side = 1.0 if w > 0.0 else -1.0
    size = side * w
    held = max(0.0, side * F[o.F_CUR, n])
    if (
        I[o.I_OBS, n] < Q[o.Q_MIN_SESSIONS]
        or not F[o.F_SIGMA, n] > 0.0
        or not F[o.F_ADV, n] > 0.0
        or not fx > 0.0
    ) and size > held:
        size = held
        _bind(n, _INPUT, I, bound)
    if side < 0.0 and J[o.J_SHORTABLE, n] == 0 and size > 0.0:
        size = 0.0
        _bind(n, _SHORT, I, bound)
    if A[o.A_SPREAD_BPS, n] > A[o.A_SPREAD_LIMIT, n] and size > held:
        size = held
        _bind(n, _SPREAD, I, bound)
    if 0.5 * F[o.F_COST, n] - A[o.A_TAKER_BPS, n] > A[o.A_SLIP_LIMIT, n] and size > held:
        size = held
        _bind(n, _SLIPPAGE, I, bound)
    drawdown = G[o.G_DRAWDOWN]
    if drawdown > P[o.P_DD_START]:
        span = P[o.P_DD_STOP] - P[o.P_DD_START]
        throttle = clip((P[o.P_DD_STOP] - drawdown) / span, 0.0, 1.0)
        throttled = max(throttle * size, min(size, held))
        if throttled < size:
            size = throttled
            _bind(n, _DRAWDOWN, I, bound)
    if K[o.K_BAN_DAY] >= K[o.K_ENDED] and size > held:
        size = held
        _bind(n, _DAILY_LOSS, I, bound)
    if K[o.K_BAN_LOSSES] >= K[o.K_ENDED] and size > held:
        size = held
        _bind(n, _LOSSES, I, bound)
    distance = F[o.F_DIST, n]
    if size * distance > P[o.P_TRADE_RISK]:
        size = P[o.P_TRADE_RISK] / distance
        _bind(n, _TRADE_RISK, I, bound)
    if size > A[o.A_CAP, n]:
        size = A[o.A_CAP, n]
        _bind(n, _POSITION, I, bound)
    F[o.F_W, n] = side * size
