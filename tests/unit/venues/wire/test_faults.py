"""Faults on request: what each looks like to a client."""

import asyncio

import ccxt.pro
import pytest

from kedge.domain.errors import ConfigError
from kedge.venues.simulated.fault_plan import SPELLS, Fault, Plan
from kedge.venues.wire.faults import plan_of
from kedge.venues.wire.server import Terms
from unit.venues.wire.test_ccxt_on_the_wire import SYMBOL, exchange, run, serving

SECOND = 10**9
TIMEOUT = 40_000_000


def struck(fault, check, chance=1.0, **more):
    """Run a check on a server on which one fault always strikes once markets are loaded."""

    async def all_of_it():
        async with serving(terms=Terms()) as server, exchange(server) as client:
            await client.load_markets()
            plan = Plan(chance={fault: chance}, timeout=TIMEOUT, late=TIMEOUT, **more)
            server.faults.plan = plan
            await check(server, client)
            assert server.faults.counts[fault] > 0

    asyncio.run(asyncio.wait_for(all_of_it(), 20.0))


def buy(client, name):
    return client.create_order(SYMBOL, "limit", "buy", 0.05, 99.9, {"clientOrderId": name})


def tickets(server):
    return [ticket.order.id for ticket in server.floor.tickets.of(None)]


@pytest.mark.parametrize(
    ("fault", "error", "done"),
    [
        (Fault.REQUEST_LOST, ccxt.NetworkError, []),
        (Fault.ANSWER_LOST, ccxt.NetworkError, ["a"]),
        (Fault.ERROR_DONE, ccxt.OperationFailed, ["a"]),
        (Fault.ERROR_NOT_DONE, ccxt.OperationFailed, []),
        (Fault.RATE_LIMITED, ccxt.DDoSProtection, []),
    ],
)
def test_a_request_that_goes_wrong(fault, error, done):
    async def check(server, client):
        with pytest.raises(error):
            await buy(client, "a")
        assert tickets(server) == done

    struck(fault, check)


@pytest.mark.parametrize("fault", [Fault.REQUEST_LATE, Fault.ANSWER_LATE, Fault.REQUEST_TWICE])
def test_late_and_doubled_requests_are_done_once(fault):
    async def check(server, client):
        await buy(client, "a")
        assert tickets(server) == ["a"]

    struck(fault, check)


def test_wrong_balances():
    async def check(server, client):
        assert (await client.fetch_balance())["USDT"]["total"] != 100_000

    struck(Fault.WRONG_BALANCES, check)


async def heard(server, client, orders):
    """Ids of what the account's stream tells of so many new orders."""
    await client.authenticate()
    (line,) = server.streams.lines
    sent = []
    line.send = lambda text, *delays: sent.append((delays, text))
    for i in range(orders):
        await buy(client, f"o{i}")
    return sent


@pytest.mark.parametrize(
    ("fault", "times"),
    [(Fault.REPORT_LOST, 0), (Fault.REPORT_LATE, 2), (Fault.REPORT_TWICE, 4), (None, 2)],
)
def test_messages_of_the_stream_are_lost_late_or_doubled(fault, times):
    async def check(server, client):
        if fault:
            server.faults.plan = Plan(chance={fault: 1.0}, late=TIMEOUT)
        sent = await heard(server, client, 1)
        assert len(sent) == times
        late = [delays[1] for delays, _ in sent if len(delays) > 1]
        assert any(late) is (fault in (Fault.REPORT_LATE, Fault.REPORT_TWICE))

    run(check)


def test_an_outage_is_a_503_and_closes_the_sockets():
    async def check(server, client):
        await client.authenticate()
        server.strike(Fault.OUTAGE, 3600 * SECOND)
        with pytest.raises(ccxt.OperationFailed):
            await client.fetch_balance()
        await asyncio.sleep(0.05)
        assert not server.streams.lines
        assert server.floor.venue.exchange.matchers[3].halted

    run(check)


def test_a_ban_is_a_418():
    async def check(server, client):
        server.strike(Fault.BANNED, 3600 * SECOND)
        with pytest.raises(ccxt.DDoSProtection, match="418"):
            await client.fetch_balance()

    run(check)


def test_a_skewed_clock_shows_in_the_time_and_refuses_signatures():
    async def check(server, client):
        client.options["recvWindow"] = 5_000
        server.strike(Fault.CLOCK_SKEW, 3600 * SECOND)
        off = await client.fetch_time() - client.milliseconds()
        assert 7_500 < off < 8_500
        with pytest.raises(ccxt.InvalidNonce):
            await client.fetch_balance()

    run(check)


def test_a_half_open_socket_stays_open_and_says_nothing():
    async def check(server, client):
        watching = asyncio.ensure_future(client.watch_orders())
        await asyncio.sleep(0.1)
        server.strike(Fault.HALF_OPEN, 3600 * SECOND)
        await buy(client, "a")
        await asyncio.sleep(0.1)
        assert not watching.done()
        assert len(server.streams.lines) == 1
        watching.cancel()

    run(check)


def test_a_halt_refuses_orders_while_it_lasts():
    async def check(server, client):
        server.strike(Fault.HALT, SECOND // 10)
        with pytest.raises(ccxt.MarketClosed):
            await buy(client, "a")
        await asyncio.sleep(0.15)
        await buy(client, "b")

    run(check)


def test_words_for_faults():
    assert plan_of("none", 1) == Plan()
    plan = plan_of("answer-lost=0.05, outage=60", 1)
    assert plan.chance == {Fault.ANSWER_LOST: 0.05}
    assert plan.every_s == {Fault.OUTAGE: 60.0}
    some = plan_of("some", 3)
    assert some.chance
    assert set(some.every_s) <= set(SPELLS)
    assert some == plan_of("some", 3)


@pytest.mark.parametrize("words", ["nonsense=1", "answer-lost", "answer-lost=2", "outage=0", "x"])
def test_words_that_are_none(words):
    with pytest.raises(ConfigError):
        plan_of(words, 1)
