"""A live feed against a venue on this machine that misbehaves."""

import asyncio
import random
import time
from collections.abc import Callable
from decimal import Decimal

import pytest

from kedge.data.books.keeper import Books
from kedge.data.streams.backoff import Backoff
from kedge.data.streams.budget import SECOND, Budget, Limit
from kedge.data.streams.connection import Connection
from kedge.data.streams.fetch import Answer
from kedge.data.streams.lines import LINES, Line
from kedge.data.streams.live import LiveFeed, Shell
from kedge.data.wire.listings import Listing, Listings
from kedge.domain.market import BookDelta, MarketEvent
from misbehaving_venue import Venue

Fault = Callable[[int, int, bytes], list[bytes]]
MS = 1_000_000
NONSENSE = [b"\xff\xfe\x00", b"{", b"[]", b'{"e":"depthUpdate"}', b"null", b"", b'{"e":"x"}']


def feed_of(
    url: str, venue: Venue, silence_ms: int = 5_000, record: list[tuple[str, bytes]] | None = None
) -> LiveFeed:
    told = LINES["binance"]
    line = Line(
        url=url, subscribe=told.subscribe, snapshot="http://127.0.0.1/{symbol}",
        silence_ns=silence_ms * MS, snapshot_weight=1, ask_ns=50 * MS,
    )  # fmt: skip
    clock = time.monotonic_ns
    connection = Connection(line, ["BTCUSDT"], clock(), Backoff(5 * MS, 20 * MS))
    books = Books("binance", Listings([Listing(0, "BTCUSDT", Decimal("0.01"), Decimal(1))]))
    keep = None if record is None else lambda _, stream, message: record.append((stream, message))
    shell = Shell(clock, random.Random(1).random, venue.snapshot, Budget(Limit(600, SECOND)), keep)
    return LiveFeed(connection, books, shell)


async def read(feed: LiveFeed, done: Callable[[list[MarketEvent]], bool]) -> list[MarketEvent]:
    events: list[MarketEvent] = []
    async for event in feed.events():
        events.append(event)
        if done(events):
            break
    await feed.close()
    return events


def run(
    fault: Fault, done: Callable[[LiveFeed, list[MarketEvent]], bool], **more: int
) -> tuple[Venue, LiveFeed, list[MarketEvent]]:
    venue = Venue(fault)

    async def main() -> tuple[LiveFeed, list[MarketEvent]]:
        async with venue.running() as url:
            feed = feed_of(url, venue, **more)
            return feed, await asyncio.wait_for(read(feed, lambda e: done(feed, e)), 15)

    feed, events = asyncio.run(main())
    return venue, feed, events


def trusted_after(count: int) -> Callable[[LiveFeed, list[MarketEvent]], bool]:
    return lambda feed, events: len(events) >= count and feed.trusted(0)


