"""Prices to int64 ticks, with a finer tick where the instrument's does not fit."""

from decimal import Decimal
from typing import Final

import numpy as np

from kedge.domain.errors import DataError
from kedge.domain.panel import F64, I64

FINER: Final = Decimal("0.000001")
"""The declared tick of a series that is off its instrument's tick."""
CRYPTO_FINEST: Final = 10
SLACK: Final = 1e-6
DUST: Final = 1e-14
"""How far off the grid a price may be, in ticks and as a share: binary fractions' dust."""


def fits(prices: F64, tick: Decimal) -> bool:
    """Whether every price lies on the tick grid."""
    return off_grid(prices, tick) == 0


def off_grid(prices: F64, tick: Decimal) -> int:
    """How many prices lie off the tick grid, or would vanish on it."""
    ticks = prices / float(tick)
    whole = np.round(ticks)
    off = np.abs(ticks - whole) > SLACK + DUST * np.abs(ticks)
    return int((off | ((whole == 0) & (prices != 0))).sum())


def fitting_tick(prices: F64, tick: Decimal, decimal_venue: bool) -> Decimal:
    """The instrument's tick where it fits, else a finer one.

    Args:
        prices: finite prices.
        tick: the instrument's tick.
        decimal_venue: the venue quotes powers of ten (crypto): take the coarsest
            that fits; elsewhere a series off its tick gets `FINER`.
    """
    if fits(prices, tick):
        return tick
    if decimal_venue:
        for digits in range(1, CRYPTO_FINEST + 1):
            candidate = Decimal(1).scaleb(-digits)
            if candidate < tick and fits(prices, candidate):
                return candidate
    return min(FINER, tick)


def to_ticks(prices: F64, tick: Decimal) -> I64:
    """Prices to the nearest tick, half to even.

    Raises:
        DataError: when a price is too large for 62 bits of ticks.
    """
    scaled = prices / float(tick)
    if len(scaled) and np.abs(scaled).max() >= 2**53:
        raise DataError(
            f"price {np.abs(prices).max():g} in ticks of {tick} loses digits",
            "instruments.yaml",
            "use a coarser tick for this instrument",
        )
    return np.round(scaled).astype(np.int64)


def common_tick(one: Decimal, other: Decimal) -> Decimal:
    """The coarsest tick of which both are whole multiples (for powers of ten, the finer)."""
    fine, coarse = sorted((one, other))
    if coarse % fine == 0:
        return fine
    return Decimal(1).scaleb(min(_exponent(one), _exponent(other)))


def _exponent(tick: Decimal) -> int:
    exponent = tick.normalize().as_tuple().exponent
    assert isinstance(exponent, int)  # a tick is finite
    return exponent
