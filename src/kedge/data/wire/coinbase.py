"""Coinbase Exchange (once Pro): ``l2update``, matches and tickers."""

from typing import ClassVar

import msgspec

from kedge.data.wire.base import Base, bar, bought, by_side, length_ns, quote
from kedge.data.wire.build import Number, Raw, bounded, iso, taker, trade, typed
from kedge.data.wire.messages import (
    Heartbeat,
    Message,
    Passed,
    ServerTime,
    Status,
    Subscribed,
    VenueError,
)  # fmt: skip
from kedge.domain.errors import MessageError

FULL = frozenset(("received", "open", "done", "change", "activate"))
"""Single orders of the full channel, which a feed has no use for."""


class _Envelope(msgspec.Struct):
    type: str
    product_id: str = ""
    time: str = ""
    changes: list[tuple[str, Raw, Raw]] | None = None
    bids: Raw = Raw(b"")
    asks: Raw = Raw(b"")
    trade_id: Number = 0
    side: str = ""
    price: Raw = Raw(b"")
    size: Raw = Raw(b"")
    best_bid: Raw = Raw(b"")
    best_bid_size: Raw = Raw(b"")
    best_ask: Raw = Raw(b"")
    best_ask_size: Raw = Raw(b"")
    channels: Raw = Raw(b"")
    message: str = ""
    reason: str = ""


class _Channel(msgspec.Struct):
    name: str


class _Level(msgspec.Struct):
    bids: Raw
    asks: Raw
    sequence: Number = 0
    time: str = ""


class _Print(msgspec.Struct):
    trade_id: Number
    side: str
    size: Raw
    price: Raw
    time: str


class _Time(msgspec.Struct):
    iso: str


class _Said(msgspec.Struct):
    message: str


_ENVELOPE = msgspec.json.Decoder(_Envelope)
_CHANNELS = msgspec.json.Decoder(list[_Channel])
_LEVEL = msgspec.json.Decoder(_Level)
_PRINTS = msgspec.json.Decoder(list[_Print])
_BARS = msgspec.json.Decoder(list[tuple[Number, Raw, Raw, Raw, Raw, Raw]])
_TIME = msgspec.json.Decoder(_Time)
_SAID = msgspec.json.Decoder(_Said)


class CoinbaseExchange(Base):
    """Decoder of the Exchange's stream; its level2 channel has no numbers of its own."""

    venue: ClassVar[str] = "coinbase"

    def _read(self, message: bytes, received: int) -> tuple[Message, ...]:
        m = typed(_ENVELOPE, message, self.venue)
        match m.type:
            case "l2update":
                return (self._update(m, received),)
            case "snapshot":
                return (self._snapshot(m, received),)
            case "match" | "last_match":
                return (self._print(m, received),)
            case "ticker":
                return (self._ticker(m, received),)
            case "subscriptions":
                names = typed(_CHANNELS, bytes(m.channels), self.venue)
                return tuple(Subscribed(c.name) for c in names)
            case "heartbeat":
                return (Heartbeat(),)
            case "error":
                return (VenueError(m.message, m.reason),)
            case "status":
                return (Status("status"),)
        if m.type in FULL:
            return (Passed(m.type, False),)
        raise self._unknown(message)

    def _update(self, m: _Envelope, received: int) -> Message:
        if m.changes is None:
            raise MessageError(f"{m.product_id}: an update without changes")
        bids, asks = by_side([(bought(side, "buy", "sell"), p, q) for side, p, q in m.changes])
        return self._delta(self.listings.of(m.product_id), iso(m.time), received, bids, asks)

    def _snapshot(self, m: _Envelope, received: int) -> Message:
        if not (bytes(m.bids) and bytes(m.asks)):
            raise MessageError(f"{m.product_id}: a snapshot without both sides")
        time = iso(m.time) if m.time else received
        steps = self.listings.of(m.product_id)
        return self._delta(steps, time, received, bytes(m.bids), bytes(m.asks), snapshot=True)

    def _print(self, m: _Envelope, received: int) -> Message:
        steps = self.listings.of(m.product_id)
        by = -taker(m.side)  # the venue names the side of the order that rested
        return trade(steps, iso(m.time), received, m.trade_id, m.price, m.size, by)

    def _ticker(self, m: _Envelope, received: int) -> Message:
        steps = self.listings.of(m.product_id)
        best = [bytes(x) for x in (m.best_bid, m.best_bid_size, m.best_ask, m.best_ask_size)]
        if not all(best):
            return Passed("ticker", False)  # before 2022 it told no sizes
        return quote(steps, iso(m.time), received, *best)

    def _answer(self, asked: str, symbol: str, body: bytes, received: int) -> tuple[Message, ...]:
        if body.startswith(b'{"message"'):
            return (VenueError("", typed(_SAID, body, self.venue).message),)
        kind, _, interval = asked.partition("/")
        match kind:
            case "depth":
                b = typed(_LEVEL, body, self.venue)
                steps, time = self.listings.of(symbol), iso(b.time) if b.time else received
                bids, asks = bytes(b.bids), bytes(b.asks)
                return (self._delta(steps, time, received, bids, asks, snapshot=True),)
            case "trades":
                steps = self.listings.of(symbol)
                return tuple(
                    trade(steps, iso(p.time), received, p.trade_id, p.price, p.size, -taker(p.side))
                    for p in typed(_PRINTS, body, self.venue)
                )
            case "bars":
                return self._bars(symbol, length_ns(interval or "1m"), body, received)
            case "time":
                return (ServerTime(iso(typed(_TIME, body, self.venue).iso)),)
        return super()._answer(asked, symbol, body, received)

    def _bars(self, symbol: str, length: int, body: bytes, received: int) -> tuple[Message, ...]:
        steps, found = self.listings.of(symbol), []
        for start, low, high, first, last, volume in typed(_BARS, body, self.venue):
            opened = bounded(start * 1_000_000_000)
            prices, closed = [first, high, low, last], opened + length <= received
            time = min(opened + length, received)
            found.append(bar(steps, time, received, opened, length, prices, volume, closed))
        return tuple(found)
