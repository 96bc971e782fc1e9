"""Complaint 10: clocks differ by seconds, every request is refused with -1021, trading is over."""

import pytest

from kedge.domain.decided import OrderApproved
from kedge.domain.report import Rejected
from kedge.venues.simulated.fault_plan import Fault
from stages import SECOND, assert_whole, booked, guarded, held_at_the_venue, holding, of_kind

SEED = 8


@pytest.mark.parametrize("seconds", [10, 60])
def test_trading_goes_on_without_a_restart_when_the_clock_is_right_again(seconds: int):
    world = holding(SEED)
    known, before = len(world.records()), world.counts["crashes"]
    world.venue.strike(Fault.CLOCK_SKEW, seconds * SECOND)
    world.go(seconds)
    refused = {r.code for r in of_kind(world, Rejected, known)}
    assert refused == {"-1021"}
    again = len(world.records())
    assert world.go(60, lambda: of_kind(world, OrderApproved, again) and guarded(world))
    assert world.counts["crashes"] == before
    assert_whole(world)


def test_what_is_held_is_neither_forgotten_nor_doubled_while_nobody_can_be_asked():
    world = holding(SEED)
    world.venue.strike(Fault.CLOCK_SKEW, 40 * SECOND)
    for _ in range(8):
        world.go(5)
        assert booked(world) == held_at_the_venue(world)
    assert_whole(world)


def test_a_restart_while_the_clock_is_off_waits_with_new_risk_until_it_could_compare():
    world = holding(SEED)
    world.venue.strike(Fault.CLOCK_SKEW, 40 * SECOND)
    world.crash()
    known = len(world.records())
    world.go(25)
    assert not world.desk.compared[0]
    assert not [r for r in of_kind(world, OrderApproved, known) if not r.order.protective]
    assert_whole(world)
