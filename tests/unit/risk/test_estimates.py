"""Slow risk estimates against pandas, numpy and scipy."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial.distance import squareform

from books import book
from interpreted import interpreted
from kedge.domain import state as o
from kedge.risk import estimates

session_returns = interpreted(estimates.session_returns)
covariance = interpreted(estimates.covariance)
volatility_and_beta = interpreted(estimates.volatility_and_beta)
regroup = interpreted(estimates.regroup)
refresh_costs = interpreted(estimates.refresh_costs)
N, SESSIONS = 4, 40


def _returns(seed, missing):
    rng = np.random.default_rng(seed)
    returns = rng.normal(0, 0.02, (SESSIONS, N)) + rng.normal(0, 0.02, (SESSIONS, 1))
    returns[rng.random((SESSIONS, N)) < missing] = np.nan
    return returns


def _fed(returns):
    p, s, _ = book(N, covariance_lambda=0.94, slow_lambda=0.99)
    for row in returns:
        s.F[:, o.F_RETURN] = row
        covariance(p, s)
    volatility_and_beta(s)
    return p, s


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10**6), st.sampled_from([0.0, 0.3]))
def test_covariance_is_the_exponential_mean_of_the_products_both_have(seed, missing):
    returns = _returns(seed, missing)
    _, s = _fed(returns)
    for i in range(N):
        for j in range(N):
            both = pd.Series(returns[:, i] * returns[:, j]).dropna()
            want = both.ewm(alpha=0.06, adjust=False).mean().iloc[-1]
            assert s.cov[i, j] == pytest.approx(want, rel=1e-12)
        slow = pd.Series(returns[:, i] ** 2).dropna().ewm(alpha=0.01, adjust=False).mean()
        assert s.F[i, o.F_SLOW_VAR] == pytest.approx(slow.iloc[-1], rel=1e-12)
        assert s.I[i, o.I_OBS] == np.isfinite(returns[:, i]).sum()


def test_volatility_beta_and_volatility_factor_follow_from_the_covariance():
    _, s = _fed(_returns(1, 0.0))
    cov = s.cov[:N]
    assert s.F[:, o.F_SIGMA] == pytest.approx(np.sqrt(np.diag(cov)))
    assert s.F[:, o.F_BETA] == pytest.approx(cov.mean(axis=1) / cov.mean())
    assert s.F[:, o.F_BETA].mean() == pytest.approx(1.0)
    factor = np.clip(1.25 * np.sqrt(s.F[:, o.F_SLOW_VAR] / np.diag(cov)), 0.5, 1.0)
    assert s.F[:, o.F_VOL_FACTOR] == pytest.approx(factor)


def test_scenarios_keep_the_last_250_and_skip_sessions_without_any_return():
    p, s, _ = book(2)
    for k in range(255):
        s.F[:, o.F_RETURN] = (k, np.nan) if k % 5 else (np.nan, np.nan)
        covariance(p, s)
    assert s.K[o.K_SCENARIOS] == 204
    kept = s.scen[0, :204]
    assert kept.tolist() == [k for k in range(255) if k % 5]
    assert not s.scen[1, :204].any()


@pytest.mark.parametrize(("closed", "after"), [(False, np.nan), (True, 0.1)])
def test_a_return_needs_the_own_session_immediately_before(closed, after):
    _, s, _ = book(1)
    seen = []
    for close in (100.0, 110.0, None, 121.0, 133.1):
        s.I[:, o.I_DUE] = close is None and not closed
        if close is not None:
            s.I[:, o.I_SEEN], s.F[:, o.F_CLOSE], s.F[:, o.F_SESSION_VOLUME] = 1, close, 1.0
        session_returns(s)
        seen.append(float(s.F[0, o.F_RETURN]))
    assert seen == pytest.approx([np.nan, 0.1, np.nan, after, 0.1], nan_ok=True)


def test_daily_volume_starts_at_the_first_and_moves_by_two_of_twenty_one():
    _, s, _ = book(1)
    volumes = [100.0, 310.0, 50.0]
    for volume in volumes:
        s.I[:, o.I_SEEN], s.F[:, o.F_CLOSE], s.F[:, o.F_SESSION_VOLUME] = 1, 1.0, volume
        session_returns(s)
    want = pd.Series(volumes).ewm(span=20, adjust=False).mean().iloc[-1]
    assert s.F[0, o.F_ADV] == pytest.approx(want)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6))
def test_groups_are_the_complete_linkage_clusters_of_scipy(seed):
    rng = np.random.default_rng(seed)
    n = 6
    factor = rng.normal(size=(n, 3))
    cov = factor @ factor.T + 0.1 * np.eye(n)
    p, s, _ = book(n, group_join=0.7, group_part=0.6)
    s.cov[:n], s.F[:, o.F_SIGMA], s.I[:, o.I_OBS] = cov, np.sqrt(np.diag(cov)), 99
    regroup(p, s)
    rho = cov / np.sqrt(np.outer(np.diag(cov), np.diag(cov)))
    # Nobody shared a group before, so there is no hysteresis to take off.
    tree = linkage(squareform(1.0 - rho, checks=False), "complete")
    theirs = fcluster(tree, 0.3 - 1e-12, "distance")
    lowest = [min(np.flatnonzero(theirs == c)) for c in theirs]
    assert s.I[:, o.I_GROUP].tolist() == lowest


def test_members_stay_together_between_the_two_thresholds():
    p, s, _ = book(2, group_join=0.7, group_part=0.6)
    s.F[:, o.F_SIGMA], s.I[:, o.I_OBS] = 1.0, 99
    seen = []
    for rho in (0.65, 0.75, 0.65, 0.55, 0.65):
        s.cov[:2] = [[1.0, rho], [rho, 1.0]]
        regroup(p, s)
        seen.append(bool(s.I[1, o.I_GROUP] == 0))
    assert seen == [False, True, True, False, False]


def test_round_trip_cost_is_both_spreads_both_fees_and_both_impacts():
    p, s, _ = book(1, impact=(0.5,), position_cap=(0.1,), participation=0.05)
    s.F[:, o.F_ADV], s.F[:, o.F_AV], s.F[:, o.F_SIGMA], s.F[:, o.F_UNIT] = (
        10_000.0,
        8_000.0,
        0.02,
        1e6,
    )
    # 5 % of 8,000 lots is 400, below the 1,000 that a tenth of 1e10 buys at 1e6
    refresh_costs(1e10, p, s)
    assert s.F[0, o.F_COST] == pytest.approx(2 * 10 + 2 * 1e4 * 0.5 * 0.02 * np.sqrt(400 / 10_000))
    refresh_costs(1e9, p, s)
    assert s.F[0, o.F_COST] == pytest.approx(2 * 10 + 2 * 1e4 * 0.5 * 0.02 * np.sqrt(100 / 10_000))
    s.F[:, o.F_ADV] = 0.0
    refresh_costs(1e9, p, s)
    assert s.F[0, o.F_COST] == pytest.approx(2 * 10 + 2 * 1e4 * 0.5 * 0.02)
