"""Shaping the whole book: one scale towards zero per limit (section 9)."""

from kedge.domain import state as o
from kedge.domain.compiled import inlined
from kedge.domain.reason import Reason
from kedge.domain.state import Params, State
from kedge.risk.closed_form import linear_scale, quadratic_scale
from kedge.risk.exposure import Sums, group_exposure, variance
from kedge.risk.tail import historical_tail

_OPEN_RISK = int(Reason.OPEN_RISK)
_GROUP = int(Reason.GROUP)
_GROSS = int(Reason.GROSS)
_VOL_TARGET = int(Reason.VOL_TARGET)
_VAR = int(Reason.VAR)
_ES = int(Reason.ES)
_FEW = int(Reason.FEW_SCENARIOS)


@inlined
def _scale_free(k: float, reason: int, s: State) -> None:
    for n in range(s.F.shape[0]):
        if s.I[n, o.I_FREE] == 1 and s.F[n, o.F_W] != 0.0:
            s.F[n, o.F_W] *= k
            s.I[n, o.I_REASON] = reason
            s.I[n, o.I_HELD] = 0


@inlined
def _scale_groups(p: Params, s: State) -> tuple[float, int]:
    """Each group on its own; returns the free gross exposure and the mask."""
    gross, mask = 0.0, 0
    for n in range(s.F.shape[0]):
        if s.I[n, o.I_FREE] == 1 and s.F[n, o.F_W] != 0.0:
            g = s.I[n, o.I_GROUP]
            k = linear_scale(s.F[g, o.F_GROUP], s.F[g, o.F_GROUP_FREE], p.P[o.P_GROUP])
            if k < 1.0:
                s.F[n, o.F_W] *= k
                s.I[n, o.I_REASON] = _GROUP
                s.I[n, o.I_HELD] = 0
                mask = 1 << _GROUP
            gross += abs(s.F[n, o.F_W])
    return gross, mask


@inlined
def _tail_scale(
    a: float, b: float, c: float, k: float, reason: int, p: Params, s: State
) -> tuple[float, int]:
    """The smaller of ``k`` and what VaR and expected shortfall allow."""
    if p.Q[o.Q_HISTORICAL] == 1 and s.K[o.K_SCENARIOS] >= p.Q[o.Q_HISTORICAL_MIN]:
        var, es = historical_tail(p, s)
        k_var = p.P[o.P_VAR] / var if var > p.P[o.P_VAR] else 1.0
        k_es = p.P[o.P_ES] / es if es > p.P[o.P_ES] else 1.0
    else:
        var = p.P[o.P_VAR] / p.P[o.P_VAR_Z]
        es = p.P[o.P_ES] / p.P[o.P_ES_Y]
        k_var = quadratic_scale(a, b, c, var * var)
        k_es = quadratic_scale(a, b, c, es * es)
    if k_var < k:
        k, reason = k_var, _VAR
    if k_es < k:
        k, reason = k_es, _ES
    return k, reason


@inlined
def shape_book(
    fixed: bool,
    sums: Sums,
    p: Params,
    s: State,
) -> int:
    """Scale the free target weights ``F[F_W]`` until every book limit holds.

    Args:
        fixed: whether a masked cell holds a position.
        sums: of the weights.

    Returns:
        Bit mask of the reasons that bound.
    """
    mask = 0
    risk_fixed, risk_free, gross_fixed, gross_free, beta = sums
    if gross_free == 0.0:
        return mask
    if risk_fixed + risk_free > p.P[o.P_OPEN_RISK]:
        k = linear_scale(risk_fixed, risk_free, p.P[o.P_OPEN_RISK])
        if k < 1.0:
            _scale_free(k, _OPEN_RISK, s)
            gross_free *= k
            mask |= 1 << _OPEN_RISK
    # No group can exceed what all of them make together.
    if beta > p.P[o.P_GROUP] and group_exposure(s) > p.P[o.P_GROUP]:
        gross_free, bit = _scale_groups(p, s)
        mask |= bit
    if gross_fixed + gross_free > p.P[o.P_GROSS]:
        k = linear_scale(gross_fixed, gross_free, p.P[o.P_GROSS])
        if k < 1.0:
            _scale_free(k, _GROSS, s)
            mask |= 1 << _GROSS
    a, b, c = variance(fixed, s)
    total = a + 2.0 * b + c
    k, reason = 1.0, 0
    limit = p.P[o.P_TARGET_VARIANCE]
    if total > limit:
        k, reason = quadratic_scale(a, b, c, limit), _VOL_TARGET
    if total > p.P[o.P_TAIL_VARIANCE] or p.Q[o.Q_HISTORICAL] == 1:
        k, reason = _tail_scale(a, b, c, k, reason, p, s)
        if p.Q[o.Q_HISTORICAL] == 1 and s.K[o.K_SCENARIOS] < p.Q[o.Q_HISTORICAL_MIN]:
            mask |= 1 << _FEW
    if k < 1.0:
        _scale_free(k, reason, s)
        mask |= 1 << reason
    return mask
