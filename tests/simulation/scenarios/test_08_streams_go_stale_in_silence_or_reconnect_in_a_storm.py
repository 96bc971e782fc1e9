"""Complaint 8: a stream says nothing and nobody notices, or reconnects until it is banned."""

from kedge.domain.decided import AccountAsked, OrderApproved
from kedge.domain.report import Link
from kedge.venues.simulated.fault_plan import Fault
from stages import SECOND, assert_whole, booked, held_at_the_venue, holding, of_kind

SEED = 4
QUIET_S = 20
"""After which a book that says nothing is not trusted any more."""


def test_a_feed_that_falls_silent_stops_new_risk_and_the_session_trades_on_afterwards():
    world = holding(SEED)
    began, known = world.now, len(world.records())
    world.venue.strike(Fault.FEED_GAP, 60 * SECOND)
    world.go(60)
    orders = [r for r in of_kind(world, OrderApproved, known) if not r.order.protective]
    assert all(r.at < began + QUIET_S * SECOND for r in orders)
    assert world.shell.market.quotes(world.now)[0].age < 0, "a book of long ago is still believed"
    again = len(world.records())
    world.go(30)
    assert [r for r in of_kind(world, OrderApproved, again) if not r.order.protective]
    assert_whole(world)


def test_a_half_open_stream_of_reports_is_noticed_and_what_it_swallowed_is_asked_for():
    world = holding(SEED)
    known = len(world.records())
    world.venue.strike(Fault.HALF_OPEN, 15 * SECOND)
    assert world.go(16, lambda: any(not r.up for r in of_kind(world, Link, known)))
    world.go(5)
    assert of_kind(world, AccountAsked, known)
    assert booked(world) == held_at_the_venue(world)
    assert_whole(world)


def test_a_line_that_breaks_every_two_seconds_costs_one_question_for_each_return():
    world = holding(SEED)
    known, breaks = len(world.records()), 20
    for _ in range(breaks):
        world.venue.strike(Fault.LINK_DOWN, SECOND)
        world.go(2)
    links = [r for r in of_kind(world, Link, known) if r.up]
    assert len(links) >= breaks - 1
    # One for each return, and one for the comparison that is due every minute anyway.
    assert len(of_kind(world, AccountAsked, known)) <= len(links) + 1
    assert_whole(world)
