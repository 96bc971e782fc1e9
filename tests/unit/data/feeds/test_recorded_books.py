"""Recorded books replay to what the venue said they were."""

from bisect import bisect_right
from typing import Any

import numpy as np
import polars as pl
import pytest

from kedge.data.books.book import BookState
from kedge.data.books.keeper import Books
from kedge.data.wire.messages import Passed
from kedge.domain.market import ASK, BID, BookDelta, Quote
from recorded import (
    FINE_TICK,
    STREAMS,
    kraken_digits,
    listings,
    spot_stream,
    stream,
    symbols,
    text,
)  # fmt: skip
from slow_book import SlowBook, changes_of
from support import data_path

PROTOCOL = {**STREAMS, "bybit_ws_25": "bybit_v2", "bybit_ws_26": "bybit_v2"}
MARKETS = {"spot": "binance", "usdm_perp": "binance_futures"}


def books_of(name: str) -> Books:
    digits = kraken_digits() if name.startswith("kraken") else None
    depth = 1000 if name.startswith("kraken") else 0
    return Books(PROTOCOL[name], listings(symbols(name), digits), depth)


@pytest.mark.parametrize("name", [n for n in STREAMS if not n.startswith("binance")])
def test_recorded_books_stay_trusted_and_equal_a_plain_one(name: str) -> None:
    books = books_of(name)
    keys = {x.symbol: x.key for x in books.listings.all}
    slow = {s: SlowBook(depth=1000 if name.startswith("kraken") else 0) for s in keys}
    checked = 0
    for message in stream(name):
        found = books.feed(message.body, message.received)
        if not any(isinstance(e, BookDelta) for e in found):
            continue
        for symbol, snapshot, changes in changes_of(message.body):
            slow[symbol].take(snapshot, changes)
            book = books.by_key[keys[symbol]]
            assert book.trusted, (symbol, book.state, checked)
            checked += 1
            for side, word in ((BID, "bid"), (ASK, "ask")):
                best = slow[symbol].levels(word, FINE_TICK)[:5]
                assert [tuple(x) for x in book.top(side, 5).tolist()] == best
    assert books.refused == 0
    assert checked >= 270
    for symbol, plain in slow.items():
        for side, word in ((BID, "bid"), (ASK, "ask")):
            whole = books.by_key[keys[symbol]].top(side, 100_000).tolist()
            assert [tuple(x) for x in whole] == plain.levels(word, FINE_TICK)


@pytest.mark.parametrize("name", ["kraken_ws_50", "okx_ws_1"])
def test_a_checksum_that_does_not_match_takes_trust_away(name: str) -> None:
    books, sums = books_of(name), 0
    for message in stream(name):
        for event in books.decoder.decode(message.body, message.received):
            if not isinstance(event, BookDelta):
                continue
            sums += event.checksum >= 0
            if sums == 200 and event.checksum >= 0:
                wrong = BookDelta(
                    event.key, event.event_time, event.available_time, event.first, event.last,
                    event.previous, event.levels, event.snapshot, event.checksum ^ 1,
                )  # fmt: skip
                books.take((wrong,))
                assert not books.by_key[event.key].trusted
                assert books.wanting() != ()
                return
            books.take((event,))
    pytest.fail("the recording has no 200 checksums")


def test_spot_stream_replays_to_its_recorded_best_bid_and_ask() -> None:
    """The book ticker tells every change of the best, so it holds until the next one."""
    books = Books("binance", listings(["BTCUSDT"]))
    told: dict[int, tuple[int, int, int, int]] = {}
    checked = []
    for received, body in spot_stream():
        if "lastUpdateId" in body:
            books.reply("depth", "BTCUSDT", text(body), received)
            continue
        for event in books.feed(text(body), received):
            if isinstance(event, Quote):
                told[body["data"]["u"]] = (event.bid, event.bid_lots, event.ask, event.ask_lots)
            elif isinstance(event, BookDelta) and books.by_key[0].trusted:
                checked.append((event.last, books.by_key[0].best()))
    assert books.by_key[0].trusted
    assert agreeing(told, checked) > 270


@pytest.mark.parametrize("market", MARKETS)
def test_recorded_levels_replay_to_the_recorded_best_bid_and_ask(market: str) -> None:
    """After every message of the whole recording, not one excepted."""
    events = pl.read_parquet(data_path("micro/btcusdt_l2_events.parquet"))
    best = pl.read_parquet(data_path("micro/btcusdt_bbo.parquet")).filter(
        pl.col("market") == market
    )
    told = {
        number: tuple(round(x * 1e8) for x in prices)
        for number, *prices in best.select("update_id", "bid", "bid_qty", "ask", "ask_qty").rows()
    }
    book = Books(MARKETS[market], listings(["BTCUSDT"])).by_key[0]
    checked, gaps = [], 0
    for update in deltas(events.filter(pl.col("market") == market)):
        book.apply(update)
        gaps += book.state == BookState.GAP
        if book.trusted:
            checked.append((book.last, book.best()))
    assert book.trusted
    assert gaps == 0
    assert agreeing(told, checked) > {"spot": 3000, "usdm_perp": 2000}[market]


def agreeing(told: dict[int, Any], checked: list[tuple[int, tuple[int, int, int, int]]]) -> int:
    """How many books equal the last best that was told at or before their update number."""
    numbers = sorted(told)
    compared = 0
    for number, best in checked:
        place = bisect_right(numbers, number)
        if place in (0, len(numbers)):
            continue  # before the first or after the last of them nothing is told
        assert best == told[numbers[place - 1]], number
        compared += 1
    return compared


def deltas(events: pl.DataFrame) -> list[BookDelta]:
    """Rows of single levels as the messages they came in."""
    numbers = ["recv_ns", "event_ms", "first_update_id", "last_update_id", "prev_update_id"]
    grouped = events.group_by([*numbers, "is_snapshot"], maintain_order=True).agg(
        (pl.col("side") == "a").cast(pl.Int64),
        (pl.col("price") * 1e8).round().cast(pl.Int64),
        (pl.col("qty") * 1e8).round().cast(pl.Int64),
    )
    return [
        BookDelta(
            0, (event or 0) * 10**6, received, first or last, last,
            -1 if previous is None else previous,
            np.column_stack((side, price, size)).astype(np.int64), snapshot,
        )
        for received, event, first, last, previous, snapshot, side, price, size in grouped.rows()
    ]  # fmt: skip


def test_messages_a_feed_has_no_use_for_are_named() -> None:
    books = books_of("coinbase_ws_28")
    found = [e for m in stream("coinbase_ws_28") for e in books.feed(m.body, m.received)]
    assert {e.kind for e in found if isinstance(e, Passed)} == {"ticker"}
