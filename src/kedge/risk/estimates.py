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
    for n in range(s.F.shape[0]):
        s.F[n, o.F_RETURN] = np.nan
        if s.I[n, o.I_SEEN] == 0:
            if s.I[n, o.I_DUE] == 1:  # else its own exchange had no session
                s.I[n, o.I_SEEN_BEFORE] = 0
            continue
        volume = s.F[n, o.F_SESSION_VOLUME]
        if s.I[n, o.I_DAILY_SEEN] == 1:
            volume = s.F[n, o.F_ADV] + (volume - s.F[n, o.F_ADV]) * AVERAGE
        s.F[n, o.F_ADV] = volume
        s.I[n, o.I_DAILY_SEEN] = 1
        if s.I[n, o.I_SEEN_BEFORE] == 1:
            s.F[n, o.F_RETURN] = s.F[n, o.F_CLOSE] / s.F[n, o.F_PREV_CLOSE] - 1.0
        s.F[n, o.F_PREV_CLOSE] = s.F[n, o.F_CLOSE]
        s.I[n, o.I_SEEN_BEFORE] = 1
        s.I[n, o.I_SEEN] = 0
        s.F[n, o.F_SESSION_VOLUME] = 0.0


@compiled
def covariance(p: Params, s: State) -> None:
    """EWMA covariance of synchronised session returns; RiskMetrics (1996), 5.2.

    A pair moves only in sessions that both have a return for; the first such
    session sets it. ``cov`` holds NaN for a pair not yet seen together.
    """
    n_instruments = s.F.shape[0]
    keep, slow = p.P[o.P_LAMBDA], p.P[o.P_SLOW]
    slot = s.K[o.K_SCENARIOS] % o.SCENARIOS
    some = False
    for i in range(n_instruments):
        r = s.F[i, o.F_RETURN]
        has = r == r
        s.scen[i, slot] = r if has else 0.0
        if not has:
            continue
        some = True
        s.I[i, o.I_OBS] += 1
        square = r * r
        first = s.I[i, o.I_OBS] == 1
        s.F[i, o.F_SLOW_VAR] = (
            square if first else slow * s.F[i, o.F_SLOW_VAR] + (1.0 - slow) * square
        )
        for j in range(n_instruments):
            x = s.F[j, o.F_RETURN]
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
    n_instruments = s.F.shape[0]
    grand, members = 0.0, 0
    for i in range(n_instruments):
        variance = s.cov[i, i]
        s.F[i, o.F_SIGMA] = sqrt(variance)
        s.F[i, o.F_VOL_FACTOR] = 1.0
        if variance > 0.0:
            s.F[i, o.F_VOL_FACTOR] = clip(1.25 * sqrt(s.F[i, o.F_SLOW_VAR] / variance), 0.5, 1.0)
        total = 0.0
        if s.I[i, o.I_OBS] > 0:
            members += 1
            for j in range(n_instruments):
                if s.I[j, o.I_OBS] > 0:
                    total += s.cov[i, j]
            grand += total
        s.F[i, o.F_BETA] = total
    for i in range(n_instruments):
        usable = grand > 0.0 and s.I[i, o.I_OBS] > 0
        s.F[i, o.F_BETA] = members * s.F[i, o.F_BETA] / grand if usable else 1.0


@inlined
def _similarity(i: int, j: int, p: Params, s: State) -> float:
    few = s.I[i, o.I_OBS] < p.Q[o.Q_MIN_SESSIONS] or s.I[j, o.I_OBS] < p.Q[o.Q_MIN_SESSIONS]
    scale = s.F[i, o.F_SIGMA] * s.F[j, o.F_SIGMA]
    rho = 0.0
    if not few and scale > 0.0:
        rho = s.cov[i, j] / scale
    if s.I[i, o.I_GROUP] == s.I[j, o.I_GROUP]:
        rho += p.P[o.P_JOIN] - p.P[o.P_PART]
    return rho


@compiled
def regroup(p: Params, s: State) -> None:
    """Complete-linkage groups with hysteresis.

    Rows ``2N`` to ``3N`` of ``cov`` are scratch: the smallest similarity between
    clusters, which complete linkage updates by a minimum when two merge
    (Lance and Williams 1967).
    """
    n_instruments = s.F.shape[0]
    base = 2 * n_instruments
    for i in range(n_instruments):
        for j in range(n_instruments):
            s.cov[base + i, j] = _similarity(i, j, p, s)
    for i in range(n_instruments):
        s.I[i, o.I_GROUP] = i
    while True:
        best, first, second = p.P[o.P_JOIN], -1, -1
        for i in range(n_instruments):
            if s.I[i, o.I_GROUP] != i:
                continue
            for j in range(i + 1, n_instruments):
                if s.I[j, o.I_GROUP] == j and s.cov[base + i, j] > best:
                    best, first, second = s.cov[base + i, j], i, j
        if first < 0:
            return
        for j in range(n_instruments):
            smallest = min(s.cov[base + first, j], s.cov[base + second, j])
            s.cov[base + first, j] = smallest
            s.cov[base + j, first] = smallest
            if s.I[j, o.I_GROUP] == second:
                s.I[j, o.I_GROUP] = first


@compiled
def refresh_costs(equity: float, p: Params, s: State) -> None:
    """Round-trip cost in bps of an order at the position cap or the volume cap."""
    for n in range(s.F.shape[0]):
        adv = s.F[n, o.F_ADV]
        share = 1.0
        if adv > 0.0 and s.F[n, o.F_UNIT] > 0.0:
            lots = min(
                p.A[n, o.A_CAP] * equity / s.F[n, o.F_UNIT], p.P[o.P_PARTICIPATION] * s.F[n, o.F_AV]
            )
            share = clip(lots / adv, 0.0, 1.0)
        impact = p.A[n, o.A_KAPPA] * s.F[n, o.F_SIGMA] * sqrt(share)
        s.F[n, o.F_COST] = p.A[n, o.A_COST0] + 2.0e4 * impact
