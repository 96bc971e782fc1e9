"""A crash on one version, a start on one with other limits: what was decided stands."""

import msgspec
import pytest

from kedge.domain.control import Parameters
from kedge.domain.record import encode
from kedge.engine.trading.desk import Desk
from kedge.engine.trading.recovery import recover
from kedge.engine.trading.setup import Setup, make_desk, unrecorded
from kedge.engine.trading.snapshot import dump
from kedge.testing.simulation.parameters import adopt, scene_of, seeded_book, tree_of
from kedge.testing.simulation.scene import START
from replays import records, replayed, world

SEEDS = (7, 11, 23)


def stricter(parameters: Parameters) -> Setup:
    """A version that makes less of the same parameters."""
    scene = scene_of(parameters.tree)
    tight = msgspec.structs.replace(scene, kelly_fraction=0.02, gate_position=0.01)
    return adopt(Parameters(parameters.at, tree_of(tight), parameters.files))


def started_by_the_other(seed: int, upto: int | None = None) -> Desk:
    """What the stricter version, configured with other limits, makes of a journal."""
    scene, found = world(seed).scene, records(seed)
    own = msgspec.structs.replace(scene, gate_position=0.02)
    lineage = world(seed).desk.universe.lineage
    parameters = Parameters(START, tree_of(own))
    desk = make_desk(lineage, parameters, stricter, lambda setup: seeded_book(scene, setup))
    recover(desk, ((n, encode(record)) for n, record in enumerate(found[:upto], 1)))
    return desk


@pytest.mark.parametrize("seed", SEEDS)
def test_the_other_version_remembers_what_the_first_one_did(seed):
    assert dump(started_by_the_other(seed)) == dump(world(seed).desk)


@pytest.mark.parametrize("share", [0.2, 0.5, 0.9])
def test_it_remembers_what_the_first_one_would_have_after_a_crash_at_any_record(share):
    found, first = records(SEEDS[0]), world(SEEDS[0])
    upto = int(len(found) * share)
    own = make_desk(first.desk.universe.lineage, Parameters(START, tree_of(first.scene)), adopt,
                    lambda setup: seeded_book(first.scene, setup))  # fmt: skip
    recover(own, ((n, encode(record)) for n, record in enumerate(found[:upto], 1)))
    assert dump(started_by_the_other(SEEDS[0], upto)) == dump(own)


def test_its_own_limits_are_recorded_before_they_count():
    desk = started_by_the_other(SEEDS[0])
    scene = msgspec.structs.replace(world(SEEDS[0]).scene, gate_position=0.02)
    wanted = Parameters(START, tree_of(scene))
    assert unrecorded(desk, wanted) is wanted


def test_it_would_have_decided_otherwise():
    assert not replayed(records(SEEDS[0]), stricter).equal
