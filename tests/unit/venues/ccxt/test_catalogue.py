"""What an exchange lists and traded, through the unmodified library, over the wire."""

import time
from contextlib import contextmanager
from decimal import Decimal

import numpy as np
import pytest

from kedge.data.intervals import DAY, MINUTE, SECOND
from kedge.data.streams.budget import Budget, Limit
from kedge.domain.errors import ConfigError
from kedge.domain.instrument import AssetClass
from kedge.venues.ccxt.catalogue import Catalogue
from kedge.venues.ccxt.client import Access
from kedge.venues.ccxt.exchanges import exchange_of
from kedge.venues.simulated.fault_plan import Fault
from kedge.venues.simulated.requests import Halt
from kedge.venues.wire.limits import Allowed
from kedge.venues.wire.server import Terms
from kedge.venues.wire.world import World
from wire_stage import served

START = time.time_ns() - 90 * SECOND
"""Of the tape: a minute and a half of it has been traded."""


@pytest.fixture(scope="module")
def market():
    """A served world that has a past, and ninety seconds of tape."""
    floor = World(symbols=("BTCUSDT", "ETHUSDT"), start=START, seed=3).open()
    floor.run(time.time_ns())
    with served(floor) as server:
        yield server


def access(url, **more):
    return Access(exchange=exchange_of("binance"), key="", secret="", url=url, **more)


@contextmanager
def asking(url, budget=None, clock=time.time_ns, **more):
    with Catalogue(access(url, **more), clock, budget) as catalogue:
        yield catalogue


def test_a_listed_coin_is_an_instrument_with_the_exchanges_terms(market):
    with asking(market.url) as catalogue:
        ether, bitcoin = catalogue.instruments(["ETH/USDT", "BTCUSDT"])
    spot = market.floor.spots["BTCUSDT"].instrument
    assert (ether.id, ether.symbol, ether.base) == ("ETH/USDT", "ETH/USDT", "ETH")
    assert (bitcoin.id, bitcoin.symbol, bitcoin.venue) == ("BTCUSDT", "BTCUSDT", "binance")
    assert bitcoin.asset_class is AssetClass.SPOT
    assert (
        (bitcoin.tick, bitcoin.lot) == (spot.tick, spot.lot) == (Decimal("0.01"), Decimal("1e-5"))
    )
    assert bitcoin.min_notional == spot.min_notional == 5
    assert bitcoin.max_lots == market.floor.spots["BTCUSDT"].listing.max_lots
    assert {bitcoin.quote, bitcoin.settle, bitcoin.collateral} == {"USDT"}
    assert (bitcoin.fees.maker_bps, bitcoin.fees.taker_bps) == (10.0, 10.0)
    assert (bitcoin.calendar, bitcoin.shortable) == ("24/7", False)


@pytest.mark.parametrize(
    ("symbols", "line"),
    [
        (["BTCUSD"], "universe.symbols: binance lists no 'BTCUSD' (near it are BTCUSDT, ETHUSDT)"),
        (
            ["ethusdt"],
            "universe.symbols: binance lists no 'ethusdt' (near it are ETHUSDT, BTCUSDT)",
        ),
        (["ZZZ"], "universe.symbols: binance lists no 'ZZZ' (see the exchange's own list)"),
        (
            ["BTCUSDT", "BTC/USDT"],
            "universe.symbols: 'BTCUSDT' and 'BTC/USDT' are one market of binance (name it once)",
        ),
    ],
)
def test_a_symbol_that_is_not_listed_is_one_line_with_the_nearest_names(market, symbols, line):
    with asking(market.url) as catalogue, pytest.raises(ConfigError) as caught:
        catalogue.instruments(symbols)
    assert str(caught.value) == line


def test_a_symbol_that_does_not_trade_now_is_refused():
    floor = World(symbols=("BTCUSDT", "ETHUSDT"), start=time.time_ns(), seed=3).open()
    floor.act(Halt(1, True))
    with served(floor) as server, asking(server.url) as catalogue:
        with pytest.raises(ConfigError, match="'ETHUSDT' does not trade at binance now") as caught:
            catalogue.instruments(["ETHUSDT"])
        assert "BTCUSDT" in str(caught.value)
        assert [each.base for each in catalogue.instruments(["BTCUSDT"])] == ["BTC"]


