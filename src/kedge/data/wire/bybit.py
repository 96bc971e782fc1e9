"""Bybit: API v5 (and, in `kedge.data.wire.bybit_v2`, the books of the API before it)."""

from typing import ClassVar

import msgspec

from kedge.data.wire.base import Base, bar, is_snapshot, length_ns, quote
from kedge.data.wire.build import (
    Ms,
    Number,
    Raw,
    bounded,
    iso,
    ms,
    taker,
    text_ms,
    trade,
    typed,
    update_number,
)  # fmt: skip
from kedge.data.wire.bybit_v2 import changes
from kedge.data.wire.listings import Steps
from kedge.data.wire.messages import Message, Passed, Pong, ServerTime, Subscribed, VenueError
from kedge.data.wire.numbers import fraction
from kedge.domain.errors import MessageError
from kedge.domain.market import Funding, Liquidation

PRIVATE = frozenset(("execution", "order", "position", "wallet", "greeks", "dcp"))
PUBLIC = frozenset(("instrument_info", "lt", "insurance", "priceLimit", "adlAlert"))


class _Envelope(msgspec.Struct):
    topic: str = ""
    type: str = ""
    ts: Ms = 0
    data: Raw = Raw(b"")
    cross_seq: str | Number = 0
    timestamp_e6: str | Number = 0
    success: bool | None = None
    op: str = ""
    ret_msg: str = ""
    retCode: int | None = None
    retMsg: str = ""


class _Book(msgspec.Struct):
    s: str
    b: Raw
    a: Raw
    u: Number
    seq: Number = 0
    ts: Ms = 0


class _Print(msgspec.Struct):
    """A print of v5, of v2 and of the REST answer: each names its fields another way."""

    p: Raw = Raw(b"")
    v: Raw = Raw(b"")
    s: str = ""
    S: str = ""
    i: str = ""
    T: Ms = 0
    price: Raw = Raw(b"")
    size: Raw = Raw(b"")
    symbol: str = ""
    side: str = ""
    trade_id: str = ""
    trade_time_ms: str | Ms = ""
    execId: str = ""
    time: str = ""
    timestamp: str = ""


class _Kline(msgspec.Struct):
    start: Ms
    end: Ms
    open: Raw
    high: Raw
    low: Raw
    close: Raw
    volume: Raw
    confirm: bool
    timestamp: Ms


class _Ticker(msgspec.Struct):
    symbol: str
    bid1Price: Raw = Raw(b"")
    bid1Size: Raw = Raw(b"")
    ask1Price: Raw = Raw(b"")
    ask1Size: Raw = Raw(b"")
    fundingRate: Raw = Raw(b"")
    nextFundingTime: str = ""


class _Forced(msgspec.Struct):
    T: Ms
    s: str
    S: str
    v: Raw
    p: Raw


class _Rows(msgspec.Struct):
    list: list[Raw]


class _Answer(msgspec.Struct):
    retCode: int
    retMsg: str = ""
    result: Raw = Raw(b"")
    time: Ms = 0


class _FundingRow(msgspec.Struct):
    symbol: str
    fundingRate: Raw
    fundingRateTimestamp: str


_ENVELOPE = msgspec.json.Decoder(_Envelope)
_BOOK = msgspec.json.Decoder(_Book)
_PRINT = msgspec.json.Decoder(_Print)
_PRINTS = msgspec.json.Decoder(list[_Print])
_KLINES = msgspec.json.Decoder(list[_Kline])
_TICKER = msgspec.json.Decoder(_Ticker)
_FORCED = msgspec.json.Decoder(list[_Forced])
_ANSWER = msgspec.json.Decoder(_Answer)
_ROWS = msgspec.json.Decoder(_Rows)
_ROW = msgspec.json.Decoder(list[Raw])
_FUNDING = msgspec.json.Decoder(_FundingRow)


