"""Verification of target lots against every limit, and the cure (section 10)."""

from math import sqrt

from kedge.domain import state as o
from kedge.domain.compiled import compiled, inlined
from kedge.domain.reason import Reason
from kedge.domain.state import Params, State
from kedge.risk.closed_form import linear_scale, quadratic_scale
from kedge.risk.exposure import Sums, group_exposure, sums_of, variance
from kedge.risk.participation import sliced
from kedge.risk.tail import historical_tail

_TRADE_RISK = int(Reason.TRADE_RISK)
_POSITION = int(Reason.POSITION)
_OPEN_RISK = int(Reason.OPEN_RISK)
_GROUP = int(Reason.GROUP)
_GROSS = int(Reason.GROSS)
_VAR = int(Reason.VAR)
_ES = int(Reason.ES)
_INFEASIBLE = int(Reason.INFEASIBLE)

_OVER = 1.0 + 1e-9
_ROUNDS = 8


@inlined
def _cut(
    n: int, limit: float, reason: int, per_lot: float, per_weight: float, p: Params, s: State
) -> None:
    """Cut the lots of one instrument when weight x ``per_weight`` exceeds ``limit``."""
    if abs(s.F[n, o.F_W]) * per_weight > limit * _OVER:
        lots = int(limit * (1.0 - p.P[o.P_CURE]) / per_weight / per_lot)
        s.I[n, o.I_Q] = lots if s.I[n, o.I_Q] > 0 else -lots
        s.F[n, o.F_W] = s.I[n, o.I_Q] * per_lot
        s.I[n, o.I_REASON] = reason
        s.bound[reason] += 1


@inlined
def verify_alone(n: int, inverse: float, p: Params, s: State) -> None:
    """Weigh the target lots of ``n`` and cut what exceeds its own limits.

    Args:
        inverse: 1 / equity in reporting minor units.
    """
    per_lot = s.F[n, o.F_UNIT] * inverse
    s.F[n, o.F_W] = s.I[n, o.I_Q] * per_lot
    if s.I[n, o.I_FREE] == 0 or s.I[n, o.I_Q] == 0:
        return
    distance = s.F[n, o.F_DIST]
    _cut(n, p.A[n, o.A_CAP], _POSITION, per_lot, 1.0, p, s)
    _cut(n, p.P[o.P_TRADE_RISK], _TRADE_RISK, per_lot, distance, p, s)
    size = abs(s.F[n, o.F_W])
    s.worst[_TRADE_RISK] = max(s.worst[_TRADE_RISK], size * distance)
    s.worst[_POSITION] = max(s.worst[_POSITION], size * p.A[n, o.A_PER_CAP])


@inlined
def _group_scale(margin: float, p: Params, s: State) -> float:
    """Smallest scale of the free book over the groups that exceed the limit."""
    k = 1.0
    for g in range(s.F.shape[0]):
        alone, free = s.F[g, o.F_GROUP], s.F[g, o.F_GROUP_FREE]
        if abs(alone + free) > p.P[o.P_GROUP] * _OVER:
            k = min(k, linear_scale(alone, free, p.P[o.P_GROUP] * margin))
    return k


@inlined
def _tail_scale(
    a: float, b: float, c: float, margin: float, p: Params, s: State
) -> tuple[bool, float, int]:
    """Whether VaR or expected shortfall is exceeded, the scale and the reason."""
    if p.Q[o.Q_HISTORICAL] == 1 and s.K[o.K_SCENARIOS] >= p.Q[o.Q_HISTORICAL_MIN]:
        var, es = historical_tail(p, s)
        s.worst[_VAR] = max(s.worst[_VAR], var)
        s.worst[_ES] = max(s.worst[_ES], es)
        k_var = p.P[o.P_VAR] * margin / var if var > 0.0 else 1.0
        k_es = p.P[o.P_ES] * margin / es if es > 0.0 else 1.0
    else:
        root = sqrt(max(a + 2.0 * b + c, 0.0))
        var, es = p.P[o.P_VAR_Z] * root, p.P[o.P_ES_Y] * root
        target = p.P[o.P_VAR] * margin / p.P[o.P_VAR_Z]
        k_var = quadratic_scale(a, b, c, target * target)
        target = p.P[o.P_ES] * margin / p.P[o.P_ES_Y]
        k_es = quadratic_scale(a, b, c, target * target)
    exceeded, k, reason = False, 1.0, 0
    if var > p.P[o.P_VAR] * _OVER:
        exceeded, k, reason = True, min(1.0, k_var), _VAR
    if es > p.P[o.P_ES] * _OVER:
        exceeded = True
        if k_es < k:
            k, reason = k_es, _ES
    return exceeded, k, reason


