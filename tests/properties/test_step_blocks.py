"""The step gives the same bits however its rows are handed to it."""

from itertools import pairwise

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from kedge.engine.blocks import Stepper, block_rows
from kedge.engine.book_state import from_bytes, new_state, to_bytes
from parity.agreement import same_bits
from parity.step import program_of, run_step, tables
from strategies_hyp import worlds

ROWS = 60


@settings(max_examples=30, deadline=None)
@given(worlds(ROWS), st.integers(1, ROWS))
def test_blocks_of_any_length_give_the_same_bits(world, block):
    assert same_bits(run_step(world, block), run_step(world, ROWS))


@settings(max_examples=30, deadline=None)
@given(worlds(ROWS), st.lists(st.integers(1, ROWS - 1), max_size=4, unique=True))
def test_a_run_restarted_from_snapshots_gives_the_same_bits(world, cuts):
    program = program_of(world)
    stepper = Stepper(program, new_state(program), trace=True)
    edges = [0, *sorted(cuts), ROWS]
    for start, stop in pairwise(edges):
        stepper.run(block_rows(world.panel, world.forecasts[start:stop], start, stop))
        stepper.state = from_bytes(to_bytes(stepper.state), program)
    restarted = tables(world, program, stepper.records, stepper.state)
    assert same_bits(restarted, run_step(world, ROWS))


@settings(max_examples=30, deadline=None)
@given(worlds(ROWS), st.integers(1, ROWS - 1), st.randoms())
def test_no_row_knows_of_a_later_one(world, rows, random):
    panel, forecasts = world.panel, world.forecasts.copy()
    forecasts[rows:] = random.choice([np.nan, 0.0, -1e9, np.inf])
    bars, volume, flags = panel.bars.copy(), panel.volume.copy(), panel.flags.copy()
    bars[rows:] *= 7
    volume[rows:] = 0.0
    flags[rows:] = 0
    poisoned = type(panel)(
        **{f: getattr(panel, f) for f in panel.__slots__}
        | {"bars": bars, "volume": volume, "flags": flags}
    )
    world_after = type(world)(poisoned, forecasts, world.rules, world.reporting, world.theme)
    whole, changed = run_step(world, ROWS), run_step(world_after, ROWS)
    for name in ("lots", "cash", "equity", "reasons", "targets"):
        assert np.array_equal(getattr(whole, name)[:rows], getattr(changed, name)[:rows])
    for name in ("fills", "postings"):
        first, second = getattr(whole, name), getattr(changed, name)
        assert np.array_equal(first[first[:, 0] < rows], second[second[:, 0] < rows])
