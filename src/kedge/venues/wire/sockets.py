"""The sockets: streams that are named in the address or subscribed to, and the WebSocket API."""

import asyncio
from collections.abc import Iterable
from typing import Any, Final

import msgspec
from aiohttp import WSMsgType
from aiohttp.web import HTTPServiceUnavailable, Request, WebSocketResponse

from kedge.venues.simulated.fault_plan import Fault
from kedge.venues.wire.asked import Asked, rights_of
from kedge.venues.wire.door import Door
from kedge.venues.wire.endpoints import METHODS
from kedge.venues.wire.faults import Faults
from kedge.venues.wire.line import Line
from kedge.venues.wire.listen_keys import ListenKeys
from kedge.venues.wire.refusals import RequestError
from kedge.venues.wire.streams import Streams

_HEARTBEAT_S: Final = 60.0
_LARGEST: Final = 1 << 20


class Sockets:
    """Every WebSocket of the server.

    Args:
        door: serves what is asked over the WebSocket API.
        streams: what is told.
        keys: of the account's stream.
        faults: that break connections.
    """

    def __init__(
        self,
        door: Door,
        streams: Streams,
        keys: ListenKeys,
        faults: Faults,
    ) -> None:
        self._door, self._streams, self._keys, self._faults = door, streams, keys, faults

    async def serve(self, request: Request) -> WebSocketResponse:
        """One connection, from its beginning to its end."""
        if self._faults.holds(Fault.LINK_DOWN) or self._faults.holds(Fault.OUTAGE):
            raise HTTPServiceUnavailable
        # Pings are answered here, since a half-open connection does not answer them.
        socket = WebSocketResponse(heartbeat=_HEARTBEAT_S, autoping=False, max_msg_size=_LARGEST)
        await socket.prepare(request)
        line = Line(socket, lambda: self._faults.holds(Fault.HALF_OPEN))
        self._name(line, request)
        self._streams.lines.add(line)
        delivery = asyncio.ensure_future(line.deliver())
        try:
            await self._listen(line, request)
        finally:
            self._streams.lines.discard(line)
            delivery.cancel()
            await asyncio.gather(delivery, return_exceptions=True)
        return socket

    async def close(self) -> None:
        """Break every connection."""
        for line in list(self._streams.lines):
            transport = line.socket.get_extra_info("socket")
            await line.socket.close(code=1001 if transport else 1006, drain=False)

    def _name(self, line: Line, request: Request) -> None:
        path = request.path.strip("/")
        line.combined = path == "stream"
        named = request.query.get("streams", "") if line.combined else path.partition("ws/")[2]
        line.streams |= {name for name in named.split("/") if self._known(name)}

    def _known(self, name: str) -> bool:
        return self._streams.carries(name) or self._keys.lives(name)

    async def _listen(self, line: Line, request: Request) -> None:
        asking: set[asyncio.Task[None]] = set()
        async for message in line.socket:
            if self._faults.holds(Fault.HALF_OPEN):
                continue
            if message.type is WSMsgType.PING:
                await line.socket.pong(message.data)
            elif message.type is WSMsgType.TEXT:
                task = asyncio.create_task(self._hear(line, message.data, request))
                asking.add(task)
                task.add_done_callback(asking.discard)
        for task in asking:
            task.cancel()

    async def _hear(self, line: Line, text: str, request: Request) -> None:
        try:
            told = msgspec.json.decode(text, type=dict[str, Any])
        except msgspec.MsgspecError:
            line.send(_error(None, RequestError(-1000, "Invalid JSON.")))
            return
        given = told.get("params") or []
        if "ws-api" in request.path:
            answer = await self._asked(line, told, given, request)
        else:
            answer = self._subscribed(line, told, given)
        if answer is not None:
            line.send(answer)

    def _subscribed(self, line: Line, told: dict[str, Any], given: object) -> bytes:
        names = {str(name) for name in given} if isinstance(given, Iterable) else set()
        result: object = None
        match told.get("method"):
            case "SUBSCRIBE":
                line.streams |= {name for name in names if self._known(name)}
            case "UNSUBSCRIBE":
                line.streams -= names
            case "LIST_SUBSCRIPTIONS":
                result = sorted(line.streams)
            case method:
                return _error(told.get("id"), RequestError(-1000, f"Unknown method {method!r}."))
        return msgspec.json.encode({"result": result, "id": told.get("id")})

    async def _asked(
        self, line: Line, told: dict[str, Any], given: object, request: Request
    ) -> bytes | None:
        asked = Asked.from_socket(given if isinstance(given, dict) else {})
        method, number = str(told.get("method")), told.get("id")
        try:
            if method.startswith("userDataStream"):
                return _result(number, self._account(line, method, asked))
        except RequestError as error:
            return _error(number, error)
        place = ("GET", "/api/v3/time") if method == "time" else METHODS.get(method)
        if place is None:
            return _error(number, RequestError(-1000, f"Unknown method {method!r}."))
        key, peer = asked.params.get("apiKey", ""), request.remote or ""
        answer = await self._door.answer(*place, asked, key, peer)
        if not answer.status:
            return None
        word = "result" if answer.status == 200 else "error"
        return msgspec.json.encode({"id": number, "status": answer.status, word: answer.body})

    def _account(self, line: Line, method: str, asked: Asked) -> object:
        match method:
            case "userDataStream.subscribe.signature":
                self._door.check(asked)
                line.account = 0
                return {"subscriptionId": 0}
            case "userDataStream.unsubscribe":
                line.account = None
                return {}
            case "userDataStream.start":
                rights_of(asked.params.get("apiKey", ""), self._door.keys, trade=False)
                return {"listenKey": self._keys.make()}
            case _:
                raise RequestError(-1000, f"Unknown method {method!r}.")


def _result(number: object, result: object) -> bytes:
    return msgspec.json.encode({"id": number, "status": 200, "result": result})


def _error(number: object, error: RequestError) -> bytes:
    told = {"id": number, "status": error.status, "error": error.body()}
    return msgspec.json.encode(told)
