"""Names of the words of the step's state, for people who look for a difference."""

import struct
from bisect import bisect_right
from functools import cache
from typing import NamedTuple

from kedge.domain import state as o
from kedge.domain.reason import Reason
from kedge.engine.trading.desk import Desk

_REASONS = {int(reason): reason.name for reason in Reason}


class Part(NamedTuple):
    """One array of the state within its words."""

    start: int
    name: str
    width: int
    floats: bool


class Words:
    """Where each array lies.

    Args:
        parts: in order.
        symbols: of the instruments.
    """

    def __init__(self, parts: list[Part], symbols: list[str]) -> None:
        self._parts, self._symbols = parts, symbols
        self._starts = [part.start for part in parts]

    def value(self, place: int, word: int) -> int | float:
        """A word as the number that it is."""
        if not self._part(place).floats:
            return word
        return float(struct.unpack("<d", struct.pack("<q", word))[0])

    def name(self, place: int) -> str:
        """Whose state, and which column."""
        part = self._part(place)
        row, column = divmod(place - part.start, part.width)
        if part.name in ("F", "I", "SF", "SI"):
            return f"{self._symbols[row]}, {_column(part.name, column)}"
        if part.name in ("bound", "worst"):
            return f"{part.name} of {_REASONS.get(column, column)}"
        if part.name in ("G", "K"):
            return f"the book, {_column(part.name, column)}"
        return f"{part.name}[{row}, {column}]"

    def _part(self, place: int) -> Part:
        return self._parts[bisect_right(self._starts, place) - 1]


def word_names(desk: Desk) -> Words:
    """The words of a desk's book."""
    parts, at = [], 0
    for name, array in zip(o.State._fields, desk.book.state, strict=True):
        parts.append(Part(at, name, max(1, array.shape[-1]), array.dtype.kind == "f"))
        at += array.size
    return Words(parts, [i.symbol for i in desk.universe.instruments])


def _column(array: str, column: int) -> str:
    """``F_SIGMA`` of column 11 of F; per strategy ``SF_EDGE of strategy 0``."""
    width = {"SF": o.SF_, "SI": o.SI_}.get(array)
    if width is not None:
        strategy, field = divmod(column, width)
        return f"{_columns(array)[field]} of strategy {strategy}"
    if array == "I" and column >= o.I_BOOK:
        return f"I_BOOK of strategy {column - o.I_BOOK}"
    return _columns(array).get(column, f"{array}[{column}]")


@cache
def _columns(array: str) -> dict[int, str]:
    """Names of an array's columns as `kedge.domain.state` has them."""
    return {
        value: name
        for name, value in vars(o).items()
        if name.startswith(f"{array}_") and name != f"{array}_" and isinstance(value, int)
    }
