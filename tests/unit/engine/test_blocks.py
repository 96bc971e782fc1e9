"""Rows in, records out: volumes in lots, events of a block, buffers that grow."""

import dataclasses
from decimal import Decimal

import numpy as np
import pytest
from msgspec.structs import replace

from kedge.domain.panel import EventKind
from kedge.engine.blocks import block_rows, lots_volume, simulate
from kedge.engine.book_state import new_state
from kedge.engine.program import build_program
from oracle.tiny import CAPITAL, DAY, SHARE, flat, forecasts, panel, rules


def test_volume_is_counted_in_lots_and_falls_back_to_the_declared_average():
    thing = replace(SHARE, lot=Decimal("0.5"), multiplier=4, average_volume=90.0)
    world = panel([flat(100)] * 3, instrument=thing, volume=[10.0, np.nan, 0.0])
    assert lots_volume(world)[:, 0].tolist() == [5.0, 45.0, 0.0]


def test_a_block_holds_its_own_events_with_rows_of_its_own():
    split = (2, EventKind.SPLIT, 0, 2, 1, 0.0)
    rate = (3, EventKind.FUNDING, 0, 0, 0, 0.25)
    world = panel([flat(100)] * 5, events=[split, rate])
    part = block_rows(world, forecasts([0.0] * 2, 1.0), 2, 4)
    assert part.ev.tolist() == [[0, EventKind.SPLIT, 0, 2, 1], [1, EventKind.FUNDING, 0, 0, 0]]
    assert part.ev_x.tolist() == [0.0, 0.25]


@pytest.mark.parametrize("rows", [1, 3])
def test_the_step_gets_factors_of_the_one_kind_it_is_compiled_for(rows):
    world = panel([flat(100)] * 5)
    one = dataclasses.replace(world, adjust=np.broadcast_to(1.0, world.adjust.shape))
    part = block_rows(one, forecasts([0.0] * rows, 1.0), 2, 2 + rows)
    assert part.adjust.flags.carray  # else it would be compiled anew, for minutes
    assert part.adjust.tolist() == [[1.0]] * rows


def test_a_row_with_thousands_of_events_still_runs():
    count = 3000
    events = [(1, EventKind.FUNDING, 0, 0, 0, 0.001)] * count
    events.append((1, EventKind.DEAL, 0, 9900, 0, 0.0))
    bars = [flat(10_000)] * 3
    world = panel(bars, events=events)
    program = build_program(world.instruments, rules(), "USD", DAY)
    records = simulate(world, forecasts([0.0] * 3, 1.0), program, new_state(program))
    assert np.concatenate(records.rows)[:, 0].tolist() == [CAPITAL] * 3
