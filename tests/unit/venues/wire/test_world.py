"""The market of a server, and the words of its command line."""

import pytest

from kedge.domain.errors import ConfigError
from kedge.interfaces.cli.main import main
from kedge.interfaces.cli.venue_run import latency_of
from kedge.venues.wire.candles import MINUTE, Candles, joined
from kedge.venues.wire.world import World, spots_of


@pytest.mark.parametrize(
    "symbols", [("NOPEUSDT",), ("BTCXYZ",), ("BTCUSDT", "BTCUSDT"), ("BTCUSDT", "ETHEUR"), ()]
)
def test_symbols_that_make_no_market_are_refused(symbols):
    with pytest.raises(ConfigError, match="--symbols"):
        spots_of(symbols)


def test_a_world_is_its_seed():
    def last(seed):
        floor = World(symbols=("BTCUSDT", "ETHUSDT"), start=0, seed=seed).open()
        floor.run(60 * 10**9)
        return [floor.venue.exchange.matchers[key].last for key in floor.keyed]

    assert last(1) == last(1) != last(2)


def test_spreads_and_depth_are_those_of_a_liquid_market():
    floor = World(symbols=("BTCUSDT",), start=0, seed=4).open()
    floor.run(300 * 10**9)
    halves = floor.venue.exchange.matchers[0].halves
    assert 0 < halves[-1].best - halves[1].best < 6_000_000 * 20e-4
    assert len(halves[1].depth()) > 10


def test_latency_from_words():
    assert (latency_of("50-250").low, latency_of("50-250").high) == (50_000_000, 250_000_000)
    assert latency_of("10").high == 10_000_000
    for words in ("x", "5-1", "-"):
        with pytest.raises(ConfigError):
            latency_of(words)


@pytest.mark.parametrize(
    "words", [["--symbols", "X"], ["--faults", "nonsense"], ["--latency-ms", "a-b"]]
)
def test_a_wrong_option_is_one_line_and_exit_code_2(words, capsys):
    assert main(["venue", "serve", "--port", "0", "--history", "0", *words]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_a_bar_without_trades_repeats_the_close_before_it():
    candles = Candles(MINUTE, 10)
    candles.trade(5 * MINUTE + 1, 100, 2, True)
    candles.trade(5 * MINUTE + 2, 90, 1, False)
    candles.trade(8 * MINUTE, 95, 1, True)
    bars = list(candles.all())
    assert [bar.opened // MINUTE for bar in bars] == [5, 6, 7, 8]
    assert [(bar.open, bar.close, bar.lots) for bar in bars[1:3]] == [(90, 90, 0)] * 2
    assert (bars[0].high, bars[0].low, bars[0].bought) == (100, 90, 2)
    assert (bars[3].open, bars[3].trades) == (95, 1)
    (whole,) = joined(bars, 15 * MINUTE)
    assert (whole.opened, whole.open, whole.close, whole.lots) == (0, 100, 95, 4)


def test_a_long_silence_keeps_no_more_bars_than_asked_for():
    candles = Candles(MINUTE, 10)
    candles.trade(0, 100, 1, True)
    candles.run(10_000 * MINUTE)
    bars = list(candles.all())
    assert len(bars) == 10
    assert bars[-1].opened == 10_000 * MINUTE
