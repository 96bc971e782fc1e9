"""Coins that the embedded venue lists, so that a session needs no data to begin with.

Prices, steps and sizes are of the order of magnitude of the real ones; fees are lower than
those of real exchanges, so that rows of seconds can be traded at all.
"""

from decimal import Decimal
from typing import Final

import msgspec

from kedge.domain.instrument import FeeSchedule, Instrument, spot_pair
from kedge.venues.simulated.crowd import Habits
from kedge.venues.simulated.prices import Worth

VENUE: Final = "embedded"
FEES: Final = FeeSchedule(maker_bps=0.2, taker_bps=0.5)


class Issue(msgspec.Struct, frozen=True):
    """An instrument and the market in it.

    Attributes:
        instrument: what is traded.
        worth: how its price moves; ``worth.ticks`` is where it begins.
        habits: who else trades.
    """

    instrument: Instrument
    worth: Worth
    habits: Habits


def _coin(base: str, ticks: int, tick: str, lot: str, lots: float, volatility: float) -> Issue:
    """Args: the base, price in ticks, steps, mean lots of an order, daily volatility."""
    symbol = f"{base}USDT"
    instrument = spot_pair(
        symbol, base, "USDT", venue=VENUE, tick=Decimal(tick), lot=Decimal(lot),
        min_notional=Decimal(5), fees=FEES, half_spread_bps=0.5,
    )  # fmt: skip
    breadth = ticks / 10_000
    habits = Habits(rate=5.0, orders=60, half_spread=0.3 * breadth, width=3.0 * breadth, lots=lots)
    return Issue(instrument, Worth(ticks=ticks, volatility=volatility, trend_s=900.0), habits)


COINS: Final = {
    each.instrument.symbol: each
    for each in (
        _coin("BTC", 60_000, "1", "0.0001", 900.0, 0.08),
        _coin("ETH", 60_000, "0.05", "0.001", 1_800.0, 0.10),
        _coin("SOL", 30_000, "0.005", "0.01", 3_600.0, 0.13),
        _coin("BNB", 30_000, "0.02", "0.001", 9_000.0, 0.09),
    )
}
"""Listed coins by symbol."""
