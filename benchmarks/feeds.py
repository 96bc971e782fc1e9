"""Messages a second from bytes to a trusted book: in memory, and through a local socket.

The recorded Binance depth stream is repeated with its update numbers shifted, so that the
sequence never breaks; between two rounds one update puts back the levels that the round
changed, so that the book returns to where the recording began. Time is processor time of
this process, the best of several runs: other work on the machine does not count. Through the
socket it is wall time, of a server in another process that sends as fast as it can.

``python -m benchmarks.feeds [messages]`` prints one JSON object.
"""

import asyncio
import json
import multiprocessing
import os
import re
import sys
import time
from collections.abc import Iterator
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Any

from kedge.data.books.book import Book
from kedge.data.books.keeper import Books
from kedge.data.books.rules import BinanceSpot
from kedge.data.streams.budget import SECOND, Budget, Limit
from kedge.data.streams.connection import Connection
from kedge.data.streams.fetch import Answer
from kedge.data.streams.lines import LINES, Line
from kedge.data.streams.live import LiveFeed, Shell
from kedge.data.wire.binance import Binance
from kedge.data.wire.listings import Listing, Listings
from kedge.domain.market import BookDelta

RECORDING = "fixtures/binance_spot_2024_stream.jsonl"
LISTING = Listing(0, "BTCUSDT", Decimal("0.01"), Decimal("0.00000001"))
_NUMBERS = re.compile(rb'"U":(\d+),"u":(\d+)')


def recording(folder: Path) -> tuple[bytes, list[bytes]]:
    """The REST snapshot and the depth messages after it, in order."""
    snapshot, updates = b"", []
    for line in (folder / RECORDING).read_text(encoding="utf-8").splitlines():
        body = json.loads(line)["body"]
        text = json.dumps(body, separators=(",", ":")).encode()
        if "lastUpdateId" in body:
            snapshot = text
        elif "@depth" in body["stream"]:
            updates.append(text)
    last = json.loads(snapshot)["lastUpdateId"]
    return snapshot, [u for u in updates if json.loads(u)["data"]["u"] > last]


def rounds(snapshot: bytes, updates: list[bytes], count: int) -> Iterator[bytes]:
    """``count`` messages: the recording over and over, numbers shifted, in sequence."""
    base = json.loads(snapshot)["lastUpdateId"]
    cut = [(_NUMBERS.search(u), u) for u in [*updates, _back(snapshot, updates)]]
    spans = [(int(m[1]), int(m[2]), u[: m.start()], u[m.end() :]) for m, u in cut if m]
    start = base
    made = 0
    while True:
        for first, last, head, tail in spans:
            if made == count:
                return
            shift = start - base
            numbers = b'"U":%d,"u":%d' % (max(first, base + 1) + shift, last + shift)
            yield head + numbers + tail
            made += 1
        start += spans[-1][1] - base


def _back(snapshot: bytes, updates: list[bytes]) -> bytes:
    """An update that undoes a round: every level it named as the snapshot has it."""
    began = json.loads(snapshot)
    last = json.loads(updates[-1])["data"]
    sides = {}
    for name, held in (("b", dict(began["bids"])), ("a", dict(began["asks"]))):
        named = {price for u in updates for price, _ in json.loads(u)["data"][name]}
        sides[name] = [[price, held.get(price, "0.00000000")] for price in sorted(named)]
    data = {**last, "U": last["u"] + 1, "u": last["u"] + 1, **sides}
    return json.dumps(
        {"stream": "btcusdt@depth@100ms", "data": data}, separators=(",", ":")
    ).encode()


def synced(snapshot: bytes) -> tuple[Binance, Book]:
    """A decoder and a book that stands at the snapshot."""
    decoder, book = Binance(Listings([LISTING])), Book(0, BinanceSpot())
    (first,) = decoder.reply("depth", "BTCUSDT", snapshot, 1)
    assert isinstance(first, BookDelta)
    book.apply(first)
    return decoder, book


def in_memory(snapshot: bytes, updates: list[bytes], count: int) -> float:
    """Processor seconds to take ``count`` messages; the book is trusted after every one.

    The messages are made in portions, outside the measured time.
    """
    decoder, book = synced(snapshot)
    decode, apply = decoder.decode, book.apply
    made = rounds(snapshot, updates, count)
    trusted, spent = 0, 0.0
    while portion := list(islice(made, 20_000)):
        start = time.process_time()
        for message in portion:
            for event in decode(message, 2):
                apply(event)  # type: ignore[arg-type]
                trusted += book.trusted
        spent += time.process_time() - start
    assert trusted == count, (trusted, book.state)
    return spent


def through_socket(snapshot: bytes, messages: list[bytes]) -> float:
    """Wall seconds from a local server in another process to the trusted book, by the live feed."""
    return asyncio.run(_through_socket(snapshot, messages))


async def _through_socket(snapshot: bytes, messages: list[bytes]) -> float:
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    server = context.Process(target=_serve, args=(there, messages), daemon=True)
    server.start()
    line = Line(
        url=f"ws://127.0.0.1:{here.recv()}", subscribe=LINES["binance"].subscribe,
        snapshot="{symbol}",
    )  # fmt: skip

    async def fetch(_: str) -> Answer:
        return Answer(200, {}, snapshot)

    clock = time.monotonic_ns
    shell = Shell(clock, lambda: 0.0, fetch, Budget(Limit(1000, SECOND)))
    books = Books("binance", Listings([LISTING]))
    feed = LiveFeed(Connection(line, ["BTCUSDT"], clock()), books, shell)
    start, seen = 0.0, 0
    async for event in feed.events():
        start = start or time.perf_counter()
        seen += not getattr(event, "snapshot", False)
        if seen == len(messages):
            break
    spent = time.perf_counter() - start
    assert feed.trusted(0)
    await feed.close()
    server.kill()
    return spent


def _serve(pipe: Any, messages: list[bytes]) -> None:
    from websockets.asyncio.server import ServerConnection, serve

    async def speak(socket: ServerConnection) -> None:
        await socket.recv()
        for message in messages:
            await socket.send(message, text=True)
        await socket.wait_closed()

    async def run() -> None:
        async with serve(speak, "127.0.0.1", 0, compression=None) as server:
            pipe.send(next(iter(server.sockets)).getsockname()[1])
            await asyncio.sleep(3600)

    asyncio.run(run())


def main(count: int, runs: int = 3) -> dict[str, object]:
    """The figures of this machine."""
    folder = Path(os.environ.get("KEDGE_TEST_DATA") or "../shared/data")
    snapshot, updates = recording(folder)
    part = list(rounds(snapshot, updates, min(count, 100_000)))
    levels = sum(u.count(b'["') for u in part) / len(part)
    spent = min(in_memory(snapshot, updates, count) for _ in range(runs))
    socket = min(through_socket(snapshot, part) for _ in range(runs))
    return {
        "messages": count,
        "mean_bytes": round(sum(map(len, part)) / len(part)),
        "mean_levels": round(levels, 1),
        "in_memory_messages_per_s": round(count / spent),
        "socket_messages": len(part),
        "socket_messages_per_s": round(len(part) / socket),
    }


if __name__ == "__main__":
    print(json.dumps(main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)))
