"""Parameters change a running desk at their record, and nothing that they may not."""

import msgspec
import numpy as np
import pytest

from kedge.domain.control import Parameters
from kedge.domain.errors import ConfigError
from kedge.domain.state import P_KELLY
from kedge.engine.trading.book import Book
from kedge.engine.trading.desk import Desk
from kedge.engine.trading.fold import evolve
from kedge.engine.trading.setup import Setup, make_desk, unrecorded
from kedge.engine.trading.snapshot import dump, load
from kedge.testing.simulation.parameters import adopt, scene_of, seeded_book, tree_of
from kedge.testing.simulation.scene import Scene, draw

SCENE = msgspec.structs.replace(draw(1), instruments=2)


def parameters(at: int = 1, **fields: object) -> Parameters:
    return Parameters(at, tree_of(msgspec.structs.replace(SCENE, **fields)))


def book(setup: Setup) -> Book:
    return seeded_book(SCENE, setup)


def desk(made: object = adopt) -> Desk:
    return make_desk("0a0b0c0d", parameters(), made, book)  # type: ignore[arg-type]


def kelly(of: Desk) -> float:
    return float(of.book.decision.program.params.P[P_KELLY])


def test_scene_comes_back_from_its_tree_bit_for_bit():
    scene = msgspec.structs.replace(SCENE, kelly_fraction=float(np.nextafter(0.1, 1.0)))
    assert scene_of(tree_of(scene)) == scene


def test_a_new_desk_is_of_the_parameters_and_of_the_journals_lineage():
    made = desk()
    assert kelly(made) == SCENE.kelly_fraction
    assert made.universe.lineage == "0a0b0c0d"
    assert made.way is not None
    assert made.way.rules[0].position == SCENE.gate_position


def test_recorded_parameters_change_step_and_gate_and_leave_state_and_lineage():
    made = desk()
    before = made.book.words.copy()
    evolve(made, parameters(2, kelly_fraction=0.125, gate_position=0.2))
    assert kelly(made) == 0.125
    assert made.way is not None
    assert [rules.position for rules in made.way.rules] == [0.2, 0.2]
    assert np.array_equal(made.book.words, before)
    assert made.universe.lineage == "0a0b0c0d"
    assert made.at == 2


def test_the_same_parameters_cost_nothing():
    calls: list[Parameters] = []

    def counting(given: Parameters) -> Setup:
        calls.append(given)
        return adopt(given)

    made = desk(counting)
    evolve(made, parameters(5))
    assert len(calls) == 1
    evolve(made, parameters(6, kelly_fraction=0.3))
    assert len(calls) == 2


def test_a_row_names_the_numbers_of_its_parameters():
    one, other = desk(), desk()
    evolve(other, parameters(2, kelly_fraction=float(np.nextafter(0.25, 1.0))))
    assert one.way is not None
    assert other.way is not None
    assert one.way.artifacts[:-1] == other.way.artifacts[:-1]
    assert one.way.artifacts[-1] != other.way.artifacts[-1]
    assert len(one.way.artifacts[-1]) == 16


@pytest.mark.parametrize("fields", [{"instruments": 3}, {"row_ns": 999}])
def test_other_instruments_or_rows_are_refused(fields: dict[str, int]):
    with pytest.raises(ConfigError, match="begin another session folder"):
        evolve(desk(), parameters(2, **fields))


def test_what_has_to_be_recorded_at_a_start():
    wanted = parameters(9)
    made = make_desk("0a0b0c0d", wanted, adopt, book)
    assert unrecorded(made, wanted) is wanted  # the journal holds none yet
    evolve(made, parameters(1))
    assert unrecorded(made, wanted) is None
    evolve(made, parameters(2, kelly_fraction=0.3))
    assert unrecorded(made, wanted) is wanted


def test_a_desk_without_the_port_is_left_as_it_is():
    setup = adopt(parameters())
    made = Desk(setup.universe, book(setup), 0)
    evolve(made, parameters(2, kelly_fraction=0.125))
    assert kelly(made) == SCENE.kelly_fraction
    assert isinstance(SCENE, Scene)


def test_a_snapshot_brings_back_what_later_parameters_made_of_a_desk():
    before, after = desk(), desk()
    evolve(before, parameters(2, kelly_fraction=0.125, gate_position=0.2))
    assert load(after, dump(before))
    assert kelly(after) == 0.125
    assert after.way is not None
    assert [rules.position for rules in after.way.rules] == [0.2, 0.2]
