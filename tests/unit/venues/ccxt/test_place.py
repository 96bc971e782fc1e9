"""An exchange's feed as a session holds it: addresses, names, and losses in their places."""

import asyncio
import time
from decimal import Decimal
from types import SimpleNamespace

import numpy as np
import pytest

from kedge.data.streams.budget import Budget
from kedge.data.streams.lines import LINES
from kedge.domain.errors import ConfigError
from kedge.domain.instrument import AssetClass, Instrument
from kedge.domain.market import BookDelta, Trade
from kedge.domain.order import Order, OrderType
from kedge.risk.approved import Approved
from kedge.risk.mint import Token
from kedge.venues.ccxt.client import Access
from kedge.venues.ccxt.door import KilledError
from kedge.venues.ccxt.ears import Ears
from kedge.venues.ccxt.exchanges import EXCHANGES, exchange_of
from kedge.venues.ccxt.place import CcxtPlace, line_of, listings_of

COIN = Instrument(
    id="BTCUSDT", symbol="BTCUSDT", asset_class=AssetClass.SPOT, base="BTC", quote="USDT",
    settle="USDT", tick=Decimal("0.01"), lot=Decimal("0.001"),
)  # fmt: skip


def access(name: str, **more: object) -> Access:
    return Access(exchange=exchange_of(name), key="k", secret="s", **more)


@pytest.mark.parametrize(
    ("given", "url", "snapshot"),
    [
        ({}, "wss://stream.binance.com:9443/stream", "https://api.binance.com/api/v3/depth"),
        (
            {"testnet": True},
            "wss://stream.testnet.binance.vision/stream",
            "https://testnet.binance.vision/api/v3/depth",
        ),
        (
            {"testnet": True, "url": "http://127.0.0.1:9/"},
            "ws://127.0.0.1:9/stream",
            "http://127.0.0.1:9/api/v3/depth",
        ),
        ({"url": "https://here:9"}, "wss://here:9/stream", "https://here:9/api/v3/depth"),
    ],
)
def test_the_feed_is_where_the_account_is(given, url: str, snapshot: str) -> None:
    line = line_of(access("binance", **given))
    assert line.url == url
    assert line.snapshot.partition("?")[0] == snapshot


def test_every_exchange_of_an_account_has_a_feed() -> None:
    names = {
        name: listings_of(line_of(access(name)), {0: COIN}).all[0].symbol for name in EXCHANGES
    }
    assert names == {
        "binance": "BTCUSDT", "bybit": "BTCUSDT", "okx": "BTC-USDT", "coinbase": "BTC-USDT",
        "kraken": "BTC/USDT",
    }  # fmt: skip
    assert set(EXCHANGES) <= set(LINES)


@pytest.mark.parametrize("name", ["kraken", "coinbase"])
def test_without_a_test_network_there_is_no_feed_of_it(name: str) -> None:
    with pytest.raises(ConfigError, match=f"{name} has no test network"):
        line_of(access(name, testnet=True))


def test_a_session_hands_its_latch_down_to_where_orders_leave() -> None:
    latch: list[str] = []
    place = CcxtPlace(
        access("binance"), {0: COIN}, time.time_ns, lambda: 0.0,
        Budget(exchange_of("binance").limit), killed=lambda: bool(latch),
    )  # fmt: skip
    opens = Order("k1-1-0", 0, 1, 1, OrderType.MARKET)
    try:
        door = place._orders._door
        door.let(Approved(opens, Token()))
        latch.append("killed")
        with pytest.raises(KilledError):
            door.let(Approved(opens, Token()))
        door.let(Approved(opens, Token(), True))
        assert place.ahead() == 0
    finally:
        place.close()


def delta(at: int) -> BookDelta:
    return BookDelta(0, at, at, at, at, -1, np.zeros((0, 3), np.int64))


def trade(at: int) -> Trade:
    return Trade(0, at, at, at, 1, 1)


