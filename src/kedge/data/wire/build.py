"""What the decoders share: typed JSON, times, ids, and levels from text."""

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Annotated, Any, Final, TypeVar

import msgspec
import numpy as np

from kedge.data.wire.decimals import I64, levels, refusal
from kedge.data.wire.listings import Steps
from kedge.domain.errors import MessageError
from kedge.domain.market import ASK, BID, Aggressor, Trade

Raw = msgspec.Raw
MAX_MS: Final = 4_102_444_800_000  # the year 2100: what lies beyond is no time
Ms = Annotated[int, msgspec.Meta(ge=0, le=MAX_MS)]
Number = Annotated[int, msgspec.Meta(ge=-(2**62), le=2**62)]
"""An update number, as 63 bits hold it."""

NO_LEVELS: Final = b""
_NOTHING: Final = Raw(b"[]")
T = TypeVar("T")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SMALLEST_LEVEL = len("[1,1],")


def typed(decoder: "msgspec.json.Decoder[T]", message: bytes, venue: str) -> T:
    """JSON as a typed value.

    Raises:
        MessageError: it is no JSON, or of another shape.
    """
    try:
        return decoder.decode(message)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise unreadable(venue, message, error) from None


def unreadable(venue: str, message: bytes, error: Exception | str) -> MessageError:
    """One line on a message that is none of this venue's."""
    shown = message[:60].decode("utf-8", "replace")
    return MessageError(f"{error}: {shown!r}", f"{venue} message")


def book_levels(steps: Steps, bids: bytes, asks: bytes) -> I64:
    """(k, 3) levels of two JSON arrays, bids first; empty text is no levels.

    Raises:
        MessageError: a level that is none.
    """
    out: I64 = np.empty(((len(bids) + len(asks)) // _SMALLEST_LEVEL + 2, 3), dtype=np.int64)
    row = levels(bids, BID, steps.scale, out, 0)
    if row < 0:
        raise _located(refusal(row, bids), steps)
    total = levels(asks, ASK, steps.scale, out, row)
    if total < 0:
        raise _located(refusal(total, asks), steps)
    return out[:total]


def array_of(pairs: Iterable[tuple[Any, Any]]) -> bytes:
    """Raw prices and quantities as one JSON array of levels."""
    return b"[" + b",".join([b"[%b,%b]" % pair for pair in pairs]) + b"]"


def no_zero(levels_: I64) -> I64:
    """A snapshot without the levels that hold nothing."""
    return levels_[levels_[:, 2] > 0]


def ms(value: int) -> int:
    """Milliseconds to ns."""
    return value * 1_000_000


def text_ms(text: str) -> int:
    """Milliseconds as text to ns.

    Raises:
        MessageError: no such time.
    """
    if not text.isascii() or not text.isdigit() or len(text) > 13 or int(text) > MAX_MS:
        raise MessageError(f"no time in milliseconds: {text[:40]!r}")
    return int(text) * 1_000_000


def text_seconds(text: str) -> int:
    """Seconds with up to nine decimals as text to ns."""
    whole, _, part = text.partition(".")
    number = whole + part[:9].ljust(9, "0")
    if not number.isascii() or not number.isdigit() or len(number) > 19:
        raise MessageError(f"no time in seconds: {text[:40]!r}")
    return bounded(int(number))


def iso(text: str) -> int:
    """An ISO time to ns, its decimals kept to the ninth.

    Raises:
        MessageError: no such time.
    """
    try:
        head, _, tail = (
            text.replace(" ", "T").removesuffix("Z").removesuffix("+00:00").partition(".")
        )
        when = datetime.fromisoformat(head).replace(tzinfo=UTC) - _EPOCH
        part = int(tail[:9].ljust(9, "0")) if tail else 0
    except (ValueError, OverflowError):
        raise MessageError(f"no time: {text[:40]!r}") from None
    if part < 0:
        raise MessageError(f"no time: {text[:40]!r}")
    return bounded((when.days * 86_400 + when.seconds) * 1_000_000_000 + part)


def bounded(ns: int) -> int:
    """A time within the years that are times."""
    if not 0 <= ns <= MAX_MS * 1_000_000:
        raise MessageError(f"no time: {ns} ns")
    return ns


def number_of(text: str | int) -> int:
    """An id as 63 bits: the number it is, or a hash of its text."""
    if isinstance(text, int) or (len(text) < 19 and text.isascii() and text.isdigit()):
        return int(text) & 0x7FFF_FFFF_FFFF_FFFF
    digest = blake2b(text.encode("utf-8", "replace"), digest_size=8).digest()
    return int.from_bytes(digest, "little") >> 1


def update_number(text: str | int) -> int:
    """An update number as 64 bits hold it.

    Raises:
        MessageError: it is none.
    """
    if isinstance(text, str):
        digits = text.removeprefix("-")
        if not digits.isascii() or not digits.isdigit() or len(digits) > 18:
            raise MessageError(f"no update number: {text[:40]!r}")
        text = int(text)
    return text


_TAKERS: Final = {
    "buy": Aggressor.BUYER, "sell": Aggressor.SELLER, "b": Aggressor.BUYER, "s": Aggressor.SELLER,
}  # fmt: skip


def taker(side: str) -> int:
    """Aggressor from the side that the taker's order had."""
    return int(_TAKERS.get(side.lower(), Aggressor.UNKNOWN))


def trade(
    steps: Steps, event_time: int, received: int, number: str | int, price: Any, size: Any, by: int
) -> Trade:
    """A print from raw JSON numbers."""
    return Trade(
        steps.key, event_time, received, number_of(number),
        steps.price(bytes(price)), steps.traded(bytes(size)), by,
    )  # fmt: skip


def each(items: Sequence[T], make: "Callable[[T], Any]") -> tuple[Any, ...]:
    """One message for every item."""
    return tuple([make(item) for item in items])


def _located(error: MessageError, steps: Steps) -> MessageError:
    return MessageError(error.what, steps.symbol)
