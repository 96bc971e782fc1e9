"""What can be traded, and the exact arithmetic of its ticks and lots."""

from decimal import ROUND_CEILING, Decimal
from enum import Enum
from fractions import Fraction

import msgspec

from kedge.domain.errors import DataError
from kedge.domain.money import INT64_SAFE, currency


class AssetClass(Enum):
    """Kinds of instrument."""

    SPOT = "spot"
    EQUITY = "equity"
    PERPETUAL = "perpetual"
    FUTURE = "future"
    OPTION = "option"


RESERVED = frozenset({AssetClass.FUTURE, AssetClass.OPTION})
"""Names that stand for nothing that can be traded yet; the store refuses them."""


class FeeSchedule(msgspec.Struct, frozen=True):
    """Fees in basis points of notional; a negative maker fee is a rebate."""

    maker_bps: float = 0.0
    taker_bps: float = 0.0


class Instrument(msgspec.Struct, frozen=True, kw_only=True):
    """One tradable thing, keyed by a stable entity id and not by its ticker.

    Attributes:
        id: stable entity id; tickers are renamed and reused, ids are not.
        symbol: the venue's symbol.
        venue: the venue's name, empty where there is none.
        asset_class: spot, equity or perpetual; future and option are reserved.
        base, quote, settle, collateral: currency codes.
        multiplier: units of base per contract.
        inverse: settled in base (coin-margined); reserved.
        tick: price increment, in quote.
        lot: quantity increment, in base units (shares, coins).
        min_notional: smallest order value, in quote.
        max_lots: the venue's largest order, of whatever kind; unset where it has no bound.
        calendar: exchange-calendars name, or ``24/7``.
        fees: maker and taker fees.
        margin_initial, margin_maintenance: fractions of notional.
        shortable: whether short positions may be opened.
        borrow_bps: yearly cost of a short position, basis points of its value.
        half_spread_bps: stands in for a quote where bars are all there is.
        average_volume: stands in for volume in close-only data, base units a row.
        close_only: bars carry a close and nothing else.
        adjusted_only: prices are already back-adjusted; raw prices are unknown.
        listed_ns, delisted_ns: first and last instant of trading, if known.
    """

    id: str
    symbol: str
    venue: str = ""
    asset_class: AssetClass = AssetClass.EQUITY
    base: str = ""
    quote: str = "USD"
    settle: str = "USD"
    collateral: str = "USD"
    multiplier: int = 1
    inverse: bool = False
    tick: Decimal = Decimal("0.01")
    lot: Decimal = Decimal(1)
    min_notional: Decimal = Decimal(0)
    max_lots: int | msgspec.UnsetType = msgspec.UNSET
    calendar: str = "XNYS"
    fees: FeeSchedule = FeeSchedule()
    margin_initial: float = 1.0
    margin_maintenance: float = 1.0
    shortable: bool = False
    borrow_bps: float = 0.0
    half_spread_bps: float = 1.0
    average_volume: float = 0.0
    close_only: bool = False
    adjusted_only: bool = False
    listed_ns: int | None = None
    delisted_ns: int | None = None

    @property
    def value_ratio(self) -> Fraction:
        """Minor units of the settlement currency per (lot x tick), exactly."""
        per_lot_tick = Fraction(self.lot) * Fraction(self.tick) * self.multiplier
        return per_lot_tick * int(10 ** currency(self.settle).digits)

    def check_bounds(self, price: Decimal, quantity: Decimal) -> None:
        """Refuse an instrument whose int64 arithmetic could overflow.

        Args:
            price: largest price to expect.
            quantity: largest position to expect, in base units.

        Raises:
            DataError: when lots x ticks x numerator leaves the safe range.
        """
        ratio = self.value_ratio
        ticks = int(price / self.tick) + 1
        lots = int(quantity / self.lot) + 1
        if 2 * ticks * lots * ratio.numerator + ratio.denominator >= INT64_SAFE:
            raise DataError(
                f"{self.symbol}: {quantity} units at {price} overflow 64-bit cash",
                "instruments.yaml",
                "use a coarser tick or lot for this instrument",
            )


def spot_pair(
    symbol: str, base: str, quote: str, *, lot: Decimal, min_notional: Decimal,
    fees: FeeSchedule, tick: Decimal, venue: str = "", half_spread_bps: float = 1.0,
    max_lots: int | msgspec.UnsetType = msgspec.UNSET,
) -> Instrument:  # fmt: skip
    """A coin against another: at all hours, paid in full, never short.

    Its symbol is its id as well; everything else is as in `Instrument`.
    """
    return Instrument(
        id=symbol, symbol=symbol, venue=venue, asset_class=AssetClass.SPOT, base=base,
        quote=quote, settle=quote, collateral=quote, tick=tick, lot=lot, fees=fees,
        min_notional=min_notional, calendar="24/7", half_spread_bps=half_spread_bps,
        max_lots=max_lots,
    )  # fmt: skip


def lots_begun(amount: Decimal, lot: Decimal) -> int:
    """Lots that an amount takes a part of, whole ones included."""
    return int((amount / lot).to_integral_value(ROUND_CEILING))
