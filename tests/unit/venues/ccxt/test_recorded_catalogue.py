"""Markets and candles of the other exchanges, from answers that they once gave."""

import json
import time
from contextlib import contextmanager
from decimal import Decimal

import pytest
from aiohttp import web
from hypothesis import given, settings
from hypothesis import strategies as st

from kedge.data.intervals import HOUR, MINUTE
from kedge.domain.errors import ConfigError
from kedge.venues.ccxt.catalogue import Catalogue
from kedge.venues.ccxt.client import Access
from kedge.venues.ccxt.exchanges import exchange_of
from kedge.venues.ccxt.worker import Worker
from kedge.venues.wire.asked import Asked
from kedge.venues.wire.market import information, klines
from kedge.venues.wire.world import World
from recorded import samples

PATHS = {
    "coinbase": {
        "/market/products": "http_products.json",
        "/candles": "http_candles.json",
    },
    "okx": {
        "/public/instruments": "http_get_instruments_spot.json",
        "/market/candles": "http_get_candlesticks_full.json",
        "/market/history-candles": "http_get_candlesticks_full.json",
    },
    "bybit": {
        "/market/instruments-info": "http_get_instruments_spot.json",
        "/market/kline": "http_get_klines_linear.json",
    },
    "kraken": {
        "/AssetPairs": "http_asset_pairs.json",
        "/OHLC": "http_ohlc.json",
    },
    "binance": {
        "/exchangeInfo": "exchangeInfo",
        "/klines": "klines",
    },
}
"""What is asked for, and the recorded answer; Binance's come from the served world."""
START = 1_762_777_290 * 10**9


def told_by(name):
    """Answers of an exchange as bytes, by their names."""
    if name != "binance":
        return dict(samples(name))
    floor = World(symbols=("BTCUSDT",), start=START).open()
    minutes = Asked({"symbol": "BTCUSDT", "interval": "1m", "limit": "3"})
    bodies = {"exchangeInfo": information(floor, Asked({})), "klines": klines(floor, minutes)}
    return {each: json.dumps(body).encode() for each, body in bodies.items()}


TOLD = {name: told_by(name) for name in PATHS}


