"""Candles of an exchange in ticks and lots."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Final

import msgspec
import numpy as np
import numpy.typing as npt

from kedge.domain.errors import MessageError
from kedge.domain.instrument import Instrument
from kedge.venues.ccxt import numbers

I64 = npt.NDArray[np.int64]
MS: Final = 1_000_000
_MOST: Final = 2**52
"""Ticks and lots of a candle; beyond it no figure of an exchange is one."""
_DIGITS: Final = 40
_FIELDS: Final = ("open", "high", "low", "close")

Bar = tuple[int, int, int, int, int]
"""Open, high, low, close in ticks, and lots."""


class Candles(msgspec.Struct, frozen=True):
    """k finished candles of one instrument, oldest first; a time without trades may have none.

    Attributes:
        ticks: (k, 4) open, high, low, close.
        lots: (k,) traded; 0 where nothing was.
        closes: (k,) ends, ns UTC.
    """

    ticks: I64
    lots: I64
    closes: I64


def bars_of(told: Sequence[Sequence[object]], instrument: Instrument) -> dict[int, Bar]:
    """Candles as ccxt tells them, by the instant at which each opened, ns UTC.

    Increments change over the years: an old price between two of today's ticks becomes the
    nearer one, and what traded at all is a lot at least.

    Args:
        told: of each: ms UTC, open, high, low, close, base units; figures are text.
        instrument: its increments.

    Raises:
        MessageError: a figure is missing, is none or cannot be.
    """
    return {_opened(each): _bar(each, instrument) for each in told}


def candles_of(bars: Mapping[int, Bar], width: int) -> Candles:
    """Bars by the instant at which each opened, as arrays.

    Args:
        bars: see `bars_of`.
        width: of each, ns.
    """
    table = np.array([bars[opened] for opened in sorted(bars)], np.int64).reshape(-1, 5)
    closes = np.array(sorted(bars), np.int64) + width
    return Candles(np.ascontiguousarray(table[:, :4]), table[:, 4].copy(), closes)


def _opened(told: Sequence[object]) -> int:
    if len(told) < 6 or not isinstance(told[0], int):
        raise MessageError("a candle that says too little")
    return told[0] * MS


def _bar(told: Sequence[object], instrument: Instrument) -> Bar:
    prices = [_figure(each, what) for each, what in zip(told[1:5], _FIELDS, strict=True)]
    tick, volume = Fraction(instrument.tick), _figure(told[5], "volume")
    if min(prices) <= 0 or volume < 0:
        raise MessageError(f"a candle of {instrument.symbol} without a price or a volume")
    first, high, low, close = (max(1, round(price / tick)) for price in prices)
    lots = max(1, round(volume / Fraction(instrument.lot))) if volume else 0
    if not low <= min(first, close) <= max(first, close) <= high < _MOST or lots >= _MOST:
        raise MessageError(f"a candle of {instrument.symbol} that cannot be")
    return first, high, low, close, lots


def _figure(given: object, what: str) -> Fraction:
    value: Decimal = numbers.decimal(given, f"{what} of a candle")
    if value and abs(value.adjusted()) > _DIGITS:
        raise MessageError(f"{what} of a candle is {str(given)[:40]}")
    return Fraction(value)
