"""A row's inputs: worked out by hand, and against the plain computation on random events."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kedge.data.samplers_micro import MicroSampler
from kedge.domain import micro as m
from unit.data.micro_by_hand import rows_by_hand

START = 1_723_161_254_087_891_268
SECOND = 1_000_000_000


def levels(*pairs):
    """Ticks and lots, best first."""
    table = np.array(pairs, dtype=np.int64).reshape(-1, 2)
    return np.ascontiguousarray(table[:, 0]), np.ascontiguousarray(table[:, 1])


def give(sampler, event):
    kind, at, *rest = event
    {
        "trade": sampler.add_trade,
        "quote": sampler.add_quote,
        "book": sampler.add_book,
        "lose": sampler.lose,
    }[kind](at, *rest)


def rows_of(events, closes):
    sampler, rows, left = MicroSampler(START), [], list(events)
    for close in closes:
        while left and left[0][1] <= close:
            give(sampler, left.pop(0))
        rows.append(sampler.close(close))
    return rows


def row_of(*events, close=START + SECOND):
    return dict(zip(m.NAMES, rows_of(events, [close])[0], strict=True))


def test_means_are_weighted_by_the_time_a_value_stood():
    row = row_of(
        ("quote", START + 200_000_000, 100, 30, 102, 10),
        ("quote", START + 400_000_000, 100, 10, 106, 30),
    )
    assert row["mean_spread"] == pytest.approx((0.2 * 2 + 0.6 * 6) / 0.8)
    assert row["mean_imbalance"] == pytest.approx((0.2 * 0.5 - 0.6 * 0.5) / 0.8)
    assert (row["bid"], row["ask"], row["bid_size"], row["ask_size"]) == (100, 106, 10, 30)
    assert (row["open_mid"], row["seconds"]) == (101.0, 1.0)


def test_order_flow_follows_each_change_of_the_best_prices():
    row = row_of(
        ("quote", START, 100, 5, 103, 7),
        ("quote", START, 100, 9, 103, 7),  # 4 more bid
        ("quote", START, 101, 2, 103, 7),  # a higher bid: all of its 2
        ("quote", START, 101, 2, 102, 3),  # a lower ask: less all of its 3
        ("quote", START, 100, 8, 104, 6),  # both withdrawn: less 2 bid, less 3 ask
        ("quote", START, 100, 8, 104, 6),  # nothing
    )
    assert row["order_flow"] == 4 + 2 - 3 + (-2 + 3)
    assert row["book_updates"] == 4


def test_trades_between_changes_of_the_book_are_one_batch():
    row = row_of(
        ("quote", START, 100, 5, 102, 5),
        ("trade", START + 1, 102, 4, 1),
        ("trade", START + 2, 102, 1, 1),
        ("quote", START + 3, 102, 5, 104, 5),  # mid 101 to 103
        ("trade", START + 4, 102, 1, -1),
        ("quote", START + 5, 101, 5, 103, 5),  # 103 to 102
    )
    assert (row["impact_count"], row["impact_flow"], row["impact_move"]) == (2, 5 - 1, 1.0)
    assert (row["impact_flow_flow"], row["impact_flow_move"]) == (25 + 1, 5 * 2 + 1)
    assert row["impact_size"] == 6
    assert row["impact_root"] == pytest.approx(np.sqrt(5) - 1)
    assert row["impact_root_move"] == pytest.approx(np.sqrt(5) * 2 + 1)
    assert (row["trades"], row["traded"], row["bought"], row["sold"]) == (3, 6, 5, 1)


def test_depth_that_comes_back_after_a_trade_is_regained():
    row = row_of(
        ("book", START, *levels((100, 50), (99, 50)), *levels((101, 50), (102, 50))),
        ("trade", START + 1, 101, 50, 1),
        ("book", START + 2, *levels((100, 50), (99, 50)), *levels((102, 40))),
        ("book", START + 3, *levels((100, 50), (99, 50)), *levels((101, 30), (102, 40))),
    )
    assert (row["depth_fallen"], row["depth_regained"]) == (60, 30)
    assert (row["bid_depth"], row["ask_depth"]) == (100, 70)


def test_depth_is_that_of_the_best_ten_levels():
    many = levels(*((100 - k, 1 + k) for k in range(30)))
    row = row_of(("book", START, *many, *levels((101, 7))))
    assert (row["bid_depth"], row["ask_depth"]) == (sum(range(1, 11)), 7)


@pytest.mark.parametrize(
    ("ticks", "bought", "sold"), [(103, 8, 0), (101, 0, 8), (102, 0, 0), (104, 8, 0)]
)
def test_a_trade_without_a_side_takes_that_of_the_mid(ticks, bought, sold):
    row = row_of(("quote", START, 101, 5, 103, 5), ("trade", START, ticks, 8, 0))
    assert (row["traded"], row["bought"], row["sold"]) == (8, bought, sold)


def test_without_a_quote_a_trade_has_only_the_side_it_names():
    row = row_of(("trade", START, 103, 8, 0), ("trade", START, 103, 2, -1))
    assert (row["traded"], row["bought"], row["sold"]) == (10, 0, 2)
    assert row["impact_count"] == 0


@pytest.mark.parametrize(
    "bad", [(0, 0, 102, 5), (100, 5, 0, 0), (103, 5, 102, 5), (100, 0, 102, 5), (-3, 5, 102, 5)]
)
def test_a_quote_that_cannot_be_is_no_quote(bad):
    row = row_of(("quote", START, 100, 5, 102, 5), ("quote", START + 250_000_000, *bad))
    assert np.isnan([row["bid"], row["ask"], row["bid_size"], row["ask_size"]]).all()
    assert row["mean_spread"] == 2.0  # of the quarter in which it was known
    assert row["order_flow"] == 0.0


def test_a_book_that_is_lost_is_unknown_until_the_next():
    book = (*levels((100, 5)), *levels((101, 5)))
    events = [("book", START, *book), ("trade", START + 1, 101, 1, 1), ("lose", START + 2)]
    first, second, third = rows_of(
        [*events, ("book", START + int(2.5 * SECOND), *book)],
        [START + SECOND, START + 2 * SECOND, START + 3 * SECOND],
    )
    for row in (first, second):
        assert np.isnan(row[[m.BID, m.ASK_DEPTH, m.DEPTH_FALLEN]]).all()
    assert first[m.IMPACT_COUNT] == 0
    assert np.isnan(second[[m.MEAN_SPREAD, m.MEAN_BID_DEPTH, m.OPEN_MID]]).all()
    assert (second[m.TRADES], third[m.BID], third[m.MEAN_SPREAD]) == (0, 100, 1)


def test_what_was_never_heard_of_is_missing_and_later_zero():
    quote = ("quote", START, 100, 5, 102, 5)
    closes = [START + SECOND, START + 2 * SECOND, START + 3 * SECOND]
    rows = rows_of([quote, ("trade", START + SECOND + 1, 101, 3, 1)], closes)
    about_trades = slice(m.TRADES, m.SOLD + 1)
    assert np.isnan(rows[0][about_trades]).all()
    assert rows[1][about_trades].tolist() == [1, 3, 3, 0]
    assert rows[2][about_trades].tolist() == [0, 0, 0, 0]
    assert np.isnan([row[m.BID_DEPTH] for row in rows]).all()


def test_the_book_stands_over_the_close_and_sums_begin_afresh():
    events = [("quote", START, 100, 5, 102, 5), ("trade", START + 1, 102, 3, 1)]
    first, second = rows_of(events, [START + SECOND, START + 3 * SECOND])
    assert (first[m.TRADES], second[m.TRADES]) == (1, 0)
    assert (second[m.BID], second[m.MEAN_SPREAD], second[m.OPEN_MID]) == (100, 2, 101)
    assert (first[m.SECONDS], second[m.SECONDS]) == (1, 2)
    assert second[m.IMPACT_COUNT] == 0


def test_a_batch_whose_end_nobody_saw_is_not_carried_into_the_next_row():
    events = [
        ("quote", START, 100, 5, 102, 5),
        ("trade", START + 1, 102, 3, 1),
        ("quote", START + 2, 0, 0, 102, 5),
        ("quote", START + SECOND + 1, 200, 5, 202, 5),
        ("trade", START + SECOND + 2, 202, 4, 1),
        ("quote", START + SECOND + 3, 202, 5, 204, 5),
    ]
    first, second = rows_of(events, [START + SECOND, START + 2 * SECOND])
    assert first[m.IMPACT_COUNT] == 0
    assert second[[m.IMPACT_COUNT, m.IMPACT_FLOW, m.IMPACT_MOVE]].tolist() == [1, 4, 2]


def test_an_instant_before_the_last_one_counts_as_the_last():
    row = row_of(
        ("quote", START + 500_000_000, 100, 5, 102, 5),
        ("quote", START + 100_000_000, 100, 5, 104, 5),
    )
    assert row["mean_spread"] == 4.0


def test_after_a_reset_nothing_is_known():
    fresh, used = MicroSampler(START), MicroSampler(START)
    used.add_quote(START, 100, 5, 102, 5)
    used.add_trade(START + 5, 102, 1, 1)
    used.close(START + 9)
    used.reset(START)
    assert fresh.close(START + 1).tobytes() == used.close(START + 1).tobytes()


sizes = st.integers(1, 40)
prices = st.integers(95, 105)
sides = st.lists(st.tuples(prices, sizes), min_size=0, max_size=14)
kinds = st.one_of(
    st.tuples(st.just("trade"), prices, sizes, st.sampled_from([1, -1, 0])),
    st.tuples(st.just("quote"), prices, sizes, prices, sizes),
    st.tuples(st.just("quote"), st.just(100), sizes, st.just(101), sizes),
    st.tuples(st.just("trade"), prices, sizes, st.sampled_from([1, -1])),
    st.builds(
        lambda b, a: ("book", *levels(*sorted(b, reverse=True)), *levels(*sorted(a))), sides, sides
    ),
    st.builds(
        lambda b, a: ("book", *levels((100, b), (98, a)), *levels((102, a), (103, b))), sizes, sizes
    ),
    st.just(("lose",)),
)
streams = st.lists(st.tuples(st.integers(0, 300_000_000), kinds), max_size=40)


@settings(max_examples=300, deadline=None, derandomize=True)
@given(streams, st.lists(st.integers(1, 2 * SECOND), min_size=1, max_size=5))
def test_equals_the_plain_computation_on_random_events(stream, lengths):
    events, at = [], START
    for gap, (kind, *rest) in stream:
        at += gap
        events.append((kind, at, *rest))
    closes = [START + int(each) for each in np.cumsum(lengths)]
    by_hand = rows_by_hand(START, events, closes)
    for own, expected in zip(rows_of(events, closes), by_hand, strict=True):
        assert set(expected) == set(m.NAMES)
        for name, value in zip(m.NAMES, own, strict=True):
            np.testing.assert_allclose(value, expected[name], rtol=1e-12, atol=1e-9, err_msg=name)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(streams, st.integers(-(10**17), 10**17))
def test_rows_do_not_depend_on_the_date(stream, moved):
    first, second = MicroSampler(START), MicroSampler(START + moved)
    at = START
    for gap, (kind, *rest) in stream:
        at += gap
        give(first, (kind, at, *rest))
        give(second, (kind, at + moved, *rest))
    assert first.close(at + 7).tobytes() == second.close(at + 7 + moved).tobytes()
