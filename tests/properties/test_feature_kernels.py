"""Rules every registered feature obeys, whatever the data."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kedge.features.kernels import calendar
from kedge.features.registry import FEATURES
from unit.features.worlds import ALL, bars, examples, plan_of, rows_of, run

ROWS = 110
FEW = settings(max_examples=8, deadline=None, derandomize=True)
FRAMES = (
    'at("15m", sma(3))',
    'at("1h", ema(close, 2) / open)',
    'at("1h", volume)',
    'at("1d", returns(high, 1))',
    'lag(at("30m", market(returns(1))), 2)',
)
KNOWN_WHEN_MASKED = {f.name for f in calendar.FEATURES}

seeds = st.integers(0, 10_000)
cuts = st.lists(st.integers(1, ROWS - 1), max_size=12).map(tuple)
shares = st.sampled_from([0.0, 0.15])


def cases() -> list[tuple[str, ...]]:
    each = [tuple(examples(FEATURES[name])) for name in ALL]
    return [*each, FRAMES, ('of("BBB", returns(1))', "close < 100", "close >= open", "-close")]


@pytest.fixture(scope="module", params=cases(), ids=lambda c: c[0])
def plan(request: pytest.FixtureRequest):
    return plan_of(*request.param)


@FEW
@given(seed=seeds, where=cuts, masked=shares)
def test_any_split_of_history_gives_the_same_bits(plan, seed, where, masked):
    block = bars(3, ROWS, seed, masked)
    assert run(plan, block).tobytes() == run(plan, block, where).tobytes()


def test_row_by_row_gives_the_same_bits_and_the_same_state(plan):
    block = bars(3, ROWS, 7, 0.1)
    whole, single = plan.new_state(), plan.new_state()
    out = np.empty((2, ROWS, 3, len(plan.names)))
    plan.advance(whole, block, out[0])
    for i in range(ROWS):
        plan.advance(single, rows_of(block, slice(i, i + 1)), out[1, i : i + 1])
    assert out[0].tobytes() == out[1].tobytes()
    assert whole.tobytes() == single.tobytes()


@FEW
@given(seed=seeds, now=st.integers(1, ROWS - 1), rubbish=st.sampled_from([np.nan, 1e9, 0.0]))
def test_poisoning_the_future_changes_nothing_before_it(plan, seed, now, rubbish):
    block = bars(3, ROWS, seed, 0.1)
    poisoned = rows_of(block, slice(0, ROWS))
    for name in ("open", "high", "low", "close", "volume"):
        getattr(poisoned, name)[:, now:] = rubbish
    poisoned.ts[now:] += 10**15
    poisoned.session[now:] += 5
    assert run(plan, block)[:now].tobytes() == run(plan, poisoned)[:now].tobytes()


@FEW
@given(seed=seeds, gaps=st.lists(st.integers(0, ROWS - 1), min_size=1, max_size=9, unique=True))
def test_masked_rows_neither_advance_nor_poison(plan, seed, gaps):
    if any("at(" in name for name in plan.names):
        return  # frames run on the clock: their own tests state what a gap does
    block = bars(3, ROWS, seed)
    kept = np.setdiff1d(np.arange(ROWS), gaps)
    gapped = rows_of(block, slice(0, ROWS))
    for name in ("open", "high", "low", "close", "volume"):
        getattr(gapped, name)[:, gaps] = np.nan
    with_gaps = run(plan, gapped)
    assert with_gaps[kept].tobytes() == run(plan, rows_of(block, kept)).tobytes()
    if plan.names[0].split("(")[0] not in KNOWN_WHEN_MASKED:
        assert np.isnan(with_gaps[gaps]).all()


def test_the_first_value_comes_when_the_warm_up_says(plan):
    out = run(plan, bars(3, 4 * ROWS, 3))
    if plan.names[0].startswith(("sqrt", "log(", "at(")):
        return  # undefined for negative returns; frames state an upper bound
    assert np.isfinite(out[plan.warmup]).all()
    if plan.warmup:
        assert np.isnan(out[plan.warmup - 1]).any()
