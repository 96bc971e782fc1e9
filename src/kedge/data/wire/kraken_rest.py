"""Kraken's REST answers that a feed asks for: spot and futures."""

import msgspec

from kedge.data.wire.base import Base, bar, length_ns
from kedge.data.wire.build import (
    Ms,
    Number,
    Raw,
    bounded,
    iso,
    ms,
    taker,
    text_seconds,
    trade,
    typed,
)  # fmt: skip
from kedge.data.wire.messages import Message, ServerTime, VenueError
from kedge.data.wire.numbers import fraction
from kedge.domain.errors import MessageError
from kedge.domain.market import Funding


class _Spot(msgspec.Struct):
    error: list[str]
    result: Raw = Raw(b"")


class _Book(msgspec.Struct):
    bids: Raw
    asks: Raw


class _Futures(msgspec.Struct):
    result: str = ""
    error: str = ""
    orderBook: _Book | None = None
    serverTime: str = ""


class _Time(msgspec.Struct):
    unixtime: Number


class _Candle(msgspec.Struct):
    time: Ms
    open: Raw
    high: Raw
    low: Raw
    close: Raw
    volume: Raw


class _Candles(msgspec.Struct):
    candles: list[_Candle]


class _Rate(msgspec.Struct):
    timestamp: str
    relativeFundingRate: Raw


class _Rates(msgspec.Struct):
    rates: list[_Rate]


_SPOT = msgspec.json.Decoder(_Spot)
_FUTURES = msgspec.json.Decoder(_Futures)
_BOOKS = msgspec.json.Decoder(dict[str, _Book])
_TIME = msgspec.json.Decoder(_Time)
_PAIRS = msgspec.json.Decoder(dict[str, Raw])
_ROWS = msgspec.json.Decoder(list[list[Raw]])
_CANDLES = msgspec.json.Decoder(_Candles)
_RATES = msgspec.json.Decoder(_Rates)


def answer(self: Base, asked: str, symbol: str, body: bytes, received: int) -> tuple[Message, ...]:
    """What an answer says; nothing where a feed has no use for it."""
    if body.startswith(b'{"error"'):
        return _spot(self, asked, symbol, body, received)
    kind, _, interval = asked.partition("/")
    match kind:
        case "depth":
            return _futures_book(self, symbol, body, received)
        case "bars":
            return _candles(self, symbol, length_ns(interval or "1m"), body, received)
        case "funding":
            return _rates(self, symbol, body, received)
    return ()


def _spot(self: Base, asked: str, symbol: str, body: bytes, received: int) -> tuple[Message, ...]:
    outer = typed(_SPOT, body, self.venue)
    if outer.error:
        return (VenueError(outer.error[0], "; ".join(outer.error)),)
    data = bytes(outer.result)
    kind, _, interval = asked.partition("/")
    match kind:
        case "depth":
            steps = self.listings.of(symbol)
            return tuple(
                self._delta(steps, received, received, bytes(b.bids), bytes(b.asks), snapshot=True)
                for b in typed(_BOOKS, data, self.venue).values()
            )
        case "trades":
            return _trades(self, symbol, data, received)
        case "bars":
            return _bars(self, symbol, length_ns(interval or "1m"), data, received)
        case "time":
            seconds = typed(_TIME, data, self.venue).unixtime
            return (ServerTime(bounded(seconds * 1_000_000_000)),)
    return ()


def _table(self: Base, data: bytes, fields: int) -> list[list[Raw]]:
    """Rows of the one pair in an answer, beside which stands ``last``."""
    pairs = typed(_PAIRS, data, self.venue)
    rows = [r for p, t in pairs.items() if p != "last" for r in typed(_ROWS, bytes(t), self.venue)]
    if any(len(row) < fields for row in rows):
        raise MessageError(f"a row of fewer than {fields} fields")
    return rows


def _trades(self: Base, symbol: str, data: bytes, received: int) -> tuple[Message, ...]:
    steps, found = self.listings.of(symbol), []
    for row in _table(self, data, 7):
        by = taker(_plain(row[3]))
        time, number = text_seconds(_plain(row[2])), _plain(row[6])
        found.append(trade(steps, time, received, number, row[0], row[1], by))
    return tuple(found)


def _bars(self: Base, symbol: str, length: int, data: bytes, received: int) -> tuple[Message, ...]:
    steps, found = self.listings.of(symbol), []
    for row in _table(self, data, 7):
        opened = text_seconds(_plain(row[0]))
        end = opened + length
        time, closed = min(end, received), end <= received
        found.append(bar(steps, time, received, opened, length, row[1:5], row[6], closed))
    return tuple(found)


def _futures_book(self: Base, symbol: str, body: bytes, received: int) -> tuple[Message, ...]:
    outer = typed(_FUTURES, body, self.venue)
    if outer.orderBook is None:
        return (VenueError(outer.result, outer.error),)
    time = iso(outer.serverTime) if outer.serverTime else received
    steps, book = self.listings.of(symbol), outer.orderBook
    bids, asks = bytes(book.bids), bytes(book.asks)
    return (self._delta(steps, time, received, bids, asks, snapshot=True),)


def _candles(
    self: Base, symbol: str, length: int, body: bytes, received: int
) -> tuple[Message, ...]:
    steps, found = self.listings.of(symbol), []
    for c in typed(_CANDLES, body, self.venue).candles:
        end = ms(c.time) + length
        prices, closed = [c.open, c.high, c.low, c.close], end <= received
        time = min(end, received)
        found.append(bar(steps, time, received, ms(c.time), length, prices, c.volume, closed))
    return tuple(found)


def _rates(self: Base, symbol: str, body: bytes, received: int) -> tuple[Message, ...]:
    key = self.listings.of(symbol).key
    found = []
    for r in typed(_RATES, body, self.venue).rates:
        due = iso(r.timestamp)
        rate = fraction(bytes(r.relativeFundingRate))
        found.append(Funding(key, due, received, rate, due, True))
    return tuple(found)


def _plain(raw: Raw) -> str:
    return bytes(raw).strip(b'"').decode("ascii", "replace")
