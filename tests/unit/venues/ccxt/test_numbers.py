"""Figures of an exchange: exact, or refused with one line; never larger than what is counted."""

from decimal import Decimal

import pytest

from kedge.domain.errors import MessageError
from kedge.venues.ccxt import numbers

LARGEST = 2**62 - 1


@pytest.mark.parametrize(
    "given",
    [
        "",
        "x",
        None,
        "1e20",
        "nan",
        "inf",
        "-Infinity",
        "1e308",
        "-1e308",
        "1e999999999",
        "1" + "0" * 21,
    ],
)
def test_what_is_no_number_that_can_be_is_refused(given: object) -> None:
    for read in (
        lambda: numbers.figure(given, "price"),
        lambda: numbers.steps(given, Decimal("0.01"), "price"),
        lambda: numbers.minor(given, "USDT"),
        lambda: numbers.instant(given),
    ):
        with pytest.raises(MessageError, match="no number") as refused:
            read()
        assert "\n" not in str(refused.value)


def test_the_largest_that_is_counted_comes_through_and_no_larger_one() -> None:
    assert numbers.steps(str(LARGEST), Decimal(1), "price") == LARGEST
    assert numbers.steps(str(-LARGEST), Decimal(1), "price") == -LARGEST
    for sign in ("", "-"):
        with pytest.raises(MessageError, match="price is beyond what can be counted"):
            numbers.steps(f"{sign}{LARGEST + 1}", Decimal(1), "price")
    with pytest.raises(MessageError, match="amount is beyond"):
        numbers.minor("1e18", "USDT")
    with pytest.raises(MessageError, match="time is beyond"):
        numbers.instant("9e15")


def test_an_instant_is_told_in_milliseconds() -> None:
    assert numbers.instant(1_700_000_000_123) == 1_700_000_000_123_000_000
    assert numbers.instant("0") == 0
