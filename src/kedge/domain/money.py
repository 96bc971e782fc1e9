"""Currencies, exact ratios and the one rounding rule for cash.

Cash is an int64 count of minor units. The number of minor units is kedge's own
bookkeeping precision, not the smallest coin: six digits for fiat, eight for
crypto, so that a fee of a hundredth of a basis point is not rounded away.
"""

from decimal import Decimal
from fractions import Fraction

import msgspec

INT64_SAFE = 2**62
"""Bound for every intermediate product on the money path (one bit of headroom)."""

FIAT = ("USD", "EUR", "GBP", "JPY", "KRW", "CHF", "CAD", "AUD", "HKD", "SGD", "CNY")


class Currency(msgspec.Struct, frozen=True):
    """A currency and its bookkeeping precision.

    Attributes:
        code: ISO 4217 code or the exchange's coin code.
        digits: decimal digits of one minor unit (6 means a millionth).
    """

    code: str
    digits: int

    @property
    def minor(self) -> Decimal:
        """One minor unit as a decimal amount."""
        return Decimal(1).scaleb(-self.digits)


def currency(code: str) -> Currency:
    """The currency for a code: 6 digits for fiat, 8 for everything else."""
    return Currency(code, 6 if code in FIAT else 8)


def to_minor(amount: Decimal, unit: Currency) -> int:
    """Amount to minor units, half to even."""
    return round(amount.scaleb(unit.digits))


def to_decimal(minor: int, unit: Currency) -> Decimal:
    """Minor units to an exact decimal amount."""
    return Decimal(minor).scaleb(-unit.digits)


def round_ratio(value: int, ratio: Fraction) -> int:
    """``value * ratio`` rounded half away from zero: the rounding of every fill.

    Half away from zero is symmetric: buying and selling the same lots at the
    same tick move the same amount of cash.
    """
    scaled = abs(value) * ratio.numerator
    magnitude = (2 * scaled + ratio.denominator) // (2 * ratio.denominator)
    return magnitude if value >= 0 else -magnitude
