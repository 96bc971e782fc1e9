"""What a served market traded before its tape."""

from itertools import pairwise

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from kedge.venues.simulated.flow import Stream
from kedge.venues.simulated.prices import Worth
from kedge.venues.wire.candles import DAY, HOUR, MINUTE, QUARTER, SECOND, WIDTHS, Candle
from kedge.venues.wire.past import DAYS, past_of
from kedge.venues.wire.prints import Prints
from kedge.venues.wire.world import World

STREAMS = [Stream(0, Worth(ticks=60_000)), Stream(7, Worth(ticks=5, volatility=0.1))]
START = 20_000 * DAY + 5 * HOUR + 123 * SECOND + 456


@given(start=st.integers(19_000 * DAY, 21_000 * DAY), seed=st.integers(0, 1_000))
@settings(max_examples=8, deadline=None)
def test_bars_follow_each_other_up_to_the_tape(start, seed):
    past = past_of(STREAMS, start, seed)
    for stream in STREAMS:
        own = past[stream.key]
        bars = own[QUARTER]
        assert bars[0].opened == start - start % DAY - DAYS * DAY
        assert bars[-1].opened == start - start % SECOND - SECOND
        assert bars[-1].close == stream.worth.ticks
        assert all(a.close == b.open for a, b in pairwise(bars))
        assert all(0 < b.low <= min(b.open, b.close) for b in bars)
        assert all(max(b.open, b.close) <= b.high for b in bars)
        assert all(0 <= b.bought <= b.lots and b.lots and b.trades for b in bars)
        for width, kept in own.items():
            opens = np.array([bar.opened for bar in kept])
            assert 0 < np.diff(opens).max() <= width
            assert not (opens % np.append(np.diff(opens), SECOND)).any()


def test_a_past_is_its_seed():
    assert past_of(STREAMS, START, 1) == past_of(STREAMS, START, 1)
    assert past_of(STREAMS, START, 1) != past_of(STREAMS, START, 2)


def test_the_tape_is_the_same_with_a_past_and_goes_on_where_it_ends():
    floor = World(symbols=("BTCUSDT", "ETHUSDT"), start=START, seed=4).open()
    for key, prints in floor.prints.items():
        assert prints.bars("1s", START)[-1].close == floor.venue.exchange.matchers[key].last
    floor.run(START + 90 * SECOND)
    for key, prints in floor.prints.items():
        for width in ("1s", "1m", "15m", "1d"):
            bars = prints.bars(width, floor.now)
            opens = np.array([bar.opened for bar in bars])
            assert set(np.diff(opens).tolist()) == {WIDTHS[width]}
            assert bars[-1].close == floor.venue.exchange.matchers[key].last
    assert len(floor.prints[0].bars("1d", floor.now)) == DAYS + 1
    assert floor.prints[0].day(floor.now).opened <= START - DAY + 2 * MINUTE


def test_without_a_past_there_are_no_bars_before_the_first_print():
    prints = Prints()
    assert prints.bars("1d", START) == []
    assert prints.day(START) is None


def test_a_restart_serves_the_same_past():
    world = World(symbols=("BTCUSDT",), start=START, seed=4)
    first, second = world.open(), world.open()
    second.run(START + HOUR)
    before = [bar for bar in second.prints[0].bars("1d", second.now) if bar.opened + DAY <= START]
    assert before == first.prints[0].bars("1d", START)[:-1]
    assert isinstance(before[0], Candle)
