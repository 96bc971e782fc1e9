"""Rules every registered feature obeys, whatever the data."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kedge.features.registry import FAMILIES, FEATURES
from unit.features.worlds import ALL, SERIES, bars, examples, plan_of, rows_of, run

ROWS = 110
FEW = settings(max_examples=8, deadline=None, derandomize=True)

OPERATORS = ("close < 100", "close >= open", "-close", "close / open", "close * (high - low)")
BOOKS = ("rsi(14) * imbalance()", "zscore(mean_imbalance, 5)", "highest(ask - bid, 4)")
FRAMES = (
    'at("15m", sma(3))',
    'at("1h", ema(close, 2) / open)',
    'at("1h", volume)',
    'at("1d", returns(high, 1))',
    'lag(at("30m", market(returns(1))), 2)',
)
"""Frames run on the clock: what a gap does to them stands in their own tests."""

CASES = [
    *(tuple(examples(FEATURES[name])) for name in ALL),
    OPERATORS,
    BOOKS,
    ('of("AAA", returns(1))',),
]
CLOCK = {f.name for f in FAMILIES["Calendar"]}  # known for masked cells too
ACROSS = {f.name for f in FAMILIES["Cross-section"]} | {"min", "max", "of"}
UNDEFINED_BELOW_ZERO = {"sqrt", "log"}

seeds = st.integers(0, 10_000)
cuts = st.lists(st.integers(1, ROWS - 1), max_size=12).map(tuple)
shares = st.sampled_from([0.0, 0.15])


def family(plan):
    return plan.names[0].split("(")[0]


@pytest.fixture(scope="module", params=CASES, ids=lambda c: c[0])
def plan(request: pytest.FixtureRequest):
    return plan_of(*request.param)


@pytest.fixture(scope="module", params=[*CASES, FRAMES], ids=lambda c: c[0])
def any_plan(request: pytest.FixtureRequest):
    return plan_of(*request.param)


@FEW
@given(seed=seeds, where=cuts, masked=shares)
def test_any_split_of_history_gives_the_same_bits(any_plan, seed, where, masked):
    block = bars(3, ROWS, seed, masked)
    assert run(any_plan, block).tobytes() == run(any_plan, block, where).tobytes()


def test_row_by_row_gives_the_same_bits_and_the_same_state(any_plan):
    block = bars(3, ROWS, 7, 0.1)
    whole, single = any_plan.new_state(), any_plan.new_state()
    out = np.empty((2, ROWS, 3, len(any_plan.names)))
    any_plan.advance(whole, block, out[0])
    for i in range(ROWS):
        any_plan.advance(single, rows_of(block, slice(i, i + 1)), out[1, i : i + 1])
    assert out[0].tobytes() == out[1].tobytes()
    assert whole.tobytes() == single.tobytes()


@FEW
@given(seed=seeds, now=st.integers(1, ROWS - 1), rubbish=st.sampled_from([np.nan, 1e9, 0.0]))
def test_poisoning_the_future_changes_nothing_before_it(any_plan, seed, now, rubbish):
    block = bars(3, ROWS, seed, 0.1)
    poisoned = rows_of(block, slice(0, ROWS))
    for name in SERIES:
        getattr(poisoned, name)[..., now:] = rubbish
    poisoned.ts[now:] += 10**15
    poisoned.session[now:] += 5
    assert run(any_plan, block)[:now].tobytes() == run(any_plan, poisoned)[:now].tobytes()


@FEW
@given(seed=seeds, gaps=st.lists(st.integers(0, ROWS - 1), min_size=1, max_size=9, unique=True))
def test_masked_rows_neither_advance_nor_poison(plan, seed, gaps):
    block = bars(3, ROWS, seed)
    kept = np.setdiff1d(np.arange(ROWS), gaps)
    gapped = rows_of(block, slice(0, ROWS))
    for name in SERIES:
        getattr(gapped, name)[..., gaps] = np.nan
    with_gaps = run(plan, gapped)
    assert with_gaps[kept].tobytes() == run(plan, rows_of(block, kept)).tobytes()
    assert family(plan) in CLOCK or np.isnan(with_gaps[gaps]).all()


def test_an_instrument_does_not_depend_on_its_neighbours(any_plan):
    block = bars(3, ROWS, 21, 0.1)
    together = run(any_plan, block)
    masked = rows_of(block, slice(0, ROWS))
    for name in SERIES:
        series = getattr(masked, name)
        series[..., 0, :], series[..., 2, :] = 1.0, np.nan
    alone = run(any_plan, masked)
    own = [i for i, text in enumerate(any_plan.names) if "market" not in text]
    if family(any_plan) in ACROSS:
        assert together[:, 1].tobytes() != alone[:, 1].tobytes()
    else:
        assert together[:, 1, own].tobytes() == alone[:, 1, own].tobytes()


def test_the_first_value_comes_when_the_warm_up_says(plan):
    out = run(plan, bars(3, 4 * ROWS, 3))
    if family(plan) not in UNDEFINED_BELOW_ZERO:
        assert np.isfinite(out[plan.warmup]).all()
    if plan.warmup:
        assert np.isnan(out[plan.warmup - 1]).any()
