"""From a panel's ticks, masks and adjustments to what the kernels read."""

from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest

from kedge.data.calendars import sessions
from kedge.domain.instrument import Instrument
from kedge.domain.panel import EVENT, FRESH, TRADABLE, Panel
from kedge.features.block import DAY_NS, BarBlock, blocks
from kedge.features.plan import FeaturePlan
from unit.features.worlds import MINUTES_5, START


def panel(rows: int = 60, n: int = 2, calendar: str = "24/7", interval: int = MINUTES_5) -> Panel:
    rng = np.random.default_rng(4)
    close = 10_000 + rng.integers(-30, 31, (rows, n)).cumsum(axis=0)
    bars = np.stack([close - 3, close + 9, close - 8, close], axis=1)
    instruments = tuple(
        Instrument(id=f"S{i}", symbol=f"S{i}", calendar=calendar, tick=Decimal("0.05"))
        for i in range(n)
    )
    ts = START + interval * np.arange(1, rows + 1)
    return Panel(
        instruments,
        interval,
        ts,
        (ts - 1) // DAY_NS,
        bars,
        rng.lognormal(5, 1, (rows, n)),
        np.full((rows, n), TRADABLE | FRESH, dtype=np.uint8),
        np.zeros((rows, n), dtype=np.int64),
        np.ones((rows, n)),
        np.empty(0, EVENT),
        True,
        "test",
        365.25,
    )


def test_a_price_is_ticks_times_tick_times_adjustment():
    data = panel()
    data.adjust[30:, 1] = 4.0
    block = BarBlock.from_panel(data, 10, 50)
    assert block.rows == 40
    assert block.close.flags.c_contiguous
    np.testing.assert_allclose(block.high[0], data.bars[10:50, 1, 0] * 0.05, rtol=1e-15)
    np.testing.assert_allclose(block.low[1, 20:], data.bars[30:50, 2, 1] * 0.05 * 4, rtol=1e-15)
    np.testing.assert_allclose(block.volume[1, 20:], data.volume[30:50, 1] / 4, rtol=1e-15)


def test_one_factor_for_all_cells_is_read_as_any_other():
    data = panel()
    one = replace(data, adjust=np.broadcast_to(1.0, data.adjust.shape))
    for start, stop in ((0, 60), (7, 8)):
        found, dense = BarBlock.from_panel(one, start, stop), BarBlock.from_panel(data, start, stop)
        for name in ("open", "high", "low", "close", "volume"):
            np.testing.assert_array_equal(getattr(found, name), getattr(dense, name))


@pytest.mark.parametrize("flags", [0, TRADABLE, FRESH])
def test_a_cell_that_is_not_both_fresh_and_tradable_is_masked(flags):
    data = panel()
    data.flags[7, 1] = flags
    block = BarBlock.from_panel(data, 0, 60)
    for series in (block.open, block.high, block.low, block.close, block.volume):
        assert np.isnan(series[1, 7])
        assert np.isfinite(np.delete(series, 7, axis=1)).all()
        assert np.isfinite(series[0]).all()


def test_a_split_moves_no_feature():
    data, split = panel(), panel()

    split.adjust[30:] = 2.0
    split.bars[:30] *= 2
    plan = FeaturePlan.build(["returns(1)"], 2, MINUTES_5, data.symbols)
    np.testing.assert_allclose(plan.history(split), plan.history(data), rtol=1e-12, atol=1e-15)


def test_around_the_clock_a_session_is_the_utc_day():
    block = BarBlock.from_panel(panel(600), 0, 600)
    assert (block.session_open == block.session * DAY_NS).all()
    assert (block.session_length == DAY_NS).all()
    assert block.session_open[287] == START
    assert block.session_open[288] == START + DAY_NS


def test_sessions_of_a_calendar_open_and_close_as_it_says():
    block = BarBlock.from_panel(panel(600, calendar="XNYS"), 0, 600)
    known = sessions("XNYS")
    assert np.isin(block.session_open, known.opens).all()
    assert np.isin(block.session_open + block.session_length, known.closes).all()


def test_a_daily_row_is_a_session_of_its_own():
    block = BarBlock.from_panel(panel(20, calendar="XNYS", interval=DAY_NS), 0, 20)
    assert (block.ts - block.session_open == DAY_NS).all()


def test_history_is_the_same_in_blocks_of_any_size():
    data = panel(90)
    data.flags[40:43, 0] = 0
    plan = FeaturePlan.build(["rsi(5)", 'at("1h", close)'], 2, MINUTES_5, data.symbols)
    whole = plan.history(data)
    state, pieces = plan.new_state(), []
    for start, block in blocks(data, 7):
        assert block.ts[0] == data.ts[start]
        pieces.append(np.empty((block.rows, 2, 2)))
        plan.advance(state, block, pieces[-1])
    assert np.concatenate(pieces).tobytes() == whole.tobytes()


def test_history_can_continue_from_a_snapshot():
    data = panel(90)
    plan = FeaturePlan.build(["ema(5)", "vwap()"], 2, MINUTES_5, data.symbols)
    state = plan.new_state()
    first = plan.history(data.window(0, 37), state)
    second = plan.history(data.window(37, 90), state.copy())
    assert np.concatenate([first, second]).tobytes() == plan.history(data).tobytes()