def unrecorded(name, path):
    """Answers that are not among the recorded ones: the exchange's clock, and its coins."""
    now = time.time_ns()
    if path.endswith("/Assets"):
        coin = {"aclass": "currency", "decimals": 10, "display_decimals": 5, "status": "enabled"}
        return {"error": [], "result": {"XXBT": {**coin, "altname": "XBT"},
                                        "USDT": {**coin, "altname": "USDT"}}}  # fmt: skip
    return {
        "coinbase": {"data": {"epoch": now // 10**9}},
        "okx": {"code": "0", "data": [{"ts": str(now // 10**6)}]},
        "bybit": {"retCode": 0, "result": {"timeNano": str(now)}, "time": now // 10**6},
        "kraken": {"error": [], "result": {"unixtime": now // 10**9}},
        "binance": {"serverTime": now // 10**6},
    }[name]


@contextmanager
def answering(name, change=lambda body: body):
    """A catalogue of an exchange that knows only what was recorded."""
    bodies, asked = TOLD[name], []

    async def answer(request):
        asked.append(request.path_qs)
        for end, recorded in PATHS[name].items():
            if request.path.endswith(end):
                return web.json_response(change(json.loads(bodies[recorded])))
        return web.json_response(unrecorded(name, request.path))

    async def start():
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", answer)
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        return runner

    worker = Worker("recorded")
    runner = worker.call(start(), 5.0)
    url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    access = Access(exchange=exchange_of(name), key="", secret="", url=url)
    try:
        with Catalogue(access, time.time_ns) as catalogue:
            yield catalogue, asked
    finally:
        worker.call(runner.cleanup(), 5.0)
        worker.stop()


@pytest.mark.parametrize(
    ("name", "symbol", "base", "quote", "tick", "lot", "least"),
    [
        ("coinbase", "BTC-USD", "BTC", "USD", "0.01", "1e-8", "1"),
        ("okx", "BTC-USD", "BTC", "USD", "0.1", "1e-8", "0"),
        ("bybit", "BTCUSDT", "BTC", "USDT", "0.1", "1e-4", "10"),
        ("kraken", "BTCUSDT", "BTC", "USDT", "0.1", "1e-8", "0.5"),
    ],
)
def test_a_market_is_an_instrument(name, symbol, base, quote, tick, lot, least):
    with answering(name) as (catalogue, _):
        (one,) = catalogue.instruments([symbol])
        (same,) = catalogue.instruments([f"{base}/{quote}"])
    assert (one.id, one.venue, one.base, one.quote) == (symbol, name, base, quote)
    assert (one.tick, one.lot, one.min_notional) == (Decimal(tick), Decimal(lot), Decimal(least))
    assert 0 < one.fees.maker_bps <= one.fees.taker_bps < 200
    assert (same.base, same.tick, same.lot) == (one.base, one.tick, one.lot)


@pytest.mark.parametrize(
    ("name", "symbol", "width", "ended", "bars", "lots"),
    [
        (
            "coinbase", "BTC-USD", HOUR, 1_712_196_000,
            [[6598418, 6638777, 6585735, 6631459], [6631240, 6633199, 6605514, 6618160]],
            [35_874_851_052, 35_582_896_243],
        ),
        (
            "okx", "BTC-USD", MINUTE, 1_747_094_100,
            [[1028060, 1028205, 1027831, 1028061], [1028061, 1028204, 1028061, 1028204]],
            [716_404_000_000, 104_037_000_000],
        ),
        (
            "kraken", "BTCUSDT", MINUTE, 1_762_777_260,
            [[1060382] * 4, [1060383] * 4, [1060381, 1060443, 1060381, 1060401]],
            [0, 32_101, 8_317_981],
        ),
    ],
)  # fmt: skip
def test_candles_are_read_exactly(name, symbol, width, ended, bars, lots):
    with answering(name) as (catalogue, _):
        (instrument,) = catalogue.instruments([symbol])
        candles = catalogue.candles(instrument, width, ended * 10**9, len(lots))
    assert candles.ticks.tolist() == bars
    assert candles.lots.tolist() == lots
    assert candles.closes[-1] == ended * 10**9


def test_a_candle_beside_the_clock_is_refused():
    """The recorded one of Bybit is made up: it opens at a second that is no whole minute."""
    with answering("bybit") as (catalogue, _):
        (instrument,) = catalogue.instruments(["BTCUSDT"])
        with pytest.raises(ConfigError, match="bybit tells what cannot be: a candle of BTCUSDT"):
            catalogue.candles(instrument, MINUTE, 1_709_891_700 * 10**9, 3)


def without_price_steps(body):
    for each in body.get("data", []):
        each["tickSz"] = ""
    return body


def with_an_absurd_price(body):
    for each in body["data"]:
        if isinstance(each, list):
            each[2] = "1e50"
    return body


def cut_short(body):
    body["data"] = [each[:4] if isinstance(each, list) else each for each in body["data"]]
    return body


@pytest.mark.parametrize(
    ("change", "line"),
    [
        (without_price_steps, "okx tells what cannot be: price increment of BTC-USD"),
        (with_an_absurd_price, "okx tells what cannot be: high of a candle"),
        (cut_short, "okx tells what cannot be: close of a candle"),
        (lambda body: [], "okx cannot be reached"),
        (lambda body: {"code": "50011", "msg": "Too Many Requests"}, "okx cannot be reached"),
        (lambda body: {"code": "0", "data": [7]}, "okx tells what cannot be: no market"),
        (lambda body: {"code": "0", "data": {"a": 1}}, "okx tells what cannot be"),
    ],
)
def test_an_answer_that_makes_no_sense_is_one_line(change, line):
    with answering("okx", change) as (catalogue, _), pytest.raises(ConfigError) as caught:
        asked(catalogue)
    assert line in str(caught.value)
    assert "\n" not in str(caught.value)


def asked(catalogue):
    (instrument,) = catalogue.instruments(["BTC-USD"])
    return catalogue.candles(instrument, MINUTE, 1_747_094_100 * 10**9, 2)


def test_no_key_is_sent():
    with answering("okx") as (catalogue, asked):
        catalogue.instruments(["BTC-USD"])
    assert not [path for path in asked if "asset" in path or "account" in path]


def test_a_number_that_the_library_would_compute_with_for_ever_is_not_given_to_it():
    def spoilt(body):
        if "XBTUSDT" in body["result"]:
            body["result"]["XBTUSDT"]["fees"][0][1] = "1e999999999"
        return body

    with answering("kraken", spoilt) as (catalogue, _), pytest.raises(ConfigError) as caught:
        catalogue.instruments(["BTCUSDT"])
    assert "kraken cannot be reached: a message could not be read" in str(caught.value)


ABSURD = (
    None, "", True, -1, 0, "-1", "0", "NaN", "Infinity", "1e999999999", "1e-999999999", "1e400",
    10**400, 1e300, "9" * 5_000, "x", [], {}, [[]], [None],
)  # fmt: skip
ENDED = {
    "coinbase": 1_712_196_000,
    "okx": 1_747_094_100,
    "kraken": 1_762_777_260,
    "binance": 1_762_777_260,
}


def leaves(body):
    """Places of every figure and text, as (holder, key)."""
    pairs = body.items() if isinstance(body, dict) else enumerate(body)
    for key, each in pairs:
        if isinstance(each, dict | list) and each:
            yield from leaves(each)
        else:
            yield body, key


@given(
    name=st.sampled_from(sorted(ENDED)),
    place=st.floats(0, 1, exclude_max=True),
    value=st.sampled_from(ABSURD),
)
@settings(max_examples=60, deadline=10_000)
def test_whatever_is_wrong_with_an_answer_it_is_read_or_is_one_line(name, place, value):
    def spoilt(body):
        every = list(leaves(body))
        holder, key = every[int(place * len(every))]
        holder[key] = value
        return body

    symbol = "BTCUSDT" if name in ("kraken", "binance") else "BTC-USD"
    with answering(name, spoilt) as (catalogue, _):
        try:
            (instrument,) = catalogue.instruments([symbol])
            width = HOUR if name == "coinbase" else MINUTE
            candles = catalogue.candles(instrument, width, ENDED[name] * 10**9, 2)
        except ConfigError as error:
            line = str(error)
        else:
            line = ""
    assert "\n" not in line
    if line:
        return
    assert instrument.tick > 0
    assert instrument.lot > 0
    assert (candles.ticks > 0).all()
    assert (candles.lots >= 0).all()
