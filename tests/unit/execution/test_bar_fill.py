"""Prices and quantities of bar fills against exact arithmetic."""

from fractions import Fraction
from math import ceil, floor, sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from books import book
from interpreted import interpreted
from kedge.domain import state as o
from kedge.execution import bar_fill

market_price = interpreted(bar_fill.market_price)
volume_cap = interpreted(bar_fill.volume_cap)
affordable = interpreted(bar_fill.affordable)
slip = interpreted(bar_fill.slip)
ticks = st.integers(1, 10**9)


@given(ticks, st.integers(0, 2**16))
def test_a_price_is_rounded_against_the_order(base, numerator):
    # Fractions of a power of two are exact in binary, so floats round nothing away.
    part = Fraction(numerator, 2**18)
    assert market_price(base, 1, float(part)) == ceil(base * (1 + part))
    assert market_price(base, -1, float(part)) == max(1, floor(base * (1 - part)))


def test_a_sale_never_goes_below_one_tick():
    assert market_price(1, -1, 0.5) == market_price(3, -1, 2.0) == 1


@pytest.mark.parametrize(
    ("volume", "lots"), [(0.0, 0), (-1.0, 0), (19.9, 0), (20.0, 1), (1e6, 50_000)]
)
def test_a_bar_fills_whole_lots_of_its_share(volume, lots):
    assert volume_cap(0.05, volume) == lots


@given(st.integers(-(10**9), 10**15), st.floats(1e-3, 1e9), st.floats(0, 0.01))
def test_what_is_affordable_is_paid_for_and_one_more_would_not_be(cash, unit, fee):
    lots = affordable(cash, unit, fee)
    price = Fraction(unit) * (1 + Fraction(fee))
    assert lots >= 0
    if cash > 0:
        assert lots * price <= cash * (1 + Fraction(1, 10**12))
        assert (lots + 1) * price >= cash * (1 - Fraction(1, 10**12))


@pytest.mark.parametrize("unit", [0.0, float("nan"), -1.0])
def test_nothing_is_affordable_at_a_price_that_is_not_one(unit):
    assert affordable(10**9, unit, 0.0) == 0


def test_slip_is_half_the_spread_and_the_square_root_of_the_share_of_volume():
    p, s, _ = book(impact=(0.8,))
    p.A[:, o.A_HALF_SPREAD], s.F[:, o.F_SIGMA], s.F[:, o.F_ADV] = 3e-4, 0.02, 1000.0
    assert slip(0, 40, p, s) == pytest.approx(3e-4 + 0.8 * 0.02 * sqrt(0.04))
    assert slip(0, 10_000, p, s) == pytest.approx(3e-4 + 0.8 * 0.02)
    s.F[:, o.F_ADV] = 0.0
    assert slip(0, 1, p, s) == pytest.approx(3e-4 + 0.8 * 0.02)
