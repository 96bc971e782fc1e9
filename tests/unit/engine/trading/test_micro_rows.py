"""Rows of a session that hold what trades and books said inside them."""

from itertools import pairwise
from math import isnan

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from at_market import AtMarket, flag, inputs, ns
from kedge.domain import micro as m
from kedge.testing.simulation.scene import SECOND, START
from unit.data.micro_by_hand import events_of, rows_by_hand


def test_a_row_holds_what_stood_at_its_end_and_what_happened_in_it() -> None:
    at = AtMarket()
    at.book(0.5, (0, 100, 6), (0, 99, 4), (1, 102, 2), whole=True)
    at.trade(1, 102, 2)
    at.book(2, (1, 102, 0), (1, 104, 3))
    found = inputs(at.row(10.2))
    assert (found["bid"], found["ask"], found["bid_size"], found["ask_size"]) == (100, 104, 6, 3)
    assert (found["bid_depth"], found["ask_depth"]) == (10, 3)
    assert found["mean_spread"] == pytest.approx((1.5 * 2 + 8 * 4) / 9.5)
    assert (found["trades"], found["bought"], found["impact_move"]) == (1, 2, 1)
    assert found["seconds"] == 10


def test_without_features_that_read_them_rows_hold_none() -> None:
    at = AtMarket(inputs=False)
    at.best(0.5, 100, 102)
    assert at.row(10.2).micro == b""


def test_what_comes_after_a_rows_end_belongs_to_the_next_one() -> None:
    at = AtMarket()
    at.best(0.5, 100, 102)
    at.trade(1, 101)
    at.best(10.1, 90, 92)
    at.trade(10.15, 92, 7)
    first, second = inputs(at.row(10.2)), inputs(at.row(20.2))
    assert (first["bid"], first["traded"]) == (100, 1)
    assert (second["open_mid"], second["bid"], second["traded"]) == (101, 90, 7)
    assert second["mean_spread"] == 2


def test_rows_that_close_together_have_each_their_own() -> None:
    at = AtMarket()
    at.best(0.5, 100, 102)
    at.trade(1, 101)
    at.best(12, 200, 202)
    at.trade(13, 202)
    first, second = at.rows(20.2)
    assert (inputs(first)["bid"], inputs(second)["bid"]) == (100, 200)
    assert inputs(second)["open_mid"] == 101


def test_each_instrument_has_its_own() -> None:
    at = AtMarket()
    at.best(0.5, 100, 102, key=0)
    at.best(0.5, 500, 510, key=1)
    row = at.row(10.2)
    assert (inputs(row, 0)["ask"], inputs(row, 1)["ask"]) == (102, 510)


@pytest.mark.parametrize("skew", [-3 * SECOND, 3 * SECOND])
def test_rows_are_cut_by_the_venues_clock_only_where_ours_is_ahead(skew: int) -> None:
    at, ahead = AtMarket(skew=skew), max(0, -skew) / SECOND
    first = 10 if skew < 0 else 20  # what happened before we watched is not whole
    at.best(first - 9 + ahead, 100, 102)
    at.best(first - 0.1 + ahead, 110, 112)
    at.best(first + 0.1 + ahead, 120, 122)
    row = at.row(first + 0.2 + ahead)
    assert row.at == ns(first)
    assert (inputs(row)["bid"], inputs(row)["seconds"]) == (110, 10)


def test_a_row_whose_book_is_not_trusted_when_it_closes_has_none() -> None:
    at = AtMarket()
    for key in (0, 1):
        at.best(0.5, 100, 102, key)
        at.trade(1, 101, key=key)
    at.book(3, (0, 105, 5), key=0)  # crossed
    row = at.row(10.2)
    assert all(isnan(value) for value in inputs(row, 0).values())
    assert inputs(row, 1)["bid"] == 100
    assert (flag(row, 0), flag(row, 1)) == (0, 3)


