import math

import numpy as np
import pytest
from scipy import stats

from kedge.research.deflated import (
    Moments,
    daily_sharpes,
    expected_maximum,
    expected_maximum_sharpe,
    moments,
    probabilistic_sharpe,
    sharpe_variance_factor,
)

# Bailey and Lopez de Prado (2014), the worked example: an annual Sharpe ratio of
# 2.5 over five years of 250 days, skew -3, kurtosis 10, the best of 100 trials
# whose annual Sharpe ratios have a variance of 1/2.
PAPER = Moments(sharpe=2.5 / math.sqrt(250), skew=-3.0, kurtosis=10.0, observations=1250)
PAPER_VARIANCE = 0.5 / 250


def deflated_sharpe(observed: Moments, trials: float, variance: float) -> float:
    return probabilistic_sharpe(observed, expected_maximum_sharpe(trials, variance))


def test_expected_maximum_sharpe_is_the_published_example() -> None:
    assert expected_maximum_sharpe(100, PAPER_VARIANCE) == pytest.approx(0.1132, abs=5e-5)


def test_deflated_sharpe_is_the_published_example() -> None:
    assert deflated_sharpe(PAPER, 100, PAPER_VARIANCE) == pytest.approx(0.9004, abs=5e-5)


def test_deflated_sharpe_would_pass_with_46_trials_as_published() -> None:
    # The paper: with 46 independent trials the same result reaches about 0.95.
    assert deflated_sharpe(PAPER, 46, PAPER_VARIANCE) == pytest.approx(0.9505, abs=1e-3)


def test_expected_maximum_is_close_to_simulation() -> None:
    draws = np.random.default_rng(0).standard_normal((20_000, 50)).max(axis=1)
    assert expected_maximum(50) == pytest.approx(draws.mean(), rel=0.02)


@pytest.mark.parametrize("trials", [0, 1, 1.2])
def test_a_single_trial_is_not_deflated(trials: float) -> None:
    assert expected_maximum(trials) == 0.0
    plain = probabilistic_sharpe(PAPER, 0.0)
    assert deflated_sharpe(PAPER, trials, PAPER_VARIANCE) == plain


def test_probabilistic_sharpe_of_normal_returns_is_the_t_test_in_the_limit() -> None:
    returns = np.random.default_rng(1).normal(0.0005, 0.01, 4_000)
    one_sided = stats.ttest_1samp(returns, 0.0, alternative="greater").pvalue
    assert probabilistic_sharpe(moments(returns), 0.0) == pytest.approx(1 - one_sided, abs=3e-3)


def test_probabilistic_sharpe_is_half_at_its_own_value() -> None:
    assert probabilistic_sharpe(PAPER, PAPER.sharpe) == pytest.approx(0.5)


def test_variance_factor_of_normal_returns_is_los() -> None:
    # Lo (2002): 1 + SR^2 / 2 for independent normal returns.
    assert sharpe_variance_factor(0.3, 0.0, 3.0) == pytest.approx(1 + 0.3**2 / 2)


def test_moments_equal_those_of_scipy() -> None:
    returns = np.random.default_rng(2).gamma(2.0, 0.01, 900) - 0.015
    found = moments(returns)
    assert found.skew == pytest.approx(stats.skew(returns))
    assert found.kurtosis == pytest.approx(stats.kurtosis(returns, fisher=False))
    assert found.sharpe == pytest.approx(returns.mean() / stats.tstd(returns))
    assert found.observations == 900


@pytest.mark.parametrize("returns", [np.zeros(50), np.array([0.01]), np.empty(0)])
def test_flat_or_short_returns_have_no_deflated_sharpe(returns: np.ndarray) -> None:
    assert math.isnan(deflated_sharpe(moments(returns), 10, 0.01))


def test_daily_sharpes_skip_days_outside_a_trial() -> None:
    series = np.array([[0.01, np.nan], [0.03, np.nan], [0.02, np.nan]])
    found = daily_sharpes(series)
    assert found[0] == pytest.approx(2.0)
    assert math.isnan(found[1])
