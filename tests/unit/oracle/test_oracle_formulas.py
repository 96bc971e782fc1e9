"""Closed forms of the oracle against their own definitions."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oracle.book import cut, spread
from oracle.limits import linear_scale, root_scale
from oracle.tiny import CAPITAL, WARM_UP, panel, rules

weights = st.floats(-2, 2).map(lambda x: round(x, 3))
limits = st.floats(0.05, 1.5).map(lambda x: round(x, 3))
GRID = [i / 200 for i in range(201)]


@given(weights, weights, limits)
def test_linear_scale_is_the_largest_feasible_or_the_smallest_breach(fixed, free, limit):
    k = linear_scale(fixed, free, limit)
    assert 0 <= k <= 1
    feasible = [g for g in GRID if abs(fixed + g * free) <= limit]
    if feasible:
        assert abs(fixed + k * free) <= limit + 1e-12
        assert k >= max(feasible) - 1e-12
    else:
        assert abs(fixed + k * free) <= min(abs(fixed + g * free) for g in GRID) + 1e-12


@given(st.tuples(weights, weights), st.tuples(weights, weights), limits)
def test_root_scale_is_the_largest_feasible_or_the_smallest_breach(fixed, free, limit):
    a = sum(x * x for x in free)
    b = sum(x * y for x, y in zip(fixed, free, strict=True))
    c = sum(x * x for x in fixed)
    k = root_scale(a, b, c, limit)

    def size(g: float) -> float:
        return math.sqrt(sum((f + g * t) ** 2 for f, t in zip(fixed, free, strict=True)))

    assert 0 <= k <= 1
    feasible = [g for g in GRID if size(g) <= limit]
    if feasible:
        assert size(k) <= limit + 1e-7
        assert k >= max(feasible) - 1e-7
    else:
        assert size(k) <= min(size(g) for g in GRID) + 1e-7


@given(
    st.integers(-(10**12), 10**12),
    st.lists(st.integers(0, 10**6), min_size=1, max_size=4).filter(any),
)
def test_a_spread_amount_adds_up_and_stays_proportional(total, parts):
    out = spread(total, parts, parts)
    assert sum(out) == total
    for amount, part in zip(out, parts, strict=True):
        assert abs(amount - total * part / sum(parts)) <= len(parts)


def test_integer_quotients_are_cut_towards_zero():
    assert [cut(7, 2), cut(-7, 2), cut(7, -2), cut(-7, -2)] == [3, -3, -3, 3]


def _state(count, covariance, returns, group):
    from oracle.near import Near
    from oracle.result import OracleResult
    from oracle.state import Setup, State

    setup = Setup(panel(WARM_UP, count=count), rules(min_sessions=2), "USD")
    state = State(setup, Near(), OracleResult(setup.currencies))
    state.covariance, state.returns, state.group = covariance, returns, group
    state.sigma = [math.sqrt(covariance[n][n]) for n in range(count)]
    assert state.equity == CAPITAL
    return state


def test_groups_join_above_one_threshold_and_part_below_another():
    from oracle.session import _groups

    def matrix(r):
        return [[1.0, r, 0.0], [r, 1.0, 0.0], [0.0, 0.0, 1.0]]

    apart, together, seen = [0, 1, 2], [0, 0, 2], [9, 9, 9]
    assert _groups(_state(3, matrix(0.75), seen, apart)) == together
    assert _groups(_state(3, matrix(0.65), seen, apart)) == apart
    assert _groups(_state(3, matrix(0.65), seen, together)) == together
    assert _groups(_state(3, matrix(0.55), seen, together)) == apart
    assert _groups(_state(3, matrix(0.75), [9, 1, 9], apart)) == apart


def test_complete_linkage_needs_every_pair_to_be_alike():
    from oracle.session import _groups

    chain = [[1.0, 0.9, 0.5], [0.9, 1.0, 0.8], [0.5, 0.8, 1.0]]
    assert _groups(_state(3, chain, [9] * 3, [0, 1, 2])) == [0, 0, 2]


def test_betas_average_to_one_and_follow_the_row_means():
    from oracle.session import _betas

    state = _state(2, [[4.0, 1.0], [1.0, 2.0]], [1, 1], [0, 1])
    assert _betas(state) == pytest.approx([2 * 5 / 8, 2 * 3 / 8])
