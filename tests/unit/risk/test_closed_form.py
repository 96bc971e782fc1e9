"""Closed-form scales against their own definition, searched by brute force."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interpreted import interpreted
from kedge.risk.closed_form import linear_scale, quadratic_scale

linear, quadratic = interpreted(linear_scale), interpreted(quadratic_scale)
GRID = [i / 400 for i in range(401)]
weights = st.integers(-2000, 2000).map(lambda x: x / 1000)
limits = st.integers(50, 1500).map(lambda x: x / 1000)


@pytest.mark.parametrize(
    ("fixed", "free", "limit", "k"),
    [
        (0.0, 0.5, 1.0, 1.0),
        (0.0, 2.0, 1.0, 0.5),
        (0.6, 0.8, 1.0, 0.5),
        (-0.6, -0.8, 1.0, 0.5),
        (1.5, 1.0, 1.0, 0.0),
        (1.5, -1.0, 1.0, 1.0),
        (1.5, -3.0, 1.0, 2.5 / 3.0),
        (2.0, 0.0, 1.0, 1.0),
    ],
)
def test_linear_scale_by_hand(fixed, free, limit, k):
    assert linear(fixed, free, limit) == pytest.approx(k, abs=1e-15)


@given(weights, weights, limits)
def test_linear_scale_is_the_largest_feasible_or_the_smallest_breach(fixed, free, limit):
    k = linear(fixed, free, limit)
    assert 0.0 <= k <= 1.0
    feasible = [g for g in GRID if abs(fixed + g * free) <= limit]
    if feasible:
        assert abs(fixed + k * free) <= limit + 1e-12
        assert k >= max(feasible) - 1e-12
    else:
        assert abs(fixed + k * free) <= min(abs(fixed + g * free) for g in GRID) + 1e-12


def test_a_free_book_at_twice_its_volatility_is_halved():
    assert quadratic(0.0, 0.0, 4.0, 1.0) == 0.5


def test_a_hedge_that_cannot_hold_the_limit_is_kept_where_risk_is_smallest():
    # 3 long fixed, 4 short free with 2 of its own noise: (3 - 4k)^2 + (2k)^2 >= 1.8
    assert quadratic(9.0, -12.0, 20.0, 1.0) == pytest.approx(0.6)


@given(st.tuples(weights, weights, weights), st.tuples(weights, weights, weights), limits)
def test_quadratic_scale_is_the_largest_feasible_or_the_smallest_breach(fixed, free, limit):
    def variance(g: float) -> float:
        return math.fsum((f + g * t) ** 2 for f, t in zip(fixed, free, strict=True))

    a = math.fsum(f * f for f in fixed)
    b = math.fsum(f * t for f, t in zip(fixed, free, strict=True))
    c = math.fsum(t * t for t in free)
    k = quadratic(a, b, c, limit * limit)
    assert 0.0 <= k <= 1.0
    feasible = [g for g in GRID if variance(g) <= limit * limit]
    if feasible:
        assert variance(k) <= limit * limit + 1e-9
        assert k >= max(feasible) - 1e-9
    else:
        assert variance(k) <= min(variance(g) for g in GRID) + 1e-9
