"""Where an exchange takes its fees: in the quote currency, or out of a coin that is held.

The account of the simulated exchange pays every fee in cash. This one gets that cash back in
the same instant and pays in coins, so whatever the exchange checks against it - what may be
spent, what may be sold, whether a touched stop is covered - is checked against what is there.
"""

from collections import deque
from collections.abc import Mapping
from decimal import ROUND_DOWN, Decimal
from typing import Final

import msgspec

from kedge.domain.errors import ConfigError
from kedge.domain.instrument import lots_begun
from kedge.domain.money import currency, to_decimal
from kedge.domain.report import Filled
from kedge.venues.simulated.account import Account, Hold
from kedge.venues.simulated.exchange import Exchange
from kedge.venues.wire.spot import Spot

QUOTE: Final = "quote"
BOUGHT: Final = "bought"
_SMALLEST: Final = Decimal("0.00000001")
_Paid = tuple[str, Decimal]
_IN_CASH: Final[_Paid] = ("", Decimal(0))


class Till(Account):
    """The account, and where its fees are taken.

    Args:
        exchange: whose account it becomes.
        spots: the symbols, by key.
        fees_in: ``quote``; ``bought``, out of the coin bought on a purchase and out of the
            quote on a sale; or a coin, out of which all fees are taken while there is enough
            of it, and otherwise as with ``bought``.

    Attributes:
        parts: what is held beyond whole lots, in coins, by key; less than a lot.

    Raises:
        ConfigError: the coin has no symbol here that tells what it is worth.
    """

    __slots__ = ("_fees_in", "_key", "_spots", "_told", "parts")

    def __init__(self, exchange: Exchange, spots: Mapping[int, Spot], fees_in: str) -> None:
        was = exchange.account
        super().__init__(
            exchange.listings, was.cash, was.lots, lambda key: exchange.matchers[key].last
        )
        exchange.account = self
        self._spots, self._fees_in = spots, fees_in
        self._key = None if fees_in in (QUOTE, BOUGHT) else _key_of(fees_in, spots)
        self._told: deque[_Paid] = deque()
        self.parts = {key: Decimal(0) for key in spots}

    def needs(self, key: int, side: int, lots: int, notional: int) -> Hold:
        """What an order has to have: a purchase whose fee is no cash needs none for it."""
        hold = super().needs(key, side, lots, notional)
        return hold if self._fees_in == QUOTE or side < 0 else Hold(key, notional, 0)

    def fill(self, key: int, side: int, lots: int, ticks: int, maker: bool) -> int:
        """Book a fill; what its fee is worth in minor units."""
        fee = super().fill(key, side, lots, ticks, maker)
        paid = self._paid(key, side, lots, fee, maker)
        self._told.append(paid)
        if paid[0]:
            settle = self._listings[key].settle
            self.cash[settle] += fee
            self.fees[settle] -= fee
        return fee

    def named(self, fill: Filled) -> Filled:
        """The next fill that was booked, with the coin that its fee was taken in."""
        coin, amount = self._told.popleft()
        return msgspec.structs.replace(fill, paid_in=coin, paid=amount) if coin else fill

    def free_coins(self, key: int) -> Decimal:
        """What may be sold or taken of a coin, parts of a lot included."""
        return self.free_lots(key) * self._spots[key].instrument.lot + self.parts[key]

    def _paid(self, key: int, side: int, lots: int, fee: int, maker: bool) -> _Paid:
        """Take a fee out of a coin, if it is to be: which, and how much."""
        if self._fees_in == QUOTE or fee <= 0:
            return _IN_CASH
        if self._key is not None:
            amount = self._worth(key, fee)
            if 0 < amount <= self.free_coins(self._key):
                return self._take(self._key, amount)
        if side < 0:
            return _IN_CASH
        spot = self._spots[key]
        rate = spot.listing.maker if maker else spot.listing.taker
        return self._take(key, _rounded(lots * spot.instrument.lot * Decimal(f"{rate:.8f}")))

    def _worth(self, key: int, fee: int) -> Decimal:
        """What a fee on ``key`` is in the coin that fees are taken in; 0 before it has a price."""
        own = self._spots[self._key or 0]
        last = self._mark(own.listing.key)
        cash = to_decimal(fee, currency(self._listings[key].settle))
        return _rounded(cash / (last * own.instrument.tick)) if last else Decimal(0)

    def _take(self, key: int, amount: Decimal) -> _Paid:
        instrument = self._spots[key].instrument
        lots = lots_begun(amount - self.parts[key], instrument.lot)
        self.lots[key] -= lots
        self.parts[key] += lots * instrument.lot - amount
        return instrument.base, amount


def _key_of(coin: str, spots: Mapping[int, Spot]) -> int:
    for key, spot in spots.items():
        if spot.instrument.base == coin:
            return key
    known = ", ".join(sorted({spot.instrument.base for spot in spots.values()}))
    raise ConfigError(
        f"fees in {coin!r}", "--fees-in", f"quote, bought, or a coin among --symbols: {known}"
    )


def _rounded(amount: Decimal) -> Decimal:
    """As the exchange writes a commission: what is below its eighth decimal is not taken."""
    return amount.quantize(_SMALLEST, ROUND_DOWN)
