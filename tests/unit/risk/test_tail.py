"""VaR and expected shortfall against the literature, quadrature and numpy."""

from math import inf, sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.stats import norm
from scipy.stats import t as student

from interpreted import interpreted
from kedge.domain import state as o
from kedge.engine.tail_factors import student_t_factors
from kedge.risk.tail import historical_tail

tail = interpreted(historical_tail)


@pytest.mark.parametrize(
    ("confidence", "var"), [(0.90, 137.1), (0.95, 190.7), (0.975, 248.3), (0.99, 335.1)]
)
def test_value_at_risk_is_that_of_the_textbook(confidence, var):
    # McNeil, Frey, Embrechts, Quantitative Risk Management, the table of VaR in
    # the t4 model: 10,000 in one asset of 20 % yearly volatility, 250 days a year.
    z, _ = student_t_factors(confidence, 4.0)
    assert 10_000 * 0.2 / sqrt(250) * z == pytest.approx(var, abs=0.05)


@pytest.mark.parametrize("confidence", [0.9, 0.95, 0.99])
@pytest.mark.parametrize("dof", [2.5, 4.0, 6.0, 30.0])
def test_shortfall_is_the_mean_loss_beyond_the_quantile(confidence, dof):
    z, y = student_t_factors(confidence, dof)
    unit = sqrt((dof - 2.0) / dof)
    mass, _ = quad(lambda x: student.pdf(x, dof), z / unit, inf, epsabs=1e-12)
    mean, _ = quad(lambda x: x * student.pdf(x, dof), z / unit, inf, epsabs=1e-12)
    assert mass == pytest.approx(1.0 - confidence, rel=1e-6)
    assert y == pytest.approx(unit * mean / mass, rel=1e-6)


def test_many_degrees_of_freedom_are_the_normal_distribution():
    z, y = student_t_factors(0.95, 1e7)
    assert z == pytest.approx(norm.ppf(0.95), rel=1e-5)
    assert y == pytest.approx(norm.pdf(norm.ppf(0.95)) / 0.05, rel=1e-5)


def _book(returns, weights, level):
    """The few arrays the historical method reads."""
    n, m = returns.shape
    scen = np.zeros((n + 2, o.SCENARIOS))
    scen[:n, :m] = returns
    F, K, P = np.zeros((n, o.F_)), np.zeros(o.K_, dtype=np.int64), np.zeros(o.P_)
    F[:, o.F_W], K[o.K_SCENARIOS], P[o.P_TAIL] = weights, m, level
    params = o.Params(P=P, **dict.fromkeys(("A", "J", "SP", "Q")))
    empty = dict.fromkeys(set(o.State._fields) - {"scen", "F", "K"})
    return params, o.State(scen=scen, F=F, K=K, **empty)


@given(
    st.integers(1, o.SCENARIOS),
    st.integers(1, 4),
    st.sampled_from([0.01, 0.05, 0.25]),
    st.integers(0, 10**6),
)
def test_historical_tail_is_the_sorted_losses_of_numpy(m, n, level, seed):
    rng = np.random.default_rng(seed)
    returns, weights = rng.normal(0, 0.02, (n, m)), rng.normal(0, 1, n)
    losses = np.sort(-(weights @ returns))[::-1]
    beyond = int(level * m) + 1
    var, es = tail(*_book(returns, weights, level))
    assert var == pytest.approx(losses[beyond - 1], abs=1e-12)
    assert es == pytest.approx(losses[:beyond].mean(), abs=1e-12)


def test_twenty_scenarios_at_five_percent_give_the_second_largest_loss():
    losses = np.arange(1, 21) / 100.0
    var, es = tail(*_book(-losses[None, ::-1], np.ones(1), 0.05))
    assert (var, es) == (pytest.approx(0.19), pytest.approx(0.195))
