"""Order-book messages of the other venues' protocols, decoded by ccxt's classes and by ours.

No long recording of these streams in their present form was at hand. So the recorded depth
stream of Binance is written in each protocol: the same levels in other envelopes. Both sides
take the same bytes to a book, JSON included; processor time, the best of several runs.

``python -m benchmarks.feeds_peers [messages]`` prints one JSON object.
"""

import asyncio
import json
import os
import sys
import time
from collections.abc import Callable
from decimal import Decimal
from itertools import islice
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple

import ccxt.pro

from benchmarks.feeds import recording, rounds
from kedge.data.books.keeper import Books
from kedge.data.wire.listings import Listing, Listings

TICK, LOT = Decimal("0.01"), Decimal("0.00000001")
TIME = "2024-01-01T00:00:00.000000Z"
Levels = list[list[str]]


class Told(NamedTuple):
    """One message in no protocol: number, whether it is the whole book, and both sides."""

    number: int
    whole: bool
    bids: Levels
    asks: Levels


class Peer(NamedTuple):
    """A venue: its symbol, and how it writes a message."""

    symbol: str
    unified: str
    url: str
    text: Callable[[Told], Any]


def _okx(told: Told) -> Any:
    sides = {
        name: [[p, q, "0", "1"] for p, q in levels]
        for name, levels in (("asks", told.asks), ("bids", told.bids))
    }
    return {
        "arg": {"channel": "books", "instId": "BTC-USDT"},
        "action": "snapshot" if told.whole else "update",
        "data": [{**sides, "ts": "1700000000000", "checksum": 0, "seqId": told.number,
                  "prevSeqId": -1 if told.whole else told.number - 1}],
    }  # fmt: skip


def _bybit(told: Told) -> Any:
    return {
        "topic": "orderbook.200.BTCUSDT", "type": "snapshot" if told.whole else "delta",
        "ts": 1700000000000, "cts": 1700000000000,
        "data": {"s": "BTCUSDT", "b": told.bids, "a": told.asks, "u": told.number,
                 "seq": told.number},
    }  # fmt: skip


def _coinbase(told: Told) -> Any:
    updates = [
        {"side": side, "event_time": TIME, "price_level": p, "new_quantity": q}
        for side, levels in (("bid", told.bids), ("offer", told.asks))
        for p, q in levels
    ]
    kind = "snapshot" if told.whole else "update"
    return {
        "channel": "l2_data", "client_id": "", "timestamp": TIME, "sequence_num": told.number - 1,
        "events": [{"type": kind, "product_id": "BTC-USDT", "updates": updates}],
    }  # fmt: skip


PEERS = {
    "okx": Peer("BTC-USDT", "BTC/USDT", "wss://ws.okx.com:8443/ws/v5/public", _okx),
    "bybit": Peer("BTCUSDT", "BTC/USDT", "wss://stream.bybit.com/v5/public/spot", _bybit),
    "coinbase": Peer("BTC-USDT", "BTC/USDT", "wss://advanced-trade-ws.coinbase.com", _coinbase),
}


def messages(peer: Peer, folder: Path, count: int) -> list[bytes]:
    """The whole book, then ``count`` updates."""
    snapshot, updates = recording(folder)
    began = json.loads(snapshot)
    told = [Told(1, True, began["bids"], began["asks"])]
    for number, text in enumerate(islice(rounds(snapshot, updates, count), count), 2):
        data = json.loads(text)["data"]
        told.append(Told(number, False, data["b"], data["a"]))
    return [json.dumps(peer.text(each), separators=(",", ":")).encode() for each in told]


def ours(name: str, peer: Peer, texts: list[bytes]) -> tuple[float, list[float]]:
    """Processor seconds, and the best prices at the end."""
    books = Books(name, Listings([Listing(0, peer.symbol, TICK, LOT)]))
    books.feed(texts[0], 1)
    start = time.process_time()
    for text in texts[1:]:
        books.feed(text, 2)
    spent = time.process_time() - start
    assert books.by_key[0].trusted, (name, books.last_refusal, books.by_key[0].state)
    bid, _, ask, _ = books.by_key[0].best()
    return spent, [float(TICK * bid), float(TICK * ask)]


async def theirs(name: str, peer: Peer, texts: list[bytes]) -> tuple[float, list[float]]:
    """The same by ccxt's class, given each message as its client would give it."""
    exchange = getattr(ccxt.pro, name)()
    market = exchange.safe_market_structure({
        "id": peer.symbol, "symbol": peer.unified, "base": "BTC", "quote": "USDT", "spot": True,
        "type": "spot", "active": True, "precision": {"price": 0.01, "amount": 1e-8},
    })  # fmt: skip
    exchange.set_markets([market])
    client = SimpleNamespace(
        url=peer.url, subscriptions={}, futures={}, resolve=lambda *_: None, reject=_raise,
        lastPong=0,
    )  # fmt: skip
    exchange.handle_message(client, json.loads(texts[0]))
    start = time.process_time()
    for text in texts[1:]:
        exchange.handle_message(client, json.loads(text))
    spent = time.process_time() - start
    book = exchange.orderbooks[peer.unified]
    await exchange.close()
    return spent, [book["bids"][0][0], book["asks"][0][0]]


def _raise(error: Exception, *_: object) -> None:
    raise error


def main(count: int, runs: int = 3) -> dict[str, dict[str, int]]:
    """Messages a second of both, by venue."""
    folder = Path(os.environ.get("KEDGE_TEST_DATA") or "../shared/data")
    found = {}
    for name, peer in PEERS.items():
        texts = messages(peer, folder, count)
        mine = [ours(name, peer, texts) for _ in range(runs)]
        other = [asyncio.run(theirs(name, peer, texts)) for _ in range(runs)]
        assert mine[0][1] == other[0][1], (name, mine[0][1], other[0][1])
        found[name] = {
            "ours_per_s": round(count / min(spent for spent, _ in mine)),
            "ccxt_per_s": round(count / min(spent for spent, _ in other)),
        }
    return found


if __name__ == "__main__":
    print(json.dumps(main(int(sys.argv[1]) if len(sys.argv) > 1 else 20_000)))
