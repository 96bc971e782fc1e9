"""What cannot be sold short is never short, whatever became of the orders before."""

import numpy as np
import pytest

from kedge.testing.worlds import THEMES, random_world
from parity.step import run_step

LATE = [seed for seed in range(2_000, 2_120) if random_world(seed, rows=2).rules.latency_rows]


def test_some_worlds_have_latency():
    assert len(LATE) > 20


@pytest.mark.parametrize("part", range(4))
def test_no_position_in_a_non_shortable_instrument_is_ever_negative(part):
    names = tuple(THEMES)
    for seed in LATE[part::4]:
        world = random_world(seed, rows=80, theme=names[seed % len(names)])
        barred = [n for n, i in enumerate(world.panel.instruments) if not i.shortable]
        lots = np.asarray(run_step(world).lots)[:, barred]
        assert (lots >= 0).all(), f"seed {seed}: row {np.argwhere(lots < 0)[0]}"
