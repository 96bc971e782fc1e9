"""Binance's REST answers that a feed asks for."""

import msgspec

from kedge.data.wire.base import bar
from kedge.data.wire.build import Ms, Number, Raw, book_levels, ms, trade, typed
from kedge.data.wire.listings import Listings
from kedge.data.wire.messages import Message, Passed, ServerTime, VenueError
from kedge.data.wire.numbers import fraction
from kedge.domain.market import BookDelta


class _Depth(msgspec.Struct):
    lastUpdateId: Number
    bids: Raw
    asks: Raw
    E: Ms = 0


class _Print(msgspec.Struct):
    id: Number
    price: Raw
    qty: Raw
    time: Ms
    isBuyerMaker: bool


class _Time(msgspec.Struct):
    serverTime: Ms


class _Error(msgspec.Struct):
    code: int
    msg: str


_DEPTH = msgspec.json.Decoder(_Depth)
_TRADES = msgspec.json.Decoder(list[_Print])
_BARS = msgspec.json.Decoder(list[tuple[Ms, Raw, Raw, Raw, Raw, Raw, Ms, Raw, int, Raw, Raw, Raw]])
_TIME = msgspec.json.Decoder(_Time)
_ERROR = msgspec.json.Decoder(_Error)


class Rest:
    """Answers to requests, and what both halves of the decoder know."""

    def __init__(self, listings: Listings, venue: str) -> None:
        self.listings, self.venue = listings, venue

    def reply(self, asked: str, symbol: str, body: bytes, received: int) -> tuple[Message, ...]:
        """See `kedge.data.wire.messages.Decoder`."""
        refused = _refused(body)
        if refused is not None:
            return (refused,)
        match asked:
            case "depth":
                return (self._snapshot(symbol, body, received),)
            case "trades":
                return self._trades(symbol, body, received)
            case "bars":
                return self._bars(symbol, body, received)
            case "time":
                return (ServerTime(ms(typed(_TIME, body, self.venue).serverTime)),)
        typed(_JSON, body, self.venue)
        return (Passed(asked, True),)

    def rate(self, text: bytes) -> float:
        """A rate as a fraction."""
        return fraction(text)

    def _snapshot(self, symbol: str, body: bytes, received: int) -> BookDelta:
        depth = typed(_DEPTH, body, self.venue)
        steps = self.listings.of(symbol)
        found = book_levels(steps, bytes(depth.bids), bytes(depth.asks))
        last, time = depth.lastUpdateId, ms(depth.E) if depth.E else received
        return BookDelta(steps.key, time, received, last, last, -1, found, snapshot=True)

    def _trades(self, symbol: str, body: bytes, received: int) -> tuple[Message, ...]:
        steps = self.listings.of(symbol)
        return tuple(
            trade(steps, ms(p.time), received, p.id, p.price, p.qty, -1 if p.isBuyerMaker else 1)
            for p in typed(_TRADES, body, self.venue)
        )

    def _bars(self, symbol: str, body: bytes, received: int) -> tuple[Message, ...]:
        steps, found = self.listings.of(symbol), []
        for row in typed(_BARS, body, self.venue):
            opened, end = ms(row[0]), ms(row[6] + 1)
            prices, closed = list(row[1:5]), end <= received
            time = min(end, received)
            found.append(bar(steps, time, received, opened, end - opened, prices, row[5], closed))
        return tuple(found)


_JSON = msgspec.json.Decoder(dict[str, Raw] | list[Raw])


def _refused(body: bytes) -> VenueError | None:
    try:
        error = _ERROR.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
    return VenueError(str(error.code), error.msg)
