"""Complaint 5: orders that an outage swallowed are filled, and nobody knows of the position."""

import pytest

from kedge.domain.decided import OrderApproved
from kedge.execution.tracked import Unknown, exposed
from kedge.venues.simulated.fault_plan import Fault
from stages import (
    SECOND,
    assert_whole,
    bad_line,
    booked,
    good_line,
    held_at_the_venue,
    holding,
    of_kind,
)

SEED = 5


@pytest.mark.parametrize("hidden", [Fault.ERROR_DONE, Fault.ANSWER_LOST])
def test_what_was_filled_unseen_counts_in_every_limit_and_is_found(hidden: Fault):
    world = holding(SEED)
    bad_line(world, hidden, Fault.REPORT_LOST)

    def lost() -> bool:
        unseen = held_at_the_venue(world) != booked(world)
        return unseen and any(isinstance(s, Unknown) for s in world.desk.orders.values())

    assert world.go(40, lost)
    unseen = held_at_the_venue(world)[0] - booked(world)[0]
    assert 0 < unseen <= world.desk.working(0, 1), "what may have filled is counted"
    good_line(world)
    assert world.go(70, lambda: booked(world) == held_at_the_venue(world))
    assert_whole(world)


def test_orders_into_a_silent_line_are_all_in_the_ledger_afterwards():
    world = holding(SEED, instruments=3)
    bad_line(world, Fault.ANSWER_LOST)
    known = len(world.records())
    world.venue.strike(Fault.HALF_OPEN, 15 * SECOND)
    world.go(14)
    sent = [r.order.id for r in of_kind(world, OrderApproved, known) if not r.order.protective]
    assert len(sent) >= 3
    assert held_at_the_venue(world) != booked(world)
    good_line(world)
    world.go(80)
    assert all(not exposed(world.desk.state_of(name)) for name in sent)
    assert_whole(world)
