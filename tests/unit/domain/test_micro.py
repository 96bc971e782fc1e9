"""The list of a row's inputs from trades and books, and how a panel holds them."""

import pickle
from dataclasses import replace

import numpy as np
import pytest

from kedge.domain import micro as m
from kedge.domain.errors import DataError
from kedge.testing.world_books import with_books
from unit.features.test_block import panel


def test_every_place_is_the_capital_of_its_name():
    assert [getattr(m, name.upper()) for name in m.NAMES] == list(range(m.COUNT))
    assert len(set(m.NAMES)) == m.COUNT


def test_bars_carry_no_inputs_and_no_memory_for_them():
    bars = panel(50)
    assert bars.micro.shape == (50, 2, 0)
    assert bars.micro.nbytes == 0
    assert not bars.has_micro
    assert bars.window(10, 20).micro.shape == (10, 2, 0)


def test_a_window_holds_the_inputs_of_its_rows():
    whole = with_books(panel(50), np.random.default_rng(1))
    part = whole.window(10, 20)
    assert np.shares_memory(part.micro, whole.micro)
    np.testing.assert_array_equal(part.micro, whole.micro[10:20])
    assert whole.window(10, 10).has_micro
    assert pickle.loads(pickle.dumps(part)).micro.tobytes() == part.micro.tobytes()


@pytest.mark.parametrize("shape", [(50, 2, m.COUNT - 1), (49, 2, m.COUNT), (50, 3, m.COUNT)])
def test_inputs_of_another_shape_are_refused(shape):
    with pytest.raises(DataError, match="panel: micro has shape"):
        replace(panel(50), micro=np.zeros(shape))
