"""Which symbols a feed carries, and the steps their prices and quantities come in."""

from collections.abc import Iterable
from decimal import Decimal

import msgspec
import numpy as np

from kedge.data.wire.decimals import I64, one, refusal
from kedge.domain.errors import DataError, MessageError


class Listing(msgspec.Struct, frozen=True):
    """One symbol of a venue.

    Attributes:
        key: place in the session's table of keys.
        symbol: as the venue's messages write it.
        tick, lot: increments of price and quantity.
        price_digits, size_digits: decimals that the venue writes, for checksums over its
            text; -1: as many as tick and lot have.
    """

    key: int
    symbol: str
    tick: Decimal
    lot: Decimal
    price_digits: int = -1
    size_digits: int = -1


class Steps:
    """A listing as compiled code takes it."""

    __slots__ = ("_lot", "_tick", "digits", "key", "scale", "symbol")

    def __init__(self, listing: Listing) -> None:
        self.key, self.symbol = listing.key, listing.symbol
        self._tick = _step(listing.tick, listing.symbol, "tick")
        self._lot = _step(listing.lot, listing.symbol, "lot")
        self.scale: I64 = np.array([*self._tick, *self._lot], dtype=np.int64)
        price = self._tick[1] if listing.price_digits < 0 else listing.price_digits
        size = self._lot[1] if listing.size_digits < 0 else listing.size_digits
        self.digits = (price, size)

    def price(self, text: bytes) -> int:
        """Ticks of a price above zero.

        Raises:
            MessageError: it is none, or no multiple of the tick.
        """
        ticks = self.price_or_none(text)
        if not ticks:
            raise MessageError(f"{self.symbol}: a price of zero")
        return ticks

    def price_or_none(self, text: bytes) -> int:
        """Ticks of a price, zero where a side is absent."""
        ticks: int = one(text, *self._tick, False)
        if ticks < 0:
            raise refusal(ticks, text)
        return ticks

    def lots(self, text: bytes) -> int:
        """Whole lots of a quantity, zero included."""
        lots: int = one(text, *self._lot, True)
        if lots < 0:
            raise refusal(lots, text)
        return lots

    def traded(self, text: bytes) -> int:
        """Lots of a trade, above zero."""
        lots = self.lots(text)
        if not lots:
            raise MessageError(f"{self.symbol}: a trade of less than a lot")
        return lots


class Listings:
    """The symbols of one feed."""

    def __init__(self, listings: Iterable[Listing]) -> None:
        self.all = tuple(listings)
        self._steps = {listing.symbol: Steps(listing) for listing in self.all}

    def of(self, symbol: str) -> Steps:
        """Steps of a symbol.

        Raises:
            MessageError: the feed does not carry it.
        """
        try:
            return self._steps[symbol]
        except KeyError:
            raise MessageError(f"unknown symbol {symbol[:40]!r}") from None


def _step(step: Decimal, symbol: str, what: str) -> tuple[int, int]:
    if not step.is_finite() or step <= 0:
        raise DataError(f"{what} {step} is not above zero", symbol)
    _, digits, exponent = step.normalize().as_tuple()
    whole = int("".join(map(str, digits))) * 10 ** max(int(exponent), 0)
    decimals = max(-int(exponent), 0)
    if decimals > 18 or whole >= 10**18:
        raise DataError(f"{what} {step} leaves 64 bits", symbol)
    return whole, decimals