class Bybit(Base):
    """Decoder of Bybit's public streams, v5 and v2."""

    venue: ClassVar[str] = "bybit"

    def _read(self, message: bytes, received: int) -> tuple[Message, ...]:
        outer = typed(_ENVELOPE, message, self.venue)
        if not outer.topic:
            return (self._control(outer, message),)
        if not bytes(outer.data):
            raise self._unknown(message)
        return self._topic(outer, received)

    def _control(self, outer: _Envelope, message: bytes) -> Message:
        if outer.op == "pong" or outer.ret_msg == "pong":
            return Pong()
        if outer.success is False or (outer.retCode or 0) != 0:
            return VenueError(str(outer.retCode or ""), outer.ret_msg or outer.retMsg)
        if outer.success:
            return Subscribed(outer.op)
        if outer.op.startswith("order.") and outer.retCode == 0:
            return Passed(outer.op, True)
        raise self._unknown(message)

    def _topic(self, outer: _Envelope, received: int) -> tuple[Message, ...]:
        name = outer.topic.partition(".")[0]
        symbol, data = outer.topic.rpartition(".")[2], bytes(outer.data)
        match name:
            case "orderbook":
                whole = is_snapshot(outer.type, "delta")
                return (self._book(data, whole, ms(outer.ts), received),)
            case "orderBookL2_25" | "orderBook_200":
                return (self._book_v2(symbol, outer, received),)
            case "publicTrade" | "trade":
                prints = typed(_PRINTS, data, self.venue)
                return tuple(self._print(p, symbol, received) for p in prints)
            case "kline":
                return self._klines(self.listings.of(symbol), data, received)
            case "tickers":
                return self._ticker(data, outer, received)
            case "liquidation" | "allLiquidation":
                return self._liquidations(data, received)
        if name in PRIVATE or name in PUBLIC:
            return (Passed(outer.topic, name in PRIVATE),)
        raise MessageError(f"unknown topic {outer.topic[:40]!r}")

    def _book(self, data: bytes, snapshot: bool, time: int, received: int) -> Message:
        book = typed(_BOOK, data, self.venue)
        return self._delta(
            self.listings.of(book.s), time or ms(book.ts), received, bytes(book.b), bytes(book.a),
            last=book.u, snapshot=snapshot,
        )  # fmt: skip

    def _book_v2(self, symbol: str, outer: _Envelope, received: int) -> Message:
        steps, snapshot = self.listings.of(symbol), is_snapshot(outer.type, "delta")
        bids, asks = changes(bytes(outer.data), snapshot, self.venue)
        time = bounded(update_number(outer.timestamp_e6) * 1_000)
        number = update_number(outer.cross_seq)
        return self._delta(steps, time, received, bids, asks, last=number, snapshot=snapshot)

    def _print(self, p: _Print, symbol: str, received: int) -> Message:
        steps = self.listings.of(p.s or p.symbol or symbol)
        number, side = p.i or p.trade_id or p.execId, p.S or p.side
        price, size = (p.p, p.v) if bytes(p.p) else (p.price, p.size)
        return trade(steps, _time(p), received, number, price, size, taker(side))

    def _klines(self, steps: Steps, data: bytes, received: int) -> tuple[Message, ...]:
        return tuple(
            bar(
                steps, ms(k.timestamp), received, ms(k.start), ms(k.end + 1 - k.start),
                [k.open, k.high, k.low, k.close], k.volume, k.confirm,
            )
            for k in typed(_KLINES, data, self.venue)
        )  # fmt: skip

    def _ticker(self, data: bytes, outer: _Envelope, received: int) -> tuple[Message, ...]:
        t = typed(_TICKER, data, self.venue)
        steps, found = self.listings.of(t.symbol), list[Message]()
        time = ms(outer.ts) if outer.ts else received
        best = [bytes(x) for x in (t.bid1Price, t.bid1Size, t.ask1Price, t.ask1Size)]
        if all(best):
            found.append(quote(steps, time, received, *best))
        rate = bytes(t.fundingRate).strip(b'"')
        if rate and t.nextFundingTime:
            due = text_ms(t.nextFundingTime)
            found.append(Funding(steps.key, time, received, fraction(rate), due, False))
        return tuple(found) or (Passed("tickers", False),)

    def _liquidations(self, data: bytes, received: int) -> tuple[Message, ...]:
        found = []
        for f in typed(_FORCED, data, self.venue):
            steps = self.listings.of(f.s)
            ticks, lots = steps.price(bytes(f.p)), steps.traded(bytes(f.v))
            # The venue names the side of the position that was closed.
            side = -1 if f.S == "Buy" else 1
            found.append(Liquidation(steps.key, ms(f.T), received, side, ticks, lots))
        return tuple(found)

    def _answer(self, asked: str, symbol: str, body: bytes, received: int) -> tuple[Message, ...]:
        if b'"retCode"' not in body:
            return super()._answer(asked, symbol, body, received)
        answer = typed(_ANSWER, body, self.venue)
        if answer.retCode:
            return (VenueError(str(answer.retCode), answer.retMsg),)
        kind, _, interval = asked.partition("/")
        data = bytes(answer.result)
        match kind:
            case "depth":
                return (self._book(data, True, 0, received),)
            case "trades":
                rows = typed(_ROWS, data, self.venue).list
                prints = [typed(_PRINT, bytes(r), self.venue) for r in rows]
                return tuple(self._print(p, symbol, received) for p in prints)
            case "bars":
                return self._rows(symbol, length_ns(interval or "1m"), data, received)
            case "funding":
                return self._funding(data, received)
            case "time":
                return (ServerTime(ms(answer.time)),)
        return super()._answer(asked, symbol, body, received)

    def _rows(self, symbol: str, length: int, data: bytes, received: int) -> tuple[Message, ...]:
        steps, found = self.listings.of(symbol), []
        for text in typed(_ROWS, data, self.venue).list:
            row = typed(_ROW, bytes(text), self.venue)
            if len(row) < 6:
                raise MessageError(f"a bar of {len(row)} fields", symbol)
            opened = text_ms(bytes(row[0]).strip(b'"').decode("ascii", "replace"))
            end = opened + length
            closed = end <= received
            found.append(
                bar(steps, min(end, received), received, opened, length, row[1:5], row[5], closed)
            )
        return tuple(found)

    def _funding(self, data: bytes, received: int) -> tuple[Message, ...]:
        found = []
        for text in typed(_ROWS, data, self.venue).list:
            row = typed(_FUNDING, bytes(text), self.venue)
            due = text_ms(row.fundingRateTimestamp)
            key, rate = self.listings.of(row.symbol).key, fraction(bytes(row.fundingRate))
            found.append(Funding(key, due, received, rate, due, True))
        return tuple(found)


def _time(p: _Print) -> int:
    if p.T:
        return ms(p.T)
    if p.trade_time_ms != "":
        return text_ms(str(p.trade_time_ms))
    return text_ms(p.time) if p.time else iso(p.timestamp)
