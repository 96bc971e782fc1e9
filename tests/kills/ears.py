"""The market's messages over a socket, gathered by a thread until the session takes its turn."""

import random
import time
from collections import deque

from kedge.data.books.keeper import Books
from kedge.data.streams.backoff import Backoff
from kedge.data.streams.budget import SECOND, Budget, Limit
from kedge.data.streams.connection import Connection
from kedge.data.streams.fetch import fetch
from kedge.data.streams.lines import LINES, Line
from kedge.data.streams.live import LiveFeed, Shell
from kedge.data.wire.listings import Listing, Listings
from kedge.domain.instrument import Instrument
from kedge.domain.market import MarketEvent
from kedge.venues.ccxt.worker import Worker

MS = 1_000_000


class Ears:
    """One live feed.

    Args:
        url: of the wire server.
        instruments: by key.
    """

    def __init__(self, url: str, instruments: tuple[Instrument, ...]) -> None:
        self._heard: deque[MarketEvent] = deque()
        self._feed = _feed(url, instruments)
        self._worker = Worker("ears")
        self._worker.keep(self._listen)

    def take(self) -> list[MarketEvent]:
        """Everything that came since the last call, in order."""
        return [self._heard.popleft() for _ in range(len(self._heard))]

    def close(self) -> None:
        self._worker.call(self._feed.close(), 5.0)
        self._worker.stop()

    async def _listen(self) -> None:
        async for event in self._feed.events():
            self._heard.append(event)


def _feed(url: str, instruments: tuple[Instrument, ...]) -> LiveFeed:
    line = Line(
        url=f"{url.replace('http', 'ws')}/stream", subscribe=LINES["binance"].subscribe,
        snapshot=f"{url}/api/v3/depth?symbol={{symbol}}&limit=1000", ask_ns=50 * MS,
    )  # fmt: skip
    symbols = [each.symbol for each in instruments]
    clock = time.time_ns
    books = Books(
        "binance",
        Listings([Listing(k, i.symbol, i.tick, i.lot) for k, i in enumerate(instruments)]),
    )
    connection = Connection(line, symbols, clock(), Backoff(5 * MS, 20 * MS))
    budget = Budget(Limit(10**6, SECOND))
    return LiveFeed(connection, books, Shell(clock, random.Random(1).random, fetch, budget))
