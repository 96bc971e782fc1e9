"""Limits that look at the whole book: shaping and verification (sections 9 and 10)."""

from math import sqrt

import numpy as np

from kedge.domain import state as o
from kedge.domain.compiled import compiled, inlined
from kedge.domain.reason import Reason
from kedge.risk.closed_form import linear_scale, quadratic_scale
from kedge.risk.tail import historical_tail

_TRADE_RISK = int(Reason.TRADE_RISK)
_POSITION = int(Reason.POSITION)
_OPEN_RISK = int(Reason.OPEN_RISK)
_GROUP = int(Reason.GROUP)
_GROSS = int(Reason.GROSS)
_VOL_TARGET = int(Reason.VOL_TARGET)
_VAR = int(Reason.VAR)
_ES = int(Reason.ES)
_FEW = int(Reason.FEW_SCENARIOS)
_INFEASIBLE = int(Reason.INFEASIBLE)

_OVER = 1.0 + 1e-9
_ROUNDS = 8


@inlined
def _scale_free(k: float, reason: int, F: np.ndarray, I: np.ndarray) -> None:  # noqa: E741
    for n in range(F.shape[1]):
        if I[o.I_FREE, n] == 1 and F[o.F_W, n] != 0.0:
            F[o.F_W, n] *= k
            I[o.I_REASON, n] = reason
            I[o.I_HELD, n] = 0


@inlined
def _variance(
    fixed: bool, F: np.ndarray, I: np.ndarray, cov: np.ndarray
) -> tuple[float, float, float]:  # noqa: E741
    """Fixed, cross and free parts of w'Sw; the products run along rows of S.

    Adding whole rows keeps every sum in one order, so that the compiler may
    use vector instructions without changing a bit.
    """
    n_instruments = F.shape[1]
    if n_instruments == 1 and not fixed:
        return 0.0, 0.0, F[o.F_W, 0] * F[o.F_W, 0] * cov[0, 0]
    for j in range(n_instruments):
        F[o.F_Y, j] = 0.0
    if fixed:
        for j in range(n_instruments):
            F[o.F_Z, j] = 0.0
    for i in range(n_instruments):
        w = F[o.F_W, i]
        if w == 0.0:
            continue
        if I[o.I_FREE, i] == 1:
            for j in range(n_instruments):
                F[o.F_Y, j] += w * cov[i, j]
        else:
            for j in range(n_instruments):
                F[o.F_Z, j] += w * cov[i, j]
    a = b = c = 0.0
    for i in range(n_instruments):
        w = F[o.F_W, i]
        if I[o.I_FREE, i] == 1:
            c += w * F[o.F_Y, i]
            if fixed:
                b += w * F[o.F_Z, i]
        else:
            a += w * F[o.F_Z, i]
    return a, b, c


@inlined
def _groups(F: np.ndarray, I: np.ndarray) -> float:  # noqa: E741
    """Net beta exposure by group into scratch rows; returns the largest size."""
    n_instruments = F.shape[1]
    for n in range(n_instruments):
        F[o.F_GROUP, n] = 0.0
        F[o.F_GROUP_FREE, n] = 0.0
    for n in range(n_instruments):
        exposure = F[o.F_BETA, n] * F[o.F_W, n]
        if I[o.I_FREE, n] == 1:
            F[o.F_GROUP_FREE, I[o.I_GROUP, n]] += exposure
        else:
            F[o.F_GROUP, I[o.I_GROUP, n]] += exposure
    largest = 0.0
    for n in range(n_instruments):
        largest = max(largest, abs(F[o.F_GROUP, n] + F[o.F_GROUP_FREE, n]))
    return largest


@inlined
def _sums(F: np.ndarray, I: np.ndarray) -> tuple[float, float, float, float]:  # noqa: E741
    """Fixed and free open risk, fixed and free gross exposure."""
    risk_fixed = risk_free = gross_fixed = gross_free = 0.0
    for n in range(F.shape[1]):
        size = abs(F[o.F_W, n])
        if I[o.I_FREE, n] == 1:
            gross_free += size
            risk_free += size * F[o.F_DIST, n]
        else:
            gross_fixed += size
            risk_fixed += size * F[o.F_DIST, n]
    return risk_fixed, risk_free, gross_fixed, gross_free


@compiled
def _historical_scale(
    P: np.ndarray, K: np.ndarray, F: np.ndarray, scen: np.ndarray, margin: float
) -> tuple[float, float, float, float]:
    """Scales for VaR and ES by scenarios, and the two values."""
    var, es = historical_tail(o.F_W, K[o.K_SCENARIOS], P[o.P_TAIL], F, scen)
    k_var = P[o.P_VAR] * margin / var if var > P[o.P_VAR] * _OVER else 1.0
    k_es = P[o.P_ES] * margin / es if es > P[o.P_ES] * _OVER else 1.0
    return k_var, k_es, var, es


