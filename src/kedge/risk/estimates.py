"""Slow risk estimates, refreshed at the first row of a session (section 1)."""

from math import sqrt

import numpy as np

from kedge.domain import state as o
from kedge.domain.arithmetic import clip
from kedge.domain.compiled import compiled, inlined
from kedge.domain.state import Params, State

AVERAGE = 2.0 / 21.0
"""Weight of the newest value in averages over about twenty."""


@compiled
def session_returns(s: State) -> None:
    """Close the session: daily volume, and returns into scratch (NaN: none)."""
    for n in range(s.F.shape[1]):
        s.F[o.F_RETURN, n] = np.nan
        if s.I[o.I_SEEN, n] == 0:
            s.I[o.I_SEEN_BEFORE, n] = 0
            continue
        volume = s.F[o.F_SESSION_VOLUME, n]
        if s.I[o.I_DAILY_SEEN, n] == 1:
            volume = s.F[o.F_ADV, n] + (volume - s.F[o.F_ADV, n]) * AVERAGE
        s.F[o.F_ADV, n] = volume
        s.I[o.I_DAILY_SEEN, n] = 1
        if s.I[o.I_SEEN_BEFORE, n] == 1:
            s.F[o.F_RETURN, n] = s.F[o.F_CLOSE, n] / s.F[o.F_PREV_CLOSE, n] - 1.0
        s.F[o.F_PREV_CLOSE, n] = s.F[o.F_CLOSE, n]
        s.I[o.I_SEEN_BEFORE, n] = 1
        s.I[o.I_SEEN, n] = 0
        s.F[o.F_SESSION_VOLUME, n] = 0.0


@compiled
def covariance(p: Params, s: State) -> None:
    """EWMA covariance of synchronised session returns; RiskMetrics (1996), 5.2.

    A pair moves only in sessions that both have a return for; the first such
    session sets it. ``cov`` holds NaN for a pair not yet seen together.
    """
    n_instruments = s.F.shape[1]
    keep, slow = p.P[o.P_LAMBDA], p.P[o.P_SLOW]
    slot = s.K[o.K_SCENARIOS] % o.SCENARIOS
    some = False
    for i in range(n_instruments):
        r = s.F[o.F_RETURN, i]
        has = r == r
        s.scen[i, slot] = r if has else 0.0
        if not has:
            continue
        some = True
        s.I[o.I_OBS, i] += 1
        square = r * r
        first = s.I[o.I_OBS, i] == 1
        s.F[o.F_SLOW_VAR, i] = (
            square if first else slow * s.F[o.F_SLOW_VAR, i] + (1.0 - slow) * square
        )
        for j in range(n_instruments):
            x = s.F[o.F_RETURN, j]
            if x == x:
                old = s.cov[n_instruments + i, j]
                product = r * x
                new = product if old == 0.0 else keep * s.cov[i, j] + (1.0 - keep) * product
                s.cov[i, j] = new
                s.cov[n_instruments + i, j] = 1.0
    if some:
        s.K[o.K_SCENARIOS] += 1


@compiled
def volatility_and_beta(s: State) -> None:
    """Volatility, volatility factor and beta to the equal-weight universe."""
    n_instruments = s.F.shape[1]
    grand, members = 0.0, 0
    for i in range(n_instruments):
        variance = s.cov[i, i]
        s.F[o.F_SIGMA, i] = sqrt(variance)
        s.F[o.F_VOL_FACTOR, i] = 1.0
        if variance > 0.0:
            s.F[o.F_VOL_FACTOR, i] = clip(1.25 * sqrt(s.F[o.F_SLOW_VAR, i] / variance), 0.5, 1.0)
        total = 0.0
        if s.I[o.I_OBS, i] > 0:
            members += 1
            for j in range(n_instruments):
                if s.I[o.I_OBS, j] > 0:
                    total += s.cov[i, j]
            grand += total
        s.F[o.F_BETA, i] = total
    for i in range(n_instruments):
        usable = grand > 0.0 and s.I[o.I_OBS, i] > 0
        s.F[o.F_BETA, i] = members * s.F[o.F_BETA, i] / grand if usable else 1.0


@inlined
def _similarity(i: int, j: int, p: Params, s: State) -> float:
    few = s.I[o.I_OBS, i] < p.Q[o.Q_MIN_SESSIONS] or s.I[o.I_OBS, j] < p.Q[o.Q_MIN_SESSIONS]
    scale = s.F[o.F_SIGMA, i] * s.F[o.F_SIGMA, j]
    rho = 0.0
    if not few and scale > 0.0:
        rho = s.cov[i, j] / scale
    if s.I[o.I_GROUP, i] == s.I[o.I_GROUP, j]:
        rho += p.P[o.P_JOIN] - p.P[o.P_PART]
    return rho


@compiled
def regroup(p: Params, s: State) -> None:
    """Complete-linkage groups with hysteresis.

    Rows ``2N`` to ``3N`` of ``cov`` are scratch: the smallest similarity between
    clusters, which complete linkage updates by a minimum when two merge
    (Lance and Williams 1967).
    """
    n_instruments = s.F.shape[1]
    base = 2 * n_instruments
    for i in range(n_instruments):
        for j in range(n_instruments):
            s.cov[base + i, j] = _similarity(i, j, p, s)
    for i in range(n_instruments):
        s.I[o.I_GROUP, i] = i
    while True:
        best, first, second = p.P[o.P_JOIN], -1, -1
        for i in range(n_instruments):
            if s.I[o.I_GROUP, i] != i:
                continue
            for j in range(i + 1, n_instruments):
                if s.I[o.I_GROUP, j] == j and s.cov[base + i, j] > best:
                    best, first, second = s.cov[base + i, j], i, j
        if first < 0:
            return
        for j in range(n_instruments):
            smallest = min(s.cov[base + first, j], s.cov[base + second, j])
            s.cov[base + first, j] = smallest
            s.cov[base + j, first] = smallest
            if s.I[o.I_GROUP, j] == second:
                s.I[o.I_GROUP, j] = first


@compiled
def refresh_costs(equity: float, p: Params, s: State) -> None:
    """Round-trip cost in bps of an order at the position cap or the volume cap."""
    for n in range(s.F.shape[1]):
        adv = s.F[o.F_ADV, n]
        share = 1.0
        if adv > 0.0 and s.F[o.F_UNIT, n] > 0.0:
            lots = min(
                p.A[o.A_CAP, n] * equity / s.F[o.F_UNIT, n], p.P[o.P_PARTICIPATION] * s.F[o.F_AV, n]
            )
            share = clip(lots / adv, 0.0, 1.0)
        impact = p.A[o.A_KAPPA, n] * s.F[o.F_SIGMA, n] * sqrt(share)
        s.F[o.F_COST, n] = p.A[o.A_COST0, n] + 2.0e4 * impact
