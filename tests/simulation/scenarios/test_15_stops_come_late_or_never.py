"""Complaint 15: the price went through the stop, and the position is still there."""

import pytest

from kedge.testing.simulation.conduct import GRACE_NS
from kedge.venues.simulated.fault_plan import Fault
from kedge.venues.simulated.requests import Submit
from stages import (
    NEAR,
    SECOND,
    assert_whole,
    bad_line,
    booked,
    good_line,
    held_at_the_venue,
    holding,
    stop_of,
    trade_through,
)  # fmt: skip

GRACE_S = GRACE_NS // SECOND
SEEDS = (2, 3)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("blind", [None, Fault.FEED_GAP, Fault.LINK_DOWN, Fault.HALF_OPEN])
def test_a_stop_works_at_the_venue_whatever_we_see(seed: int, blind: Fault | None):
    world = holding(seed, views=NEAR)
    held = held_at_the_venue(world)[0]
    if blind is not None:
        world.venue.strike(blind, 20 * SECOND)
    trade_through(world, stop_of(world).trigger)
    world.go(1)
    assert held_at_the_venue(world).get(0, 0) < held, "it did not work at once"
    assert_whole(world)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("gap", [5, 100, 500])
def test_a_price_that_jumps_past_the_stop_is_sold_and_not_waited_for(seed: int, gap: int):
    world = holding(seed, views=NEAR)
    held, stop = held_at_the_venue(world)[0], stop_of(world)
    trade_through(world, stop.trigger - gap)
    assert world.go(GRACE_S, lambda: held_at_the_venue(world).get(0, 0) < held // 2)
    assert_whole(world)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("power", [False, True], ids=["killed", "no power"])
def test_a_process_that_dies_between_a_fill_and_its_stop_puts_the_stop(seed: int, power: bool):
    world = holding(seed)
    stop = stop_of(world)
    assert world.go(
        60, lambda: world.desk.stops[0] != stop.id or world.desk.positions[0] > stop.lots
    )
    world.crash(power)

    def covered() -> bool:
        open_stops = [k for k in world.venue.truth().open if k.order.trigger]
        return sum(k.order.lots for k in open_stops) == held_at_the_venue(world).get(0, 0)

    assert world.go(GRACE_S, covered)
    assert_whole(world)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_venue_that_refuses_stops_does_not_leave_the_position_bare(seed: int):
    world = holding(seed)
    stop = stop_of(world)
    for _ in range(6):
        world.venue.befall(Fault.RATE_LIMITED, Submit)
        world.go(3)
    known = booked(world)[0]
    assert known >= stop.lots
    assert_whole(world)


def test_a_bad_line_around_the_touch_delays_what_is_known_and_not_what_happens():
    world = holding(3, views=NEAR)
    bad_line(world, Fault.REPORT_LOST, Fault.ANSWER_LOST)
    trade_through(world, stop_of(world).trigger)
    world.go(20)
    good_line(world)
    assert world.go(70, lambda: booked(world) == held_at_the_venue(world))
    assert_whole(world)
