"""Decimal text to ticks and lots, exactly: compiled, in int64, never through a float.

A venue writes levels as ``[["61000.01","0.5"],...]``, with or without quotes, some with
more than two entries. A number is read as an integer and a count of decimals; it is refused
where it is negative, in exponent notation, too large for 63 bits, or no number at all. So
is a price that is no multiple of the tick. A quantity is rounded down to whole lots:
venues keep remainders of less than a lot on a level (25.426189 BTC where the lot is
0.00001), and what is left of a lot cannot be traded.
"""

import numpy as np
import numpy.typing as npt

from kedge.domain.compiled import entry, inlined
from kedge.domain.errors import MessageError

I64 = npt.NDArray[np.int64]

SHAPE, NUMBER, NEGATIVE, EXPONENT, LARGE, PRICE_STEP, ZERO = 1, 2, 3, 4, 5, 6, 7
_CODES = 16
_WORDS = {
    SHAPE: "a level that is not [price, quantity]",
    NUMBER: "not a number",
    NEGATIVE: "a negative number",
    EXPONENT: "a number in exponent notation",
    LARGE: "a number too large",
    PRICE_STEP: "a price that is no multiple of the tick",
    ZERO: "a price of zero",
}
_LIMIT = 460_000_000_000_000_000  # ten times this still fits into 63 bits
_QUOTE, _MINUS, _POINT, _COMMA, _OPEN, _CLOSE = 34, 45, 46, 44, 91, 93


def refusal(code: int, text: bytes) -> MessageError:
    """The error that a negative result of a function of this module stands for."""
    at, kind = divmod(-code, _CODES)
    return MessageError(f"{_WORDS[kind]} at {text[at : at + 24].decode('ascii', 'replace')!r}")


@inlined
def _unsigned(text: bytes, at: int) -> tuple[int, int, int, int]:
    """Mantissa, decimals without trailing zeros, end, and 0 or what is wrong."""
    size = len(text)
    quoted = at < size and text[at] == _QUOTE
    if quoted:
        at += 1
    if at < size and text[at] == _MINUS:
        return 0, 0, at, NEGATIVE
    mantissa, decimals, zeros = 0, 0, 0
    digits, point = 0, False
    while at < size:
        c = text[at]
        if 48 <= c <= 57:
            digits += 1
            if point and c == 48:
                zeros += 1
            else:
                steps = 1
                if point:
                    steps += zeros
                    decimals += steps
                    zeros = 0
                for _ in range(steps):
                    if mantissa > _LIMIT:
                        return 0, 0, at, LARGE
                    mantissa *= 10
                mantissa += c - 48
        elif c == _POINT and not point and digits > 0:
            point = True
        else:
            break
        at += 1
    if at < size and digits > 0 and (text[at] == 101 or text[at] == 69):
        return 0, 0, at, EXPONENT
    if digits == 0 or text[at - 1] == _POINT:
        return 0, 0, at, NUMBER
    if quoted:
        if at >= size or text[at] != _QUOTE:
            return 0, 0, at, NUMBER
        at += 1
    return mantissa, decimals, at, 0


@inlined
def _whole(mantissa: int, decimals: int, step: int, digits: int) -> tuple[int, bool, bool]:
    """``mantissa / 10**decimals`` in steps of ``step / 10**digits``, rounded down.

    Also whether nothing was rounded away, and whether it fits.
    """
    exact = True
    while decimals > digits:
        exact = exact and mantissa % 10 == 0
        mantissa //= 10
        decimals -= 1
    while decimals < digits:
        if mantissa > _LIMIT:
            return 0, False, False
        mantissa *= 10
        decimals += 1
    return mantissa // step, exact and mantissa % step == 0, True


@inlined
def _measured(text: bytes, at: int, step: int, digits: int, rounds: bool) -> tuple[int, int, int]:
    """A value in steps, its end, and 0 or what is wrong."""
    mantissa, decimals, end, code = _unsigned(text, at)
    if code != 0:
        return 0, end, code
    value, exact, fits = _whole(mantissa, decimals, step, digits)
    if not fits:
        return 0, at, LARGE
    if not exact and not rounds:
        return 0, at, PRICE_STEP
    return value, end, 0


@entry
def one(text: bytes, step: int, digits: int, rounds: bool) -> int:
    """A whole text in steps of ``step / 10**digits``; negative: see `refusal`.

    ``rounds`` down, or refuses what is no multiple.
    """
    value, end, code = _measured(text, 0, step, digits, rounds)
    if code == 0 and end != len(text):
        code = NUMBER
    if code != 0:
        return -(min(end, len(text)) * _CODES + code)
    return value


@inlined
def _blank(text: bytes, at: int) -> int:
    while at < len(text) and (text[at] == 32 or text[at] == 10 or text[at] == 13 or text[at] == 9):
        at += 1
    return at


@inlined
def _rest(text: bytes, at: int) -> int:
    """Past the further entries of a level, to its closing bracket; -1 without one."""
    quoted = False
    while at < len(text):
        c = text[at]
        if c == 92:  # an escape has no place in a number
            return -1
        if c == _QUOTE:
            quoted = not quoted
        elif not quoted and c == _CLOSE:
            return at
        elif not quoted and c == _OPEN:
            return -1
        at += 1
    return -1


@inlined
def _level(text: bytes, at: int, scale: I64, out: I64, row: int) -> tuple[int, int]:
    """One ``[price, quantity, ...]`` into ``out[row, 1:]``; its end and 0 or what is wrong."""
    if at >= len(text) or text[at] != _OPEN:
        return at, SHAPE
    ticks, end, code = _measured(text, _blank(text, at + 1), scale[0], scale[1], False)
    if code != 0:
        return end, code
    if ticks == 0:
        return at, ZERO
    at = _blank(text, end)
    if at >= len(text) or text[at] != _COMMA:
        return at, SHAPE
    lots, end, code = _measured(text, _blank(text, at + 1), scale[2], scale[3], True)
    if code != 0:
        return end, code
    at = _rest(text, end)
    if at < 0 or (at > end and text[_blank(text, end)] != _COMMA and _blank(text, end) != at):
        return end, SHAPE
    out[row, 1] = ticks
    out[row, 2] = lots
    return at + 1, 0


@entry
def levels(text: bytes, side: int, scale: I64, out: I64, row: int) -> int:
    """One side of a book update, from ``row`` of ``out`` on.

    Args:
        text: JSON array of levels; empty text is no levels.
        side: written into the first column.
        scale: tick step and decimals, lot step and decimals.
        out: (k, 3) int64, written.
        row: first row to write.

    Returns:
        the row after the last one written, or a negative code: see `refusal`.
    """
    if len(text) == 0:
        return row
    at = _blank(text, 0)
    if at >= len(text) or text[at] != _OPEN:
        return -SHAPE
    at = _blank(text, at + 1)
    if at < len(text) and text[at] == _CLOSE:
        return row
    while row < len(out):
        out[row, 0] = side
        at, code = _level(text, at, scale, out, row)
        if code != 0:
            return -(min(at, len(text)) * _CODES + code)
        row += 1
        at = _blank(text, at)
        if at < len(text) and text[at] == _CLOSE:
            return row
        if at >= len(text) or text[at] != _COMMA:
            break
        at = _blank(text, at + 1)
    return -(min(at, len(text)) * _CODES + SHAPE)