@inlined
def shape_book(
    fixed: bool,
    P: np.ndarray,
    Q: np.ndarray,
    F: np.ndarray,
    I: np.ndarray,  # noqa: E741
    K: np.ndarray,
    cov: np.ndarray,
    scen: np.ndarray,
) -> int:
    """Scale the free target weights ``F[F_W]`` until every book limit holds.

    Returns:
        Bit mask of the reasons that bound.
    """
    mask = 0
    risk_fixed, risk_free, gross_fixed, gross_free = _sums(F, I)
    if risk_fixed + risk_free > P[o.P_OPEN_RISK]:
        k = linear_scale(risk_fixed, risk_free, P[o.P_OPEN_RISK])
        if k < 1.0:
            _scale_free(k, _OPEN_RISK, F, I)
            gross_free *= k
            mask |= 1 << _OPEN_RISK
    if _groups(F, I) > P[o.P_GROUP]:
        gross_free = 0.0
        for n in range(F.shape[1]):
            if I[o.I_FREE, n] == 1 and F[o.F_W, n] != 0.0:
                g = I[o.I_GROUP, n]
                k = linear_scale(F[o.F_GROUP, g], F[o.F_GROUP_FREE, g], P[o.P_GROUP])
                if k < 1.0:
                    F[o.F_W, n] *= k
                    I[o.I_REASON, n] = _GROUP
                    I[o.I_HELD, n] = 0
                    mask |= 1 << _GROUP
                gross_free += abs(F[o.F_W, n])
    if gross_fixed + gross_free > P[o.P_GROSS]:
        k = linear_scale(gross_fixed, gross_free, P[o.P_GROSS])
        if k < 1.0:
            _scale_free(k, _GROSS, F, I)
            mask |= 1 << _GROSS
    if gross_free == 0.0:
        return mask
    a, b, c = _variance(fixed, F, I, cov)
    total = a + 2.0 * b + c
    k, reason = 1.0, 0
    limit = P[o.P_VOL_TARGET] * P[o.P_VOL_TARGET] / P[o.P_SESSIONS_YEAR]
    if total > limit:
        k, reason = quadratic_scale(a, b, c, limit), _VOL_TARGET
    if Q[o.Q_HISTORICAL] == 1 and K[o.K_SCENARIOS] >= Q[o.Q_HISTORICAL_MIN]:
        k_var, k_es, _, _ = _historical_scale(P, K, F, scen, 1.0)
    else:
        var = P[o.P_VAR] / P[o.P_VAR_Z]
        es = P[o.P_ES] / P[o.P_ES_Y]
        k_var = quadratic_scale(a, b, c, var * var) if total > var * var else 1.0
        k_es = quadratic_scale(a, b, c, es * es) if total > es * es else 1.0
        if Q[o.Q_HISTORICAL] == 1:
            mask |= 1 << _FEW
    if k_var < k:
        k, reason = k_var, _VAR
    if k_es < k:
        k, reason = k_es, _ES
    if k < 1.0:
        _scale_free(k, reason, F, I)
        mask |= 1 << reason
    return mask


@inlined
def _verify_alone(
    n: int,
    limit: float,
    reason: int,
    per_lot: float,
    distance: float,
    P: np.ndarray,
    F: np.ndarray,
    I: np.ndarray,
    bound: np.ndarray,  # noqa: E741
) -> None:
    """Cut the lots of one instrument whose size x distance exceeds a limit."""
    q = I[o.I_Q, n]
    if abs(F[o.F_W, n]) * distance > limit * _OVER:
        lots = int(limit * (1.0 - P[o.P_CURE]) / distance / per_lot)
        I[o.I_Q, n] = lots if q > 0 else -lots
        F[o.F_W, n] = I[o.I_Q, n] * per_lot
        I[o.I_REASON, n] = reason
        bound[reason] += 1


