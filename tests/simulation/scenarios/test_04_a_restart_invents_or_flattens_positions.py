"""Complaint 4: after a restart positions are gone that were held, or there that never were."""

import pytest

from kedge.domain.decided import Adjusted, Intent, OrderApproved
from kedge.domain.report import Filled
from kedge.venues.simulated.fault_plan import Fault
from stages import assert_whole, bad_line, booked, good_line, held_at_the_venue, holding, of_kind

SEED = 3


def trades(fills: list[Filled]) -> set[str]:
    return {fill.trade for fill in fills}


@pytest.mark.parametrize("power", [False, True], ids=["killed", "no power"])
def test_a_warm_restart_leaves_the_position_alone(power: bool):
    world = holding(SEED)
    before, known = booked(world), len(world.records())
    told = trades(of_kind(world, Filled))
    world.crash(power)
    assert booked(world) == before
    assert world.go(5, lambda: world.desk.compared[0])
    assert booked(world) == before == held_at_the_venue(world)
    assert trades(of_kind(world, Filled, known)) <= told
    assert of_kind(world, Adjusted) == []
    assert_whole(world)


def test_nothing_is_ordered_before_the_account_was_compared():
    world = holding(SEED)
    bad_line(world, Fault.ANSWER_LOST)
    known = len(world.records())
    world.crash()
    world.go(30)
    assert of_kind(world, Intent, known), "the strategy still wants more"
    assert not [r for r in of_kind(world, OrderApproved, known) if not r.order.protective]
    good_line(world)
    assert_whole(world)


def test_a_venue_that_lies_about_balances_moves_neither_position_nor_money():
    world = holding(SEED)
    bad_line(world, Fault.WRONG_BALANCES)
    before, known = booked(world), len(world.records())
    world.crash()
    world.go(60)
    assert booked(world) == before == held_at_the_venue(world)
    assert of_kind(world, Adjusted) == []
    assert not [r for r in of_kind(world, OrderApproved, known) if not r.order.protective]
    good_line(world)
    assert_whole(world)


def test_fills_told_by_the_stream_and_again_by_the_restarts_question_count_once():
    world = holding(SEED)
    bad_line(world, Fault.REPORT_TWICE)
    for _ in range(4):
        world.go(12)
        world.crash()
    good_line(world)
    world.go(20)
    told = [(fill.key, fill.trade) for fill in of_kind(world, Filled)]
    assert len(told) > len(set(told)), "the trap did not close"
    assert_whole(world)


def test_the_same_restart_comes_to_the_same_state_every_time():
    chains = []
    for _ in range(2):
        world = holding(SEED)
        world.crash(power=True)
        world.go(60)
        chains.append(world.journal.chain)
    assert chains[0] == chains[1]
