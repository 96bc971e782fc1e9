"""Routing: primary and fallback by health and cost, and no flapping between them."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kedge.execution.router import Option, RouteTerms, ailment, cost_bps, route
from orders import S

TERMS = RouteTerms()
NOW = 1_000 * S


def option(key: int = 0, **changes: Any) -> Option:
    given = {
        "rank": key, "link": True, "banned": False, "since": 0, "age": S, "bid": 9_999,
        "ask": 10_001, "bid_lots": 100, "ask_lots": 100, "lots": 10, "taker_bps": 10.0,
    }  # fmt: skip
    return Option(key=key, **{**given, **changes})


def chosen(*options: Option, current: int | None = None, side: int = 1, **terms: Any) -> int | None:
    return route(options, side, current, NOW, RouteTerms(**terms)).key


def test_cost_is_half_the_spread_fee_and_what_lies_beyond_the_shown_depth() -> None:
    assert cost_bps(option(), 1, TERMS) == pytest.approx(11.0)
    assert cost_bps(option(lots=300), 1, TERMS) == pytest.approx(12.0)
    thin = option(lots=300, bid_lots=10)
    assert cost_bps(thin, -1, TERMS) == pytest.approx(11.0 + 0.5 * 29)


def test_the_primary_is_taken_unless_a_fallback_saves_enough() -> None:
    assert chosen(option(), option(1)) == 0
    assert chosen(option(), option(1, taker_bps=5.5)) == 0
    assert chosen(option(), option(1, taker_bps=4.5)) == 1
    assert chosen(option(), option(1, taker_bps=9.5), prefer_bps=0.0) == 1
    assert chosen(option(), option(1, taker_bps=-50.0), prefer_bps=1e6) == 0


SICK = [
    {"link": False}, {"link": None}, {"banned": True}, {"bid": 0}, {"ask": 0}, {"bid": 10_002},
    {"age": -1}, {"age": 5 * S + 1}, {"ask_lots": 0}, {"taker_bps": float("nan")},
    {"bid": float("nan")}, {"lots": 0},
]  # fmt: skip


@pytest.mark.parametrize("sick", SICK, ids=str)
def test_a_venue_that_is_not_healthy_is_left_for_a_fallback(sick: dict[str, Any]) -> None:
    assert ailment(option(**sick), TERMS)
    assert chosen(option(**sick), option(1), current=0) == 1
    result = route([option(**sick), option(1, **sick)], 1, 0, NOW, TERMS)
    assert result.key is None
    assert result.cost_bps == float("inf")
    assert result.why.startswith("key 0: ")


def test_without_venues_there_is_no_route() -> None:
    assert route([], 1, None, NOW, TERMS).key is None


def test_the_venue_in_use_is_kept_until_another_saves_more_than_the_threshold() -> None:
    near = option(1, taker_bps=3.5)
    assert chosen(option(), near, current=0) == 0
    assert chosen(option(), near, current=1) == 1
    assert chosen(option(), option(1, taker_bps=2.9), current=0) == 1


def test_the_primary_is_returned_to_only_after_it_has_been_healthy_for_a_while() -> None:
    back = option(since=NOW - 59 * S)
    assert chosen(back, option(1), current=1) == 1
    assert chosen(option(since=NOW - 60 * S), option(1), current=1) == 0
    assert chosen(back, option(1, link=False), current=1) == 0


def test_a_venue_that_was_just_seen_to_work_is_better_than_none() -> None:
    assert chosen(option(since=NOW)) == 0
    assert chosen(option(since=NOW), option(1)) == 1


@given(st.lists(st.floats(-0.9, 0.9), min_size=5, max_size=40))
def test_noise_below_the_threshold_never_moves_the_route(noise: list[float]) -> None:
    current = chosen(option(), option(1, taker_bps=5.0))
    for bps in noise:
        new = chosen(option(taker_bps=10.0 + bps), option(1, taker_bps=5.0 - bps), current=current)
        assert new == current


@given(
    st.lists(st.tuples(st.booleans(), st.floats(-5, 30), st.integers(0, 10 * S)), max_size=4),
    st.integers(0, 5),
)
def test_a_route_is_a_healthy_venue_whenever_there_is_one(
    venues: list[tuple[bool, float, int]], current: int
) -> None:
    options = [
        option(key, link=link, taker_bps=fee, age=age)
        for key, (link, fee, age) in enumerate(venues)
    ]
    healthy = {o.key for o in options if not ailment(o, TERMS)}
    key = route(options, 1, current, NOW, TERMS).key
    assert (key in healthy) if healthy else (key is None)
