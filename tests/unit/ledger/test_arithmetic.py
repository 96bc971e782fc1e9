"""Compiled integer arithmetic is exact fractions, rounded once."""

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from interpreted import interpreted
from kedge.domain import arithmetic
from kedge.domain.money import round_ratio

value, portion = interpreted(arithmetic.value), interpreted(arithmetic.portion)
lots = st.integers(-(10**6), 10**6)


@given(lots, st.integers(0, 10**6), st.integers(1, 10**5), st.sampled_from([1, 2, 3, 10, 10**4]))
def test_value_rounds_the_exact_fraction_half_away_from_zero(quantity, ticks, num, den):
    exact = Fraction(quantity * ticks * num, den)
    magnitude = int(abs(exact) + Fraction(1, 2))
    assert value(quantity, ticks, num, den) == (magnitude if exact >= 0 else -magnitude)
    assert value(quantity, ticks, num, den) == round_ratio(quantity * ticks, Fraction(num, den))


@given(st.integers(-(2**62), 2**62), st.integers(-(2**31), 2**31), st.integers(1, 2**31 - 1))
def test_a_portion_is_the_exact_quotient_cut_towards_zero(amount, part, whole):
    if abs(part) < 2**31:
        assert portion(amount, part, whole) == int(Fraction(amount * part, whole))
        assert portion(amount, part, -whole) == int(Fraction(-amount * part, whole))


def test_a_portion_of_nothing_is_nothing():
    assert portion(10, 3, 0) == 0