@inlined
def _excess(
    fixed: bool,
    P: np.ndarray,
    Q: np.ndarray,
    F: np.ndarray,
    I: np.ndarray,  # noqa: E741
    K: np.ndarray,
    cov: np.ndarray,
    scen: np.ndarray,
    peak: np.ndarray,
) -> tuple[bool, float, int]:
    """Whether a book limit is exceeded, and the scale and reason that cure it.

    ``peak`` receives the use of each limit by this book.
    """
    margin = 1.0 - P[o.P_CURE]
    risk_fixed, risk_free, gross_fixed, gross_free = _sums(F, I)
    exceeded, k, reason = False, 1.0, 0
    risk, gross = risk_fixed + risk_free, gross_fixed + gross_free
    peak[_OPEN_RISK] = risk / P[o.P_OPEN_RISK]
    peak[_GROSS] = gross / P[o.P_GROSS]
    if risk > P[o.P_OPEN_RISK] * _OVER:
        exceeded, reason = True, _OPEN_RISK
        k = linear_scale(risk_fixed, risk_free, P[o.P_OPEN_RISK] * margin)
    net = _groups(F, I)
    peak[_GROUP] = net / P[o.P_GROUP]
    if net > P[o.P_GROUP] * _OVER:
        exceeded = True
        for n in range(F.shape[1]):
            alone, free = F[o.F_GROUP, n], F[o.F_GROUP_FREE, n]
            if abs(alone + free) > P[o.P_GROUP] * _OVER:
                kg = linear_scale(alone, free, P[o.P_GROUP] * margin)
                if kg < k:
                    k, reason = kg, _GROUP
    if gross > P[o.P_GROSS] * _OVER:
        exceeded = True
        kg = linear_scale(gross_fixed, gross_free, P[o.P_GROSS] * margin)
        if kg < k:
            k, reason = kg, _GROSS
    a, b, c = _variance(fixed, F, I, cov)
    total = a + 2.0 * b + c
    if Q[o.Q_HISTORICAL] == 1 and K[o.K_SCENARIOS] >= Q[o.Q_HISTORICAL_MIN]:
        k_var, k_es, var, es = _historical_scale(P, K, F, scen, margin)
    else:
        root = sqrt(max(total, 0.0))
        var, es = P[o.P_VAR_Z] * root, P[o.P_ES_Y] * root
        k_var = k_es = 1.0
        if var > P[o.P_VAR] * _OVER:
            target = P[o.P_VAR] * margin / P[o.P_VAR_Z]
            k_var = quadratic_scale(a, b, c, target * target)
        if es > P[o.P_ES] * _OVER:
            target = P[o.P_ES] * margin / P[o.P_ES_Y]
            k_es = quadratic_scale(a, b, c, target * target)
    peak[_VAR] = var / P[o.P_VAR]
    peak[_ES] = es / P[o.P_ES]
    exceeded = exceeded or var > P[o.P_VAR] * _OVER or es > P[o.P_ES] * _OVER
    if k_var < k:
        k, reason = k_var, _VAR
    if k_es < k:
        k, reason = k_es, _ES
    return exceeded, k, reason


@compiled
def _cure(
    fixed: bool,
    k: float,
    reason: int,
    inverse: float,
    P: np.ndarray,
    Q: np.ndarray,
    F: np.ndarray,
    I: np.ndarray,  # noqa: E741
    K: np.ndarray,
    cov: np.ndarray,
    scen: np.ndarray,
    peak: np.ndarray,
) -> int:
    """Scale the free lots until no book limit is exceeded; see section 10.

    Returns:
        Bit mask of the reasons that bound.
    """
    mask = 0
    for _ in range(_ROUNDS):
        if k >= 1.0:
            return mask | (1 << _INFEASIBLE)
        mask |= 1 << reason
        for n in range(F.shape[1]):
            if I[o.I_FREE, n] == 1 and I[o.I_Q, n] != 0:
                I[o.I_Q, n] = int(k * I[o.I_Q, n])
                F[o.F_W, n] = I[o.I_Q, n] * F[o.F_UNIT, n] * inverse
                I[o.I_REASON, n] = reason
        exceeded, k, reason = _excess(fixed, P, Q, F, I, K, cov, scen, peak)
        if not exceeded:
            return mask
    for n in range(F.shape[1]):
        if I[o.I_FREE, n] == 1:
            F[o.F_W, n] = 0.0
    exceeded, _, _ = _excess(fixed, P, Q, F, I, K, cov, scen, peak)
    if exceeded:
        return mask | (1 << _INFEASIBLE)
    for n in range(F.shape[1]):
        if I[o.I_FREE, n] == 1:
            I[o.I_Q, n] = 0
    return mask


@inlined
def verify_book(
    fixed: bool,
    equity: float,
    A: np.ndarray,
    P: np.ndarray,
    Q: np.ndarray,
    F: np.ndarray,
    I: np.ndarray,  # noqa: E741
    K: np.ndarray,
    cov: np.ndarray,
    scen: np.ndarray,
    bound: np.ndarray,
    peak: np.ndarray,
    worst: np.ndarray,
) -> int:
    """Check the target lots ``I[I_Q]`` against every limit and cure what exceeds one.

    Args:
        equity: reporting minor units, above 0.
        peak: scratch, use of each limit by the final book; ``worst`` keeps the maximum.

    Returns:
        Bit mask of the book limits that bound.
    """
    inverse = 1.0 / equity
    for n in range(F.shape[1]):
        per_lot = F[o.F_UNIT, n] * inverse
        F[o.F_W, n] = I[o.I_Q, n] * per_lot
        if I[o.I_FREE, n] == 1 and I[o.I_Q, n] != 0:
            distance = F[o.F_DIST, n]
            _verify_alone(n, P[o.P_TRADE_RISK], _TRADE_RISK, per_lot, distance, P, F, I, bound)
            _verify_alone(n, A[o.A_CAP, n], _POSITION, per_lot, 1.0, P, F, I, bound)
            worst[_TRADE_RISK] = max(
                worst[_TRADE_RISK], abs(F[o.F_W, n]) * distance / P[o.P_TRADE_RISK]
            )
            worst[_POSITION] = max(worst[_POSITION], abs(F[o.F_W, n]) / A[o.A_CAP, n])
    mask = 0
    exceeded, k, reason = _excess(fixed, P, Q, F, I, K, cov, scen, peak)
    if exceeded:
        mask = _cure(fixed, k, reason, inverse, P, Q, F, I, K, cov, scen, peak)
    for r in range(_OPEN_RISK, _ES + 1):
        worst[r] = max(worst[r], peak[r])
    return mask
