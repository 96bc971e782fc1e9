"""Slow risk estimates, refreshed at the first row of a session (section 1)."""

from math import sqrt

import numpy as np

from kedge.domain import state as o
from kedge.domain.arithmetic import clip
from kedge.domain.compiled import compiled, inlined

AVERAGE = 2.0 / 21.0
"""Weight of the newest value in averages over about twenty."""


@compiled
def session_returns(F: np.ndarray, I: np.ndarray) -> None:  # noqa: E741
    """Close the session: daily volume, and returns into scratch (NaN: none)."""
    for n in range(F.shape[1]):
        F[o.F_RETURN, n] = np.nan
        if I[o.I_SEEN, n] == 0:
            I[o.I_SEEN_BEFORE, n] = 0
            continue
        volume = F[o.F_SESSION_VOLUME, n]
        if I[o.I_DAILY_SEEN, n] == 1:
            volume = F[o.F_ADV, n] + (volume - F[o.F_ADV, n]) * AVERAGE
        F[o.F_ADV, n] = volume
        I[o.I_DAILY_SEEN, n] = 1
        if I[o.I_SEEN_BEFORE, n] == 1:
            F[o.F_RETURN, n] = F[o.F_CLOSE, n] / F[o.F_PREV_CLOSE, n] - 1.0
        F[o.F_PREV_CLOSE, n] = F[o.F_CLOSE, n]
        I[o.I_SEEN_BEFORE, n] = 1
        I[o.I_SEEN, n] = 0
        F[o.F_SESSION_VOLUME, n] = 0.0


@compiled
def covariance(
    P: np.ndarray,
    F: np.ndarray,
    I: np.ndarray,  # noqa: E741
    K: np.ndarray,
    cov: np.ndarray,
    scen: np.ndarray,
) -> None:
    """EWMA covariance of synchronised session returns; RiskMetrics (1996), 5.2.

    A pair moves only in sessions that both have a return for; the first such
    session sets it. ``cov`` holds NaN for a pair not yet seen together.
    """
    n_instruments = F.shape[1]
    keep, slow = P[o.P_LAMBDA], P[o.P_SLOW]
    slot = K[o.K_SCENARIOS] % o.SCENARIOS
    some = False
    for i in range(n_instruments):
        r = F[o.F_RETURN, i]
        has = r == r
        scen[i, slot] = r if has else 0.0
        if not has:
            continue
        some = True
        I[o.I_OBS, i] += 1
        square = r * r
        first = I[o.I_OBS, i] == 1
        F[o.F_SLOW_VAR, i] = square if first else slow * F[o.F_SLOW_VAR, i] + (1.0 - slow) * square
        for j in range(n_instruments):
            x = F[o.F_RETURN, j]
            if x == x:
                old = cov[n_instruments + i, j]
                product = r * x
                new = product if old == 0.0 else keep * cov[i, j] + (1.0 - keep) * product
                cov[i, j] = new
                cov[n_instruments + i, j] = 1.0
    if some:
        K[o.K_SCENARIOS] += 1


@compiled
def volatility_and_beta(F: np.ndarray, I: np.ndarray, cov: np.ndarray) -> None:  # noqa: E741
    """Volatility, volatility factor and beta to the equal-weight universe."""
    n_instruments = F.shape[1]
    grand, members = 0.0, 0
    for i in range(n_instruments):
        variance = cov[i, i]
        F[o.F_SIGMA, i] = sqrt(variance)
        F[o.F_VOL_FACTOR, i] = 1.0
        if variance > 0.0:
            F[o.F_VOL_FACTOR, i] = clip(1.25 * sqrt(F[o.F_SLOW_VAR, i] / variance), 0.5, 1.0)
        total = 0.0
        if I[o.I_OBS, i] > 0:
            members += 1
            for j in range(n_instruments):
                if I[o.I_OBS, j] > 0:
                    total += cov[i, j]
            grand += total
        F[o.F_BETA, i] = total
    for i in range(n_instruments):
        usable = grand > 0.0 and I[o.I_OBS, i] > 0
        F[o.F_BETA, i] = members * F[o.F_BETA, i] / grand if usable else 1.0


@inlined
def _similarity(
    i: int,
    j: int,
    P: np.ndarray,
    Q: np.ndarray,
    F: np.ndarray,
    I: np.ndarray,
    cov: np.ndarray,  # noqa: E741
) -> float:
    few = I[o.I_OBS, i] < Q[o.Q_MIN_SESSIONS] or I[o.I_OBS, j] < Q[o.Q_MIN_SESSIONS]
    scale = F[o.F_SIGMA, i] * F[o.F_SIGMA, j]
    rho = 0.0
    if not few and scale > 0.0:
        rho = cov[i, j] / scale
    if I[o.I_GROUP, i] == I[o.I_GROUP, j]:
        rho += P[o.P_JOIN] - P[o.P_PART]
    return rho


@compiled
def regroup(P: np.ndarray, Q: np.ndarray, F: np.ndarray, I: np.ndarray, cov: np.ndarray) -> None:  # noqa: E741
    """Complete-linkage groups with hysteresis.

    Rows ``2N`` to ``3N`` of ``cov`` are scratch: the smallest similarity between
    clusters, which complete linkage updates by a minimum when two merge
    (Lance and Williams 1967).
    """
    n_instruments = F.shape[1]
    base = 2 * n_instruments
    for i in range(n_instruments):
        for j in range(n_instruments):
            cov[base + i, j] = _similarity(i, j, P, Q, F, I, cov)
    for i in range(n_instruments):
        I[o.I_GROUP, i] = i
    while True:
        best, first, second = P[o.P_JOIN], -1, -1
        for i in range(n_instruments):
            if I[o.I_GROUP, i] != i:
                continue
            for j in range(i + 1, n_instruments):
                if I[o.I_GROUP, j] == j and cov[base + i, j] > best:
                    best, first, second = cov[base + i, j], i, j
        if first < 0:
            return
        for j in range(n_instruments):
            smallest = min(cov[base + first, j], cov[base + second, j])
            cov[base + first, j] = smallest
            cov[base + j, first] = smallest
            if I[o.I_GROUP, j] == second:
                I[o.I_GROUP, j] = first


@compiled
def refresh_costs(equity: float, A: np.ndarray, P: np.ndarray, F: np.ndarray) -> None:
    """Round-trip cost in bps of an order at the position cap or the volume cap."""
    for n in range(F.shape[1]):
        adv = F[o.F_ADV, n]
        share = 1.0
        if adv > 0.0 and F[o.F_UNIT, n] > 0.0:
            lots = min(A[o.A_CAP, n] * equity / F[o.F_UNIT, n], P[o.P_PARTICIPATION] * F[o.F_AV, n])
            share = clip(lots / adv, 0.0, 1.0)
        impact = A[o.A_KAPPA, n] * F[o.F_SIGMA, n] * sqrt(share)
        F[o.F_COST, n] = A[o.A_COST0, n] + 2.0e4 * impact
