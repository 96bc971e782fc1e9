"""The library's own class of Binance, unmodified, trades on the server."""

import asyncio
import time
from contextlib import asynccontextmanager
from itertools import pairwise

import ccxt.pro
import pytest

from contracts.test_simulated_venue import ASK, LOT, TICK
from kedge.venues.simulated.requests import Cross
from kedge.venues.wire.asked import Rights
from kedge.venues.wire.limits import Allowed
from kedge.venues.wire.pace import Pace
from kedge.venues.wire.server import KEYS, Terms, WireServer
from kedge.venues.wire.world import World
from wire_stage import KEY, NAME, RIGHTS, still_floor

SYMBOL = "COIN/USDT"


def pointed(urls, port):
    """Addresses of the library with another host."""
    if isinstance(urls, dict):
        return {name: pointed(each, port) for name, each in urls.items()}
    scheme, path = urls.split("://")[0], "/" + urls.split("://")[1].partition("/")[2]
    return f"{'ws' if scheme == 'wss' else 'http'}://127.0.0.1:{port}{path}"


@asynccontextmanager
async def exchange(server, key=NAME, secret=RIGHTS.secret):
    """The library's class, pointed at a server, otherwise as it is."""
    client = ccxt.pro.binance({"apiKey": key, "secret": secret, "enableRateLimit": False})
    client.urls["api"] = pointed(client.urls["api"], server.port)
    client.timeout_on_exit = 0
    try:
        yield client
    finally:
        await client.close()


@asynccontextmanager
async def serving(floor=None, terms=None, speed=1.0):
    now = time.time_ns()
    terms = terms or Terms()
    server = WireServer(floor or still_floor(), Pace(now, now, speed), time.time_ns, terms)
    await server.start()
    try:
        yield server
    finally:
        await server.stop()


def run(check, **options):
    """Run a check with a server and the library's client."""

    async def all_of_it():
        async with serving(**options) as server, exchange(server) as client:
            await client.load_markets()
            await check(server, client)

    asyncio.run(asyncio.wait_for(all_of_it(), 20.0))


def test_markets_have_the_increments_of_the_listing():
    async def check(server, client):
        market = client.market(SYMBOL)
        assert market["precision"]["price"] == 0.01 * TICK
        assert market["precision"]["amount"] == 0.001 * LOT
        assert market["limits"]["cost"]["min"] == 0.8
        assert market["spot"]
        assert list(client.markets) == [SYMBOL]

    run(check)


def test_an_order_is_placed_filled_in_parts_and_cancelled():
    async def check(server, client):
        order = await client.create_order(
            SYMBOL, "limit", "buy", 0.05, 100.05, {"clientOrderId": "mine-1"}
        )
        assert (order["status"], order["clientOrderId"]) == ("open", "mine-1")
        server.floor.act(Cross(KEY, -1, 10_005, 2 * LOT))
        found = await client.fetch_order(order["id"], SYMBOL)
        assert (found["filled"], found["remaining"], found["status"]) == (0.02, 0.03, "open")
        assert [each["id"] for each in await client.fetch_open_orders(SYMBOL)] == [order["id"]]
        gone = await client.cancel_order(order["id"], SYMBOL)
        assert (gone["status"], gone["filled"]) == ("canceled", 0.02)
        assert await client.fetch_open_orders(SYMBOL) == []
        (trade,) = await client.fetch_my_trades(SYMBOL)
        assert (trade["price"], trade["amount"], trade["takerOrMaker"]) == (100.05, 0.02, "maker")
        balance = await client.fetch_balance()
        assert balance["COIN"]["total"] == 0.02
        spent = 0.02 * 100.05
        assert balance["USDT"]["total"] == pytest.approx(100_000 - spent * (1 + 2e-4), abs=1e-7)

    run(check)


