"""Prints that cannot be true stay out of rows; crashes that are true stay in."""

from math import isnan

import numpy as np
import pytest

from at_market import AtMarket, bar, flag, inputs

BOOK = 100_000, 100_010


def at_book() -> AtMarket:
    """A book that stands, and a print at its ask."""
    at = AtMarket()
    at.best(0.5, *BOOK)
    at.trade(1, 100_010, 3)
    return at


def left_out(at: AtMarket) -> list[tuple[int, int, int, int]]:
    """Instrument, prints, lowest and highest."""
    return [(e.instrument, e.prints, e.lowest, e.highest) for _, e in at.market.left_out]


def volume(at: AtMarket, row) -> int:
    size = at.market._size[0]
    return round(float(np.frombuffer(row.volume, np.float64)[0]) / size)


@pytest.mark.parametrize("ticks", [1, 50_000, 94_000, 106_000, 10**9])
def test_a_print_far_from_the_book_is_left_out_of_its_row(ticks: int) -> None:
    at = at_book()
    at.trade(9.9, ticks, 1_000)
    row = at.row(10.2)
    assert bar(row) == [100_010] * 4
    assert (volume(at, row), flag(row)) == (3, 3)
    assert left_out(at) == [(0, 1, ticks, ticks)]


@pytest.mark.parametrize("ticks", [95_200, 100_005, 105_000])
def test_a_print_not_so_far_from_it_is_taken(ticks: int) -> None:
    at = at_book()
    at.trade(9.9, ticks)
    assert bar(at.row(10.2))[3] == ticks
    assert left_out(at) == []


def test_a_row_is_made_of_its_plausible_prints_in_their_order() -> None:
    at = AtMarket()
    at.best(0.5, *BOOK)
    for second, ticks in enumerate((7, 100_001, 100_009, 3, 99_999, 10**7, 10**7 + 5, 100_004, 2)):
        at.trade(1 + second, ticks)
    row = at.row(10.2)
    assert bar(row) == [100_001, 100_009, 99_999, 100_004]
    assert volume(at, row) == 4
    assert left_out(at) == [(0, 5, 2, 10**7 + 5)]


def test_a_row_of_implausible_prints_alone_is_missing_and_ages() -> None:
    at = at_book()
    at.row(10.2)
    at.best(11, *BOOK)
    at.trade(19, 1)
    row = at.row(20.2)
    assert (flag(row), bar(row), volume(at, row)) == (0, [0] * 4, 0)
    assert np.frombuffer(row.age, np.int64)[0] == 19 * 10**9


def test_another_instruments_row_is_its_own_business() -> None:
    at = at_book()
    at.best(0.5, 1, 2, key=1)
    at.trade(1, 1, key=1)
    row = at.row(10.2)
    assert (bar(row, 0)[3], bar(row, 1)[3]) == (100_010, 1)
    assert left_out(at) == []


def test_what_trades_say_is_missing_where_one_of_them_is_doubted_and_the_book_is_not() -> None:
    at = at_book()
    at.trade(2, 1, 10**6)
    found = inputs(at.row(10.2))
    assert (found["bid"], found["mean_spread"]) == (100_000, 10)
    assert isnan(found["traded"])
    assert isnan(found["impact_flow"])
    at.best(11, *BOOK)
    at.trade(12, 100_010, 4)
    assert inputs(at.row(20.2))["traded"] == 4


def crash(at: AtMarket, begin: float, path: list[int], step: float) -> None:
    """Prices along a path; each print comes before the book shows where it was."""
    for i, price in enumerate(path):
        at.trade(begin + i * step, price - 5, 2, side=-1)
        at.best(begin + i * step + step / 2, price - 10, price)


def test_a_flash_crash_inside_a_row_is_seen_whole() -> None:
    at = at_book()
    down = [100_000 - 4_000 * i for i in range(1, 16)]  # 60 % in a second and a half
    crash(at, 3, [*down, *reversed(down), 99_990], 0.1)
    assert bar(at.row(10.2)) == [100_010, 100_010, 39_995, 99_985]
    assert left_out(at) == []