class Feed:
    """Tells what it is given; a word stands for a loss."""

    def __init__(self, script) -> None:
        self.books, self._script = SimpleNamespace(losses=0, wanting=tuple), script
        self.asked: list[str] = []
        self.answered = []

    async def events(self):
        for each in list(self._script):
            if each == "lost":
                self.books.losses += 1
            elif each == "wait":
                await asyncio.sleep(0.1)
            elif each == "fail":
                self._script = self._script[self._script.index("fail") + 1 :]
                raise ValueError("nobody had foreseen it")
            else:
                yield each
        await asyncio.sleep(60)

    def broke(self, reason: str) -> None:
        self.books.losses += 1

    def answers(self):
        told, self.answered = self.answered, []
        return told

    async def ask(self, symbol: str) -> None:
        self.asked.append(symbol)

    async def close(self) -> None:
        pass


def heard(*script):
    """What a session hears once everything has come."""
    ears = Ears(Feed(script), "test")
    time.sleep(0.4)
    found = ears.take()
    ears.close()
    return found


def test_what_comes_is_heard_in_order() -> None:
    broke, events = heard(trade(1), delta(2), trade(3))
    assert not broke
    assert [each.event_time for each in events] == [1, 2, 3]


def test_books_from_before_a_loss_are_dropped_and_trades_are_kept() -> None:
    broke, events = heard(trade(1), delta(2), "lost", delta(3), "lost", delta(4), trade(5))
    assert broke
    assert [each.event_time for each in events] == [1, 4, 5]


def test_a_loss_is_heard_while_nothing_comes() -> None:
    broke, events = heard(delta(1), "lost", "wait")
    assert (broke, events) == (True, [])


def test_more_than_there_is_room_for_is_a_loss_of_books_and_old_trades() -> None:
    script = [each for at in range(0, 200, 2) for each in (trade(at), delta(at + 1))]
    ears = Ears(Feed(script), "test", most=20)
    until_heard(ears, 199)
    broke, events = ears.take()
    ears.close()
    assert broke
    assert len(events) <= 20
    assert [e.event_time for e in events if isinstance(e, BookDelta)][-1] == 199
    assert events == sorted(events, key=lambda each: each.event_time)


def test_books_give_way_before_trades() -> None:
    script = [trade(0), *map(delta, range(1, 30)), trade(30), delta(31)]
    ears = Ears(Feed(script), "test", most=20)
    until_heard(ears, 31)
    broke, events = ears.take()
    ears.close()
    assert broke
    assert [e.event_time for e in events if isinstance(e, Trade)] == [0, 30]
    assert min(e.event_time for e in events if isinstance(e, BookDelta)) > 20


def until_heard(ears: Ears, at: int) -> None:
    """Wait for an event of a time."""
    for _ in range(500):
        if ears._heard and getattr(ears._heard[-1], "event_time", -1) == at:
            return
        time.sleep(0.01)
    raise AssertionError("it did not come")


def test_a_whole_book_is_asked_for_in_the_feeds_own_thread() -> None:
    feed = Feed([])
    ears = Ears(feed, "test")
    ears.ask("BTCUSDT")
    time.sleep(0.2)
    ears.close()
    assert feed.asked == ["BTCUSDT"]


def test_an_answer_is_heard_while_the_stream_is_silent() -> None:
    feed = Feed([])
    feed.answered = [delta(7)]
    ears = Ears(feed, "test")
    time.sleep(0.2)
    broke, events = ears.take()
    ears.close()
    assert (broke, [each.event_time for each in events]) == (False, [7])


def test_a_feed_that_fails_is_listened_to_again_and_its_books_are_lost(monkeypatch) -> None:
    monkeypatch.setattr("kedge.venues.ccxt.ears._AGAIN_S", 0.05)
    broke, events = heard(delta(1), trade(2), "fail", delta(3))
    assert broke
    assert [each.event_time for each in events] == [2, 3]
