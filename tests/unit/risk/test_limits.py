"""Limits of one instrument, and the whole book, from hand-made numbers."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from books import book
from interpreted import interpreted
from kedge.domain import state as o
from kedge.domain.reason import Reason
from kedge.risk import exposure, instrument_limits, shape

limit_instrument = interpreted(instrument_limits.limit_instrument)
shape_book = interpreted(shape.shape_book)
variance = interpreted(exposure.variance)
sums = interpreted(exposure.sums_of)


def _alone(weight, held=0.0, distance=0.02, **changes):
    told = {"min_sessions": 1} | changes
    p, s, _ = book(1, **told)
    s.F[:, o.F_W], s.F[:, o.F_CUR], s.F[:, o.F_DIST] = weight, held, distance
    s.I[:, o.I_OBS], s.F[:, o.F_SIGMA], s.F[:, o.F_ADV] = 5, 0.02, 1e6
    return p, s


def _limited(p, s, left=False):
    weight, held, distance = (float(s.F[0, c]) for c in (o.F_W, o.F_CUR, o.F_DIST))
    side = 1 if weight > 0 else -1
    size = limit_instrument(0, left, abs(weight), side, held, distance, p, s)
    return side * size, Reason(int(s.I[0, o.I_REASON]))


@pytest.mark.parametrize(
    ("held", "kept"), [(0.0, 0.0), (0.03, 0.03), (-0.03, 0.0), (0.1, 0.1), (0.2, 0.1)]
)
def test_what_left_the_universe_is_only_reduced(held, kept):
    p, s = _alone(0.1, held)
    assert _limited(p, s, left=True) == (kept, Reason.LEFT if kept < 0.1 else Reason.NONE)
    assert s.bound[Reason.LEFT] == (kept < 0.1)


@pytest.mark.parametrize("missing", [(o.F_SIGMA, 0.0), (o.F_SIGMA, np.nan), (o.F_ADV, 0.0)])
@pytest.mark.parametrize(("held", "left"), [(0.0, 0.0), (0.03, 0.03), (-0.03, 0.0), (0.2, 0.1)])
def test_missing_input_allows_no_more_than_what_is_held(missing, held, left):
    p, s = _alone(0.1, held)
    s.F[:, missing[0]] = missing[1]
    assert _limited(p, s) == (left, Reason.INPUT if left < 0.1 else Reason.NONE)


@pytest.mark.parametrize(
    ("drawdown", "held", "left"),
    [(0.10, 0.0, 0.1), (0.15, 0.0, 0.05), (0.20, 0.0, 0.0), (0.20, 0.04, 0.04), (0.15, 0.2, 0.1)],
)
def test_drawdown_throttles_linearly_but_forces_no_reduction(drawdown, held, left):
    p, s = _alone(0.1, held, drawdown_start=0.10, drawdown_stop=0.20)
    s.G[o.G_DRAWDOWN] = drawdown
    assert _limited(p, s)[0] == pytest.approx(left)


@pytest.mark.parametrize("ban", [o.K_BAN_DAY, o.K_BAN_LOSSES])
def test_a_ban_stops_new_risk_and_nothing_else(ban):
    for held, left in ((0.0, 0.0), (0.06, 0.06), (0.3, 0.1)):
        p, s = _alone(0.1, held)
        s.K[ban] = s.K[o.K_ENDED]
        assert _limited(p, s)[0] == left
    p, s = _alone(0.1)
    s.K[ban] = s.K[o.K_ENDED] - 1
    assert _limited(p, s) == (0.1, Reason.NONE)


def test_risk_at_the_stop_and_the_position_bound_in_that_order():
    p, s = _alone(-0.5, distance=0.05, risk_per_trade=0.01)
    assert _limited(p, s) == (pytest.approx(-0.2), Reason.TRADE_RISK)
    p, s = _alone(-0.5, distance=0.05, risk_per_trade=0.01, position_cap=(0.1,))
    assert _limited(p, s) == (-0.1, Reason.POSITION)


def test_what_cannot_be_sold_short_is_not():
    p, s = _alone(-0.1)
    p.J[:, o.J_SHORTABLE] = 0
    assert _limited(p, s) == (0.0, Reason.SHORT)


def _random_book(seed, **changes):
    rng = np.random.default_rng(seed)
    n = 5
    p, s, _ = book(n, **changes)
    s.F[:, o.F_W], s.F[:, o.F_DIST] = rng.normal(0, 0.3, n), rng.uniform(0.005, 0.1, n)
    s.F[:, o.F_BETA], s.I[:, o.I_GROUP] = rng.uniform(-0.5, 2.0, n), rng.choice([0, 1, 2], n)
    s.I[:, o.I_FREE] = rng.random(n) < 0.8
    factor = rng.normal(0, 0.02, (n, 3))
    s.cov[:n] = factor @ factor.T + 1e-5 * np.eye(n)
    return p, s


@given(st.integers(0, 10**6))
@settings(max_examples=50, deadline=None)
def test_variance_splits_into_fixed_mixed_and_free(seed):
    _, s = _random_book(seed)
    free = s.I[:, o.I_FREE] == 1
    f, t = np.where(free, 0.0, s.F[:, o.F_W]), np.where(free, s.F[:, o.F_W], 0.0)
    cov = s.cov[:5]
    want = (f @ cov @ f, f @ cov @ t, t @ cov @ t)
    assert variance(bool(f.any()), s) == pytest.approx(want, rel=1e-9, abs=1e-15)


@given(
    st.integers(0, 10**6),
    st.fixed_dictionaries(
        {
            "open_risk": st.sampled_from([0.01, 9.0]),
            "group": st.sampled_from([0.1, 9.0]),
            "gross": st.sampled_from([0.3, 9.0]),
            "volatility_target": st.sampled_from([0.05, 9.0]),
            "var": st.sampled_from([0.004, 9.0]),
            "expected_shortfall": st.sampled_from([0.005, 9.0]),
        }
    ),
)
@settings(max_examples=150, deadline=None)
def test_a_shaped_book_keeps_every_limit_and_only_shrinks(seed, limits):
    p, s = _random_book(seed, **limits)
    s.I[:, o.I_FREE] = 1
    before = s.F[:, o.F_W].copy()
    shape_book(False, sums(s), p, s)
    w, cov, beta = s.F[:, o.F_W], s.cov[:5], s.F[:, o.F_BETA]
    assert (abs(w) <= abs(before)).all()
    assert (w * before >= 0).all()
    slack = 1 + 1e-9
    deviation = np.sqrt(w @ cov @ w)
    assert abs(w) @ s.F[:, o.F_DIST] <= limits["open_risk"] * slack
    assert abs(w).sum() <= limits["gross"] * slack
    assert deviation * np.sqrt(252.0) <= limits["volatility_target"] * slack
    assert 1.5608 * deviation <= limits["var"] * slack
    assert 2.2396 * deviation <= limits["expected_shortfall"] * slack
    for g in range(3):
        assert abs((beta * w)[s.I[:, o.I_GROUP] == g].sum()) <= limits["group"] * slack


def test_a_masked_position_is_never_scaled_and_the_rest_makes_room():
    p, s, _ = book(2, gross=0.5)
    s.F[:, o.F_W], s.I[:, o.I_FREE] = (0.3, 0.4), (0, 1)
    mask = shape_book(True, sums(s), p, s)
    assert s.F[:, o.F_W].tolist() == pytest.approx([0.3, 0.2])
    assert mask == 1 << Reason.GROSS
