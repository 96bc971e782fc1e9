"""Size from stop distance, Kelly and confidence, by hand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interpreted import interpreted
from kedge.portfolio.sizing import position_size

PRICE = 1000  # ticks


def size(net, error, confidence, distance, sigma, risk, kelly, sessions):
    ticks = distance * PRICE
    return interpreted(position_size)(
        net, error, confidence, ticks, PRICE, sigma, risk, kelly, sessions
    )


def test_one_percent_at_a_four_percent_stop_is_a_quarter_of_equity():
    assert size(1e9, 0.0, 1.0, 0.04, 0.0, 0.01, 0.25, 1.0) == pytest.approx(0.25)


def test_a_quarter_of_kelly_is_a_quarter_of_edge_over_variance():
    # 20 bps at 2 % a session over 4 sessions: 0.002 / 0.0016, a quarter of it
    assert size(20.0, 0.0, 1.0, 0.001, 0.02, 0.01, 0.25, 4.0) == pytest.approx(0.3125)


def test_the_error_of_the_edge_counts_as_variance():
    # 100 bps edge and 300 bps error: 0.01 / (0.0004 + 0.0009), a quarter of it
    expected = 0.25 * 0.01 / 0.0013
    assert size(100.0, 300.0, 1.0, 0.001, 0.02, 0.01, 0.25, 1.0) == pytest.approx(expected)


@given(
    st.floats(0.1, 500),
    st.floats(0, 500),
    st.floats(0, 1),
    st.floats(0.001, 0.5),
    st.floats(0, 0.1),
)
def test_every_stage_after_the_base_size_only_reduces(net, error, confidence, distance, sigma):
    base = 0.01 * PRICE / (distance * PRICE)
    kelly = size(net, error, 1.0, distance, sigma, 0.01, 0.25, 1.0)
    sure = size(net, error, confidence, distance, sigma, 0.01, 0.25, 1.0)
    assert 0.0 <= sure <= kelly <= base
    assert sure == confidence * kelly
