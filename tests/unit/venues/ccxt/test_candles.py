"""Candles as ccxt tells them, in ticks and lots."""

from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kedge.domain.errors import MessageError
from kedge.domain.instrument import AssetClass, Instrument
from kedge.venues.ccxt.candles import bars_of, candles_of

STEPS = st.sampled_from(["1", "0.5", "0.01", "0.00001", "0.00000001", "0.25", "1000"])


def coin(tick="0.01", lot="0.001"):
    return Instrument(
        id="C", symbol="C", asset_class=AssetClass.SPOT, tick=Decimal(tick), lot=Decimal(lot)
    )


def told(opened=60_000, first="2", high="3", low="1", close="2", volume="5"):
    return [opened, first, high, low, close, volume]


@given(tick=STEPS, lot=STEPS, data=st.data())
def test_whole_steps_come_back_exactly(tick, lot, data):
    instrument, steps = coin(tick, lot), st.integers(1, 2**40)
    low, *middle, high = sorted(data.draw(st.lists(steps, min_size=4, max_size=4)))
    first, close = data.draw(st.permutations(middle))
    lots = data.draw(st.integers(0, 2**40))
    figures = [f"{n * Decimal(tick):f}" for n in (first, high, low, close)]
    (bar,) = bars_of([[60_000, *figures, f"{lots * Decimal(lot):f}"]], instrument).values()
    assert bar == (first, high, low, close, lots)


@given(
    tick=STEPS,
    prices=st.lists(st.decimals("1e-9", "1e6", places=10), min_size=4, max_size=4),
    volume=st.decimals(0, 10**6, places=10),
)
def test_between_two_steps_the_nearer_one_counts_and_order_stays(tick, prices, volume):
    instrument, (low, first, close, high) = coin(tick), sorted(prices)
    if low <= 0:
        return
    figures = [format(each, "f") for each in (first, high, low, close, volume)]
    (bar,) = bars_of([[0, *figures]], instrument).values()
    for ticks, price in zip(bar, (first, high, low, close), strict=False):
        off = abs(ticks * Decimal(tick) - price)
        assert off <= Decimal(tick) / 2 or (ticks == 1 and price < Decimal(tick))
    assert bar[2] <= min(bar[0], bar[3]) <= max(bar[0], bar[3]) <= bar[1]
    assert (bar[4] > 0) == (volume > 0)


def test_arrays_are_in_order_of_time():
    bars = bars_of([told(120_000), told(60_000, volume="0")], coin())
    candles = candles_of(bars, 60 * 10**9)
    assert candles.closes.tolist() == [120 * 10**9, 180 * 10**9]
    assert candles.lots.tolist() == [0, 5_000]
    assert candles.ticks.tolist() == [[200, 300, 100, 200]] * 2


def test_no_candle_is_empty_arrays():
    candles = candles_of({}, 60 * 10**9)
    assert candles.ticks.shape == (0, 4)
    assert candles.lots.shape == candles.closes.shape == (0,)
    assert candles.ticks.dtype == candles.closes.dtype == np.int64


@pytest.mark.parametrize(
    "row",
    [
        told(high="1.5"),
        told(low="2.5"),
        told(first="0", low="0"),
        told(close="-2", low="-2"),
        told(volume="-1"),
        told(volume="NaN"),
        told(volume=None),
        told(high="Infinity"),
        told(high="1e999999"),
        told(high="1e30"),
        told(high="9" * 30),
        told(volume="1e20"),
        told(first=None),
        told(opened=None),
        told(opened="60000"),
        told()[:5],
        [],
    ],
)
def test_what_cannot_be_a_candle_is_refused(row):
    with pytest.raises(MessageError):
        bars_of([row], coin())
