"""The server: one port for HTTP and WebSocket, one venue behind it."""

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from random import Random
from typing import Any, Final

import msgspec
from aiohttp.web import Application, AppRunner, Request, Response, StreamResponse, TCPSite

from kedge.domain.errors import ConfigError
from kedge.venues.simulated.fault_plan import Fault, Plan
from kedge.venues.simulated.latency import NONE, Latency
from kedge.venues.wire.asked import Asked, Rights, rights_of
from kedge.venues.wire.clockwork import Clockwork
from kedge.venues.wire.door import Answer, Door
from kedge.venues.wire.faults import Faults
from kedge.venues.wire.floor import Floor
from kedge.venues.wire.limits import Allowed
from kedge.venues.wire.listen_keys import ListenKeys
from kedge.venues.wire.pace import Pace
from kedge.venues.wire.refusals import RequestError
from kedge.venues.wire.sockets import Sockets
from kedge.venues.wire.streams import Streams

_SETTLE_S: Final = 5.0

KEYS: Final = {
    "kedge-demo-key": Rights("kedge-demo-secret"),
    "kedge-read-only-key": Rights("kedge-read-only-secret", trade=False),
}
"""API keys that a server has where it is given none; nothing real is behind them."""


class Terms(msgspec.Struct, frozen=True, kw_only=True):
    """How a server behaves.

    Attributes:
        latency: of requests, answers and messages, each way.
        plan: of faults.
        allowed: limits of an address.
        keys: API keys.
        seed: of delays, faults and listen keys.
    """

    latency: Latency = NONE
    plan: Plan = Plan()
    allowed: Allowed = Allowed()
    keys: Mapping[str, Rights] = msgspec.field(default_factory=lambda: KEYS)
    seed: int = 0


DEFAULTS: Final = Terms()


class WireServer:
    """One venue on one port.

    Args:
        floor: the exchange.
        pace: of its clock.
        wall: ns UTC of ours.
        terms: how it behaves.
        on_step: called with the new pace before a step in lockstep.

    Attributes:
        floor: the exchange.
        faults: what goes wrong.
        streams: what is told.
        port: that it listens on; 0 before it does.
    """

    def __init__(
        self,
        floor: Floor,
        pace: Pace,
        wall: Callable[[], int],
        terms: Terms = DEFAULTS,
        on_step: Callable[[Pace], object] = id,
    ) -> None:
        self.floor = floor
        self.port = 0
        self.faults = Faults(terms.plan, terms.seed, floor.now)
        delays = [Random(f"{terms.seed}/{way}") for way in ("messages", "requests")]
        self.streams = Streams(floor, self.faults, terms.latency, delays[0])
        self._clockwork = Clockwork(floor, self.streams, self.faults, pace, wall)
        self._clockwork.on_spell, self._clockwork.on_step = self._turned, on_step
        self._door = Door(
            floor, self._clockwork, self.faults, terms.keys, terms.allowed, terms.latency, delays[1]
        )
        self._keys = ListenKeys(terms.seed, wall)
        self._sockets = Sockets(self._door, self.streams, self._keys, self.faults)
        self._tasks: set[asyncio.Future[Any]] = set()
        self._turning: asyncio.Future[Any] | None = None
        self._runner: AppRunner | None = None

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> int:
        """Listen.

        Args:
            host: address; anything but the default lets others in.
            port: 0 for a free one.

        Returns:
            The port.

        Raises:
            ConfigError: the port is taken.
        """
        app = Application(client_max_size=1 << 20)
        for path in ("/ws", "/ws/{streams:.*}", "/stream", "/ws-api/v3"):
            app.router.add_get(path, self._sockets.serve)
        app.router.add_route("*", "/{path:.*}", self._http)
        self._runner = AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = TCPSite(self._runner, host, port)
        try:
            await site.start()
        except OSError as error:
            await self._runner.cleanup()
            raise ConfigError(f"port {port}: {error.strerror}", "--port", "use another") from None
        self.port = self._runner.addresses[0][1]
        self._turning = self._later(self._clockwork.turn())
        return self.port

    async def finished(self) -> None:
        """Wait until the clock stops, which only a defect or a full disk makes it do."""
        if self._turning is not None:
            await self._turning

    async def stop(self) -> None:
        """Close every connection and listen no more."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._sockets.close()
        if self._runner is not None:
            await self._runner.cleanup()

    def strike(self, fault: Fault, lasting: int) -> None:
        """Begin a spell now that lasts so many ns of the venue's clock."""
        self._clockwork.strike(fault, lasting)

    async def _http(self, request: Request) -> StreamResponse:
        asked = Asked.from_http(request.rel_url.raw_query_string, await request.text())
        key, path = request.headers.get("X-MBX-APIKEY", ""), request.path
        try:
            if path.startswith("/lockstep/"):
                answer = Answer(200, await self._lockstep(path, await request.read(), key))
            elif path == "/api/v3/userDataStream":
                answer = Answer(200, self._listen_key(request.method, asked, key))
            else:
                peer = request.remote or ""
                answer = await self._door.answer(request.method, path, asked, key, peer)
        except RequestError as error:
            answer = Answer(error.status, error.body())
        if not answer.status and request.transport is not None:
            request.transport.close()
        return Response(
            status=answer.status or 503,
            body=msgspec.json.encode(answer.body),
            headers=answer.headers,
            content_type="application/json",
        )

    def _listen_key(self, method: str, asked: Asked, key: str) -> object:
        rights_of(key, self._door.keys, trade=False)
        match method:
            case "POST":
                return {"listenKey": self._keys.make()}
            case "PUT":
                self._keys.renew(asked.text("listenKey"))
            case "DELETE":
                self._keys.drop(asked.text("listenKey"))
            case _:
                raise RequestError(-1000, f"No such method: {method}", 405)
        return {}

    async def _lockstep(self, path: str, body: bytes, key: str) -> object:
        """Move the tape, and answer once everything that came of it has left."""
        rights_of(key, self._door.keys, trade=True)
        if path != "/lockstep/advance":
            raise RequestError(-1000, f"No such path: {path}", 404)
        try:
            until = msgspec.json.decode(body, type=dict[str, int])["until"]
        except (msgspec.MsgspecError, KeyError):
            raise RequestError(-1000, 'Send {"until": ns} as JSON.') from None
        self._clockwork.step(until)
        idle = [line.idle.wait() for line in self.streams.lines]
        if idle:
            await asyncio.wait([asyncio.ensure_future(each) for each in idle], timeout=_SETTLE_S)
        return {"now": self.floor.now, "next": self.floor.venue.next_time(),
                "reports": self.streams.told}  # fmt: skip

    def _turned(self, fault: Fault, on: bool) -> None:
        if on and fault in (Fault.LINK_DOWN, Fault.OUTAGE):
            self._later(self._sockets.close())

    def _later(self, work: Coroutine[object, object, None]) -> asyncio.Future[Any]:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task
