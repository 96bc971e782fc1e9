"""One WebSocket connection: what it wants to hear, and what is on its way to it."""

import asyncio
from collections.abc import Callable
from heapq import heappop, heappush

from aiohttp.web import WebSocketResponse


class Line:
    """One connection.

    Args:
        socket: open.
        quiet: whether nothing goes through just now, without anybody being told.

    Attributes:
        streams: names that were subscribed to.
        combined: whether every message names its stream.
        account: number of its subscription to the account's stream, None without one.
        idle: set while nothing is on its way.
    """

    def __init__(self, socket: WebSocketResponse, quiet: Callable[[], bool]) -> None:
        self.socket = socket
        self.streams: set[str] = set()
        self.combined = False
        self.account: int | None = None
        self.idle = asyncio.Event()
        self.idle.set()
        self._quiet = quiet
        self._waiting: list[tuple[float, int, bytes]] = []
        self._count = 0
        self._due = 0.0
        self._more = asyncio.Event()

    def send(self, text: bytes, delay_s: float = 0.0, out_of_turn_s: float = 0.0) -> None:
        """Let a message leave; those without a delay out of turn arrive in order.

        Args:
            text: the message.
            delay_s: of every message.
            out_of_turn_s: of this one alone.
        """
        now = asyncio.get_running_loop().time()
        due = self._due = max(self._due, now + delay_s)
        self._count += 1
        heappush(self._waiting, (due + out_of_turn_s, self._count, text))
        self.idle.clear()
        self._more.set()

    async def deliver(self) -> None:
        """Send what is due, for ever."""
        loop, waiting = asyncio.get_running_loop(), self._waiting
        while True:
            self._more.clear()
            wait = waiting[0][0] - loop.time() if waiting else None
            if wait is None or wait > 0.0:
                if wait is None:
                    self.idle.set()
                await _either(self._more, wait)
                continue
            text = heappop(waiting)[2]
            if not self._quiet():
                await self.socket.send_str(text.decode())


async def _either(more: asyncio.Event, wait: float | None) -> None:
    try:
        await asyncio.wait_for(more.wait(), wait)
    except TimeoutError:
        return
