"""The market that a server runs: well-known coins, generated flow or a tape of files."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Final

import msgspec

from kedge.domain.errors import ConfigError
from kedge.domain.instrument import FeeSchedule, spot_pair
from kedge.domain.money import currency, to_minor
from kedge.venues.simulated.crowd import Habits
from kedge.venues.simulated.flow import Stream, flowing
from kedge.venues.simulated.listing import listed
from kedge.venues.simulated.prices import Worth
from kedge.venues.simulated.requests import Sent
from kedge.venues.simulated.setup import Setup
from kedge.venues.simulated.tape import taped
from kedge.venues.wire.floor import Floor
from kedge.venues.wire.past import past_of
from kedge.venues.wire.spot import Spot
from kedge.venues.wire.tapes import TapeFile, first_prices, tape_of
from kedge.venues.wire.till import QUOTE

QUOTES: Final = ("USDT", "USDC", "EUR")
_FEE_BPS: Final = 10.0
_PURSE: Final = Decimal(10)
"""Coins that an account starts with where fees are taken in one."""


class Coin(msgspec.Struct, frozen=True):
    """What a coin costs at first, and the increments it trades in."""

    price: str
    tick: str
    lot: str


COINS: Final = {
    "BTC": Coin("60000", "0.01", "0.00001"),
    "ETH": Coin("3000", "0.01", "0.0001"),
    "BNB": Coin("600", "0.01", "0.001"),
    "SOL": Coin("150", "0.01", "0.001"),
    "XRP": Coin("0.6", "0.0001", "0.1"),
    "ADA": Coin("0.45", "0.0001", "0.1"),
    "DOGE": Coin("0.12", "0.00001", "1"),
    "LTC": Coin("80", "0.01", "0.001"),
    "LINK": Coin("14", "0.001", "0.01"),
    "AVAX": Coin("30", "0.001", "0.01"),
}
"""Coins that are known; prices are those of some day."""


class World(msgspec.Struct, frozen=True, kw_only=True):
    """A market; with the log of what was asked of it, the whole of a venue.

    Attributes:
        symbols: such as BTCUSDT, all in one quote currency.
        start: ns UTC; the tape begins here.
        seed: of the flow.
        cash: of the account at the start, in the quote currency.
        fees_in: where fees are taken; see `kedge.venues.wire.till.Till`. Where it is a coin, the
            account starts with some of it.
        largest: what the largest order is worth at the first prices, in the quote currency; 0
            leaves it at what 64-bit sums can hold.
        tapes: files that the market is played back from; without any, flow is generated.
    """

    symbols: tuple[str, ...]
    start: int
    seed: int = 0
    cash: int = 100_000
    fees_in: str = QUOTE
    largest: int = 0
    tapes: tuple[TapeFile, ...] = ()

    def open(self, log: Callable[[Sent], object] = id) -> Floor:
        """The exchange at its first instant.

        Raises:
            ConfigError: a symbol that is not known, or twice, or in another currency; or a
                coin for fees that has no symbol.
            DataError: a tape cannot be read.
        """
        spots = spots_of(self.symbols, self.largest)
        tape = tape_of(self.tapes, spots, self.start) if self.tapes else None
        opening = {spot.listing.key: _opening(spot) for spot in spots}
        opening |= first_prices(tape.lines) if tape is not None else {}
        quote = spots[0].listing.settle
        setup = Setup(
            listings=tuple(spot.listing for spot in spots),
            cash={quote: to_minor(Decimal(self.cash), currency(quote))},
            lots={
                spot.listing.key: int(_PURSE / spot.instrument.lot)
                for spot in spots
                if spot.instrument.base == self.fees_in
            },
            opening=opening,
            start=self.start,
            seed=self.seed,
        )
        streams = [_stream(spot, opening[spot.listing.key]) for spot in spots]
        past = past_of(streams, self.start, self.seed)
        market = flowing(streams, self.seed, self.start) if tape is None else taped(tape.lines)
        told = () if tape is None else tape.told
        return Floor(setup, market, spots, log, past, self.fees_in, told)


def spots_of(symbols: Sequence[str], largest: int = 0) -> tuple[Spot, ...]:
    """Symbols of the wire by their names, keyed in order from 0.

    Args:
        symbols: their names.
        largest: as in `World`.

    Raises:
        ConfigError: a symbol that is not known, or twice, or in another currency.
    """
    found = tuple(_spot(key, symbol, largest) for key, symbol in enumerate(symbols))
    if len({spot.listing.settle for spot in found}) != 1 or len(set(symbols)) != len(symbols):
        raise ConfigError(
            f"symbols {', '.join(symbols)}",
            "--symbols",
            "name each once, all in one quote currency, such as BTCUSDT,ETHUSDT",
        )
    return found


def _spot(key: int, symbol: str, largest: int) -> Spot:
    quote = next((quote for quote in QUOTES if symbol.endswith(quote)), "")
    base = symbol.removesuffix(quote) if quote else symbol
    coin = COINS.get(base)
    if coin is None or not quote:
        known = ", ".join(f"{name}USDT" for name in COINS)
        raise ConfigError(f"no symbol {symbol!r}", "--symbols", f"known are {known}")
    instrument = spot_pair(
        symbol, base, quote, tick=Decimal(coin.tick), lot=Decimal(coin.lot),
        min_notional=Decimal(5), fees=FeeSchedule(_FEE_BPS, _FEE_BPS),
    )  # fmt: skip
    listing = listed(key, instrument)
    if largest:
        most = int(largest / (Decimal(coin.price) * instrument.lot))
        listing = msgspec.structs.replace(listing, max_lots=max(1, min(most, listing.max_lots)))
    return Spot(instrument, listing)


def _opening(spot: Spot) -> int:
    return int(Decimal(COINS[spot.instrument.base].price) / spot.instrument.tick)


def _stream(spot: Spot, ticks: int) -> Stream:
    """Spreads of a basis point or so, orders of some thousand in the quote currency."""
    lots = Decimal(5_000) / (ticks * spot.instrument.tick * spot.instrument.lot)
    habits = Habits(half_spread=max(0.5, ticks * 2e-5), width=max(2.0, ticks * 1e-4),
                    lots=float(max(lots, Decimal(1))))  # fmt: skip
    return Stream(spot.listing.key, Worth(ticks=ticks), habits)
