"""Order books of Bybit's API before v5, as recordings hold them: levels as objects."""

import msgspec

from kedge.data.wire.base import bought, by_side
from kedge.data.wire.build import Raw, typed

_ZERO = Raw(b"0")


class _Level(msgspec.Struct):
    price: Raw
    side: str
    size: Raw = _ZERO


class _Snapshot(msgspec.Struct):
    order_book: list[_Level]


class _Delta(msgspec.Struct):
    delete: list[_Level]
    update: list[_Level]
    insert: list[_Level]


_OBJECT = msgspec.json.Decoder(_Snapshot)
_LIST = msgspec.json.Decoder(list[_Level])
_DELTA = msgspec.json.Decoder(_Delta)


def changes(data: bytes, snapshot: bool, venue: str) -> tuple[bytes, bytes]:
    """Bids and asks of a message as two arrays of levels; what is deleted has size zero."""
    if not snapshot:
        delta = typed(_DELTA, data, venue)
        return _arrays([*delta.delete, *delta.update, *delta.insert])
    if data.startswith(b"["):  # inverse contracts; linear ones wrap the list
        return _arrays(typed(_LIST, data, venue))
    return _arrays(typed(_OBJECT, data, venue).order_book)


def _arrays(levels: list[_Level]) -> tuple[bytes, bytes]:
    return by_side([(bought(x.side, "Buy", "Sell"), x.price, x.size) for x in levels])
