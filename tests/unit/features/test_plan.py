"""Plans: sharing, columns, state, warm-up and memory."""

import math
import pickle

import numpy as np
import pytest

from kedge.domain.errors import ExpressionError
from unit.features.worlds import bars, plan_of, rows_of, run


def kernels(plan):
    return [node.spec.name for node in plan.nodes if node.spec]


def test_a_shared_expression_is_computed_once():
    plan = plan_of("bollinger(20, 2).upper", "bollinger(20, 2).lower", "zscore(20)", "std(20)")
    assert kernels(plan).count("moments") == 1
    plan = plan_of("macd(12, 26, 9).line", "macd(12, 26, 9).hist", "sma(20)", "sma(close, 20)")
    assert kernels(plan) == ["macd", "sma"]


def test_all_of_a_frame_shares_one_aggregator():
    plan = plan_of('at("1h", ema(50))', 'at("1h", atr(14))', 'at("4h", ema(50))')
    assert kernels(plan).count("frame_bars") == 2


def test_columns_keep_the_order_they_were_asked_in():
    plan = plan_of("sma(3)", "close", "sma( close, 3 )", "5 + 2")
    out = run(plan, bars(2, 30, 1)) if plan.instruments == 2 else run(plan, bars(3, 30, 1))
    assert plan.names == ("sma(3)", "close", "sma(3)", "7")
    assert out[:, :, 0].tobytes() == out[:, :, 2].tobytes()
    assert (out[:, :, 3] == 7.0).all()
    assert plan.index("sma(n=3)") == 0
    with pytest.raises(ExpressionError, match="not in the plan"):
        plan.index("sma(4)")


def test_a_snapshot_of_the_state_is_a_copy_of_one_array():
    plan, block = plan_of("rsi(5)", 'at("1h", ema(2))', "vwap()"), bars(3, 90, 2)
    whole = run(plan, block)
    state, out = plan.new_state(), np.empty_like(whole)
    plan.advance(state, rows_of(block, slice(0, 41)), out[:41])
    snapshot = state.copy()
    plan.advance(state, rows_of(block, slice(41, 90)), np.empty((49, 3, 3)))
    plan.advance(snapshot, rows_of(block, slice(41, 90)), out[41:])
    assert out.tobytes() == whole.tobytes()


def test_two_states_of_one_plan_do_not_touch():
    plan, block = plan_of("ema(4)"), bars(3, 40, 3)
    first, second = plan.new_state(), plan.new_state()
    out = np.empty((2, 40, 3, 1))
    for i in range(40):
        plan.advance(first, rows_of(block, slice(i, i + 1)), out[0, i : i + 1])
        plan.advance(second, rows_of(block, slice(i, i + 1)), out[1, i : i + 1])
    assert out[0].tobytes() == out[1].tobytes() == run(plan, block).tobytes()


@pytest.mark.parametrize(
    ("expression", "warmup", "memory"),
    [
        ("close", 0, 1),
        ("sma(20)", 19, 20),
        ("lag(returns(1), 5)", 6, 7),
        ("sma(returns(1), 10)", 10, 11),
        ("rsi(14) * volume_ratio(20)", 19, 109),
        ("obv()", 1, math.inf),
        ('at("1h", sma(3))', 48, 60),
    ],
)
def test_warm_up_and_memory_add_up_along_an_expression(expression, warmup, memory):
    plan = plan_of(expression)
    assert (plan.warmup, plan.memory) == (warmup, memory)


def test_an_observation_older_than_the_memory_moves_an_average_by_less_than_a_thousandth():
    plan = plan_of("ema(20)", n=1)
    block = bars(1, 200, 4)
    moved = rows_of(block, slice(0, 200))
    moved.close[0, 50] += 1.0
    change = np.abs(run(plan, moved) - run(plan, block))[:, 0, 0]
    assert np.nanmax(change[50:]) > 0.05
    assert np.nanmax(change[50 + int(plan.memory) :]) < 1e-3


def test_an_undefined_value_is_masked_and_never_infinite():
    block = bars(3, 30, 5)
    block.volume[:, 4:9] = 0.0
    block.volume[1, 12] = 1e308
    out = run(plan_of("returns(volume, 1)", "volume * volume", "close / (close - close)"), block)
    assert not np.isinf(out).any()
    assert np.isnan(out[5, :, 0]).all()
    assert np.isnan(out[12, 1, 1])
    assert np.isnan(out[:, :, 2]).all()


def test_another_instruments_series_is_given_to_all():
    block = bars(3, 30, 6)
    out = run(plan_of('of("BBB", close)'), block)
    assert (out[:, :, 0] == block.close[1][:, None]).all()


def test_a_plan_travels_to_another_process_as_its_expressions():
    plan, block = plan_of("rsi(5)", 'at("1h", close)'), bars(3, 40, 7)
    expected = run(plan, block)
    twin = pickle.loads(pickle.dumps(plan))
    assert twin.names == plan.names
    assert len(pickle.dumps(plan)) < 1000
    assert run(twin, block).tobytes() == expected.tobytes()


def test_missing_volume_masks_only_what_needs_volume():
    block = bars(3, 60, 8)
    block.volume[0] = np.nan
    block.volume[1, 13] = np.nan
    out = run(plan_of("sma(3)", "volume_ratio(3)", 'at("1h", close)', 'at("1h", volume)'), block)
    assert np.isfinite(out[2:, :, 0]).all()
    assert np.isnan(out[:, 0, 1]).all()
    assert np.isfinite(out[20:, 1, 1]).all()
    assert np.isfinite(out[11:, :, 2]).all()
    assert np.isnan(out[:, 0, 3]).all()
    assert out[30, 1, 3] == pytest.approx(block.volume[1, :12].sum())
    assert out[40, 1, 3] == pytest.approx(block.volume[1, 24:36].sum())


def test_the_deepest_nesting_of_formulas_is_planned_without_blowing_up():
    text = "close"
    for _ in range(22):
        text = f"rsi_acceleration({text}, 2, 1)"
    plan = plan_of(text, text.replace("rsi_acceleration", "zscore").replace(", 2, 1", ", 2"))
    assert len(plan.nodes) < 300


def test_a_plan_without_features_is_empty():
    assert run(plan_of(), bars(3, 5, 1)).shape == (5, 3, 0)
