"""Kraken's first protocol: ``[channel id, data, ..., channel name, pair]``."""

import msgspec

from kedge.data.wire.base import Base, bar, length_ns, quote
from kedge.data.wire.build import Raw, taker, text_seconds, trade, typed, update_number
from kedge.data.wire.listings import Steps
from kedge.data.wire.messages import Message, Passed
from kedge.domain.errors import MessageError

_EMPTY = Raw(b"")


class _Book(msgspec.Struct):
    """``as`` and ``bs`` in a snapshot, ``a`` and ``b`` in an update."""

    a: Raw = _EMPTY
    b: Raw = _EMPTY
    asks: Raw = msgspec.field(name="as", default=_EMPTY)
    bids: Raw = msgspec.field(name="bs", default=_EMPTY)
    c: str = ""


class _Ticker(msgspec.Struct):
    a: list[Raw]
    b: list[Raw]


_LIST = msgspec.json.Decoder(list[Raw])
_ROWS = msgspec.json.Decoder(list[list[Raw]])
_BOOK = msgspec.json.Decoder(_Book)
_TICKER = msgspec.json.Decoder(_Ticker)
_TEXT = msgspec.json.Decoder(str)


def read(self: Base, message: bytes, received: int) -> tuple[Message, ...]:
    """What a message of the first protocol says."""
    parts = [bytes(p) for p in typed(_LIST, message, self.venue)]
    if len(parts) not in (4, 5):
        raise MessageError(f"a list of {len(parts)}, not of 4 or 5")
    name, pair = typed(_TEXT, parts[-2], self.venue), typed(_TEXT, parts[-1], self.venue)
    channel, _, detail = name.partition("-")
    if channel == "book":
        return (_book(self, parts[1:-2], self.listings.of(pair), received),)
    steps, data = self.listings.of(pair), parts[1]
    match channel:
        case "trade":
            return _trades(self, steps, data, received)
        case "spread":
            return (_spread(self, steps, data, received),)
        case "ticker":
            return (_ticker(self, steps, data, received),)
        case "ohlc":
            return (_ohlc(self, steps, data, length_ns(detail or "1"), received),)
        case "ownTrades" | "openOrders":
            return (Passed(channel, True),)
    raise MessageError(f"unknown channel {name[:40]!r}")


def _book(self: Base, parts: list[bytes], steps: Steps, received: int) -> Message:
    books = [typed(_BOOK, part, self.venue) for part in parts]
    snapshot = any(bytes(b.asks) or bytes(b.bids) for b in books)
    bids = _joined([bytes(b.bids) or bytes(b.b) for b in books])
    asks = _joined([bytes(b.asks) or bytes(b.a) for b in books])
    sums = [update_number(b.c) for b in books if b.c]
    time = max((_latest(self, side) for side in (bids, asks) if side), default=received)
    return self._delta(
        steps, time, received, bids, asks, snapshot=snapshot, checksum=sums[-1] if sums else -1
    )


def _joined(sides: list[bytes]) -> bytes:
    found = [side for side in sides if side]
    if len(found) > 1:
        raise MessageError("one side of a book twice")
    return found[0] if found else b""


def _latest(self: Base, side: bytes) -> int:
    rows = typed(_ROWS, side, self.venue)
    return max((text_seconds(_plain(row[2])) for row in rows if len(row) > 2), default=0)


def _trades(self: Base, steps: Steps, data: bytes, received: int) -> tuple[Message, ...]:
    found = []
    for row in typed(_ROWS, data, self.venue):
        _enough(row, 4)
        time = text_seconds(_plain(row[2]))
        number = " ".join(_plain(x) for x in row[:4])  # the protocol numbers no trade
        by = taker(_plain(row[3]))
        found.append(trade(steps, time, received, number, row[0], row[1], by))
    return tuple(found)


def _spread(self: Base, steps: Steps, data: bytes, received: int) -> Message:
    row = typed(_LIST, data, self.venue)
    _enough(row, 5)
    bid, ask, time, bid_size, ask_size = row[:5]
    return quote(
        steps, text_seconds(_plain(time)), received,
        bytes(bid), bytes(bid_size), bytes(ask), bytes(ask_size),
    )  # fmt: skip


def _ticker(self: Base, steps: Steps, data: bytes, received: int) -> Message:
    t = typed(_TICKER, data, self.venue)
    _enough(t.a, 3)
    _enough(t.b, 3)
    sides = bytes(t.b[0]), bytes(t.b[2]), bytes(t.a[0]), bytes(t.a[2])
    return quote(steps, received, received, *sides)


def _ohlc(self: Base, steps: Steps, data: bytes, length: int, received: int) -> Message:
    row = typed(_LIST, data, self.venue)
    _enough(row, 9)
    end = text_seconds(_plain(row[1]))
    time = text_seconds(_plain(row[0]))
    return bar(steps, time, received, end - length, length, row[2:6], row[7], False)


def _enough(row: list[Raw], fields: int) -> None:
    if len(row) < fields:
        raise MessageError(f"a row of {len(row)} fields, not of {fields}")


def _plain(raw: Raw) -> str:
    return bytes(raw).strip(b'"').decode("ascii", "replace")
