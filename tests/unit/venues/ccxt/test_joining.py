"""How each exchange's private stream is joined, with ccxt's own sockets."""

import asyncio
import json
from contextlib import asynccontextmanager, suppress

import pytest
from aiohttp import WSMsgType, web

from asked_stage import NAME, Desk
from kedge.domain.report import Accepted, Link
from kedge.venues.ccxt import listening as listened


def bybit(said):
    return [{"success": True, "op": said["op"], "req_id": said.get("req_id"), "conn_id": "1"}]


def okx(said):
    if said["op"] == "login":
        return [{"event": "login", "code": "0", "msg": ""}]
    return [{"event": "subscribe", "arg": each} for each in said["args"]]


def coinbase(said):
    return [{"channel": "subscriptions", "events": [{"subscriptions": {"user": ["x"]}}]}]


def kraken(said):
    return [{"method": said["method"], "success": True, "req_id": said["req_id"], "result": {}}]


ANSWERS = {"bybit": bybit, "okx": okx, "coinbase": coinbase, "kraken": kraken}
TOKEN = {"GetWebSocketsToken": {"error": [], "result": {"token": "T", "expires": 900}}}
SUBSCRIBED = {
    "bybit": {"order", "execution"},
    "okx": {"orders/SPOT", "orders-algo/SPOT"},
    "coinbase": {"user", "heartbeats"},
    "kraken": {"executions/T"},
}


def channels(name, said):
    """What a message subscribes to."""
    if name == "bybit":
        return said["args"] if said["op"] == "subscribe" else []
    if name == "okx":
        args = said["args"] if said["op"] == "subscribe" else []
        return [f"{each['channel']}/{each['instType']}" for each in args]
    if name == "coinbase":
        return [said["channel"]]
    return [f"{said['params']['channel']}/{said['params']['token']}"]


@asynccontextmanager
async def stream(name, heard, sockets):
    """A private stream on a free port."""

    async def serve(request):
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        sockets.append(socket)
        async for message in socket:
            if message.type is not WSMsgType.TEXT or message.data == "ping":
                continue
            said = json.loads(message.data)
            if said.get("op") == "ping" or said.get("method") == "ping":
                continue
            heard.append(said)
            for each in ANSWERS[name](said):
                await socket.send_json(each)
        return socket

    app = web.Application()
    app.router.add_route("GET", "/{rest:.*}", serve)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


async def until(what, seconds=10.0):
    for _ in range(int(seconds / 0.01)):
        if what():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it never came")


def joined(name, then):
    """Join a stream, do something, and tell what was said and reported."""

    async def done():
        heard, sockets, reports = [], [], []
        async with stream(name, heard, sockets) as url:
            made = Desk(name, answers=TOKEN, url=url)
            listening = asyncio.create_task(made.listening.listen())
            try:
                await then(made, heard, sockets, reports)
            finally:
                made.listening.leave()
                listening.cancel()
                with suppress(asyncio.CancelledError):
                    await listening
                await made.client.close()
        return heard, reports

    return asyncio.run(done())


@pytest.mark.parametrize("name", ANSWERS)
def test_the_link_is_up_though_nothing_happens_in_the_account(name):
    async def then(made, heard, sockets, reports):
        await until(lambda: made.listening.up)
        reports += made.told.take()

    heard, reports = joined(name, then)
    assert {each for said in heard for each in channels(name, said)} == SUBSCRIBED[name]
    assert [(type(each), each.up) for each in reports] == [(Link, True)]


def test_a_stop_of_okx_comes_over_a_socket_of_its_own():
    row = {"algoId": "A1", "algoClOrdId": NAME.replace("-", "x"), "instId": "BTC-USDT",
           "instType": "SPOT", "ordType": "conditional", "state": "live", "side": "sell",
           "sz": "0.01", "slTriggerPx": "40000", "actualSz": "0", "cTime": "1",
           "uTime": "1"}  # fmt: skip

    async def then(made, heard, sockets, reports):
        await until(lambda: made.listening.up)
        message = {"arg": {"channel": "orders-algo", "instType": "SPOT"}, "data": [row]}
        await sockets[-1].send_json(message)
        await until(lambda: reports.extend(made.told.take()) or len(reports) > 1)

    _, reports = joined("okx", then)
    assert (type(reports[1]), reports[1].order, reports[1].venue_id) == (Accepted, NAME, "A1")


@pytest.mark.parametrize("name", ANSWERS)
def test_a_stream_that_nobody_serves_is_told_of(name):
    async def done():
        made, reports = Desk(name, answers=TOKEN, url="http://127.0.0.1:9"), []
        listening = asyncio.create_task(made.listening.listen())
        await until(lambda: reports.extend(made.told.take()) or reports)
        made.listening.leave()
        listening.cancel()
        await made.client.close()
        return [(type(each), each.up) for each in reports]

    assert asyncio.run(done()) == [(Link, False)]


def test_a_socket_that_is_still_dialled_is_kept(monkeypatch):
    monkeypatch.setattr(listened, "_JOIN_S", 0.1)
    dialled = []

    async def done():
        async with stream("bybit", [], dialled) as url:
            made = Desk("bybit", url=url)
            made.client.ws_dial_delay = lambda _: 0.5
            listening = asyncio.create_task(made.listening.listen())
            await until(lambda: made.listening.up is False)
            await until(lambda: made.listening.up)
            made.listening.leave()
            listening.cancel()
            await made.client.close()

    asyncio.run(done())
    assert len(dialled) == 1


@pytest.mark.parametrize("name", ["bybit", "okx"])
def test_a_login_without_an_answer_is_told_of_and_tried_again_on_new_sockets(name, monkeypatch):
    monkeypatch.setattr(listened, "_JOIN_S", 0.3)
    answer, deaf = ANSWERS[name], []

    def once(said):
        if said["op"] in ("auth", "login") and len(deaf) < 2:
            deaf.append(said)
            return []
        return answer(said)

    monkeypatch.setitem(ANSWERS, name, once)

    async def then(made, heard, sockets, reports):
        await until(lambda: made.listening.up)
        reports += made.told.take()

    _, reports = joined(name, then)
    assert [(type(each), each.up) for each in reports] == [(Link, False), (Link, True)]
    assert "0.3 s" in reports[0].why
