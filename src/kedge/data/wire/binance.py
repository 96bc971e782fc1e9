"""Binance: spot and USD-M futures streams, bare or combined, and the REST answers feeds need."""

from collections.abc import Callable
from typing import Any

import msgspec

from kedge.data.wire.base import bar
from kedge.data.wire.binance_rest import Rest
from kedge.data.wire.build import Ms, Number, Raw, book_levels, ms, number_of, typed, unreadable
from kedge.data.wire.listings import Listings
from kedge.data.wire.messages import Message, Passed, Subscribed, VenueError
from kedge.domain.errors import MessageError
from kedge.domain.market import Bar, BookDelta, Funding, Liquidation, Quote, Trade

PRIVATE = frozenset(
    [
        "executionReport",
        "outboundAccountPosition",
        "balanceUpdate",
        "listStatus",
        "ACCOUNT_UPDATE",
        "TRADE_LITE",
        "ORDER_TRADE_UPDATE",
        "ALGO_UPDATE",
        "listenKeyExpired",
        "MARGIN_CALL",
        "ACCOUNT_CONFIG_UPDATE",
    ]
)
PUBLIC = frozenset(["24hrTicker", "24hrMiniTicker", "avgPrice", "contractInfo", "compositeIndex"])
_NONE = Raw(b"")


class _Payload(msgspec.Struct, gc=False):
    """Every field of a stream; one letter means different things in different events."""

    e: str = ""
    E: Ms = 0
    T: Ms = 0
    s: str = ""
    U: Number = 0
    u: Number = 0
    pu: Number = -1
    b: Raw = _NONE
    B: Raw = _NONE
    a: Raw = _NONE
    A: Raw = _NONE
    p: Raw = _NONE
    q: Raw = _NONE
    r: Raw = _NONE
    t: Number = 0
    m: bool | None = None
    k: Raw = _NONE
    o: Raw = _NONE


class _Envelope(_Payload, gc=False):
    stream: str = ""
    data: _Payload | None = None


class _Kline(msgspec.Struct, gc=False):
    t: Ms
    T: Ms
    o: Raw
    h: Raw
    l: Raw  # noqa: E741 - the venue's name
    c: Raw
    v: Raw
    x: bool


class _Forced(msgspec.Struct, gc=False):
    s: str
    S: str
    q: Raw
    p: Raw
    T: Ms


class _Named(msgspec.Struct):
    """What is left to know a message by, whatever else it holds."""

    e: str = ""
    id: int | str | None = None
    result: Any = msgspec.UNSET
    code: int | None = None
    msg: str = ""
    error: Any = None
    event: "_Named | None" = None
    data: "_Named | None" = None


_NAMED = msgspec.json.Decoder(_Named)
_KLINE = msgspec.json.Decoder(_Kline)
_FORCED = msgspec.json.Decoder(_Forced)


