"""OKX, API v5: public channels, and the REST answers feeds need."""

from typing import ClassVar

import msgspec

from kedge.data.wire.base import Base, bar, is_snapshot, length_ns, quote
from kedge.data.wire.build import Number, Raw, bounded, taker, text_ms, trade, typed
from kedge.data.wire.messages import (
    Message,
    Passed,
    Pong,
    ServerTime,
    Status,
    Subscribed,
    VenueError,
)  # fmt: skip
from kedge.data.wire.numbers import fraction
from kedge.domain.errors import MessageError
from kedge.domain.market import Funding, Liquidation

PRIVATE = frozenset(
    [
        "account",
        "positions",
        "balance_and_position",
        "orders",
        "orders-algo",
        "algo-advance",
        "fills",
        "sprd-orders",
        "sprd-trades",
        "liquidation-warning",
        "account-greeks",
        "deposit-info",
        "withdrawal-info",
    ]
)
PUBLIC = frozenset(
    [
        "instruments",
        "open-interest",
        "mark-price",
        "index-tickers",
        "opt-summary",
        "status",
        "price-limit",
        "estimated-price",
        "adl-warning",
        "economic-calendar",
    ]
)
BOOKS = frozenset(("books", "books-l2-tbt", "books50-l2-tbt"))


class _Arg(msgspec.Struct):
    channel: str = ""
    instId: str = ""


class _Envelope(msgspec.Struct):
    arg: _Arg | None = None
    action: str = ""
    data: Raw = Raw(b"")
    event: str = ""
    code: str = ""
    msg: str = ""


class _Book(msgspec.Struct):
    asks: Raw
    bids: Raw
    ts: str
    checksum: Number | None = None
    prevSeqId: Number = -1
    seqId: Number = 0


class _Print(msgspec.Struct):
    instId: str
    tradeId: str
    px: Raw
    sz: Raw
    side: str
    ts: str


class _Ticker(msgspec.Struct):
    instId: str
    bidPx: Raw
    bidSz: Raw
    askPx: Raw
    askSz: Raw
    ts: str


class _Funding(msgspec.Struct):
    instId: str
    fundingRate: Raw
    fundingTime: str
    ts: str = ""


class _Forced(msgspec.Struct):
    side: str
    bkPx: Raw
    sz: Raw
    ts: str


class _Liquidations(msgspec.Struct):
    instId: str
    details: list[_Forced]


class _Time(msgspec.Struct):
    ts: str


_ENVELOPE = msgspec.json.Decoder(_Envelope)
_BOOKS = msgspec.json.Decoder(list[_Book])
_PRINTS = msgspec.json.Decoder(list[_Print])
_TICKERS = msgspec.json.Decoder(list[_Ticker])
_FUNDINGS = msgspec.json.Decoder(list[_Funding])
_FORCED = msgspec.json.Decoder(list[_Liquidations])
_CANDLES = msgspec.json.Decoder(list[list[Raw]])
_TIMES = msgspec.json.Decoder(list[_Time])


