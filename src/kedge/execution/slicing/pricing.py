"""What a child is priced at: passive first, then across the spread within the slippage limit."""

from math import ceil, floor
from typing import Final

import msgspec

from kedge.domain.order import OrderType, TimeInForce
from kedge.execution.slicing.plan import Plan, Shown

# Read through its class a member takes ten times as long as a name of the module's.
_LIMIT: Final = OrderType.LIMIT
_GTC, _IOC = TimeInForce.GTC, TimeInForce.IOC


class Pricing(msgspec.Struct, frozen=True, kw_only=True):
    """What prices may be asked for a key.

    Attributes:
        slippage_bps: farthest from the middle of the quote.
        tick_step: the venue's price step, in ticks.
        post_only, ioc: the venue has them.
    """

    slippage_bps: float = 50.0
    tick_step: int = 1
    post_only: bool = True
    ioc: bool = True


class Priced(msgspec.Struct, frozen=True):
    """Kind, life and price of a child; fields as in `kedge.domain.order.Order`."""

    type: OrderType
    tif: TimeInForce
    limit: int
    post_only: bool
    display: int


def priced(plan: Plan, lots: int, now: int, bid: int, ask: int, terms: Pricing) -> Priced:
    """The price of a child of ``lots`` at ``now``, ns UTC.

    Without a quote it goes to the market, which the gate admits for a reduction only.
    """
    display = min(plan.display, lots)
    if not 0 < bid <= ask:
        return Priced(OrderType.MARKET, TimeInForce.GTC, 0, False, 0)
    if now < plan.urgent:
        near = bid if plan.side > 0 else ask
        return Priced(
            _LIMIT, _GTC, _step(near, plan.side, terms.tick_step),
            terms.post_only, display,
        )  # fmt: skip
    crossing = _crossing(plan.side, bid, ask, terms)
    tif = _IOC if terms.ioc else _GTC
    return Priced(_LIMIT, tif, crossing, False, 0)


def outdated(plan: Plan, now: int, placed: int, passive: bool) -> bool:
    """Whether a child that still rests is to be cancelled, so that its lots are ordered anew.

    Args:
        plan: of its intent.
        now: ns UTC.
        placed: when it was made, ns UTC.
        passive: it waits at the near side of the quote.
    """
    if now >= plan.until:
        return True
    if not passive:
        return now >= placed + plan.interval_ns
    if now >= plan.urgent:
        return placed < plan.urgent
    return not isinstance(plan, Shown) and now >= placed + plan.gap_ns


def _crossing(side: int, bid: int, ask: int, terms: Pricing) -> int:
    """The worst price within the slippage limit of the middle; it may fail to cross."""
    middle = 0.5 * (bid + ask)
    reach = middle + side * middle * terms.slippage_bps / 1e4
    return _step(floor(reach) if side > 0 else ceil(reach), side, terms.tick_step)


def _step(ticks: int, side: int, step: int) -> int:
    """Rounded to the venue's step against nobody: down for a buy, up for a sale."""
    down = ticks - ticks % step
    return max(step, down if side > 0 or down == ticks else down + step)
