import numpy as np
import pytest

from kedge.domain.errors import DataError
from kedge.research.benchmarks import at_exposure, buy_and_hold, equal_weight, residual

NAN = np.nan
NO_CASH = np.zeros(3)


def test_buy_and_hold_is_the_mean_of_the_price_relatives() -> None:
    rng = np.random.default_rng(0)
    returns = rng.normal(0, 0.02, (300, 4))
    found = buy_and_hold(returns, np.zeros(300))
    prices = np.cumprod(1 + returns, axis=0)
    assert np.cumprod(1 + found) == pytest.approx(prices.mean(axis=1))


def test_buy_and_hold_of_a_late_listing_waits_in_cash() -> None:
    returns = np.array([[0.1, NAN], [0.0, NAN], [0.0, 1.0]])
    found = buy_and_hold(returns, np.array([0.02, 0.0, 0.0]))
    assert np.cumprod(1 + found) == pytest.approx([1.06, 1.06, (1.1 + 2.04) / 2])


def test_buy_and_hold_of_a_delisted_name_ends_in_cash() -> None:
    returns = np.array([[0.0, -0.5], [0.0, NAN], [0.0, NAN]])
    found = buy_and_hold(returns, np.array([0.0, 0.1, 0.0]))
    assert np.cumprod(1 + found) == pytest.approx([0.75, 0.775, 0.775])


def test_buy_and_hold_carries_a_gap_into_the_next_observation() -> None:
    returns = np.array([[0.0], [NAN], [0.3]])
    assert buy_and_hold(returns, np.array([0.0, 0.01, 0.0])) == pytest.approx([0, 0, 0.3])


def test_equal_weight_rebalances_daily_over_the_names_observed() -> None:
    returns = np.array([[0.1, -0.1], [0.2, NAN], [NAN, NAN]])
    cash = np.array([0.001, 0.001, 0.001])
    assert equal_weight(returns, cash) == pytest.approx([0.0, 0.2, 0.001])


def test_matched_exposure_holds_the_rest_in_cash() -> None:
    found = at_exposure(np.array([0.1, -0.1]), np.array([0.01, 0.01]), 0.4)
    assert found == pytest.approx([0.046, -0.034])


def test_residual_of_a_levered_benchmark_is_nothing() -> None:
    rng = np.random.default_rng(1)
    market, cash = rng.normal(0.001, 0.02, 500), np.full(500, 0.0001)
    found = residual(at_exposure(market, cash, 0.7), market, cash)
    assert found.beta == pytest.approx([0.7])
    assert found.returns == pytest.approx(np.zeros(500), abs=1e-15)


def test_residual_recovers_a_planted_alpha() -> None:
    rng = np.random.default_rng(2)
    market = rng.normal(0.0005, 0.01, 5_000)
    noise = rng.normal(0.0, 0.004, 5_000)
    found = residual(0.0003 + 0.5 * market + noise, market, np.zeros(5_000))
    assert found.alpha == pytest.approx(0.0003, abs=4 * 0.004 / np.sqrt(5_000))
    assert found.beta == pytest.approx([0.5], abs=0.02)


def test_residual_against_several_benchmarks_removes_each() -> None:
    rng = np.random.default_rng(3)
    factors = rng.normal(0.0, 0.01, (800, 2))
    found = residual(factors @ [0.3, -0.2], factors, np.zeros(800))
    assert found.beta == pytest.approx([0.3, -0.2])


def test_residual_of_a_benchmark_that_never_moves_is_the_excess_return() -> None:
    returns = np.array([0.01, -0.02, 0.03, 0.0])
    found = residual(returns, np.zeros(4), np.full(4, 0.001))
    assert found.returns == pytest.approx(returns - 0.001)


def test_residual_refuses_values_that_are_not_finite() -> None:
    with pytest.raises(DataError, match="finite"):
        residual(np.array([0.1, NAN]), np.zeros(2), np.zeros(2))


def long_only(kind: float, worlds: int, drift: float) -> tuple[float, float]:
    """Share of worlds in which a long-only rule passes 5 %: naively, and on the residual."""
    rng = np.random.default_rng(7)
    days, lookback = 2_000, 20
    naive, left = 0, 0
    for _ in range(worlds):
        market = rng.normal(drift, 0.01, days)
        trailing = np.convolve(market, np.ones(lookback), "full")[: days - 1]
        position = np.concatenate(([0.0], kind * trailing > 0.0)).astype(float)
        returns = position * market
        rest = residual(returns, market, np.zeros(days)).returns
        naive += returns.mean() / returns.std() * np.sqrt(days) > 1.645
        left += rest.mean() / rest.std() * np.sqrt(days) > 1.645
    return naive / worlds, left / worlds


@pytest.mark.parametrize("kind", [1.0, -1.0], ids=["momentum", "mean reversion"])
def test_residual_does_not_mistake_drift_for_skill(kind: float) -> None:
    naive, left = long_only(kind, 300, drift=0.01 * 0.5 / np.sqrt(252) * 2)
    assert naive > 0.25
    assert left < 0.05 + 3 * np.sqrt(0.05 * 0.95 / 300)


@pytest.mark.parametrize("kind", [1.0, -1.0], ids=["momentum", "mean reversion"])
def test_residual_of_a_rule_on_a_random_walk_has_mean_zero(kind: float) -> None:
    rng = np.random.default_rng(11)
    worlds, days, lookback = 1_500, 1_000, 20
    alphas = np.empty((worlds, 2))
    for world in range(worlds):
        market = rng.normal(0.0, 0.01, days)
        summed = np.cumsum(market)
        position = np.zeros(days)
        position[lookback + 1 :] = kind * (summed[lookback:-1] - summed[: -lookback - 1])
        returns = position * market
        slope = np.cov(returns, market)[0, 1] / market.var(ddof=1)
        alphas[world, 0] = residual(returns, market, np.zeros(days)).alpha
        alphas[world, 1] = (returns - slope * market).mean()
    errors = alphas.std(axis=0) / np.sqrt(worlds)
    cross_fitted, fitted_inside = np.abs(alphas.mean(axis=0)) / errors
    assert cross_fitted < 3.0
    assert fitted_inside > 5.0  # the bias that cross-fitting is there to remove
