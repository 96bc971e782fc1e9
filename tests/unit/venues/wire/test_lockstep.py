"""Lockstep: the tape moves only when the client says so, and waits for what came of it."""

import asyncio
import time

import aiohttp
import msgspec

from kedge.domain.market import BookDelta, Trade
from kedge.venues.wire.pace import Pace
from kedge.venues.wire.server import WireServer
from kedge.venues.wire.world import World
from unit.venues.wire.test_ccxt_on_the_wire import exchange
from wire_stage import NAME

SECOND = 10**9
START = 1_700_000_000 * SECOND


async def moved(session, port, until, key=NAME):
    """Move the tape; status and answer."""
    url, headers = f"http://127.0.0.1:{port}/lockstep/advance", {"X-MBX-APIKEY": key}
    async with session.post(url, data=msgspec.json.encode(until), headers=headers) as reply:
        return reply.status, await reply.json()


def stepping(check, speed=0.0):
    async def all_of_it():
        world = World(symbols=("BTCUSDT",), start=START, seed=2)
        floor = world.open()
        floor.run(START + 60 * SECOND)
        pace = Pace(time.time_ns(), floor.now, speed)
        server = WireServer(floor, pace, time.time_ns)
        await server.start()
        try:
            async with aiohttp.ClientSession() as session:
                return await check(server, session)
        finally:
            await server.stop()

    return asyncio.run(asyncio.wait_for(all_of_it(), 20.0))


def test_the_tape_stands_until_it_is_told_to_move():
    async def check(server, session):
        before = server.floor.now
        await asyncio.sleep(0.1)
        assert server.floor.now == before
        status, told = await moved(session, server.port, {"until": before + SECOND})
        assert (status, told["now"]) == (200, before + SECOND)
        assert server.floor.now == before + SECOND

    stepping(check)


def test_it_never_moves_backward_nor_for_strangers():
    async def check(server, session):
        assert (await moved(session, server.port, {"until": START}))[0] == 409
        assert (await moved(session, server.port, {"til": 1}))[0] == 400
        assert (await moved(session, server.port, {"until": START}, key="?"))[0] == 401

    stepping(check)


def test_a_clock_that_runs_by_itself_takes_no_steps():
    async def check(server, session):
        assert (await moved(session, server.port, {"until": 2 * START}))[0] == 409

    stepping(check, speed=1.0)


def test_the_same_orders_at_the_same_steps_fill_the_same():
    async def check(server, session):
        async with exchange(server) as client:
            await client.load_markets()
            await client.authenticate()
            for i in range(20):
                if i % 4 == 0:
                    price = (await client.fetch_ticker("BTC/USDT"))["bid"]
                    await client.create_order(
                        "BTC/USDT", "limit", "buy", 0.01, price, {"clientOrderId": f"o{i}"}
                    )
                await moved(session, server.port, {"until": server.floor.now + 5 * SECOND})
            return await client.fetch_my_trades("BTC/USDT"), await client.fetch_orders("BTC/USDT")

    first, second = stepping(check), stepping(check)
    assert first == second
    assert first[0]


def test_everything_has_left_before_a_step_is_answered():
    async def check(server, session):
        url = f"ws://127.0.0.1:{server.port}/stream?streams=btcusdt@trade/btcusdt@depth@100ms"
        async with session.ws_connect(url) as socket:
            while not server.streams.lines:
                await asyncio.sleep(0.001)
            published = []
            kept = server.floor.publish
            server.floor.publish = lambda event: (published.append(event), kept(event))
            await moved(session, server.port, {"until": server.floor.now + 30 * SECOND})
            trades = sum(isinstance(event, Trade) for event in published)
            assert any(isinstance(event, BookDelta) for event in published)
            heard = [await socket.receive_json(timeout=1.0) for _ in range(trades + 1)]
            kinds = [message["data"]["e"] for message in heard]
            assert kinds == ["trade"] * trades + ["depthUpdate"]

    stepping(check)
