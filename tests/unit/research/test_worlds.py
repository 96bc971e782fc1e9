import numpy as np
import pytest
from scipy import stats

from kedge.domain.panel import CLOSE, FRESH, HIGH, LOW, OPEN, TRADABLE, Panel
from kedge.research.daily import observed_days_per_year
from kedge.research.worlds import (
    WorldSpec,
    drifting,
    garch_t,
    planted,
    random_walk,
)

SPEC = WorldSpec()
WIDE = WorldSpec(instruments=200, years=8.0, correlation=0.0)
MAKERS = [random_walk, drifting, garch_t, lambda spec, seed: planted(spec, seed, 0.1)]
NAMES = ["random walk", "drift", "garch-t", "planted"]


def closes(panel: Panel) -> np.ndarray:
    return panel.bars[:, CLOSE] * 1e-4


def returns(panel: Panel) -> np.ndarray:
    prices = closes(panel)
    return prices[1:] / prices[:-1] - 1.0


@pytest.mark.parametrize("make", MAKERS, ids=NAMES)
def test_worlds_are_ten_instruments_and_eight_years_of_consistent_bars(make) -> None:
    panel = make(SPEC, 1)
    assert panel.bars.shape == (2087, 4, 10)
    assert (panel.bars > 0).all()
    assert (panel.bars[:, HIGH] >= panel.bars[:, [OPEN, CLOSE]].max(axis=1)).all()
    assert (panel.bars[:, LOW] <= panel.bars[:, [OPEN, CLOSE]].min(axis=1)).all()
    assert (panel.flags == (TRADABLE | FRESH)).all()
    assert panel.point_in_time
    assert observed_days_per_year(panel.ts) == pytest.approx(panel.sessions_per_year, rel=1e-3)


@pytest.mark.parametrize("make", MAKERS, ids=NAMES)
def test_same_seed_gives_the_same_world_and_another_does_not(make) -> None:
    first, again, other = make(SPEC, 5), make(SPEC, 5), make(SPEC, 6)
    assert first.bars.tobytes() == again.bars.tobytes()
    assert first.volume.tobytes() == again.volume.tobytes()
    assert first.fingerprint == again.fingerprint != other.fingerprint


def test_random_walk_has_the_stated_volatility_and_correlation() -> None:
    found = returns(random_walk(SPEC, 2))
    assert found.std(axis=0) * np.sqrt(SPEC.rows / 8) == pytest.approx(np.full(10, 0.3), rel=0.08)
    pairs = np.corrcoef(found.T)[np.triu_indices(10, 1)]
    assert pairs.mean() == pytest.approx(0.3, abs=0.05)


@pytest.mark.parametrize("make", [random_walk, garch_t], ids=["random walk", "garch-t"])
def test_null_worlds_earn_nothing_on_average(make) -> None:
    found = returns(make(WIDE, 3))
    error = found.std() / np.sqrt(found.size)
    assert abs(found.mean()) < 3 * error


@pytest.mark.parametrize("make", [random_walk, garch_t], ids=["random walk", "garch-t"])
def test_null_worlds_cannot_be_predicted_from_their_past(make) -> None:
    found = returns(make(WIDE, 4))
    for lag in (1, 2, 5, 20):
        product = found[lag:] * found[:-lag]
        assert abs(product.mean()) < 3.5 * product.std() / np.sqrt(product.size)


def test_neither_night_nor_day_earns_anything() -> None:
    panel = random_walk(WIDE, 5)
    night = panel.bars[1:, OPEN] / panel.bars[:-1, CLOSE] - 1.0
    day = panel.bars[:, CLOSE] / panel.bars[:, OPEN] - 1.0
    for part in (night, day):
        assert abs(part.mean()) < 3 * part.std() / np.sqrt(part.size)
    assert night.var() / (night.var() + day.var()) == pytest.approx(0.2, abs=0.01)


def test_drifting_world_pays_holders_the_stated_sharpe() -> None:
    found = returns(drifting(WIDE, 6, annual_sharpe=0.5))
    annual = found.mean() / found.std() * np.sqrt(SPEC.rows / 8)
    assert annual == pytest.approx(0.5, abs=3 / np.sqrt(8 * 200))


def test_garch_world_has_fat_tails_and_clustered_volatility() -> None:
    garch, plain = (np.log1p(returns(make(WIDE, 7))) for make in (garch_t, random_walk))
    assert stats.kurtosis(garch, axis=None) > 2.0
    assert abs(stats.kurtosis(plain, axis=None)) < 0.1
    size = np.abs(garch - garch.mean())
    together = [np.corrcoef(size[1:, i], size[:-1, i])[0, 1] for i in range(200)]
    assert np.mean(together) > 0.1
    assert garch.std() * np.sqrt(SPEC.rows / 8) == pytest.approx(0.3, rel=0.05)


def test_planted_world_rewards_following_the_trend_and_not_holding() -> None:
    found = returns(planted(WIDE, 8, strength=0.15))
    trend = np.apply_along_axis(lambda x: np.convolve(x, np.ones(20), "valid"), 0, found)
    gain = (np.sign(trend[:-1]) * found[20:]).mean() / found.std()
    assert gain > 0.05
    assert abs(found.mean() / found.std()) < 0.15 / np.sqrt(8 * 261 * 200 / 120) * 4


def test_planted_world_of_no_strength_is_a_random_walk() -> None:
    found = returns(planted(WIDE, 9, strength=0.0))
    product = found[1:] * found[:-1]
    assert abs(product.mean()) < 3.5 * product.std() / np.sqrt(product.size)


def test_instruments_carry_the_costs_of_the_spec() -> None:
    spec = WorldSpec(half_spread_bps=2.0, shortable=True)
    (first, *_) = random_walk(spec, 1).instruments
    assert (first.half_spread_bps, first.shortable) == (2.0, True)
    assert random_walk(SPEC, 1).instruments[0].fees.taker_bps == 0.0
