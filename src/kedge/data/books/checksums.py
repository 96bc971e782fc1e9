"""Checksums that venues send over the text of their best levels, made again from integers."""

import zlib
from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from kedge.domain.compiled import entry, inlined

I64 = npt.NDArray[np.int64]
U8 = npt.NDArray[np.uint8]

Checksum = Callable[[I64, I64, I64], int]
"""(ranks, lots, counts) of a book to the CRC32 of its best levels."""


@inlined
def _digits(out: U8, at: int, value: int) -> int:
    size, rest = 1, value // 10
    while rest > 0:
        size += 1
        rest //= 10
    for i in range(size - 1, -1, -1):
        out[at + i] = 48 + value % 10
        value //= 10
    return at + size


@inlined
def _decimal(out: U8, at: int, value: int, digits: int) -> int:
    """The shortest text of ``value / 10**digits``."""
    while digits > 0 and value % 10 == 0:
        value //= 10
        digits -= 1
    power = 1
    for _ in range(digits):
        power *= 10
    at = _digits(out, at, value // power)
    if digits == 0:
        return at
    out[at] = 46
    part = value % power
    for i in range(digits, 0, -1):
        out[at + i] = 48 + part % 10
        part //= 10
    return at + digits + 1


@entry
def _okx_text(ranks: I64, lots: I64, counts: I64, scale: I64, depth: int, out: U8) -> int:
    at = 0
    for i in range(depth):
        for side in range(2):
            place = counts[side] - 1 - i
            if place < 0:
                continue
            ticks = ranks[side, place] if side == 0 else -ranks[side, place]
            if at > 0:
                out[at] = 58
                at += 1
            at = _decimal(out, at, ticks * scale[0], scale[1])
            out[at] = 58
            at = _decimal(out, at + 1, lots[side, place] * scale[2], scale[3])
    return at


@entry
def _kraken_text(
    ranks: I64, lots: I64, counts: I64, scale: I64, price_power: int, size_power: int, out: U8
) -> int:
    at = 0
    for side in (1, 0):
        for i in range(min(10, counts[side])):
            place = counts[side] - 1 - i
            ticks = ranks[side, place] if side == 0 else -ranks[side, place]
            at = _digits(out, at, ticks * scale[0] * price_power)
            at = _digits(out, at, lots[side, place] * scale[2] * size_power)
    return at


def okx(scale: I64) -> Checksum:
    """Best 25 levels, bid and ask in turn, ``price:size`` joined by colons.

    Args:
        scale: tick step and decimals, lot step and decimals.
    """
    out: U8 = np.zeros(25 * 2 * 44, dtype=np.uint8)
    view = out.data

    def checksum(ranks: I64, lots: I64, counts: I64) -> int:
        return zlib.crc32(view[: _okx_text(ranks, lots, counts, scale, 25, out)])

    return checksum


def kraken(scale: I64, digits: tuple[int, int]) -> Checksum:
    """Best 10 asks, then bids: price and size without point and leading zeros.

    Args:
        scale: as of `okx`.
        digits: decimals that the venue writes in a price and in a size.
    """
    powers = 10 ** (digits[0] - int(scale[1])), 10 ** (digits[1] - int(scale[3]))
    out: U8 = np.zeros(10 * 4 * 20, dtype=np.uint8)
    view = out.data

    def checksum(ranks: I64, lots: I64, counts: I64) -> int:
        return zlib.crc32(view[: _kraken_text(ranks, lots, counts, scale, *powers, out)])

    return checksum
