"""Where an instrument is traded: the cheapest healthy venue, with a primary, without flapping.

A venue's cost is relative to its own middle price, so venues that quote in different
currencies compare: half the spread, the taker fee, and what the order pays beyond the
shown depth. A venue of lower rank must be cheaper by ``prefer_bps`` for each rank; so a
large figure gives a plain primary with fallbacks, and zero the cheapest. The venue in use
is left when it is not healthy, or for one that is cheaper by ``switch_bps`` and has been
healthy for a while.
"""

from collections.abc import Sequence
from typing import Final

import msgspec

_SECOND: Final = 1_000_000_000
_NOWHERE: Final = float("inf")


class RouteTerms(msgspec.Struct, frozen=True, kw_only=True):
    """When a venue is taken and left.

    Attributes:
        stale_ns: oldest quote of a healthy venue.
        prefer_bps: what each rank above the primary must save.
        switch_bps: what another venue must save for the one in use to be left.
        recover_ns: how long a venue must have been healthy to be moved to.
        level_bps: distance of book levels behind the shown one, each as deep as it.
    """

    stale_ns: int = 5 * _SECOND
    prefer_bps: float = 5.0
    switch_bps: float = 2.0
    recover_ns: int = 60 * _SECOND
    level_bps: float = 1.0


class Option(msgspec.Struct, frozen=True, kw_only=True):
    """One venue of an instrument, as it stands.

    Attributes:
        key: place in the table of keys.
        rank: 0 for the primary, then the fallbacks in order.
        link: reports and quotes flow.
        banned: requests are refused for their rate.
        since: when it last became healthy, ns UTC.
        age: ns since its quote changed or was confirmed; -1 without one.
        bid, ask: ticks.
        bid_lots, ask_lots: shown there, in its lots.
        lots: of the order, in its lots; above zero.
        taker_bps: fee.
    """

    key: int
    rank: int
    link: bool
    banned: bool
    since: int
    age: int
    bid: int
    ask: int
    bid_lots: int
    ask_lots: int
    lots: int
    taker_bps: float


class Route(msgspec.Struct, frozen=True):
    """Where to trade.

    Attributes:
        key: chosen, None where no venue is healthy.
        cost_bps: expected there, infinite without one.
        why: one line.
    """

    key: int | None
    cost_bps: float
    why: str


def route(
    options: Sequence[Option], side: int, current: int | None, now: int, terms: RouteTerms
) -> Route:
    """Choose a venue for an order.

    Args:
        options: venues of the instrument.
        side: 1 buys, -1 sells.
        current: key in use, None for none.
        now: ns UTC.
        terms: thresholds.
    """
    healthy = [option for option in options if not ailment(option, terms)]
    if not healthy:
        why = "; ".join(f"key {option.key}: {ailment(option, terms)}" for option in options)
        return Route(None, _NOWHERE, why or "no venue is given")
    steady = [option for option in healthy if now - option.since >= terms.recover_ns]
    used = next((option for option in healthy if option.key == current), None)
    if used is None:
        best = _cheapest(steady or healthy, side, terms)
        why = "nothing was in use" if current is None else f"key {current} is not healthy"
        return Route(best.key, cost_bps(best, side, terms), why)
    best = _cheapest([*steady, used], side, terms)
    saved = _score(used, side, terms) - _score(best, side, terms)
    if best.key != used.key and saved > terms.switch_bps:
        return Route(best.key, cost_bps(best, side, terms), f"saves {saved:.1f} bps")
    return Route(used.key, cost_bps(used, side, terms), "in use")


def ailment(option: Option, terms: RouteTerms) -> str:
    """Why a venue is not healthy; empty for a healthy one."""
    if option.link is not True:
        return "its link is down"
    if option.banned is not False:
        return "its rate limit bans us"
    if not 0 < option.bid <= option.ask:
        return "it has no quote"
    if not 0 <= option.age <= terms.stale_ns:
        return "its quote is stale"
    if not (option.bid_lots > 0 and option.ask_lots > 0 and option.lots > 0):
        return "its quote shows no lots"
    return "" if abs(option.taker_bps) < _NOWHERE else "its fee is not known"


def cost_bps(option: Option, side: int, terms: RouteTerms) -> float:
    """Expected cost of taking there against its own middle, basis points."""
    half = 1e4 * (option.ask - option.bid) / (option.ask + option.bid)
    shown = option.ask_lots if side > 0 else option.bid_lots
    beyond = max(0.0, option.lots / shown - 1.0)
    return half + option.taker_bps + 0.5 * terms.level_bps * beyond


def _score(option: Option, side: int, terms: RouteTerms) -> float:
    return cost_bps(option, side, terms) + terms.prefer_bps * option.rank


def _cheapest(options: Sequence[Option], side: int, terms: RouteTerms) -> Option:
    return min(options, key=lambda o: (_score(o, side, terms), o.rank, o.key))