@pytest.mark.parametrize(("name", "width"), [("1s", SECOND), ("1m", MINUTE), ("1d", DAY)])
def test_candles_are_those_of_the_exchange_exactly_and_finished(market, name, width):
    end, count = time.time_ns() - 2 * SECOND, 50
    with asking(market.url) as catalogue:
        (instrument,) = catalogue.instruments(["BTCUSDT"])
        candles = catalogue.candles(instrument, width, end, count)
    whole = end - end % width
    bars = [
        bar
        for bar in market.do(market.floor.prints[0].bars, name, market.floor.now)
        if whole - count * width <= bar.opened < whole
    ]
    assert len(bars) == count
    assert candles.closes.tolist() == [bar.opened + width for bar in bars]
    assert candles.ticks.tolist() == [[b.open, b.high, b.low, b.close] for b in bars]
    assert candles.lots.tolist() == [bar.lots for bar in bars]
    assert [a.dtype for a in (candles.ticks, candles.lots, candles.closes)] == [np.int64] * 3


def test_many_candles_come_in_pages_through_the_budget():
    """Three times the time, the markets, and three pages of a thousand at most: 3 + 20 + 6."""
    floor = World(symbols=("BTCUSDT",), start=START, seed=3).open()
    floor.run(time.time_ns())
    end = time.time_ns() - 2 * SECOND
    with served(floor) as server, asking(server.url, Budget(Limit(29, 3_600 * SECOND))) as asked:
        (instrument,) = asked.instruments(["BTCUSDT"])
        candles = asked.candles(instrument, SECOND, end, 2_500)
        assert np.array_equal(np.diff(candles.closes), np.full(2_499, SECOND))
        with pytest.raises(ConfigError, match="cannot be reached: the rate budget is spent"):
            asked.candles(instrument, SECOND, end, 1)


def test_more_than_the_exchange_remembers_is_what_it_remembers(market):
    with asking(market.url) as catalogue:
        (instrument,) = catalogue.instruments(["ETHUSDT"])
        candles = catalogue.candles(instrument, DAY, START, 400)
    assert len(candles.lots) == 60
    assert candles.closes[-1] == START - START % DAY


def test_a_length_that_is_not_offered_is_refused(market):
    with asking(market.url) as catalogue:
        assert catalogue.widths[:2] == (SECOND, MINUTE)
        assert catalogue.widths[-1] == DAY
        (instrument,) = catalogue.instruments(["ETHUSDT"])
        with pytest.raises(ConfigError, match=r"no candles of 7 s \(it has 1s, 1m,"):
            catalogue.candles(instrument, 7 * SECOND, START, 1)


def test_the_last_candle_is_waited_for_and_the_far_future_is_not(market):
    with asking(market.url) as catalogue:
        (instrument,) = catalogue.instruments(["BTCUSDT"])
        end = (time.time_ns() // SECOND + 1) * SECOND
        assert catalogue.candles(instrument, SECOND, end, 3).closes[-1] == end
        assert time.time_ns() >= end + SECOND
        with pytest.raises(ConfigError, match="behind what it is asked for"):
            catalogue.candles(instrument, MINUTE, end + DAY, 3)


def test_an_exchange_that_is_not_there_is_one_line():
    with asking("http://127.0.0.1:9", timeout_ms=300) as catalogue:
        for _ in range(2):
            with pytest.raises(ConfigError, match="binance cannot be reached") as caught:
                catalogue.instruments(["BTCUSDT"])
            assert "\n" not in str(caught.value)


def test_a_refusal_is_one_line_and_the_budget_keeps_the_ban():
    floor = World(symbols=("BTCUSDT",), start=START, seed=3).open()
    terms = Terms(allowed=Allowed(weight=24, patience=0))
    budget = Budget(Limit(6_000, MINUTE))
    with served(floor, terms) as server, asking(server.url, budget) as catalogue:
        (instrument,) = catalogue.instruments(["BTCUSDT"])
        with pytest.raises(ConfigError, match=r"binance cannot be reached: .*418") as caught:
            catalogue.candles(instrument, DAY, START, 3)
        assert "\n" not in str(caught.value)
    assert budget.take(1, time.time_ns()) > 0


def test_an_outage_is_one_line():
    floor = World(symbols=("BTCUSDT",), start=START, seed=3).open()
    with served(floor) as server, asking(server.url) as catalogue:
        server.do(server.server.strike, Fault.OUTAGE, DAY)
        with pytest.raises(ConfigError, match=r"binance cannot be reached: .*-1001"):
            catalogue.instruments(["BTCUSDT"])
