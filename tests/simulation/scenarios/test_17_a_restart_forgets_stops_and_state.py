"""Complaint 17: after a restart stop-losses, orders or the fact of being stopped are gone."""

import pytest

from kedge.domain.control import Asked, Mode, Verb
from kedge.domain.decided import OrderApproved
from stages import assert_whole, booked, held_at_the_venue, holding, of_kind, stop_of

SEED = 9
DEATHS = pytest.mark.parametrize("power", [False, True], ids=["killed", "no power"])


def stops_at_the_venue(world) -> list[tuple[str, int, int]]:
    return [
        (k.order.id, k.order.lots, k.order.trigger)
        for k in world.venue.truth().open
        if k.order.trigger
    ]


@DEATHS
def test_the_stop_that_rests_is_still_ours_and_no_second_one_is_sent(power: bool):
    world = holding(SEED)
    stop, there, known = stop_of(world), stops_at_the_venue(world), len(world.records())
    world.crash(power)
    assert stop_of(world) == stop
    world.go(4)
    assert stops_at_the_venue(world) == there
    assert not [r for r in of_kind(world, OrderApproved, known) if r.order.protective]
    assert_whole(world)


@DEATHS
def test_everything_that_was_durable_is_there_again(power: bool):
    world = holding(SEED)
    world.go(9)
    desk = world.desk
    before = desk.book.words.tobytes(), desk.positions, dict(desk.orders), desk.intents, desk.rows
    durable = world.journal.durable == world.journal.seq
    world.crash(power)
    after = world.desk
    assert durable
    known = after.book.words.tobytes(), after.positions, after.intents, after.rows
    assert known == (before[0], before[1], before[3], before[4])
    assert set(before[2]) <= set(after.orders)
    assert_whole(world)


@DEATHS
def test_a_session_that_was_killed_stays_killed_until_somebody_resumes_it(power: bool):
    world = holding(SEED)
    world.people.latch = True
    world.shell.turn(world.now, [Asked(world.now, Verb.KILL, "somebody")])
    held, known = booked(world)[0], len(world.records())
    for _ in range(3):
        world.crash(power)
        world.go(12)
        assert world.desk.mode is Mode.HALTED
        assert world.desk.killed
    new = [r.order for r in of_kind(world, OrderApproved, known) if not r.order.protective]
    assert new == []
    assert booked(world).get(0, 0) <= held
    assert_whole(world)  # somebody resumes it when the faults are over


@pytest.mark.parametrize("damage", ["gone", "damaged"])
def test_without_a_usable_snapshot_the_journal_gives_the_same_state(damage: str):
    world = holding(SEED)
    world.go(100, lambda: any(name.endswith(".snapshot") for name in world.shelf.list()))
    names = [name for name in world.shelf.list() if name.endswith(".snapshot")]
    assert names, "no snapshot was taken"
    for name in names:
        if damage == "gone":
            world.shelf.remove(name)
        else:
            world.shelf.flip(name, 100)
    started = world.counts["started from a snapshot"]
    before = world.desk.book.words.tobytes(), world.desk.positions
    world.crash()
    assert world.counts["started from a snapshot"] == started
    assert (world.desk.book.words.tobytes(), world.desk.positions) == before
    assert booked(world) == held_at_the_venue(world)
    assert_whole(world)
