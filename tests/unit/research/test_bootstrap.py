import numpy as np
import pytest

from kedge.research.block_length import autocovariance, optimal_block_length
from kedge.research.bootstrap import (
    equity_fan,
    intervals,
    percentile_interval,
    resampled_statistics,
    stationary_index,
)
from kedge.research.metrics import max_drawdown, sharpe, total_return


def autoregressive(days: int, phi: float, seed: int = 0) -> np.ndarray:
    series = np.random.RandomState(seed).standard_normal(days)
    for t in range(1, days):
        series[t] += phi * series[t - 1]
    return series


def test_block_length_equals_the_value_published_with_arch() -> None:
    # arch (Sheppard), tests of optimal_block_length: 13.635665 for this series.
    series = autoregressive(10_100, 0.3)[100:]
    assert optimal_block_length(series) == pytest.approx(13.635665, rel=1e-6)


def plain_block_length(x: np.ndarray) -> float:
    """The algorithm written out, one autocovariance and one lag at a time."""
    n = len(x)
    e = x - x.mean()
    run = max(5, int(np.log10(n)))
    furthest = int(np.ceil(np.sqrt(n))) + run
    gamma = [sum(e[t] * e[t - k] for t in range(k, n)) / n for k in range(furthest + 1)]
    band = 2 * np.sqrt(np.log10(n) / n)

    def rho(k: int) -> float:
        return abs(np.dot(e[k:], e[: n - k]) / np.linalg.norm(e[k:]) / np.linalg.norm(e[: n - k]))

    lag = next(m for m in range(1, furthest) if all(rho(m + j) < band for j in range(run)))
    width = min(2 * lag, furthest)
    flat_top = [1.0 if k <= width / 2 else 2 * (1 - k / width) for k in range(width + 1)]
    g = 2 * sum(flat_top[k] * k * gamma[k] for k in range(1, width + 1))
    s = gamma[0] + 2 * sum(flat_top[k] * gamma[k] for k in range(1, width + 1))
    return (2 * g * g / (2 * s * s) * n) ** (1 / 3)


@pytest.mark.parametrize("phi", [-0.4, 0.2, 0.7])
def test_block_length_equals_the_algorithm_written_out(phi: float) -> None:
    series = autoregressive(600, phi, seed=4)
    assert optimal_block_length(series) == pytest.approx(plain_block_length(series))


def test_block_length_of_a_constant_or_short_series_is_one() -> None:
    assert optimal_block_length(np.ones(100)) == 1.0
    assert optimal_block_length(np.array([1.0, 2.0])) == 1.0
    assert optimal_block_length(np.empty(0)) == 1.0


def test_block_length_does_not_depend_on_the_scale() -> None:
    series = autoregressive(300, 0.6, seed=3)
    assert optimal_block_length(1e-90 * series) == pytest.approx(optimal_block_length(series))


def test_block_length_has_its_published_ceiling() -> None:
    # A pure wave has next to no long-run variance to estimate.
    assert optimal_block_length(np.sin(2.5 * np.arange(400))) == 60.0


def test_autocovariance_divides_by_all_days() -> None:
    x = np.array([1.0, -1.0, 2.0, -2.0])
    assert autocovariance(x, 2) == pytest.approx([10 / 4, (-1 - 2 - 4) / 4, (2 + 2) / 4])


def test_blocks_are_consecutive_days_of_geometric_length() -> None:
    index = stationary_index(np.random.default_rng(0), 500, 10.0, 200)
    joined = (np.diff(index, axis=1) % 500) == 1
    assert index.min() >= 0
    assert index.max() < 500
    # A block goes on with 9 of 10 days; one start in 500 looks like going on.
    assert joined.mean() == pytest.approx(0.9 + 0.1 / 500, abs=0.005)


def test_resampled_statistics_are_the_metrics_of_the_resampled_days() -> None:
    rng = np.random.default_rng(5)
    returns, cash = rng.normal(0.001, 0.02, 120), rng.uniform(0, 1e-4, 120)
    drawn = resampled_statistics(returns, cash, 252.0, 5.0, 9, 20)
    index = stationary_index(np.random.Generator(np.random.PCG64(9)), 120, 5.0, 20)
    for row, days in zip(drawn, index, strict=True):
        picked = returns[days]
        expected = (
            sharpe(picked - cash[days], 252.0),
            1.0 + total_return(picked),
            max_drawdown(picked),
        )
        assert row == pytest.approx(expected)


def test_interval_of_independent_days_has_the_width_of_theory() -> None:
    rng = np.random.default_rng(6)
    returns = rng.normal(0.001, 0.01, 2_000)
    found = intervals(returns, np.zeros(2_000), 252.0, seed=1).sharpe
    assert found.low is not None
    assert found.high is not None
    theory = 2 * 1.96 * np.sqrt(252 / 2_000)
    assert found.high - found.low == pytest.approx(theory, rel=0.12)


def test_same_seed_gives_same_bits_and_another_seed_does_not() -> None:
    returns = autoregressive(400, 0.1) / 100
    first, again, other = (intervals(returns, np.zeros(400), 252.0, s) for s in (1, 1, 2))
    assert first == again
    assert first.sharpe != other.sharpe


def test_intervals_of_one_day_are_undefined() -> None:
    found = intervals(np.array([0.01]), np.zeros(1), float("nan"), 1)
    assert (found.sharpe.low, found.cagr.high, found.max_drawdown.low) == (None, None, None)


def test_the_interval_of_growth_is_its_own_quantiles_and_absent_below_ninety_days() -> None:
    returns, cash = autoregressive(200, 0.0) / 100, np.zeros(200)
    found = intervals(returns, cash, 365.25, 1)
    wealth = resampled_statistics(returns, cash, 365.25, found.block_length, 1, 1_000)[:, 1]
    assert found.cagr.low == pytest.approx(np.quantile(wealth, 0.025) ** (365.25 / 200) - 1.0)
    short = intervals(returns[:89], cash[:89], 365.25, 1)
    assert (short.cagr.low, short.cagr.high) == (None, None)
    assert short.sharpe.low is not None
    assert short.max_drawdown.high


def test_interval_of_flat_equity_is_undefined_for_sharpe_only() -> None:
    found = intervals(np.zeros(120), np.zeros(120), 252.0, 1)
    assert found.sharpe.low is None
    assert found.cagr.low == 0.0
    assert found.max_drawdown.high == 0.0


def test_interval_with_a_ruin_says_total_loss() -> None:
    returns = np.where(np.arange(80) == 40, -1.0, 0.001)
    assert intervals(returns, np.zeros(80), 252.0, 1).cagr.low == -1.0


def test_percentile_interval_is_equal_tailed() -> None:
    found = percentile_interval(np.arange(1001.0))
    assert (found.low, found.high) == (pytest.approx(25.0), pytest.approx(975.0))


def test_equity_fan_widens_with_time_around_the_median() -> None:
    returns = autoregressive(300, 0.0, seed=8) / 100
    fan = equity_fan(returns, np.array([0.05, 0.5, 0.95]), seed=3, resamples=200)
    assert fan.shape == (3, 300)
    assert (np.diff(fan, axis=0) >= 0).all()
    width = fan[2] - fan[0]
    assert width[-1] > 3 * width[5]
