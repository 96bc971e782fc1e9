"""Rules of the expression language, on random expressions."""

from itertools import pairwise

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from kedge.features.expression import fold, parse
from kedge.features.frames import frame_name, frame_ns
from kedge.features.registry import FEATURES
from kedge.features.spec import Feature
from kedge.features.tree import BAR_FIELDS, At, Call, Field, Number, Of
from unit.features.worlds import bars, plan_of, rows_of, run

numbers = st.one_of(
    st.integers(-1000, 1000).map(float), st.floats(-1e6, 1e6).map(lambda x: x + 0.0)
).map(Number)
leaves = st.one_of(st.sampled_from(BAR_FIELDS).map(Field), numbers)
frames = st.sampled_from(["15m", "1h", "4h", "1d", "1w"]).map(frame_ns)
symbols = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), min_size=1, max_size=8)


def parameters(feature: Feature):
    """Parameters within their bounds, increasing where they must be."""
    values = [
        st.integers(int(p.low), int(p.low) + 40).map(float)
        if p.integer
        else st.floats(max(p.low, 0.25), min(p.high, 90))
        for p in feature.params
    ]
    drawn = st.tuples(*values)
    order = [i for i, p in enumerate(feature.params) if p.name in feature.increasing]

    def rises(params):
        picked = [params[i] for i in order]
        named = dict(zip((feature.params[i].name for i in order), picked, strict=True))
        listed = [named[name] for name in feature.increasing]
        return all(a < b for a, b in pairwise(listed))

    return drawn.filter(rises)


@st.composite
def calls(draw, inner, names):
    feature = FEATURES[draw(st.sampled_from(names))]
    inputs = tuple(draw(inner.filter(lambda e: not isinstance(e, Number))) for _ in feature.series)
    return Call(
        feature.name, inputs, draw(parameters(feature)), draw(st.sampled_from(feature.outputs))
    )


def trees(leaf, names, ops):
    return st.recursive(
        leaf,
        lambda inner: st.one_of(
            st.builds(fold, st.sampled_from(ops), inner, inner), calls(inner, names)
        ),
        max_leaves=5,
    )


def placed(inner):
    return st.one_of(inner, st.builds(At, frames, inner), st.builds(Of, symbols, inner))


safe_ops = ["+", "-", "*", "<", "<=", ">", ">="]


@settings(max_examples=120, deadline=None, derandomize=True)
@given(placed(trees(leaves, sorted(FEATURES), safe_ops)))
def test_canonical_text_reads_back_as_the_same_expression(tree):
    assert parse(str(tree)) == tree
    assert str(parse(str(tree))) == str(tree)


@given(st.sampled_from(["30s", "1m", "5m", "90m", "2h", "12h", "24h", "1d", "7d", "1w"]))
def test_a_frame_reads_back_as_itself(text):
    assert frame_ns(frame_name(frame_ns(text))) == frame_ns(text)


FEW = ["sma", "ema", "rsi", "diff", "returns", "zscore", "market", "rank", "volume_ratio"]
shallow = trees(st.sampled_from(BAR_FIELDS).map(Field), FEW, ["+", "-", "*", "/", ">"])


@settings(max_examples=40, deadline=None, derandomize=True)
@given(
    tree=st.one_of(shallow, st.builds(At, st.sampled_from([900 * 10**9, 3600 * 10**9]), shallow)),
    now=st.integers(1, 119),
    seed=st.integers(0, 1000),
)
def test_no_expression_sees_a_later_row(tree, now, seed):
    plan, block = plan_of(str(tree)), bars(3, 120, seed, 0.05)
    poisoned = rows_of(block, slice(0, 120))
    for name in BAR_FIELDS:
        getattr(poisoned, name)[:, now:] = np.random.default_rng(seed).lognormal(
            0, 9, (3, 120 - now)
        )
    assert run(plan, block)[:now].tobytes() == run(plan, poisoned)[:now].tobytes()
    shorter = run(plan, rows_of(block, slice(0, now)))
    assert run(plan, block, (now,))[:now].tobytes() == shorter.tobytes()
