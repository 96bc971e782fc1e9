"""Coinbase Advanced Trade: one numbered connection for all channels."""

from typing import ClassVar

import msgspec

from kedge.data.wire.base import Base, bar, by_side, is_snapshot, length_ns, quote
from kedge.data.wire.build import Number, Raw, iso, taker, text_seconds, trade, typed
from kedge.data.wire.listings import Listings
from kedge.data.wire.messages import (
    Gap,
    Heartbeat,
    Message,
    Passed,
    ServerTime,
    Subscribed,
    VenueError,
)  # fmt: skip
from kedge.domain.errors import MessageError

CANDLE_NS = length_ns("5m")
"""Length of every bar of the candles channel."""
_EMPTY = Raw(b"")


class _Envelope(msgspec.Struct):
    channel: str = ""
    timestamp: str = ""
    sequence_num: Number = -1
    events: Raw = _EMPTY
    type: str = ""
    message: str = ""


class _Change(msgspec.Struct):
    side: str
    price_level: Raw
    new_quantity: Raw


class _Book(msgspec.Struct):
    type: str
    product_id: str
    updates: list[_Change]


class _Print(msgspec.Struct):
    trade_id: str
    product_id: str
    price: Raw
    size: Raw
    side: str
    time: str


class _Prints(msgspec.Struct):
    trades: list[_Print]


class _Ticker(msgspec.Struct):
    product_id: str
    best_bid: Raw = _EMPTY
    best_bid_quantity: Raw = _EMPTY
    best_ask: Raw = _EMPTY
    best_ask_quantity: Raw = _EMPTY


class _Tickers(msgspec.Struct):
    tickers: list[_Ticker]


class _Candle(msgspec.Struct):
    start: str
    high: Raw
    low: Raw
    open: Raw
    close: Raw
    volume: Raw
    product_id: str = ""


class _Candles(msgspec.Struct):
    candles: list[_Candle]


class _Subscriptions(msgspec.Struct):
    subscriptions: dict[str, list[str]]


class _Priced(msgspec.Struct):
    price: Raw
    size: Raw


class _Pricebook(msgspec.Struct):
    product_id: str
    bids: list[_Priced]
    asks: list[_Priced]
    time: str = ""


class _PricebookAnswer(msgspec.Struct):
    pricebook: _Pricebook


class _Time(msgspec.Struct):
    iso: str


class _Error(msgspec.Struct):
    error: str
    message: str = ""


_ENVELOPE = msgspec.json.Decoder(_Envelope)
_BOOKS = msgspec.json.Decoder(list[_Book])
_PRINTS = msgspec.json.Decoder(list[_Prints])
_TICKERS = msgspec.json.Decoder(list[_Tickers])
_CANDLES = msgspec.json.Decoder(list[_Candles])
_SUBSCRIPTIONS = msgspec.json.Decoder(list[_Subscriptions])
_PRICEBOOK = msgspec.json.Decoder(_PricebookAnswer)
_TRADES = msgspec.json.Decoder(_Prints)
_BARS = msgspec.json.Decoder(_Candles)
_TIME = msgspec.json.Decoder(_Time)
_ERROR = msgspec.json.Decoder(_Error)


