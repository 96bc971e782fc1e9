"""What the server tells is read, and kept, by the decoder of the real exchange's messages."""

import time

from kedge.data.books.keeper import Books
from kedge.data.wire.listings import Listing, Listings
from kedge.domain.market import ASK, BID, Bar, BookDelta, Quote, Trade
from unit.venues.wire.test_lockstep import SECOND, moved, stepping

NAMES = ("depth@100ms", "trade", "aggTrade", "bookTicker", "kline_1m")


def test_a_book_kept_from_the_stream_is_the_exchanges_own():
    async def check(server, session):
        spot = server.floor.spots["BTCUSDT"]
        own = Listing(0, "BTCUSDT", spot.instrument.tick, spot.instrument.lot)
        books = Books("binance", Listings([own]))
        names = "/".join(f"btcusdt@{name}" for name in NAMES)
        found = []
        url = f"127.0.0.1:{server.port}"
        async with session.ws_connect(f"ws://{url}/stream?streams={names}") as socket:

            async def hear(until):
                await moved(session, server.port, {"until": until})
                pending = True
                while pending:
                    try:
                        text = (await socket.receive(timeout=0.05)).data
                    except TimeoutError:
                        pending = False
                    else:
                        found.extend(books.feed(text.encode(), time.time_ns()))

            await hear(server.floor.now + 2 * SECOND)
            async with session.get(f"http://{url}/api/v3/depth?symbol=BTCUSDT&limit=5000") as reply:
                books.reply("depth", "BTCUSDT", await reply.read(), time.time_ns())
            for _ in range(5):
                await hear(server.floor.now + 3 * SECOND)
        assert books.refused == 0, books.last_refusal
        assert {Trade, Quote, BookDelta, Bar} <= {type(event) for event in found}
        book, halves = books.by_key[0], server.floor.venue.exchange.matchers[0].halves
        assert book.trusted
        for code, side in ((BID, 1), (ASK, -1)):
            levels = [tuple(level) for level in book.top(code, 10_000).tolist()]
            assert levels == halves[side].depth()
        assert len(halves[1].depth()) > 10

    stepping(check)
