"""The market's messages over a socket, asked for quickly, since its deaths are."""

import random
import time

from kedge.data.books.keeper import Books
from kedge.data.streams.backoff import Backoff
from kedge.data.streams.budget import SECOND, Budget, Limit
from kedge.data.streams.connection import Connection
from kedge.data.streams.fetch import fetch
from kedge.data.streams.lines import LINES, Line
from kedge.data.streams.live import LiveFeed, Shell
from kedge.data.wire.listings import Listing, Listings
from kedge.domain.instrument import Instrument
from kedge.venues.ccxt.ears import Ears

MS = 1_000_000


def ears_of(url: str, instruments: tuple[Instrument, ...]) -> Ears:
    """Listening from now on.

    Args:
        url: of the wire server.
        instruments: by key.
    """
    return Ears(_feed(url, instruments), "killed")


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