def test_what_a_lost_book_last_said_is_not_carried_on() -> None:
    at = AtMarket()
    at.best(0.5, 100, 102)
    at.trade(1, 101)
    at.row(10.2)
    at.trade(11, 101)
    at.market.lose()
    at.trade(12, 101, 3)
    at.best(18, 200, 210)
    found = inputs(at.row(20.2))
    # From 10 to 11 the spread was 2, from 18 on it is 10; in between nobody knows.
    assert found["mean_spread"] == pytest.approx((1 * 2 + 2 * 10) / 3)
    assert (found["bid"], found["traded"], found["impact_count"]) == (200, 4, 0)


def test_a_silent_book_stops_speaking_when_its_time_is_up() -> None:
    at = AtMarket()
    at.best(5, 100, 102)
    at.trade(6, 101)
    assert inputs(at.row(10.2))["bid"] == 100
    at.rows(20.2)
    at.trade(28, 102)  # three seconds after the book was given up
    at.best(29, 300, 304)
    found = inputs(at.row(30.2))
    assert found["mean_spread"] == pytest.approx((5 * 2 + 1 * 4) / 6)
    assert found["impact_count"] == 0
    assert found["bid"] == 300


def test_a_book_that_is_silent_at_the_end_of_a_row_has_nothing_standing_there() -> None:
    at = AtMarket()
    at.best(5, 100, 102)
    at.rows(20.2)
    at.best(30.1, 300, 304)  # before the row closes: its book is trusted again
    found = inputs(at.row(30.2))
    assert isnan(found["bid"])
    assert isnan(found["bid_depth"])
    assert found["mean_spread"] == 2


def test_a_restart_begins_with_nothing() -> None:
    before, after = AtMarket(), AtMarket()
    before.best(1, 100, 102)
    before.trade(2, 101)
    assert inputs(before.row(10.2))["bid"] == 100
    assert all(isnan(v) for k, v in inputs(after.row(10.2)).items() if k != "seconds")


MOVES = st.lists(
    st.tuples(
        st.integers(1, 4000),  # ms since the one before
        st.sampled_from(["trade", "bid", "ask", "whole"]),
        st.integers(0, 30),
        st.integers(0, 9),
    ),
    min_size=1,
    max_size=60,
)


@settings(max_examples=60)
@given(MOVES)
def test_equals_the_computation_by_hand(moves) -> None:
    at, now = AtMarket(), 0.0
    at.book(0.0, *[(0, 970 + i, 1 + i) for i in range(30)],
            *[(1, 1_001 + i, 31 - i) for i in range(30)], whole=True)  # fmt: skip
    for after, kind, where, lots in moves:
        now += after / 1000
        if kind == "trade":
            at.trade(now, 985 + where, 1 + lots, side=lots % 3 - 1)
        elif kind == "whole":
            at.book(now, *[(0, 990 - i, 1 + i) for i in range(12)],
                    *[(1, 995 + where + i, 2) for i in range(3)], whole=True)  # fmt: skip
        else:
            side = int(kind == "ask")
            at.book(now, (side, 1_001 + where if side else 985 - where, lots))
    closes = [START + 10 * SECOND * (i + 1) for i in range(int(now // 10) + 1)]
    expected = rows_by_hand(START, events_of(at.events), closes)
    last = (closes[-1] - START) / SECOND
    at.best(last + 0.1, 1, 2)  # so that the book has spoken lately when they close
    rows = at.rows(last + 0.2)
    assert [row.at for row in rows] == closes
    for row, wanted in zip(rows, expected, strict=True):
        own = inputs(row)
        for name in m.NAMES:
            np.testing.assert_allclose(own[name], wanted[name], 1e-12, 1e-12, err_msg=name)


def test_rows_do_not_depend_on_when_they_are_asked_for() -> None:
    def found(turns: list[float]) -> list[bytes]:
        at, rows = AtMarket(), []
        for second, until in pairwise([0.0, *turns]):
            for i in range(int(second * 10), int(until * 10)):
                at.best(i / 10 + 0.05, 100 + i % 7, 110 + i % 3)
                at.trade(i / 10 + 0.07, 105 + i % 2)
            rows += at.rows(until)
        return [row.micro for row in rows if row.at <= ns(40)]

    assert found([i / 5 for i in range(1, 220)]) == found([3.3, 10.1, 10.9, 29.0, 44.0])