class CoinbaseAdvanced(Base):
    """Decoder of Advanced Trade; it counts the connection's messages and tells of a gap."""

    venue: ClassVar[str] = "coinbase"

    def __init__(self, listings: Listings) -> None:
        super().__init__(listings)
        self._next = -1

    def restarted(self) -> None:
        """See `kedge.data.wire.messages.Decoder`."""
        self._next = -1

    def _read(self, message: bytes, received: int) -> tuple[Message, ...]:
        outer = typed(_ENVELOPE, message, self.venue)
        if outer.type == "error":
            return (VenueError("", outer.message),)
        if not outer.channel or not bytes(outer.events):
            raise self._unknown(message)
        number, expected = outer.sequence_num, self._next
        if 0 <= number < expected:
            return (Passed("repeated", False),)  # older than what has been applied
        found = self._channel(outer, received)
        if number < 0:
            return found
        self._next = number + 1
        return found if number == expected or expected < 0 else (Gap(expected, number), *found)

    def _channel(self, outer: _Envelope, received: int) -> tuple[Message, ...]:
        data = bytes(outer.events)
        match outer.channel:
            case "l2_data":
                return self._books(outer, data, received)
            case "market_trades":
                groups = typed(_PRINTS, data, self.venue)
                return tuple(self._print(p, received) for g in groups for p in g.trades)
            case "ticker" | "ticker_batch":
                time = iso(outer.timestamp)
                groups_ = typed(_TICKERS, data, self.venue)
                return tuple(self._ticker(t, time, received) for g in groups_ for t in g.tickers)
            case "candles":
                time = iso(outer.timestamp)
                found = typed(_CANDLES, data, self.venue)
                return tuple(
                    self._candle(c, c.product_id, CANDLE_NS, time, received, False)
                    for g in found for c in g.candles
                )  # fmt: skip
            case "heartbeats":
                return (Heartbeat(),)
            case "subscriptions":
                names = typed(_SUBSCRIPTIONS, data, self.venue)
                return tuple(Subscribed(name) for s in names for name in s.subscriptions)
            case "user" | "futures_balance_summary":
                return (Passed(outer.channel, True),)
            case "status":
                return (Passed("status", False),)
        raise MessageError(f"unknown channel {outer.channel[:40]!r}")

    def _books(self, outer: _Envelope, data: bytes, received: int) -> tuple[Message, ...]:
        time, found = iso(outer.timestamp), []
        for book in typed(_BOOKS, data, self.venue):
            steps = self.listings.of(book.product_id)
            bids, asks = by_side(
                [(_is_bid(c.side), c.price_level, c.new_quantity) for c in book.updates]
            )
            snapshot = is_snapshot(book.type, "update")
            found.append(self._delta(steps, time, received, bids, asks, snapshot=snapshot))
        return tuple(found)

    def _print(self, p: _Print, received: int) -> Message:
        steps = self.listings.of(p.product_id)
        by = -taker(p.side)  # the venue names the side of the order that rested
        return trade(steps, iso(p.time), received, p.trade_id, p.price, p.size, by)

    def _ticker(self, t: _Ticker, time: int, received: int) -> Message:
        steps = self.listings.of(t.product_id)
        best = (t.best_bid, t.best_bid_quantity, t.best_ask, t.best_ask_quantity)
        if not all(bytes(x) for x in best):
            return Passed("ticker", False)
        return quote(steps, time, received, *(bytes(x) for x in best))

    def _candle(
        self, c: _Candle, symbol: str, length: int, time: int, received: int, closed: bool
    ) -> Message:
        steps, prices = self.listings.of(symbol), [c.open, c.high, c.low, c.close]
        return bar(steps, time, received, text_seconds(c.start), length, prices, c.volume, closed)

    def _answer(self, asked: str, symbol: str, body: bytes, received: int) -> tuple[Message, ...]:
        if body.startswith(b'{"error"'):
            error = typed(_ERROR, body, self.venue)
            return (VenueError(error.error, error.message),)
        kind, _, interval = asked.partition("/")
        match kind:
            case "depth":
                return (self._pricebook(typed(_PRICEBOOK, body, self.venue).pricebook, received),)
            case "trades":
                prints = typed(_TRADES, body, self.venue).trades
                return tuple(self._print(p, received) for p in prints)
            case "bars":
                return self._bars(symbol, length_ns(interval or "1m"), body, received)
            case "time":
                return (ServerTime(iso(typed(_TIME, body, self.venue).iso)),)
        return super()._answer(asked, symbol, body, received)

    def _pricebook(self, book: _Pricebook, received: int) -> Message:
        levels = [(True, x.price, x.size) for x in book.bids]
        bids, asks = by_side(levels + [(False, x.price, x.size) for x in book.asks])
        time = iso(book.time) if book.time else received
        steps = self.listings.of(book.product_id)
        return self._delta(steps, time, received, bids, asks, snapshot=True)

    def _bars(self, symbol: str, length: int, body: bytes, received: int) -> tuple[Message, ...]:
        found = []
        for c in typed(_BARS, body, self.venue).candles:
            end = text_seconds(c.start) + length
            time, closed = min(end, received), end <= received
            found.append(self._candle(c, symbol, length, time, received, closed))
        return tuple(found)


def _is_bid(side: str) -> bool:
    if side not in ("bid", "offer"):
        raise MessageError(f"no side {side[:20]!r}")
    return side == "bid"
