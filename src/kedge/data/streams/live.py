"""The thin shell around a connection: a socket, a clock, and an async iterator of events."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable
from typing import Any, get_args

import msgspec
import websockets
from websockets.asyncio.client import ClientConnection, connect

from kedge.data.books.keeper import Books
from kedge.data.streams.budget import SECOND, Budget
from kedge.data.streams.connection import (
    CONNECTED,
    LOST,
    STREAM,
    Action,
    AskSnapshot,
    Close,
    Connection,
    Open,
    Phase,
    Send,
)
from kedge.data.streams.fetch import Fetch
from kedge.data.wire.messages import Message
from kedge.domain.control import Quoted
from kedge.domain.errors import KedgeError
from kedge.domain.market import MarketEvent

EVENTS = frozenset(get_args(MarketEvent))


class Shell(msgspec.Struct, frozen=True):
    """What a live feed needs of the world.

    Attributes:
        clock: ns UTC now.
        uniform: a draw from [0, 1).
        fetch: for snapshots.
        budget: of the host that sends them.
        record: takes every message as it came: ns, "stream" or what was asked for, bytes; and
            where a connection begins and ends.
    """

    clock: Callable[[], int]
    uniform: Callable[[], float]
    fetch: Fetch
    budget: Budget
    record: Callable[[int, str, bytes], None] | None = None


class LiveFeed:
    """Market data of one connection; see `kedge.ports.feed.Feed`.

    Args:
        connection: its rules.
        books: its decoder and books.
        shell: clock, randomness and requests.
    """

    def __init__(self, connection: Connection, books: Books, shell: Shell) -> None:
        self.connection, self.books, self._shell = connection, books, shell
        self._socket: ClientConnection | None = None
        self._waiting: deque[Message] = deque()
        self._tasks: set[asyncio.Task[None]] = set()
        self._ended = asyncio.Event()

    async def events(self) -> AsyncIterator[MarketEvent]:
        """Events in order of arrival; it reconnects until it is closed."""
        while not self._ended.is_set():
            await self._sleep_until(self.connection.next_deadline())
            for action in self._tick():
                if isinstance(action, Open) and await self._open(action.url):
                    async for event in self._read():
                        yield event

    def answers(self) -> tuple[MarketEvent, ...]:
        """What was answered since the last event and would come before the next one.

        A stream may be silent for long; who listens need not wait for it.
        """
        return tuple(each for each in self._answered() if type(each) in EVENTS)  # type: ignore[misc]

    def quote(self, key: int, now: int) -> Quoted:
        """See `kedge.ports.feed.Feed`."""
        return self.books.by_key[key].quote(now)

    def trusted(self, key: int) -> bool:
        """See `kedge.ports.feed.Feed`."""
        return self.books.by_key[key].trusted

    async def ask(self, symbol: str) -> None:
        """Let a symbol's whole book come once more, for somebody who has lost it.

        A book that is lost here as well is asked for in any case.
        """
        if symbol not in self.books.wanting():
            now = self._shell.clock()
            await self._act(self.connection.wants((symbol,), now, self._shell.uniform()))

    async def close(self) -> None:
        """See `kedge.ports.feed.Feed`."""
        self._ended.set()
        for task in self._tasks:
            task.cancel()
        if self._socket is not None:
            await self._socket.close()

    async def _open(self, url: str) -> bool:
        try:
            self._socket = await connect(
                url, compression=None, open_timeout=10, close_timeout=1, max_size=2**24,
                ping_interval=20, ping_timeout=20, user_agent_header="kedge",
            )  # fmt: skip
        except (OSError, TimeoutError, websockets.WebSocketException) as error:
            self._closed(f"not opened: {type(error).__name__}")
            return False
        self.books.restarted()
        self._keep(CONNECTED, url.encode())
        await self._act(self.connection.opened(self._shell.clock()))
        return True

    async def _read(self) -> AsyncIterator[MarketEvent]:
        socket, watch = self._socket, asyncio.create_task(self._watch())
        assert socket is not None
        try:
            while True:
                message = await socket.recv(decode=False)
                for event in self._take(message):
                    if type(event) in EVENTS:
                        yield event  # type: ignore[misc]
        except websockets.ConnectionClosed as error:
            self._closed(f"closed: {error.rcvd.code if error.rcvd else 'without a word'}")
        except Exception as error:
            # Whatever it was, who follows these books must not believe them any longer.
            self._closed(f"failed: {type(error).__name__}")
        finally:
            watch.cancel()
            await socket.close()

    def _take(self, message: bytes) -> tuple[Message, ...]:
        now = self._shell.clock()
        self._keep(STREAM, message, now)
        found = self.books.feed(message, now)
        self.connection.heard(now)
        return self._answered() + found if self._waiting else found

    def _answered(self) -> tuple[Message, ...]:
        before, self._waiting = tuple(self._waiting), deque()
        return before

    async def _watch(self) -> None:
        """Deadlines and lost books, beside the reading; nothing is read without it."""
        try:
            while self.connection.phase == Phase.LIVE:
                now = self._shell.clock()
                wanted = self.connection.wants(self.books.wanting(), now, self._shell.uniform())
                await self._act(wanted)
                await self._act(self._tick())
                await asyncio.sleep(_BEAT_S)
        except Exception as error:
            self._closed(f"failed: {type(error).__name__}")
            await self._drop()

    def _tick(self) -> tuple[Action, ...]:
        return self.connection.tick(self._shell.clock(), self._shell.uniform())

    async def _act(self, actions: tuple[Action, ...]) -> None:
        for action in actions:
            match action:
                case Send(text=text):
                    await self._send(text)
                case Close():
                    await self._drop()
                case AskSnapshot():
                    self._start(self._snapshot(action))

    async def _send(self, text: bytes) -> None:
        if self._socket is None:
            return
        try:
            await self._socket.send(text, text=True)
        except websockets.ConnectionClosed as error:
            self._closed(f"closed while sending: {type(error).__name__}")

    async def _drop(self) -> None:
        self.books.lose()
        if self._socket is not None:
            await self._socket.close()

    async def _snapshot(self, ask: AskSnapshot) -> None:
        shell, attempt = self._shell, self.connection.attempts
        try:
            while wait := shell.budget.take(ask.weight, shell.clock()):
                await asyncio.sleep(wait / SECOND)
            answer = await shell.fetch(ask.url)
        except KedgeError:
            return  # asked for again as long as the book wants it
        now = shell.clock()
        if shell.budget.answered(answer.status, answer.headers, now) or answer.status != 200:
            return
        if (self.connection.phase, self.connection.attempts) == (Phase.LIVE, attempt):
            self._keep(f"depth {ask.symbol}", answer.body, now)
            self._waiting.extend(self.books.reply("depth", ask.symbol, answer.body, now))

    def _start(self, work: Any) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def broke(self, reason: str) -> None:
        """Whoever listens could not go on: no book is believed, and it connects anew."""
        self._closed(reason)

    def _keep(self, what: str, message: bytes, now: int = 0) -> None:
        if self._shell.record is not None:
            self._shell.record(now or self._shell.clock(), what, message)

    def _closed(self, reason: str) -> None:
        self.books.lose()
        self._keep(LOST, reason.encode())
        self.connection.closed(reason, self._shell.clock(), self._shell.uniform())

    async def _sleep_until(self, due: int) -> None:
        wait = (due - self._shell.clock()) / SECOND
        if wait > 0:
            try:
                await asyncio.wait_for(self._ended.wait(), wait)
            except TimeoutError:
                return


_BEAT_S = 0.05
"""How often deadlines are looked at while messages flow."""
