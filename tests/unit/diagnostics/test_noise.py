from dataclasses import replace

import msgspec
import numpy as np
import pytest

from kedge.domain.panel import CLOSE, HIGH, LOW, OPEN, Panel
from kedge.research.diagnostics.noise import noisy
from kedge.research.worlds import WorldSpec, random_walk


@pytest.fixture(scope="module")
def market() -> Panel:
    panel = random_walk(WorldSpec(instruments=3, years=2.0), 5)
    bars, flags = panel.bars.copy(), panel.flags.copy()
    bars[100:110, :, 1], flags[100:110, 1] = 0, 0
    bars[:, :, 2] = bars[:, CLOSE : CLOSE + 1, 2]
    closes = msgspec.structs.replace(panel.instruments[2], close_only=True)
    instruments = (*panel.instruments[:2], closes)
    return replace(panel, bars=bars, flags=flags, instruments=instruments)


def test_disturbed_bars_stay_bars(market: Panel) -> None:
    bars = noisy(market, 0.05, 1).bars
    assert (bars[:, HIGH] >= bars.max(axis=1)).all()
    assert (bars[:, LOW] <= bars.min(axis=1)).all()
    assert bars.dtype == np.int64
    traded = market.bars > 0
    assert (bars[traded] >= 1).all()


def test_a_masked_cell_stays_empty(market: Panel) -> None:
    assert (noisy(market, 0.01, 1).bars[100:110, :, 1] == 0).all()


def test_a_bar_that_knows_only_its_close_stays_one_price(market: Panel) -> None:
    single = noisy(market, 0.01, 1).bars[:, :, 2]
    assert (single == single[:, :1]).all()


def test_noise_has_the_stated_size_and_no_bias(market: Panel) -> None:
    moved = noisy(market, 0.001, 1).bars[:, [OPEN, CLOSE], 0] / market.bars[:, [OPEN, CLOSE], 0] - 1
    assert moved.std() == pytest.approx(0.001, rel=0.08)
    assert abs(moved.mean()) < 4 * 0.001 / np.sqrt(moved.size)


def test_the_seed_decides_the_noise_and_no_noise_changes_nothing(market: Panel) -> None:
    assert np.array_equal(noisy(market, 0.01, 1).bars, noisy(market, 0.01, 1).bars)
    assert not np.array_equal(noisy(market, 0.01, 1).bars, noisy(market, 0.01, 2).bars)
    assert np.array_equal(noisy(market, 0.0, 1).bars, market.bars)


def test_a_disturbed_market_does_not_pass_for_the_recorded_one(market: Panel) -> None:
    assert noisy(market, 0.01, 1).fingerprint != market.fingerprint
