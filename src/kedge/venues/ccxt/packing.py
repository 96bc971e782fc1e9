"""Client ids in fewer characters, for exchanges that take few."""

import re
from typing import Final

from kedge.domain.order import order_id

_MARK: Final = "p"
_DIGITS: Final = "0123456789abcdefghijklmnopqrstuvwxyz"
_WIDTH: Final = 17
_INTENTS: Final = 36
_CHILDREN: Final = 19
_OURS: Final = re.compile(r"k([0-9a-f]{8})-([0-9a-f]+)-([0-9a-f]+)")


def packed(order: str) -> str | None:
    """An id in 18 characters: its three numbers as one, in digits of base 36.

    No id that is sent as it is begins as these do, so no two orders share one.

    Returns:
        None where it is none of ours, or a number is too large: intents have 36 bits,
        children of one 19.
    """
    parts = _OURS.fullmatch(order)
    if parts is None:
        return None
    lineage, intent, child = (int(each, 16) for each in parts.groups())
    if intent >> _INTENTS or child >> _CHILDREN:
        return None
    return _MARK + _text(((lineage << _INTENTS) | intent) << _CHILDREN | child)


def ours(order: str) -> bool:
    """Whether an id is one that this program gives."""
    return _OURS.fullmatch(order) is not None


def unpacked(client: str) -> str | None:
    """The order of a packed id; None where it is none."""
    if len(client) != len(_MARK) + _WIDTH or not set(client) <= set(_DIGITS):
        return None
    number = int(client.removeprefix(_MARK), 36)
    number, child = number >> _CHILDREN, number % (1 << _CHILDREN)
    lineage, intent = number >> _INTENTS, number % (1 << _INTENTS)
    order = order_id(f"{lineage:08x}", intent, child)
    return order if packed(order) == client else None


def _text(number: int) -> str:
    digits = []
    for _ in range(_WIDTH):
        number, digit = divmod(number, len(_DIGITS))
        digits.append(_DIGITS[digit])
    return "".join(reversed(digits))
