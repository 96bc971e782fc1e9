"""Kraken's second protocol: ``{channel, type, data}``, prices as JSON numbers."""

import msgspec

from kedge.data.wire.base import Base, bar, by_side, is_snapshot, quote
from kedge.data.wire.build import Number, Raw, iso, taker, trade, typed
from kedge.data.wire.messages import Heartbeat, Message, Passed, Status
from kedge.domain.errors import MessageError

PRIVATE = frozenset(("executions", "balances", "orders"))


class _Level(msgspec.Struct):
    price: Raw
    qty: Raw


class _Book(msgspec.Struct):
    symbol: str
    bids: list[_Level]
    asks: list[_Level]
    checksum: Number = -1
    timestamp: str = ""


class _Print(msgspec.Struct):
    symbol: str
    side: str
    price: Raw
    qty: Raw
    trade_id: Number
    timestamp: str


class _Ticker(msgspec.Struct):
    symbol: str
    bid: Raw
    bid_qty: Raw
    ask: Raw
    ask_qty: Raw
    timestamp: str = ""


class _Bar(msgspec.Struct):
    symbol: str
    interval: Number
    interval_begin: str
    open: Raw
    high: Raw
    low: Raw
    close: Raw
    volume: Raw


_BOOKS = msgspec.json.Decoder(list[_Book])
_PRINTS = msgspec.json.Decoder(list[_Print])
_TICKERS = msgspec.json.Decoder(list[_Ticker])
_BARS = msgspec.json.Decoder(list[_Bar])


def read(self: Base, channel: str, kind: str, data: bytes, received: int) -> tuple[Message, ...]:
    """What a message of the second protocol says."""
    match channel:
        case "book":
            return _books(self, is_snapshot(kind, "update"), data, received)
        case "trade":
            return tuple(
                trade(
                    self.listings.of(p.symbol), iso(p.timestamp), received, p.trade_id, p.price,
                    p.qty, taker(p.side),
                )
                for p in typed(_PRINTS, data, self.venue)
            )  # fmt: skip
        case "ticker":
            return tuple(_ticker(self, t, received) for t in typed(_TICKERS, data, self.venue))
        case "ohlc":
            return tuple(_bar(self, b, received) for b in typed(_BARS, data, self.venue))
        case "heartbeat":
            return (Heartbeat(),)
        case "status":
            return (Status("status"),)
        case "level3" | "instrument":
            return (Passed(channel, False),)
    if channel in PRIVATE:
        return (Passed(channel, True),)
    raise MessageError(f"unknown channel {channel[:40]!r}")


def _books(self: Base, snapshot: bool, data: bytes, received: int) -> tuple[Message, ...]:
    found = []
    for b in typed(_BOOKS, data, self.venue):
        levels = [(True, x.price, x.qty) for x in b.bids]
        bids, asks = by_side(levels + [(False, x.price, x.qty) for x in b.asks])
        time = iso(b.timestamp) if b.timestamp else received
        steps = self.listings.of(b.symbol)
        found.append(
            self._delta(
                steps, time, received, bids, asks, snapshot=snapshot, checksum=max(b.checksum, -1)
            )
        )
    return tuple(found)


def _ticker(self: Base, t: _Ticker, received: int) -> Message:
    time = iso(t.timestamp) if t.timestamp else received
    sides = bytes(t.bid), bytes(t.bid_qty), bytes(t.ask), bytes(t.ask_qty)
    return quote(self.listings.of(t.symbol), time, received, *sides)


def _bar(self: Base, b: _Bar, received: int) -> Message:
    if not 1 <= b.interval <= 100_000:
        raise MessageError(f"no bar of {b.interval} minutes", b.symbol)
    prices, length = [b.open, b.high, b.low, b.close], b.interval * 60_000_000_000
    steps, start = self.listings.of(b.symbol), iso(b.interval_begin)
    return bar(steps, received, received, start, length, prices, b.volume, False)
