"""Complaint 6: the same order is sent twice, and the position is twice what was wanted."""

import pytest

from kedge.venues.simulated.fault_plan import Fault
from kedge.venues.simulated.requests import Query, Submit
from stages import assert_whole, bad_line, booked, good_line, held_at_the_venue, holding

SEED = 7
HIDING = (
    Fault.ANSWER_LOST, Fault.ANSWER_LATE, Fault.ERROR_DONE, Fault.ERROR_NOT_DONE,
    Fault.REQUEST_LOST, Fault.REQUEST_LATE,
)  # fmt: skip


def assert_each_once(world) -> None:
    assert set(world.submitted.values()) == {1}
    assert_whole(world)
    assert set(world.submitted.values()) == {1}
    assert booked(world) == held_at_the_venue(world)


@pytest.mark.parametrize("fault", HIDING, ids=lambda fault: fault.value)
def test_an_order_that_nobody_answered_is_asked_for_and_never_resent(fault: Fault):
    world = holding(SEED)
    for _ in range(4):
        world.venue.befall(fault, Submit)
        world.go(11)
    assert world.venue.counts[fault] >= 3
    assert_each_once(world)


def test_not_found_for_an_order_that_is_still_on_its_way_is_no_reason_to_send_it_again():
    world = holding(SEED)
    for _ in range(4):
        world.venue.befall(Fault.REQUEST_LATE, Submit)
        world.venue.befall(Fault.REQUEST_TWICE, Query)
        world.go(11)
    assert_each_once(world)


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("power", [False, True], ids=["killed", "no power"])
def test_a_process_that_dies_around_a_send_does_not_send_again(after: bool, power: bool):
    world = holding(SEED)
    for _ in range(4):
        sent = world.counts["crashes"]
        world.line.fuse, world.line.after = 0, after
        world.go(30, lambda sent=sent: world.counts["crashes"] > sent)
        if power:
            world.crash(power=True)
        world.go(8)
    assert world.counts["crashes"] >= 4
    assert_each_once(world)


def test_a_second_acknowledgement_and_a_second_fill_are_the_same_order():
    world = holding(SEED)
    bad_line(world, Fault.REPORT_TWICE)
    world.go(60)
    good_line(world)
    assert_each_once(world)