class Binance(Rest):
    """Decoder of one Binance host.

    Args:
        listings: symbols in capitals, as the venue writes them.
        venue: its name in errors.
    """

    def __init__(self, listings: Listings, venue: str = "binance") -> None:
        super().__init__(listings, venue)
        self._decode = msgspec.json.Decoder(_Envelope).decode
        self._make: dict[str, Callable[[_Payload, int], Message]] = {
            "depthUpdate": self._depth, "trade": self._trade, "aggTrade": self._aggregate,
            "bookTicker": self._quote, "kline": self._bar, "markPriceUpdate": self._funding,
            "forceOrder": self._forced, "": self._unnamed,
        }  # fmt: skip

    def decode(self, message: bytes, received: int) -> tuple[Message, ...]:
        """See `kedge.data.wire.messages.Decoder`."""
        try:
            outer = self._decode(message)
            payload = outer.data or outer
            return (self._make[payload.e](payload, received),)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, KeyError):
            return (self._other(message),)
        except MessageError as error:
            raise MessageError(error.what, error.where or f"{self.venue} message") from None

    def restarted(self) -> None:
        """Nothing to forget: numbers are the book's."""

    def _depth(self, d: _Payload, received: int) -> BookDelta:
        steps, bids, asks = self.listings.of(d.s), bytes(d.b), bytes(d.a)
        if not (d.u and d.U and bids and asks):
            raise MessageError(f"{d.s}: a depth update without its numbers or sides")
        found = book_levels(steps, bids, asks)
        return BookDelta(steps.key, ms(d.E), received, d.U, d.u, d.pu, found)

    def _trade(self, d: _Payload, received: int) -> Trade:
        steps = self.listings.of(d.s)
        ticks, lots = steps.price(bytes(d.p)), steps.traded(bytes(d.q))
        _timed(d)
        return Trade(steps.key, ms(d.T), received, d.t, ticks, lots, _aggressor(d.m))

    def _aggregate(self, d: _Payload, received: int) -> Trade:
        steps = self.listings.of(d.s)
        ticks, lots = steps.price(bytes(d.p)), steps.traded(bytes(d.q))
        _timed(d)
        number = number_of(bytes(d.a).decode("ascii", "replace"))
        return Trade(steps.key, ms(d.T), received, number, ticks, lots, _aggressor(d.m))

    def _quote(self, d: _Payload, received: int) -> Quote:
        steps = self.listings.of(d.s)
        bid, bid_lots = steps.price_or_none(bytes(d.b)), steps.lots(bytes(d.B))
        ask, ask_lots = steps.price_or_none(bytes(d.a)), steps.lots(bytes(d.A))
        if not (bid and bid_lots):
            bid = bid_lots = 0
        if not (ask and ask_lots):
            ask = ask_lots = 0
        time = ms(d.E) if d.E else received
        return Quote(steps.key, time, received, bid, bid_lots, ask, ask_lots)

    def _unnamed(self, d: _Payload, received: int) -> Quote:
        if not (d.s and d.u):  # the spot book ticker is the one stream without a name
            raise KeyError(d.e)
        return self._quote(d, received)

    def _bar(self, d: _Payload, received: int) -> Bar:
        steps = self.listings.of(d.s)
        k = typed(_KLINE, bytes(d.k), self.venue)
        prices, length = [k.o, k.h, k.l, k.c], ms(k.T + 1 - k.t)
        return bar(steps, ms(d.E), received, ms(k.t), length, prices, k.v, k.x)

    def _funding(self, d: _Payload, received: int) -> Funding | Passed:
        if not bytes(d.r).strip(b'"'):
            return Passed("markPriceUpdate", False)  # a dated contract pays no funding
        steps = self.listings.of(d.s)
        return Funding(steps.key, ms(d.E), received, self.rate(bytes(d.r)), ms(d.T), False)

    def _forced(self, d: _Payload, received: int) -> Liquidation:
        o = typed(_FORCED, bytes(d.o), self.venue)
        steps = self.listings.of(o.s)
        side = {"BUY": 1, "SELL": -1}.get(o.S)
        if side is None:
            raise MessageError(f"{o.s}: no side {o.S[:20]!r}")
        ticks, lots = steps.price(bytes(o.p)), steps.traded(bytes(o.q))
        return Liquidation(steps.key, ms(o.T), received, side, ticks, lots)

    def _other(self, message: bytes) -> Message:
        """What no stream of ours sends, known by its name alone."""
        outer = typed(_NAMED, message, self.venue)
        named = outer.event or outer.data or outer
        if named.e in PRIVATE or named.e in PUBLIC:
            return Passed(named.e, named.e in PRIVATE)
        if outer.code is not None and outer.msg:
            return VenueError(str(outer.code), outer.msg)
        if isinstance(outer.error, dict) and "code" in outer.error:
            return VenueError(str(outer.error.get("code")), str(outer.error.get("msg")))
        if outer.result is not msgspec.UNSET and outer.id is not None:
            return Subscribed(str(outer.id))
        raise unreadable(self.venue, message, "neither a stream nor an answer of this venue")


def _timed(d: _Payload) -> None:
    if not d.T:
        raise MessageError(f"{d.s}: a trade without its time")


def _aggressor(buyer_is_maker: bool | None) -> int:
    if buyer_is_maker is None:
        return 0
    return -1 if buyer_is_maker else 1