def test_the_accounts_stream_tells_of_orders_trades_and_balances():
    async def check(server, client):
        watching = [
            asyncio.ensure_future(watch())
            for watch in (client.watch_orders, client.watch_my_trades, client.watch_balance)
        ]
        await asyncio.sleep(0.1)
        order = await client.create_order(SYMBOL, "market", "buy", 0.05)
        orders, trades, balance = await asyncio.gather(*watching)
        assert (orders[-1]["id"], trades[0]["order"]) == (order["id"], order["id"])
        assert trades[0]["price"] == ASK / 100
        assert balance["COIN"]["free"] == 0.05

    run(check)


def test_an_id_is_taken_again_once_its_order_has_filled_and_refused_while_it_works():
    async def check(server, client):
        twice = {"clientOrderId": "again"}
        first = await client.create_order(SYMBOL, "market", "buy", 0.01, None, twice)
        second = await client.create_order(SYMBOL, "limit", "buy", 0.01, 99.9, twice)
        assert first["id"] != second["id"]
        with pytest.raises(ccxt.InvalidOrder, match="Duplicate"):
            await client.create_order(SYMBOL, "limit", "buy", 0.01, 99.9, twice)
        latest = await client.fetch_order(None, SYMBOL, twice)
        assert latest["id"] == second["id"]
        both = await client.fetch_orders(SYMBOL)
        assert [each["clientOrderId"] for each in both] == ["again", "again"]

    run(check)


NINE_MINUTES = {"symbol": "COINUSDT", "interval": "9m"}


def buying(amount, price):
    return lambda c: c.create_order(SYMBOL, "limit", "buy", amount, price)


REFUSED = [
    (
        lambda c: c.create_order(SYMBOL, "limit", "buy", 1050, 100),
        ccxt.InsufficientFunds,
        "balance",
    ),
    (lambda c: c.create_order(SYMBOL, "limit", "buy", 0.01, 50.0), ccxt.BadRequest, "-1013"),
    (lambda c: c.create_order(SYMBOL, "limit", "buy", 1, 10), ccxt.BadRequest, "PERCENT_PRICE"),
    (lambda c: c.cancel_order("77", SYMBOL), ccxt.OrderNotFound, "-2011"),
    (lambda c: c.fetch_order("77", SYMBOL), ccxt.OrderNotFound, "-2013"),
    (
        lambda c: c.create_order(SYMBOL, "limit", "buy", 1, 101, {"postOnly": True}),
        ccxt.OrderImmediatelyFillable,
        "match and take",
    ),
    (
        lambda c: c.create_order(SYMBOL, "market", "buy", 1, None, {"stopLossPrice": 99}),
        ccxt.OrderImmediatelyFillable,
        "trigger immediately",
    ),
    (lambda c: c.public_get_depth({"symbol": "NOPE"}), ccxt.BadSymbol, "-1121"),
    (
        lambda c: c.public_get_klines({"symbol": "COINUSDT", "interval": "9m"}),
        ccxt.BadRequest,
        "-1120",
    ),
    (
        lambda c: c.private_get_order({"symbol": "COINUSDT", "timestamp": 1}),
        ccxt.InvalidNonce,
        "-1021",
    ),
]


def test_what_is_refused_has_the_exchanges_own_codes():
    async def check(server, client):
        for ask, error, text in REFUSED:
            with pytest.raises(error, match=text):
                await ask(client)

    run(check)


def test_a_clock_that_is_wrong_is_refused_either_way():
    async def check(server, client):
        for off in (12_000, -12_000):
            client.options["timeDifference"] = off
            with pytest.raises(ccxt.InvalidNonce, match="-1021"):
                await client.fetch_balance()

    run(check)


@pytest.mark.parametrize(
    ("key", "secret", "code"),
    [
        ("nobody", "x", "-2015"),
        (NAME, "wrong", "-1022"),
        ("kedge-read-only-key", KEYS["kedge-read-only-key"].secret, "-2015"),
    ],
)
def test_keys_without_the_right_are_refused(key, secret, code):
    async def check():
        async with serving() as server, exchange(server, key, secret) as client:
            with pytest.raises(ccxt.AuthenticationError, match=code):
                await client.create_order(SYMBOL, "market", "buy", 0.01)

    asyncio.run(check())


