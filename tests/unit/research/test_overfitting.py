from itertools import combinations

import numpy as np
import pytest
from scipy import stats
from scipy.special import ndtri

from kedge.domain.errors import InputError
from kedge.research.overfitting import (
    probability_of_overfitting,
    stochastic_dominance,
    symmetric_choices,
)


def noise(rows: int, configurations: int, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).normal(0.0, 0.01, (rows, configurations))


def written_out(returns: np.ndarray, blocks: int) -> dict[str, float]:
    """The paper's steps one combination and one strategy at a time."""
    parts = np.array_split(np.arange(len(returns)), blocks)
    logits, inside, outside = [], [], []
    for chosen in combinations(range(blocks), blocks // 2):
        train = np.concatenate([parts[b] for b in chosen])
        test = np.concatenate([parts[b] for b in range(blocks) if b not in chosen])
        sharpe_in = [returns[train, n].mean() / stats.tstd(returns[train, n]) for n in range(N)]
        sharpe_out = [returns[test, n].mean() / stats.tstd(returns[test, n]) for n in range(N)]
        best = int(np.argmax(sharpe_in))
        relative = stats.rankdata(sharpe_out)[best] / (N + 1)
        logits.append(np.log(relative / (1 - relative)))
        inside.append(sharpe_in[best])
        outside.append(sharpe_out[best])
    line = stats.linregress(inside, outside)
    return {
        "pbo": float(np.mean(np.array(logits) <= 0)),
        "slope": line.slope,
        "intercept": line.intercept,
        "r_squared": line.rvalue**2,
        "probability_of_loss": float(np.mean(np.array(outside) < 0)),
        "logit": float(np.mean(logits)),
    }


N = 7


@pytest.mark.parametrize(("rows", "blocks"), [(120, 4), (121, 6), (200, 8)])
def test_every_figure_equals_the_steps_written_out(rows: int, blocks: int) -> None:
    returns = noise(rows, N, seed=rows) + np.linspace(0, 0.002, N)
    found, expected = probability_of_overfitting(returns, blocks), written_out(returns, blocks)
    assert found.pbo == expected["pbo"]
    assert found.slope == pytest.approx(expected["slope"])
    assert found.intercept == pytest.approx(expected["intercept"])
    assert found.r_squared == pytest.approx(expected["r_squared"])
    assert found.probability_of_loss == expected["probability_of_loss"]
    assert np.mean(found.logits) == pytest.approx(expected["logit"])


def test_a_case_small_enough_for_paper_and_pencil() -> None:
    # Two blocks of two days. In the first A has Sharpe 2 / sqrt 2 and B 1 / sqrt 2,
    # in the second A has 0 and B 3 / sqrt 2. Picking in block 1 takes A, which is
    # last of two in block 2: w = 1/3, logit = -ln 2. Picking in block 2 takes B,
    # last of two in block 1: the same. So every pick was worse than the median.
    a = [0.03, 0.01, 0.01, -0.01]
    b = [0.02, 0.00, 0.04, 0.02]
    found = probability_of_overfitting(np.array([a, b]).T, blocks=2)
    assert found.logits == pytest.approx([-np.log(2), -np.log(2)])
    assert found.pbo == 1.0
    assert found.probability_of_loss == 0.0


def r_normal(seed: int, count: int) -> np.ndarray:
    """R's ``set.seed(seed); rnorm(count)``: Mersenne Twister and inversion."""
    state = seed
    for _ in range(50):
        state = (69069 * state + 1) % 2**32
    keys = []
    for _ in range(625):
        state = (69069 * state + 1) % 2**32
        keys.append(state)
    generator = np.random.MT19937()
    generator.state = {
        "bit_generator": "MT19937",
        "state": {"key": np.array(keys[1:], np.uint32), "pos": 624},
    }
    uniform = generator.random_raw(2 * count) * 2.3283064365386963e-10
    big = 134217728.0
    return ndtri((np.floor(big * uniform[::2]) + uniform[1::2]) / big)


def test_r_normal_draws_what_r_draws() -> None:
    # set.seed(42); rnorm(3)
    assert r_normal(42, 3) == pytest.approx([1.37095845, -0.56469817, 0.36312841], abs=1e-8)


def test_figures_equal_those_published_with_the_r_package_pbo() -> None:
    # Barry's package `pbo` 1.3.5 tests itself on set.seed(852), 40 strategies, 200
    # days, 4 blocks: phi in (0.49, 0.51), slope in (0.19, 0.20), adjusted R^2 in
    # (-0.24, -0.22), probability of loss in (0.49, 0.51). What it calls slope is the
    # first coefficient of the regression of the results in sample on those out of
    # it, which is that regression's intercept.
    returns = r_normal(852, 200 * 40).reshape(200, 40) - 0.03 / 252
    found = probability_of_overfitting(returns, blocks=4)
    assert len(found.logits) == 6
    assert found.pbo == 0.5
    assert found.probability_of_loss == 0.5
    assert 0.19 < np.polyfit(found.sharpe_out, found.sharpe_in, 1)[1] < 0.20
    assert found.r_squared is not None
    assert -0.24 < 1 - (1 - found.r_squared) * 5 / 4 < -0.22


def test_full_overfit_of_the_paper_has_probability_one() -> None:
    # The paper's first test case: every strategy re-centred to a Sharpe ratio of
    # zero over the whole sample, so that what is won in sample is lost out of it.
    returns = noise(1_000, 100, seed=1)
    returns -= returns.mean(axis=0)
    returns *= 0.01 / returns.std(axis=0)
    found = probability_of_overfitting(returns, blocks=8)
    assert found.pbo == 1.0
    assert found.slope == pytest.approx(-1.0, abs=0.1)
    assert found.probability_of_loss == 1.0


def test_pure_noise_is_a_coin_toss() -> None:
    found = [probability_of_overfitting(noise(480, 20, s), blocks=8).pbo for s in range(60)]
    assert np.mean(found) == pytest.approx(0.5, abs=0.08)


def test_a_dominant_configuration_is_not_overfit() -> None:
    returns = noise(2_000, 30, seed=2)
    returns[:, 11] += 0.002
    found = probability_of_overfitting(returns)
    assert found.pbo < 0.01
    assert found.first_order
    assert found.second_order
    assert found.probability_of_loss < 0.01


def test_configurations_that_never_trade_rank_as_zero() -> None:
    returns = noise(160, 4, seed=3)
    returns[:, :3] = 0.0
    returns[:, 3] += 0.01
    found = probability_of_overfitting(returns, blocks=4)
    assert found.pbo == 0.0
    assert np.isfinite(found.logits).all()


def test_equal_configurations_share_their_rank() -> None:
    returns = np.repeat(noise(160, 1, seed=4), 3, axis=1)
    found = probability_of_overfitting(returns, blocks=4)
    assert found.logits == pytest.approx([0.0] * 6)
    assert not found.first_order


def test_sixteen_blocks_give_12870_combinations() -> None:
    choices = symmetric_choices(16)
    assert choices.shape == (12_870, 16)
    assert (choices.sum(axis=1) == 8).all()


@pytest.mark.parametrize(("rows", "configurations", "blocks"), [(99, 1, 4), (99, 5, 3), (7, 5, 4)])
def test_impossible_searches_are_refused(rows: int, configurations: int, blocks: int) -> None:
    with pytest.raises(InputError):
        probability_of_overfitting(noise(rows, configurations, 0), blocks)


def test_returns_that_are_not_finite_are_refused() -> None:
    returns = noise(100, 3, seed=0)
    returns[5, 1] = np.nan
    with pytest.raises(InputError, match="finite"):
        probability_of_overfitting(returns, 4)


def test_dominance_of_first_order_implies_second() -> None:
    low = np.linspace(-1, 1, 500)
    assert stochastic_dominance(low + 0.5, low) == (True, True)
    assert stochastic_dominance(low - 0.5, low) == (False, False)


def test_less_spread_at_the_same_mean_dominates_to_second_order_only() -> None:
    wide = np.linspace(-1, 1, 501)
    assert stochastic_dominance(wide / 4, wide) == (False, True)