def test_feed_subscribes_syncs_and_agrees_with_the_venue() -> None:
    checked = 0

    def done(feed: LiveFeed, events: list[MarketEvent]) -> bool:
        nonlocal checked
        book = feed.books.by_key[0]
        if feed.trusted(0):
            held = {p // 100: q for p, q in book.top(0, 100).tolist()}
            last = max(held.values())
            assert book.last >= last
            assert held[1000 + book.last % 17] == book.last
            checked += 1
        return checked >= 50

    venue, _, events = run(lambda c, i, m: [m], done)
    assert venue.subscriptions[0]["params"][0] == "btcusdt@depth@100ms"
    assert any(isinstance(e, BookDelta) and e.snapshot for e in events)


def test_dropped_message_is_a_gap_and_mended_by_a_snapshot() -> None:
    venue, feed, _ = run(lambda c, i, m: [] if i == 30 else [m], trusted_after(80))
    assert feed.books.by_key[0].resyncs >= 1
    assert venue.connections == 1
    assert feed.trusted(0)


def test_repeated_messages_change_nothing() -> None:
    _, feed, _ = run(lambda c, i, m: [m, m], trusted_after(150))
    assert feed.books.by_key[0].resyncs == 0


def test_reordered_messages_are_never_applied_out_of_order() -> None:
    held: list[bytes] = []

    def swap(connection: int, i: int, message: bytes) -> list[bytes]:
        if i == 40:
            held.append(message)
            return []
        return [message, *[held.pop() for _ in held]]

    _, feed, _ = run(swap, trusted_after(90))
    book = feed.books.by_key[0]
    assert book.resyncs >= 1
    assert {p // 100: q for p, q in book.top(0, 1).tolist()}


def test_feed_connects_again_after_the_connection_broke() -> None:
    def fault(c: int, i: int, m: bytes) -> list[bytes]:
        return [b"DROP CONNECTION"] if c < 3 and i == 20 else [m]

    venue, feed, _ = run(fault, lambda f, e: f.connection.attempts >= 3 and f.trusted(0))
    assert venue.connections == 3
    assert len(venue.subscriptions) == 3
    assert sum(feed.connection.reasons.values()) == 2


def test_half_open_connection_is_found_by_its_silence() -> None:
    def fault(c: int, i: int, m: bytes) -> list[bytes]:
        return [b"FALL SILENT"] if c == 1 and i == 20 else [m]

    venue, feed, _ = run(
        fault, lambda f, e: f.connection.attempts >= 2 and f.trusted(0), silence_ms=150
    )
    assert feed.connection.reasons == {"silent": 1}
    assert venue.connections == 2


def test_nonsense_is_counted_and_what_is_valid_still_applies() -> None:
    _, feed, _ = run(lambda c, i, m: [NONSENSE[i % len(NONSENSE)], m], trusted_after(100))
    assert feed.books.refused >= 90
    assert "\n" not in feed.books.last_refusal
    assert feed.books.by_key[0].resyncs == 0


def test_ban_is_kept_and_the_book_stays_untrusted_meanwhile() -> None:
    venue = Venue(lambda c, i, m: [m])
    venue.refusals = [Answer(429, {"Retry-After": "3600"}, b"{}")]

    async def main() -> LiveFeed:
        async with venue.running() as url:
            feed = feed_of(url, venue)
            await asyncio.wait_for(read(feed, lambda e: len(e) >= 150), 15)
            return feed

    feed = asyncio.run(main())
    assert venue.asked == 1
    assert not feed.trusted(0)
    assert feed.quote(0, time.monotonic_ns()).bid == 0


def test_host_that_refuses_connections_is_tried_with_growing_waits() -> None:
    async def main() -> LiveFeed:
        venue = Venue(lambda c, i, m: [m])
        feed = feed_of("ws://127.0.0.1:9", venue)

        async def stop() -> None:
            while feed.connection.attempts < 5:
                await asyncio.sleep(0.01)
            await feed.close()

        await asyncio.wait_for(asyncio.gather(read(feed, lambda e: False), stop()), 10)
        return feed

    feed = asyncio.run(main())
    assert feed.connection.failures >= 4


def test_messages_are_recorded_as_they_came() -> None:
    kept: list[tuple[str, bytes]] = []
    venue = Venue(lambda c, i, m: [m])

    async def main() -> None:
        async with venue.running() as url:
            feed = feed_of(url, venue, record=kept)
            await asyncio.wait_for(read(feed, lambda e: len(e) >= 20), 15)

    asyncio.run(main())
    assert len(kept) >= 19
    streamed = [message for stream, message in kept if stream == "stream"]
    assert all(message.startswith(b'{"stream"') for message in streamed)
    assert kept[0][0] == "connected"
    assert {stream for stream, _ in kept} == {"connected", "stream", "depth BTCUSDT"}


@pytest.mark.parametrize("protocol", LINES)
def test_subscriptions_name_every_symbol(protocol: str) -> None:
    texts = LINES[protocol].subscribe(["AAA", "BBB"])
    joined = b"".join(texts).lower()
    assert b"aaa" in joined
    assert b"bbb" in joined


def test_a_watch_that_fails_ends_the_connection_and_another_begins(monkeypatch) -> None:
    told, failed = Connection.wants, [ValueError("nobody had foreseen it")]

    def wants(self, *given):
        if failed:
            raise failed.pop()
        return told(self, *given)

    monkeypatch.setattr(Connection, "wants", wants)
    done = lambda f, e: f.connection.attempts >= 2 and f.trusted(0)  # noqa: E731
    venue, feed, _ = run(lambda c, i, m: [m], done)
    assert feed.connection.reasons == {"failed: ValueError": 1}
    assert venue.connections == 2