def test_rights_show_no_secret():
    assert "s3cr3t" not in repr(Rights("s3cr3t"))


def test_too_many_requests_are_refused_then_banned_and_weight_is_told():
    async def check(server, client):
        await client.fetch_order_book(SYMBOL)
        used = int(client.last_response_headers["X-MBX-USED-WEIGHT-1M"])
        assert used > 0
        statuses = []
        for _ in range(30):
            try:
                await client.fetch_order_book(SYMBOL)
            except ccxt.DDoSProtection as error:
                statuses.append(str(error).split()[1])
                assert int(client.last_response_headers["Retry-After"]) >= 1
        assert statuses[0] == "429"
        assert statuses[-1] == "418"
        assert statuses == sorted(statuses, reverse=True)

    run(check, terms=Terms(allowed=Allowed(weight=100, patience=3)))


def test_orders_are_counted_and_limited():
    async def check(server, client):
        for _ in range(3):
            await client.create_order(SYMBOL, "limit", "buy", 0.01, 99.5)
        assert client.last_response_headers["X-MBX-ORDER-COUNT-10S"] == "3"
        with pytest.raises(ccxt.DDoSProtection, match="-1015"):
            await client.create_order(SYMBOL, "limit", "buy", 0.01, 99.5)

    run(check, terms=Terms(allowed=Allowed(orders_10s=3)))


def flowing():
    now = time.time_ns()
    floor = World(symbols=("BTCUSDT", "ETHUSDT"), start=now - 600 * 10**9, seed=3).open()
    floor.run(now)
    return floor


def test_books_trades_and_bars_of_a_moving_market():
    async def check(server, client):
        for _ in range(3):
            book = await client.watch_order_book("BTC/USDT")
        assert book["bids"][0][0] < book["asks"][0][0]
        told = server.floor.venue.exchange.matchers[0].halves
        assert abs(book["bids"][0][0] / (told[1].best / 100) - 1) < 0.01
        trades = await client.watch_trades("ETH/USDT")
        assert trades[-1]["amount"] > 0
        (bar, *_) = await client.watch_ohlcv("BTC/USDT", "1m")
        assert bar[3] <= bar[4] <= bar[2]
        quote = await client.watch_bids_asks(["BTC/USDT"])
        assert quote["BTC/USDT"]["bid"] < quote["BTC/USDT"]["ask"]
        bars = await client.fetch_ohlcv("BTC/USDT", "1m", limit=5)
        assert [b[0] - a[0] for a, b in pairwise(bars)] == [60_000] * 4
        five = await client.fetch_ohlcv("BTC/USDT", "5m", limit=2)
        assert five[-2][0] % 300_000 == 0
        ticker = await client.fetch_ticker("BTC/USDT")
        assert ticker["low"] <= ticker["last"] <= ticker["high"]
        assert len(await client.fetch_tickers()) == 2
        assert (await client.fetch_trades("BTC/USDT", limit=3))[-1]["price"] > 0

    run(check, floor=flowing(), speed=50.0)


def test_wider_bars_are_made_of_narrower_ones():
    async def check(server, client):
        one = await client.fetch_ohlcv("BTC/USDT", "1m", limit=10)
        five = {bar[0]: bar for bar in await client.fetch_ohlcv("BTC/USDT", "5m", limit=3)}
        start = next(bar[0] for bar in one if bar[0] % 300_000 == 0)
        part = [bar for bar in one if start <= bar[0] < start + 300_000]
        whole = five[start]
        assert whole[1] == part[0][1]
        assert whole[2] == max(bar[2] for bar in part)
        assert whole[3] == min(bar[3] for bar in part)
        assert whole[5] == pytest.approx(sum(bar[5] for bar in part))

    run(check, floor=flowing())
