"""Complaint 9: a bot that is told to slow down goes on asking, and its address is banned."""

import pytest

from kedge.domain.decided import AccountAsked, CancelAsked, OrderApproved, QueryAsked
from kedge.domain.report import Rejected
from kedge.venues.simulated.fault_plan import Fault
from stages import (
    SECOND,
    assert_whole,
    bad_line,
    booked,
    good_line,
    guarded,
    held_at_the_venue,
    holding,
    of_kind,
)  # fmt: skip

SEED = 6
BAN_S = 60


def requests(world, known: int) -> int:
    """Everything that was sent since; an account is asked for in three requests."""
    single = (OrderApproved, CancelAsked, QueryAsked)
    return sum(len(of_kind(world, kind, known)) for kind in single) + 3 * len(
        of_kind(world, AccountAsked, known)
    )


def test_during_a_ban_less_than_one_request_a_second_leaves_and_the_stop_stays():
    world = holding(SEED)
    before, known = booked(world), len(world.records())
    world.venue.strike(Fault.BANNED, BAN_S * SECOND)
    world.go(BAN_S)
    assert of_kind(world, Rejected, known), "the ban was not felt"
    assert requests(world, known) < BAN_S
    assert booked(world) == held_at_the_venue(world)
    assert booked(world)[0] >= before[0]


def test_after_a_ban_the_session_trades_on_by_itself():
    world = holding(SEED)
    world.venue.strike(Fault.BANNED, 30 * SECOND)
    world.go(30)
    known = len(world.records())
    assert world.go(60, lambda: of_kind(world, OrderApproved, known) and guarded(world))
    assert_whole(world)


@pytest.mark.parametrize("seconds", [5, 20])
def test_questions_that_are_refused_are_asked_ever_less_often(seconds: int):
    world = holding(SEED)
    bad_line(world, Fault.RATE_LIMITED)
    known = len(world.records())
    world.go(seconds)
    assert requests(world, known) <= 2 * seconds
    good_line(world)
    assert_whole(world)
