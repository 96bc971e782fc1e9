"""A server that is killed at any moment comes back with everything that it ever took."""

import asyncio
import os
import re
import signal
import subprocess
import sys

import pytest

from kedge.domain.errors import ConfigError, DataError
from kedge.domain.order import Order, OrderType
from kedge.venues.simulated.requests import Submit
from kedge.venues.wire.pace import Pace
from kedge.venues.wire.restore import reopened
from kedge.venues.wire.state import State
from kedge.venues.wire.world import World
from unit.venues.wire.test_ccxt_on_the_wire import exchange

SECOND = 10**9


class At:
    """Where the library's client is pointed."""

    def __init__(self, port):
        self.port = port


def world(start=1_700_000_000 * SECOND, seed=1):
    return World(symbols=("BTCUSDT",), start=start, seed=seed)


def order(name, side, lots, limit=0):
    kind = OrderType.LIMIT if limit else OrderType.MARKET
    return Order(name, 0, side, lots, type=kind, limit=limit)


def facts(floor):
    return floor.venue.truth(), [
        (t.number, t.status, t.filled, t.product) for t in floor.tickets.of(None)
    ]


def test_what_was_asked_is_done_again_bit_for_bit(tmp_path):
    state = State(tmp_path, world())
    wall = world().start + 60 * SECOND
    floor, pace = reopened(state, wall, 1.0)
    for i in range(20):
        floor.run(pace.at(wall + i * SECOND))
        best = floor.venue.exchange.matchers[0].halves[1].best
        floor.ask(Submit(order(f"a-{i}", 1, 2_000, limit=best - 100 * (i % 3))))
    floor.run(pace.at(wall + 200 * SECOND))
    state.close()
    again, _ = reopened(State(tmp_path, world(start=7)), wall + 200 * SECOND, 1.0)
    assert facts(again) == facts(floor)
    assert len(facts(floor)[0].fills) > 0
    assert again.venue.exchange.matchers[0].halves[1].depth() == (
        floor.venue.exchange.matchers[0].halves[1].depth()
    )


def test_a_line_that_was_torn_came_of_nothing(tmp_path):
    state = State(tmp_path, world())
    floor, _ = reopened(state, world().start, 1.0)
    for name in ("a", "b"):
        floor.ask(Submit(order(name, 1, 1_000, limit=5_900_000)))
    state.close()
    log = tmp_path / "requests.log"
    log.write_bytes(log.read_bytes()[:-3])
    again, _ = reopened(State(tmp_path, world()), world().start, 1.0)
    assert [t.order.id for t in again.tickets.of(None)] == ["a"]


def test_damage_is_found(tmp_path):
    state = State(tmp_path, world())
    reopened(state, world().start, 1.0)[0].ask(Submit(order("a", 1, 1_000, limit=5_900_000)))
    state.close()
    log = tmp_path / "requests.log"
    data = bytearray(log.read_bytes())
    data[12] ^= 1
    log.write_bytes(data)
    with pytest.raises(DataError, match="damaged at byte 0"):
        State(tmp_path, world())


def test_another_world_and_a_second_server_are_refused(tmp_path):
    state = State(tmp_path, world())
    with pytest.raises(ConfigError, match="in use"):
        State(tmp_path, world())
    state.close()
    with pytest.raises(ConfigError, match="another seed"):
        State(tmp_path, world(seed=2))


def test_a_lockstep_clock_goes_on_where_it_stood(tmp_path):
    state = State(tmp_path, world())
    floor, pace = reopened(state, world().start, 0.0)
    assert pace.at(world().start + SECOND) == world().start
    state.run(Pace(world().start, world().start + 5 * SECOND, 0.0))
    floor.run(world().start + 5 * SECOND)
    state.close()
    again, _ = reopened(State(tmp_path, world()), world().start + 99 * SECOND, 0.0)
    assert again.now == world().start + 5 * SECOND


def started(folder, *more):
    """A server as a process of its own, and its port."""
    words = ["venue", "serve", "--port", "0", "--state", str(folder), "--history", "0.02", *more]
    code = f"import sys; from kedge.interfaces.cli.main import main; sys.exit(main({words!r}))"
    process = subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, env={**os.environ}
    )
    line = process.stdout.readline()
    return process, int(re.search(r"127\.0\.0\.1:(\d+)", line)[1])


def test_a_killed_server_loses_no_order_and_no_fill(tmp_path):
    async def trade(port):
        async with exchange(At(port)) as client:
            await client.load_markets()
            await client.create_order("BTC/USDT", "market", "buy", 0.01)
            price = (await client.fetch_ticker("BTC/USDT"))["last"]
            for i in range(5):
                await client.create_order("BTC/USDT", "limit", "buy", 0.01, price * (0.9 - i / 50))
            return await look(client)

    async def look(client):
        orders = await client.fetch_orders("BTC/USDT")
        trades = await client.fetch_my_trades("BTC/USDT")
        balance = (await client.fetch_balance())["total"]
        return [(o["id"], o["status"], o["filled"]) for o in orders], trades, balance

    async def look_again(port):
        async with exchange(At(port)) as client:
            await client.load_markets()
            return await look(client)

    process, port = started(tmp_path)
    try:
        before = asyncio.run(trade(port))
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()
    process, port = started(tmp_path)
    try:
        assert asyncio.run(look_again(port)) == before
    finally:
        process.send_signal(signal.SIGTERM)
        said, _ = process.communicate(timeout=10)
    assert process.returncode == 0
    assert "stopped" in said
    assert len(before[0]) == 6
