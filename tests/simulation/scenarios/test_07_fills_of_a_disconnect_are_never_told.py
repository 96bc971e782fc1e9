"""Complaint 7: what filled while the broker was disconnected stays unknown."""

import pytest

from kedge.venues.simulated.fault_plan import Fault
from stages import (
    NEAR,
    SECOND,
    assert_whole,
    booked,
    held_at_the_venue,
    holding,
    stop_of,
    trade_through,
)  # fmt: skip

GRACE_S = 5
"""From the line's return to books that agree: one question and its answer, with some room."""


@pytest.mark.parametrize("seed", [2, 3, 4])
@pytest.mark.parametrize("silence", [Fault.LINK_DOWN, Fault.HALF_OPEN])
def test_a_stop_that_filled_while_nobody_listened_is_booked_when_the_line_is_back(silence, seed):
    world = holding(seed, views=NEAR)
    held = booked(world)[0]
    world.venue.strike(silence, 12 * SECOND)
    trade_through(world, stop_of(world).trigger)
    world.go(2)
    gone = held - held_at_the_venue(world).get(0, 0)
    assert gone > 0, "the stop did not fill"
    assert booked(world)[0] == held, "it was told although nobody listened"
    world.go(10 + GRACE_S)
    assert booked(world) == held_at_the_venue(world)
    assert_whole(world)


def test_fills_from_before_a_crash_are_asked_for_by_the_next_process():
    world = holding(2, views=NEAR)
    world.venue.strike(Fault.HALF_OPEN, 15 * SECOND)
    trade_through(world, stop_of(world).trigger)
    world.go(2)
    world.crash(power=True)
    world.go(GRACE_S, lambda: booked(world) == held_at_the_venue(world))
    assert booked(world) == held_at_the_venue(world)
    assert_whole(world)
