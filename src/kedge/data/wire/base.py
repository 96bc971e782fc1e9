"""What the decoders of OKX, Bybit, Kraken and Coinbase have in common."""

from typing import ClassVar

import msgspec

from kedge.data.wire.build import Raw, array_of, book_levels, no_zero, typed, unreadable
from kedge.data.wire.listings import Listings, Steps
from kedge.data.wire.messages import Message, Passed
from kedge.domain.errors import MessageError
from kedge.domain.market import Bar, BookDelta, Quote

_JSON: "msgspec.json.Decoder[dict[str, Raw] | list[Raw]]" = msgspec.json.Decoder(
    dict[str, Raw] | list[Raw]
)
_SECONDS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400, "w": 604_800}


class Base:
    """A decoder by two methods, ``_read`` and ``_answer``; errors say whose message it was."""

    venue: ClassVar[str]

    def __init__(self, listings: Listings) -> None:
        self.listings = listings

    def decode(self, message: bytes, received: int) -> tuple[Message, ...]:
        """See `kedge.data.wire.messages.Decoder`."""
        try:
            return self._read(message, received)
        except MessageError as error:
            raise self._placed(error) from None

    def reply(self, asked: str, symbol: str, body: bytes, received: int) -> tuple[Message, ...]:
        """See `kedge.data.wire.messages.Decoder`; bars are asked for as ``bars/1m``."""
        try:
            return self._answer(asked, symbol, body, received)
        except MessageError as error:
            raise self._placed(error) from None

    def restarted(self) -> None:
        """Nothing to forget, unless the connection counts its messages."""

    def _read(self, message: bytes, received: int) -> tuple[Message, ...]:
        raise self._unknown(message)

    def _answer(self, asked: str, symbol: str, body: bytes, received: int) -> tuple[Message, ...]:
        typed(_JSON, body, self.venue)
        return (Passed(asked, True),)

    def _unknown(self, message: bytes) -> MessageError:
        return unreadable(self.venue, message, "nothing that this venue sends")

    def _placed(self, error: MessageError) -> MessageError:
        return MessageError(error.what, error.where or f"{self.venue} message")

    def _delta(
        self, steps: Steps, time: int, received: int, bids: bytes, asks: bytes, *,
        last: int = 0, previous: int = -1, snapshot: bool = False, checksum: int = -1,
    ) -> BookDelta:  # fmt: skip
        found = book_levels(steps, bids, asks)
        if snapshot:
            found = no_zero(found)
        return BookDelta(steps.key, time, received, last, last, previous, found, snapshot, checksum)


def quote(
    steps: Steps, time: int, received: int, bid: bytes, bid_size: bytes, ask: bytes, ask_size: bytes
) -> Quote:
    """Best prices from raw numbers; empty or zero is an absent side."""
    sides = [*_side(steps, bid, bid_size), *_side(steps, ask, ask_size)]
    return Quote(steps.key, time, received, *sides)


def _side(steps: Steps, price: bytes, size: bytes) -> tuple[int, int]:
    if price in _EMPTY or size in _EMPTY:
        return 0, 0
    ticks, lots = steps.price_or_none(price), steps.lots(size)
    return (ticks, lots) if ticks and lots else (0, 0)


_EMPTY = frozenset((b"", b'""', b"null"))


def bar(
    steps: Steps, time: int, received: int, opened: int, length: int, prices: list[Raw],
    volume: Raw, closed: bool,
) -> Bar:  # fmt: skip
    """A venue's bar from raw open, high, low and close; ``length`` in ns."""
    first, high, low, last = (steps.price(bytes(x)) for x in prices)
    lots, end = steps.lots(bytes(volume)), opened + length
    return Bar(steps.key, time, received, opened, end, first, high, low, last, lots, closed)


def by_side(changes: list[tuple[bool, Raw, Raw]]) -> tuple[bytes, bytes]:
    """Levels of both sides in one list, as two arrays: (is a bid, price, size)."""
    bids = array_of([(p, q) for is_bid, p, q in changes if is_bid])
    asks = array_of([(p, q) for is_bid, p, q in changes if not is_bid])
    return bids, asks


def bought(side: str, buy: str, sell: str) -> bool:
    """Whether a side is the buying one.

    Raises:
        MessageError: it is neither.
    """
    if side not in (buy, sell):
        raise MessageError(f"no side {side[:20]!r}")
    return side == buy


def is_snapshot(kind: str, other: str) -> bool:
    """Whether a message is the whole book, and not a change of it, which is called ``other``.

    Raises:
        MessageError: it is called neither.
    """
    if kind not in ("snapshot", other):
        raise MessageError(f"neither a snapshot nor a change: {kind[:20]!r}")
    return kind == "snapshot"


def length_ns(interval: str) -> int:
    """Length of a venue's bar: ``1m``, ``4H``, ``1D``, or plain minutes.

    Raises:
        MessageError: no fixed length (a month has none).
    """
    text = interval.removesuffix("utc")
    if text.isascii() and text.isdigit() and len(text) < 8:
        return int(text) * 60_000_000_000
    number, unit = text[:-1], text[-1:]
    month = unit == "M"
    if month or not number.isascii() or not number.isdigit() or unit.lower() not in _SECONDS:
        raise MessageError(f"no bar of fixed length: {interval[:20]!r}")
    return int(number[:7]) * _SECONDS[unit.lower()] * 1_000_000_000