@inlined
def _excess(
    fixed: bool,
    sums: Sums,
    p: Params,
    s: State,
) -> tuple[bool, float, int]:
    """Whether a book limit is exceeded, and the scale and reason that cure it."""
    margin = 1.0 - p.P[o.P_CURE]
    exceeded, k, reason = False, 1.0, 0
    risk_fixed, risk_free, gross_fixed, gross_free, beta = sums
    risk, gross = risk_fixed + risk_free, gross_fixed + gross_free
    s.worst[_OPEN_RISK] = max(s.worst[_OPEN_RISK], risk)
    s.worst[_GROSS] = max(s.worst[_GROSS], gross)
    if risk > p.P[o.P_OPEN_RISK] * _OVER:
        exceeded, reason = True, _OPEN_RISK
        k = linear_scale(risk_fixed, risk_free, p.P[o.P_OPEN_RISK] * margin)
    # Groups together bound each group: only a book that could raise the
    # largest use seen, or exceed the limit, needs them one by one.
    limit = p.P[o.P_GROUP]
    if beta > min(limit, s.worst[_GROUP]):
        net = group_exposure(s)
        s.worst[_GROUP] = max(s.worst[_GROUP], net)
        if net > limit * _OVER:
            exceeded = True
            k_group = _group_scale(margin, p, s)
            if k_group < k:
                k, reason = k_group, _GROUP
    if gross > p.P[o.P_GROSS] * _OVER:
        exceeded = True
        k_gross = linear_scale(gross_fixed, gross_free, p.P[o.P_GROSS] * margin)
        if k_gross < k:
            k, reason = k_gross, _GROSS
    a, b, c = variance(fixed, s)
    total = a + 2.0 * b + c
    s.G[o.G_VARIANCE] = max(s.G[o.G_VARIANCE], total)
    if total > p.P[o.P_TAIL_VARIANCE] or p.Q[o.Q_HISTORICAL] == 1:
        over, k_tail, why = _tail_scale(a, b, c, margin, p, s)
        exceeded = exceeded or over
        if k_tail < k:
            k, reason = k_tail, why
    return exceeded, k, reason


@compiled
def _remeasure(fixed: bool, p: Params, s: State) -> tuple[bool, float, int]:
    return _excess(fixed, sums_of(s), p, s)


@compiled
def exceeds(fixed: bool, p: Params, s: State) -> bool:
    """Whether the lots in ``I[I_Q]`` exceed a book limit."""
    exceeded, _, _ = _remeasure(fixed, p, s)
    return exceeded


@inlined
def _lower(k: float, reason: int, ts: int, inverse: float, p: Params, s: State) -> tuple[int, bool]:
    """Scale the free lots by ``k``; what its slice keeps above that is fixed from here on.

    Returns:
        Bit mask of the reason if it made anything smaller, and whether anything was fixed.
    """
    mask, stuck = 0, False
    for n in range(s.F.shape[0]):
        if s.I[n, o.I_FREE] == 1 and s.I[n, o.I_Q] != 0:
            want = int(k * s.I[n, o.I_Q])
            lots = sliced(n, want, ts, p, s)
            if lots != want:
                s.I[n, o.I_FREE] = 0
                stuck = True
            if lots != s.I[n, o.I_Q]:
                mask = 1 << reason
                s.I[n, o.I_Q] = lots
                s.F[n, o.F_W] = lots * (s.F[n, o.F_UNIT] * inverse)
                s.I[n, o.I_REASON] = reason
    return mask, stuck


@compiled
def _cure(fixed: bool, k: float, reason: int, ts: int, inverse: float, p: Params, s: State) -> int:
    """Scale the free lots until no book limit is exceeded; see section 10.

    Returns:
        Bit mask of the reasons that bound.
    """
    mask = 0
    for _ in range(_ROUNDS):
        if k >= 1.0:
            return mask | (1 << _INFEASIBLE)
        bit, stuck = _lower(k, reason, ts, inverse, p, s)
        mask |= bit
        fixed = fixed or stuck
        exceeded, k, reason = _remeasure(fixed, p, s)
        if not exceeded:
            return mask
    for n in range(s.F.shape[0]):
        if s.I[n, o.I_FREE] == 1:
            s.F[n, o.F_W] = sliced(n, 0, ts, p, s) * (s.F[n, o.F_UNIT] * inverse)
    exceeded, _, _ = _remeasure(fixed, p, s)
    if exceeded:
        return mask | (1 << _INFEASIBLE)
    for n in range(s.F.shape[0]):
        if s.I[n, o.I_FREE] == 1:
            s.I[n, o.I_Q] = sliced(n, 0, ts, p, s)
    return mask


@inlined
def verify_book(
    fixed: bool,
    ts: int,
    inverse: float,
    sums: Sums,
    p: Params,
    s: State,
) -> int:
    """Check the lots within reach against every book limit and cure what exceeds one.

    Args:
        ts: instant of the row, ns.
        inverse: 1 / equity.
        sums: of the lots.

    Returns:
        Bit mask of the book limits that bound.
    """
    exceeded, k, reason = _excess(fixed, sums, p, s)
    return _cure(fixed, k, reason, ts, inverse, p, s) if exceeded else 0
