"""Splits and dividends recovered from adjusted closes."""

from fractions import Fraction

import numpy as np
import pytest

from kedge.data.derive import derive_actions, growth_of, rounding_noise, split_terms
from kedge.domain.panel import EventKind

DATES = np.arange(5, dtype=np.int64) * 86_400 * 10**9


def derive(close: list[float], adjusted: list[float], digits: int = 12) -> list[tuple[int, float]]:
    c, a = np.array(close), np.array(adjusted)
    found = derive_actions("AAA", DATES[: len(c)], c, growth_of(c, a), rounding_noise(a, digits))
    return [(int(e.ts // DATES[1]), e.a / e.b if e.kind is EventKind.SPLIT else e.x) for e in found]


@pytest.mark.parametrize(
    ("growth", "terms"),
    [
        (2.0, Fraction(2)),
        (7.0, Fraction(7)),
        (1.5, Fraction(3, 2)),
        (1.25, Fraction(5, 4)),
        (20.0, Fraction(20)),
        (0.1, Fraction(1, 10)),
        (0.125, Fraction(1, 8)),
        (1.9979, Fraction(2)),
    ],
)
def test_simple_fraction_confirmed_by_the_price_is_a_split(growth: float, terms: Fraction) -> None:
    assert split_terms(growth, 1 / growth) == terms


def test_growth_that_the_price_does_not_confirm_is_no_split() -> None:
    assert split_terms(2.0, 1.0) is None


def test_split_and_dividend_are_told_apart() -> None:
    assert derive([100, 50, 49, 50, 50], [49, 49, 49, 50, 50]) == [
        (1, 2.0),
        (2, pytest.approx(1.0)),
    ]


def test_both_on_one_day_are_both_found() -> None:
    ((first, split), (second, paid)) = derive([100, 49], [49, 49])
    assert (first, split, second) == (1, 2.0, 1)
    assert paid == pytest.approx(1.0)


def test_special_dividend_of_a_tenth_is_no_split() -> None:
    # MSFT 2004-11-15: 3.08 dollars on 29.97
    assert derive([29.97, 27.39], [26.89, 27.39]) == [(1, pytest.approx(3.08, abs=1e-3))]


def test_rounding_of_the_adjusted_close_is_no_dividend() -> None:
    rng = np.random.default_rng(3)
    close = np.round(50 + rng.normal(0, 1, 400).cumsum() * 0.1, 2)
    adjusted = np.round(close * 0.5, 2)
    found = derive_actions(
        "AAA",
        np.arange(400, dtype=np.int64),
        close,
        growth_of(close, adjusted),
        rounding_noise(adjusted, 2),
    )
    assert found == []