def test_a_crash_that_goes_on_after_the_row_is_the_rows_close() -> None:
    at = at_book()
    crash(at, 9.5, [90_000, 75_000, 60_000, 45_000], 0.1)
    assert bar(at.row(10.2))[3] == 44_995
    assert left_out(at) == []
    at.trade(11, 44_000)
    at.best(12, 44_000, 44_200)
    assert bar(at.row(20.2))[3] == 44_000


def test_a_book_that_reaches_the_prices_only_after_the_rows_end_speaks_for_it() -> None:
    at = at_book()
    at.trade(9.98, 80_000)
    at.best(10.1, 79_990, 80_010)
    assert bar(at.row(10.2))[3] == 80_000


def test_where_it_stood_in_the_row_before_says_nothing() -> None:
    at = at_book()
    at.row(10.2)
    at.best(10.5, 50_000, 50_010)  # a fall between two rows' closes is of the second
    at.trade(11, 100_000)
    assert bar(at.row(20.2))[3] == 100_000
    at.trade(21, 100_000)
    at.best(22, 50_000, 50_010)
    assert flag(at.row(30.2)) == 0


def test_prints_that_lead_there_step_by_step_speak_for_a_price() -> None:
    at = at_book()
    for second, ticks in enumerate((96_000, 92_000, 88_500, 85_000, 40_000, 104_000, 108_500)):
        at.trade(2 + second, ticks)  # the book has lost what took its best prices away
    row = at.row(10.2)
    assert bar(row) == [100_010, 108_500, 85_000, 108_500]
    assert left_out(at) == [(0, 1, 40_000, 40_000)]


def test_a_side_that_was_swept_empty_doubts_no_price_beyond() -> None:
    at = at_book()
    at.book(5, (0, 100_000, 0))
    at.trade(5, 70_000, 5)
    at.best(6, *BOOK)
    at.trade(7, 200_000)
    assert bar(at.row(10.2)) == [100_010, 100_010, 70_000, 70_000]
    assert left_out(at) == [(0, 1, 200_000, 200_000)]


def test_a_wide_market_is_given_ten_of_its_spreads() -> None:
    at = AtMarket()
    at.best(0.5, 9_000, 10_000)
    for second, ticks in enumerate((9_500, 19_900, 21_000, 50)):
        at.trade(1 + second, ticks)
    assert bar(at.row(10.2)) == [9_500, 19_900, 50, 50]
    assert left_out(at) == [(0, 1, 21_000, 21_000)]


def test_a_wild_market_is_given_ten_of_its_deviations() -> None:
    at = AtMarket()
    for i in range(12):
        price = 10_000 if i % 2 else 9_700  # 3 % a row
        at.best(10 * i + 1, price, price + 2)
        at.trade(10 * i + 2, price)
        at.rows(10 * i + 10.2)
    at.best(121, 10_000, 10_002)
    for second, ticks in enumerate((10_000, 7_500, 6_500)):
        at.trade(122 + second, ticks)
    assert bar(at.row(130.2)) == [10_000, 10_000, 7_500, 7_500]


def test_without_any_best_price_recent_rows_are_what_counts() -> None:
    at = at_book()
    at.row(10.2)
    at.book(10.3, whole=True)
    at.row(20.2)
    for second, ticks in enumerate((100_100, 97_000, 60_000)):
        at.trade(21 + second, ticks)
    at.book(29, whole=True)
    assert bar(at.row(30.2)) == [100_100, 100_100, 97_000, 97_000]
    assert left_out(at) == [(0, 1, 60_000, 60_000)]


def test_without_a_book_and_rows_nothing_can_be_doubted() -> None:
    at = AtMarket()
    at.book(0.5, whole=True)
    at.trade(1, 5)
    assert bar(at.row(10.2)) == [5] * 4


def test_a_book_that_was_wrong_does_not_speak_for_a_price() -> None:
    at = at_book()
    at.book(3, (1, 5, 5))  # an ask of 5 ticks below the bid: the book is crossed
    at.best(4, *BOOK)
    at.trade(5, 5)
    assert bar(at.row(10.2)) == [100_010] * 4
    assert left_out(at) == [(0, 1, 5, 5)]