class Okx(Base):
    """Decoder of OKX's public stream."""

    venue: ClassVar[str] = "okx"

    def _read(self, message: bytes, received: int) -> tuple[Message, ...]:
        if message == b"pong":
            return (Pong(),)
        outer = typed(_ENVELOPE, message, self.venue)
        if outer.event:
            return (self._control(outer, message),)
        if outer.arg is None or not bytes(outer.data):
            raise self._unknown(message)
        return self._channel(outer.arg, outer, received)

    def _control(self, outer: _Envelope, message: bytes) -> Message:
        channel = outer.arg.channel if outer.arg else ""
        match outer.event:
            case "subscribe" | "unsubscribe" | "login" | "channel-conn-count":
                return Subscribed(channel)
            case "error" | "channel-conn-count-error":
                return VenueError(outer.code, outer.msg)
            case "notice":
                return Status(outer.msg)
        raise self._unknown(message)

    def _channel(self, arg: _Arg, outer: _Envelope, received: int) -> tuple[Message, ...]:
        name, data = arg.channel, bytes(outer.data)
        if name in BOOKS:
            return self._books(arg.instId, data, received, is_snapshot(outer.action, "update"))
        if name == "books5":
            return self._books(arg.instId, data, received, True)
        if name.startswith("candle"):
            return self._candles(arg.instId, name.removeprefix("candle"), data, received)
        match name:
            case "bbo-tbt":
                return self._best(arg.instId, data, received)
            case "trades" | "trades-all":
                return self._prints(data, received)
            case "tickers":
                return self._tickers(data, received)
            case "funding-rate":
                return self._fundings(data, received, settled=False)
            case "liquidation-orders":
                return self._liquidations(data, received)
        if name in PRIVATE or name in PUBLIC:
            return (Passed(name, name in PRIVATE),)
        raise MessageError(f"unknown channel {name[:40]!r}")

    def _books(
        self, symbol: str, data: bytes, received: int, snapshot: bool
    ) -> tuple[Message, ...]:
        steps = self.listings.of(symbol)
        return tuple(
            self._delta(
                steps, text_ms(b.ts), received, bytes(b.bids), bytes(b.asks), last=max(b.seqId, 0),
                previous=b.prevSeqId, snapshot=snapshot, checksum=_checksum(b),
            )
            for b in typed(_BOOKS, data, self.venue)
        )  # fmt: skip

    def _best(self, symbol: str, data: bytes, received: int) -> tuple[Message, ...]:
        steps, found = self.listings.of(symbol), []
        for b in typed(_BOOKS, data, self.venue):
            sides = [
                bytes(x)
                for side in (b.bids, b.asks)
                for x in (typed(_CANDLES, bytes(side), self.venue) or [[Raw(b"")] * 2])[0][:2]
            ]
            if len(sides) != 4:
                raise MessageError("a best price without a quantity", symbol)
            found.append(quote(steps, text_ms(b.ts), received, *sides))
        return tuple(found)

    def _prints(self, data: bytes, received: int) -> tuple[Message, ...]:
        return tuple(
            trade(
                self.listings.of(p.instId), text_ms(p.ts), received, p.tradeId, p.px, p.sz,
                taker(p.side),
            )
            for p in typed(_PRINTS, data, self.venue)
        )  # fmt: skip

    def _tickers(self, data: bytes, received: int) -> tuple[Message, ...]:
        return tuple(
            quote(
                self.listings.of(t.instId), text_ms(t.ts), received, bytes(t.bidPx),
                bytes(t.bidSz), bytes(t.askPx), bytes(t.askSz),
            )
            for t in typed(_TICKERS, data, self.venue)
        )  # fmt: skip

    def _fundings(self, data: bytes, received: int, settled: bool) -> tuple[Message, ...]:
        found = []
        for f in typed(_FUNDINGS, data, self.venue):
            due = text_ms(f.fundingTime)
            time = text_ms(f.ts) if f.ts else due
            key = self.listings.of(f.instId).key
            rate = fraction(bytes(f.fundingRate))
            found.append(Funding(key, time, received, rate, due, settled))
        return tuple(found)

    def _liquidations(self, data: bytes, received: int) -> tuple[Message, ...]:
        found = []
        for group in typed(_FORCED, data, self.venue):
            steps = self.listings.of(group.instId)
            for f in group.details:
                ticks, lots = steps.price(bytes(f.bkPx)), steps.traded(bytes(f.sz))
                side = 1 if f.side == "buy" else -1
                found.append(Liquidation(steps.key, text_ms(f.ts), received, side, ticks, lots))
        return tuple(found)

    def _candles(
        self, symbol: str, interval: str, data: bytes, received: int
    ) -> tuple[Message, ...]:
        steps, length, found = self.listings.of(symbol), length_ns(interval), []
        for row in typed(_CANDLES, data, self.venue):
            if len(row) < 6:
                raise MessageError(f"a bar of {len(row)} fields", symbol)
            opened = text_ms(bytes(row[0]).strip(b'"').decode("ascii", "replace"))
            closed = bytes(row[-1]) == b'"1"'
            time = bounded(min(opened + length, received) if closed else received)
            found.append(bar(steps, time, received, opened, length, row[1:5], row[5], closed))
        return tuple(found)

    def _answer(self, asked: str, symbol: str, body: bytes, received: int) -> tuple[Message, ...]:
        outer = typed(_ENVELOPE, body, self.venue) if body.startswith(b"{") else _Envelope()
        if outer.code not in ("", "0"):
            return (VenueError(outer.code, outer.msg),)
        kind, _, interval = asked.partition("/")
        match kind:
            case "depth":
                return self._books(symbol, bytes(outer.data), received, True)
            case "trades":
                return self._prints(bytes(outer.data), received)
            case "bars":
                return self._candles(symbol, interval or "1m", bytes(outer.data), received)
            case "funding":
                return self._fundings(bytes(outer.data), received, settled=True)
            case "time":
                times = typed(_TIMES, bytes(outer.data), self.venue)
                return tuple(ServerTime(text_ms(t.ts)) for t in times)
        return super()._answer(asked, symbol, body, received)


def _checksum(book: _Book) -> int:
    """As 32 bits without sign; a zero beside update numbers is a venue that no longer sums."""
    if book.checksum is None or (book.checksum == 0 and book.seqId > 0):
        return -1
    return book.checksum & 0xFFFF_FFFF
