"""An instrument as the venue lists it: its arithmetic, fees, margin and filters."""

from typing import Final

import msgspec

from kedge.domain.arithmetic import value
from kedge.domain.compiled import plain
from kedge.domain.instrument import AssetClass, Instrument
from kedge.domain.money import INT64_SAFE, currency

MOST_TICKS: Final = 2**31
"""No price at or above it is taken, so that no product of lots and ticks overflows."""


_worth = plain(value)


class Listing(msgspec.Struct, frozen=True, kw_only=True):
    """Terms of trade of one instrument.

    Attributes:
        key: place in the session's table of keys.
        symbol: the venue's.
        settle: currency in which cash moves.
        num, den: minor units of it per (lot x tick), as a ratio.
        maker, taker: fees as fractions of notional; a rebate is below zero.
        margin: initial margin as a fraction of notional where positions may be held on
            margin, 0 where what is bought is paid and only what is held is sold.
        tick_step, lot_step: the venue's increments, in our ticks and lots.
        min_lots, max_lots: of one order.
        min_notional: minor units.
        band: a limit may lie this fraction away from the last trade.
    """

    key: int
    symbol: str
    settle: str
    num: int
    den: int
    maker: float
    taker: float
    margin: float = 0.0
    tick_step: int = 1
    lot_step: int = 1
    min_lots: int = 1
    max_lots: int = 1_000_000_000
    min_notional: int = 0
    band: float = 0.5

    def notional(self, lots: int, ticks: int) -> int:
        """Minor units of ``lots`` at ``ticks``, rounded once, half away from zero."""
        return int(_worth(lots, ticks, self.num, self.den))

    def fee(self, notional: int, maker: bool) -> int:
        """Minor units for a fill, rounded once, half to even, as the bar model does."""
        return round(notional * (self.maker if maker else self.taker))


def listed(key: int, instrument: Instrument, **terms: int | float) -> Listing:
    """An instrument's listing.

    Args:
        key: place in the session's table of keys.
        instrument: what is listed.
        terms: fields of `Listing` that differ from what the instrument says.
    """
    ratio = instrument.value_ratio
    margin = instrument.shortable or instrument.asset_class is AssetClass.PERPETUAL
    safe = (INT64_SAFE - ratio.denominator) // (2 * ratio.numerator * MOST_TICKS)
    own = Listing(
        key=key,
        symbol=instrument.symbol,
        settle=instrument.settle,
        num=ratio.numerator,
        den=ratio.denominator,
        maker=instrument.fees.maker_bps * 1e-4,
        taker=instrument.fees.taker_bps * 1e-4,
        margin=instrument.margin_initial if margin else 0.0,
        max_lots=max(1, min(1_000_000_000, safe)),
        min_notional=int(instrument.min_notional.scaleb(currency(instrument.settle).digits)),
    )
    return msgspec.structs.replace(own, **terms)
