"""Every word of the step's state has a name and a value that people can look up."""

import struct

import numpy as np
import pytest

from kedge.domain import state as o
from kedge.domain.control import Parameters
from kedge.engine.trading.desk import Desk
from kedge.engine.trading.differences import relative
from kedge.engine.trading.setup import make_desk
from kedge.engine.trading.words import word_names
from kedge.testing.simulation.parameters import adopt, seeded_book, tree_of
from kedge.testing.simulation.scene import draw


@pytest.fixture(scope="module")
def desk() -> Desk:
    scene = draw(2)
    return make_desk(
        "0", Parameters(1, tree_of(scene)), adopt, lambda setup: seeded_book(scene, setup)
    )


@pytest.mark.parametrize(
    ("array", "row", "column", "name"),
    [
        ("F", 0, o.F_SIGMA, "C0USDT, F_SIGMA"),
        ("F", -1, o.F_GROUP_FREE, ", F_GROUP_FREE"),
        ("I", 0, o.I_STOP, "C0USDT, I_STOP"),
        ("I", 0, o.I_BOOK, "C0USDT, I_BOOK of strategy 0"),
        ("SF", 0, o.SF_TRAIL, "C0USDT, SF_TRAIL of strategy 0"),
        ("SI", 0, o.SI_HELD, "C0USDT, SI_HELD of strategy 0"),
        ("G", None, o.G_DRAWDOWN, "the book, G_DRAWDOWN"),
        ("K", None, o.K_EQUITY, "the book, K_EQUITY"),
        ("K", None, o.K_, "the book, K["),
        ("bound", None, 23, "bound of VAR"),
        ("worst", None, 18, "worst of POSITION"),
        ("cov", 1, 0, "cov[1, 0]"),
    ],
)
def test_a_word_that_changes_has_the_name_of_its_place(desk, array, row, column, name):
    before = desk.book.words.copy()
    field = getattr(desk.book.state, array)
    place = (row, column) if row is not None else column
    old, field[place] = field[place], field[place] + 1
    (changed,) = np.flatnonzero(desk.book.words != before)
    field[place] = old
    assert name in word_names(desk).name(int(changed))


def test_the_value_is_a_float_where_the_array_is(desk):
    names = word_names(desk)
    (bits,) = struct.unpack("<q", struct.pack("<d", 1.5))
    assert names.value(0, bits) == 1.5
    lots = desk.book.state.F.size
    assert names.value(lots, 12) == 12


@pytest.mark.parametrize(
    ("a", "b", "size"),
    [(1.0, 1.0, 0.0), (2.0, 1.0, 0.5), (-1.0, 1.0, 2.0), (float("nan"), 1.0, float("inf"))],
)
def test_relative_difference(a, b, size):
    assert relative(a, b) == size
    assert relative(float("nan"), float("nan")) == 0.0
