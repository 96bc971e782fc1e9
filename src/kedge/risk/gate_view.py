"""What the pre-trade gate may know: the rules of a key, and a view of one instant."""

from math import isfinite
from typing import Final

import msgspec

from kedge.domain.control import Mode
from kedge.domain.errors import ConfigError

_SECOND: Final = 1_000_000_000
LARGEST: Final = 2**53
"""Lots and ticks beyond this are absurd: float64 no longer counts them one by one."""


class GateRules(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Limits and abilities that orders of one key are held against.

    Attributes:
        num, den: minor units of the settlement currency per lot x tick, as a fraction.
        max_notional: largest order, settlement minor units.
        min_notional: smallest order that the venue takes, settlement minor units.
        lot_step, tick_step: the venue's steps, in lots and ticks.
        max_lots: the venue's largest order.
        fee: of taking, fraction of notional; a rebate counts as none.
        margin: cash that a buy takes, fraction of notional.
        position: largest position of the instrument, fraction of equity.
        gross: largest sum of positions, times equity.
        spread_bps, slippage_bps, band_bps: widest spread, largest expected slippage, and
            largest distance of a price from the other side of the quote.
        impact: kappa of ``kappa * sigma * sqrt(lots / volume of a session)``.
        stale_ns: oldest quote.
        interval_ns: shortest time between two orders that add risk.
        open_orders: most orders at work.
        participation, participation_hour: shares of the average row's and hour's volume.
        short: positions below zero are allowed.
        stops, stop_limit, post_only, ioc, fok, iceberg, reduce_only: what the venue can do.
        client_ids: the venue takes ours; without them one order a side may be at work.
        closes_dust: the venue takes an order below its minimum that closes a position.
        bars: orders meet one bar and are gone, as the bar contract has it.
    """

    num: int
    den: int
    max_notional: int
    min_notional: int = 0
    lot_step: int = 1
    tick_step: int = 1
    max_lots: int = LARGEST
    fee: float = 0.0
    margin: float = 1.0
    position: float = 0.10
    gross: float = 1.0
    spread_bps: float = 20.0
    slippage_bps: float = 50.0
    band_bps: float = 200.0
    impact: float = 0.5
    stale_ns: int = 5 * _SECOND
    interval_ns: int = 30 * _SECOND
    open_orders: int = 10
    participation: float = 0.05
    participation_hour: float = 0.10
    short: bool = False
    stops: bool = True
    stop_limit: bool = True
    post_only: bool = True
    ioc: bool = True
    fok: bool = True
    iceberg: bool = False
    reduce_only: bool = False
    client_ids: bool = True
    closes_dust: bool = True
    bars: bool = False

    def __post_init__(self) -> None:
        above = self.num, self.den, self.lot_step, self.tick_step, self.max_notional, self.max_lots
        shares = self.position, self.gross, self.participation, self.participation_hour, self.margin
        bounds = self.spread_bps, self.slippage_bps, self.band_bps, self.impact, self.fee
        counts = self.min_notional, self.stale_ns, self.interval_ns, self.open_orders
        if not all(0 < number < 2**62 for number in (*above, *shares)):
            raise _wrong("a limit, step or ratio is not above zero")
        if not all(isfinite(number) and number >= 0 for number in (*bounds, *counts)):
            raise _wrong("a limit is below zero or no number")


def _wrong(what: str) -> ConfigError:
    return ConfigError(f"rules of the pre-trade gate: {what}", "limits", "give every limit a value")


class View(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One instant as the gate sees it, for one key. Whole numbers are Python's ``int``.

    Working lots are those of orders that may still fill, in doubt or not. "Of the
    instrument" is netted over all keys that hold it, in lots of this key.

    Attributes:
        now: ns UTC.
        mode, killed: of the session.
        link: reports of the venue flow.
        settled: the account has been compared with the venue, and no fill is missing.
        duplicate: the order's id was used before.
        bid, ask: ticks; 0 where a side is absent or not trusted.
        age: ns since the quote last changed or was confirmed; -1 where there never was one.
        held: position of the key, signed lots.
        net: position of the instrument, signed lots.
        buying, selling: working lots of the instrument.
        key_buying, key_selling: working lots of the key, without those of orders that the
            venue itself keeps from opening a position.
        buys, sells: orders of the key at work.
        last: when an order of the instrument last added risk, ns UTC; -1 for never.
        used: lots ordered of the instrument in this clock hour.
        row_volume, hour_volume, session_volume: average lots of a row, an hour, a session.
        sigma: daily volatility as a fraction.
        cash: available, settlement minor units.
        reserved: what working buys of the account may still take, fees included.
        equity: reporting minor units.
        gross: the book's exposure if the worst of what works fills, reporting minor units:
            over instruments, the larger of ``|net + buying|`` and ``|net - selling|``.
        rate: reporting minor units of one settlement minor unit.
    """

    now: int
    mode: Mode
    killed: bool
    link: bool
    settled: bool
    duplicate: bool
    bid: int
    ask: int
    age: int
    held: int
    net: int
    buying: int
    selling: int
    key_buying: int
    key_selling: int
    buys: int
    sells: int
    last: int
    used: int
    row_volume: float
    hour_volume: float
    session_volume: float
    sigma: float
    cash: int
    reserved: int
    equity: float
    gross: float
    rate: float
