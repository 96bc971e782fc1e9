"""A venue on this machine that drops, repeats, reorders, falls silent and talks nonsense."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from websockets.asyncio.server import ServerConnection, serve

from kedge.data.streams.fetch import Answer


class Venue:
    """Binance-like: a depth stream of one symbol, and snapshots of its own true book.

    Args:
        fault: what happens to message ``i`` of connection ``c``: the texts to send for it.
    """

    def __init__(self, fault: Callable[[int, int, bytes], list[bytes]]) -> None:
        self.fault = fault
        self.bids: dict[int, int] = {}
        self.number = 100
        self.connections = 0
        self.subscriptions: list[Any] = []
        self.asked = 0
        self.refusals: list[Answer] = []
        self.stalls: set[int] = set()
        self.port = 0

    def update(self) -> bytes:
        """The next change of the true book, as a message."""
        self.number += 1
        price = 1000 + self.number % 17
        self.bids[price] = self.number
        data = {
            "e": "depthUpdate", "E": 1, "s": "BTCUSDT", "U": self.number, "u": self.number,
            "b": [[f"{price}.00", f"{self.number}"]], "a": [["2000.00", "1"]],
        }  # fmt: skip
        return json.dumps({"stream": "btcusdt@depth", "data": data}).encode()

    async def snapshot(self, url: str) -> Answer:
        """What the REST host answers."""
        self.asked += 1
        if self.refusals:
            return self.refusals.pop(0)
        bids = [[f"{p}.00", str(q)] for p, q in sorted(self.bids.items(), reverse=True)]
        body = {"lastUpdateId": self.number, "bids": bids, "asks": [["2000.00", "1"]]}
        return Answer(200, {}, json.dumps(body).encode())

    async def serve(self, socket: ServerConnection) -> None:
        """One connection."""
        self.connections += 1
        connection = self.connections
        self.subscriptions.append(json.loads(await socket.recv()))
        for i in range(100_000):
            message = self.update()
            for text in self.fault(connection, i, message):
                if text == b"DROP CONNECTION":
                    socket.transport.abort()
                    return
                if text == b"FALL SILENT":
                    await socket.wait_closed()
                    return
                await socket.send(text, text=not text.startswith(b"\xff"))
            await asyncio.sleep(0.002)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[str]:
        """The server, for as long as the block lasts; gives its URL."""
        async with serve(self.serve, "127.0.0.1", 0, compression=None) as server:
            self.port = next(iter(server.sockets)).getsockname()[1]
            yield f"ws://127.0.0.1:{self.port}"
