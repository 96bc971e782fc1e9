"""Prices of children: at the near side first, across the spread near the end."""

from typing import Any

from kedge.domain.decided import Intent
from kedge.domain.order import OrderType, TimeInForce
from kedge.execution.slicing.catalogue import STYLES
from kedge.execution.slicing.plan import Plan, SliceTerms
from kedge.execution.slicing.pricing import Priced, Pricing, outdated, priced

S = 1_000_000_000
GTC, IOC = TimeInForce.GTC, TimeInForce.IOC


def plan_of(name: str = "twap", lots: int = 100, **changes: Any) -> Plan:
    terms = SliceTerms(**{"per_order": 1_000, "per_hour": 1_000, "shown": 10, **changes})
    return STYLES[name](Intent(0, 1, 0, 0, lots, 10_000, 0, 0, 600 * S), terms, 0)


def test_a_child_first_rests_at_the_near_side() -> None:
    terms = Pricing()
    buy = priced(plan_of(), 10, 0, 9_990, 10_000, terms)
    assert buy == Priced(OrderType.LIMIT, GTC, 9_990, True, 0)
    sale = priced(plan_of(lots=-100), 10, 0, 9_990, 10_000, terms)
    assert sale.limit == 10_000


def test_near_the_end_it_crosses_within_the_slippage_limit() -> None:
    terms = Pricing(slippage_bps=50)
    late = plan_of().urgent
    assert late == 480 * S
    buy = priced(plan_of(), 10, late, 9_990, 10_000, terms)
    assert buy == Priced(OrderType.LIMIT, IOC, 10_044, False, 0)
    sale = priced(plan_of(lots=-100), 10, late, 9_990, 10_000, terms)
    assert sale.limit == 9_946
    assert priced(plan_of(), 10, late, 9_990, 10_000, Pricing(ioc=False)).tif is GTC


def test_a_wide_spread_is_not_crossed_beyond_the_limit() -> None:
    buy = priced(plan_of(), 10, 590 * S, 9_000, 11_000, Pricing(slippage_bps=50))
    assert buy.limit == 10_050


def test_the_whole_crosses_at_once() -> None:
    assert priced(plan_of("whole"), 100, 0, 9_990, 10_000, Pricing()).tif is IOC


def test_prices_keep_to_the_venues_step_on_the_safe_side() -> None:
    terms = Pricing(tick_step=25, slippage_bps=50)
    assert priced(plan_of(), 10, 590 * S, 9_990, 10_000, terms).limit == 10_025
    assert priced(plan_of(lots=-9), 9, 590 * S, 9_990, 10_000, terms).limit == 9_950
    assert priced(plan_of(), 10, 0, 9_990, 10_000, terms).limit == 9_975


def test_without_a_quote_a_child_goes_to_the_market() -> None:
    for bid, ask in ((0, 10_000), (9_990, 0), (10_001, 10_000)):
        assert priced(plan_of(), 10, 0, bid, ask, Pricing()).type is OrderType.MARKET


def test_an_iceberg_of_the_venue_shows_no_more_than_there_is() -> None:
    plan = plan_of("iceberg", hidden=True)
    assert priced(plan, 100, 0, 9_990, 10_000, Pricing()).display == 10
    assert priced(plan, 3, 0, 9_990, 10_000, Pricing()).display == 3


def test_a_resting_child_is_made_anew_after_its_gap_and_when_it_becomes_urgent() -> None:
    plan = plan_of()
    assert not outdated(plan, 59 * S, 0, True)
    assert outdated(plan, 60 * S, 0, True)
    assert outdated(plan, 480 * S, 450 * S, True)
    assert not outdated(plan, 500 * S, 480 * S, False)
    assert outdated(plan, 511 * S, 480 * S, False)
    assert outdated(plan, 600 * S, 599 * S, False)


def test_what_an_iceberg_shows_rests_until_it_is_urgent() -> None:
    plan = plan_of("iceberg")
    assert not outdated(plan, 400 * S, 0, True)
    assert outdated(plan, 480 * S, 0, True)
