"""A spot instrument on the wire: its texts, exactly, and its entry in the list of symbols."""

from decimal import Decimal, InvalidOperation

import msgspec

from kedge.domain.instrument import Instrument
from kedge.domain.money import INT64_SAFE, currency, to_decimal
from kedge.venues.simulated import codes
from kedge.venues.simulated.codes import Refused
from kedge.venues.simulated.listing import Listing
from kedge.venues.wire.refusals import illegal, refused

_DIGITS = 8
"""Decimals that the exchange writes everywhere."""


class Spot(msgspec.Struct, frozen=True):
    """One symbol.

    Attributes:
        instrument: its names and what one of our ticks and lots is worth.
        listing: the venue's terms.
    """

    instrument: Instrument
    listing: Listing

    @property
    def symbol(self) -> str:
        """As the wire writes it."""
        return self.listing.symbol

    def price(self, ticks: int) -> str:
        """Text of a price."""
        return text(ticks * self.instrument.tick)

    def size(self, lots: int) -> str:
        """Text of a quantity."""
        return text(lots * self.instrument.lot)

    def worth(self, product: int) -> str:
        """Text of a sum of lots times ticks, in the quote currency."""
        return text(product * self.instrument.lot * self.instrument.tick)

    def cash(self, minor: int) -> str:
        """Text of an amount of the settlement currency."""
        return text(to_decimal(minor, currency(self.listing.settle)))

    def ticks(self, written: str, name: str) -> int:
        """A price in ticks.

        Raises:
            RequestError: no number, or no multiple of the tick.
        """
        return _multiple(written, name, self.instrument.tick, codes.PRICE)

    def lots(self, written: str, name: str) -> int:
        """A quantity in lots.

        Raises:
            RequestError: no number, or no multiple of the lot.
        """
        return _multiple(written, name, self.instrument.lot, codes.LOTS)

    def described(self, *, halted: bool) -> dict[str, object]:
        """Its entry in the exchange's information."""
        base, quote = self.instrument.base, self.instrument.quote
        return {
            "symbol": self.symbol,
            "status": "HALT" if halted else "TRADING",
            "baseAsset": base,
            "baseAssetPrecision": _DIGITS,
            "quoteAsset": quote,
            "quotePrecision": _DIGITS,
            "quoteAssetPrecision": _DIGITS,
            "baseCommissionPrecision": _DIGITS,
            "quoteCommissionPrecision": _DIGITS,
            "orderTypes": list(ORDER_TYPES),
            "icebergAllowed": True,
            "ocoAllowed": False,
            "otoAllowed": False,
            "quoteOrderQtyMarketAllowed": True,
            "allowTrailingStop": False,
            "cancelReplaceAllowed": False,
            "isSpotTradingAllowed": True,
            "isMarginTradingAllowed": False,
            "filters": self._filters(),
            "permissions": [],
            "permissionSets": [["SPOT"]],
            "defaultSelfTradePreventionMode": "EXPIRE_TAKER",
            "allowedSelfTradePreventionModes": ["EXPIRE_TAKER"],
        }

    def _filters(self) -> list[dict[str, object]]:
        listing = self.listing
        step, most = self.price(listing.tick_step), self.price((1 << 31) - (1 << 31) % 1000)
        size = {
            "minQty": self.size(listing.min_lots + -listing.min_lots % listing.lot_step),
            "maxQty": self.size(listing.max_lots - listing.max_lots % listing.lot_step),
            "stepSize": self.size(listing.lot_step),
        }
        smallest = self.cash(listing.min_notional)
        band = f"{1 + listing.band:g}", f"{1 - listing.band:g}"
        return [
            {"filterType": "PRICE_FILTER", "minPrice": step, "maxPrice": most, "tickSize": step},
            {"filterType": "LOT_SIZE", **size},
            {"filterType": "MARKET_LOT_SIZE", **size, "stepSize": self.size(0)},
            {"filterType": "ICEBERG_PARTS", "limit": 1_000_000},
            {"filterType": "PERCENT_PRICE", "multiplierUp": band[0], "multiplierDown": band[1]},
            {"filterType": "NOTIONAL", "minNotional": smallest, "applyMinToMarket": True},
            {"filterType": "MAX_NUM_ORDERS", "maxNumOrders": 200},
        ]


ORDER_TYPES = ("LIMIT", "LIMIT_MAKER", "MARKET", "STOP_LOSS", "STOP_LOSS_LIMIT")
"""Kinds of order that are taken."""


def text(amount: Decimal) -> str:
    """An amount as the exchange writes it."""
    return f"{amount:.{_DIGITS}f}"


def number(written: str, name: str) -> Decimal:
    """A plain decimal number, not below zero.

    Raises:
        RequestError: it is none.
    """
    try:
        value = Decimal(written)
    except InvalidOperation:
        raise illegal(name) from None
    if not value.is_finite() or value < 0 or len(written) > 40:
        raise illegal(name)
    return value


def _multiple(written: str, name: str, step: Decimal, otherwise: Refused) -> int:
    value = number(written, name)
    steps = int(value / step) if value < step * INT64_SAFE else 0
    if steps * step != value:
        raise refused(otherwise)
    return steps
