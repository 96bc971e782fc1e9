"""When an update is applied, skipped or a gap, by the numbering of each venue."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kedge.data.books.book import Book, BookState
from kedge.data.books.rules import (
    Ascending,
    BinanceFutures,
    BinanceSpot,
    Consecutive,
    Linked,
    Rule,
    Unnumbered,
    Verdict,
)
from kedge.domain.market import ASK, BID, BookDelta

A, S, G = Verdict.APPLY, Verdict.SKIP, Verdict.GAP


def update(
    first: int = 0, last: int = 0, previous: int = -1,
    rows: list[tuple[int, int, int]] | None = None, snapshot: bool = False,
    at: int = 1, checksum: int = -1,
) -> BookDelta:  # fmt: skip
    levels = np.array(rows or [], dtype=np.int64).reshape(-1, 3)
    return BookDelta(0, at, at, first, last, previous, levels, snapshot, checksum)


def snapshot(last: int = 100, at: int = 1) -> BookDelta:
    rows = [(BID, 99, 5), (BID, 98, 7), (ASK, 101, 4), (ASK, 102, 6)]
    return update(last, last, rows=rows, snapshot=True, at=at)


@pytest.mark.parametrize(
    ("rule", "fresh", "first", "last", "previous", "verdict"),
    [
        (BinanceSpot(), True, 90, 100, -1, S),
        (BinanceSpot(), True, 95, 105, -1, A),
        (BinanceSpot(), True, 102, 105, -1, G),
        (BinanceSpot(), False, 101, 105, -1, A),
        (BinanceSpot(), False, 102, 105, -1, G),
        (BinanceSpot(), False, 100, 105, -1, G),
        (BinanceSpot(), False, 99, 100, -1, S),
        (BinanceFutures(), True, 90, 99, 80, S),
        (BinanceFutures(), True, 90, 100, 80, A),
        (BinanceFutures(), True, 101, 105, 100, G),
        (BinanceFutures(), False, 103, 105, 100, A),
        (BinanceFutures(), False, 103, 105, 102, G),
        (BinanceFutures(), False, 90, 100, 80, S),
        (Linked(), False, 0, 105, 100, A),
        (Linked(), False, 0, 3, 100, A),
        (Linked(), False, 0, 105, 103, G),
        (Linked(), False, 0, 100, 95, S),
        (Consecutive(), False, 0, 101, -1, A),
        (Consecutive(), False, 0, 102, -1, G),
        (Consecutive(), False, 0, 100, -1, S),
        (Ascending(), False, 0, 170, -1, A),
        (Ascending(), False, 0, 100, -1, S),
        (Ascending(), False, 0, 99, -1, G),
        (Unnumbered(), False, 0, 0, -1, A),
    ],
)
def test_verdict_on_an_update_at_number_100(
    rule: Rule, fresh: bool, first: int, last: int, previous: int, verdict: Verdict
) -> None:
    assert rule.verdict(100, fresh, update(first, last, previous)) == verdict


def test_updates_before_the_snapshot_are_kept_and_applied_after_it() -> None:
    book = Book(0, BinanceSpot())
    book.apply(update(95, 99, rows=[(BID, 99, 1)]))
    book.apply(update(100, 101, rows=[(BID, 99, 8)]))
    book.apply(update(102, 102, rows=[(ASK, 101, 0)]))
    assert not book.trusted
    book.apply(snapshot(100))
    assert book.trusted
    assert book.best() == (99, 8, 102, 6)


def test_snapshot_older_than_what_was_kept_leaves_a_gap_until_the_next() -> None:
    book = Book(0, BinanceSpot())
    book.apply(update(105, 106, rows=[(BID, 99, 1)]))
    book.apply(snapshot(100))
    assert book.state == BookState.GAP
    assert book.wants_snapshot
    book.apply(snapshot(105))
    assert book.trusted
    assert book.last == 106


def test_crossed_book_is_not_trusted_and_quotes_nothing() -> None:
    book = Book(0)
    book.apply(snapshot())
    book.apply(update(rows=[(BID, 101, 1)]))
    assert book.state == BookState.CROSSED
    assert (book.quote(9).bid, book.quote(9).ask) == (0, 0)


def test_overflowing_book_asks_for_a_snapshot() -> None:
    book = Book(0, capacity=2)
    book.apply(snapshot())
    assert book.trusted
    book.apply(update(rows=[(BID, 97, 1)]))
    assert book.state == BookState.OVERFLOW
    book.apply(snapshot())
    assert book.trusted


@pytest.mark.parametrize("row", [(2, 1, 1), (BID, 0, 1), (BID, -1, 1), (ASK, 200, -1)])
def test_level_that_cannot_be_takes_trust_away(row: tuple[int, int, int]) -> None:
    book = Book(0)
    book.apply(snapshot())
    book.apply(update(rows=[row]))
    assert book.state == BookState.INVALID


def test_snapshot_that_names_a_price_twice_is_not_believed() -> None:
    book = Book(0)
    book.apply(update(rows=[(BID, 5, 1), (BID, 5, 2)], snapshot=True))
    assert book.state == BookState.INVALID


def test_silent_book_is_untrusted_until_it_speaks() -> None:
    book = Book(0)
    book.apply(snapshot(at=100))
    assert not book.expire(150, 100)
    assert book.trusted
    assert book.expire(201, 100)
    assert not book.trusted
    assert book.quote(201).bid == 0
    book.apply(update(at=202))
    assert book.trusted
    assert book.quote(210).age == 8


def test_lost_connection_takes_trust_away() -> None:
    book = Book(0)
    book.apply(snapshot())
    book.lose()
    assert not book.trusted
    assert book.quote(5).bid == 0


def test_depth_keeps_the_best_levels() -> None:
    book = Book(0, depth=2)
    book.apply(snapshot())
    book.apply(update(rows=[(BID, 100, 3)]))
    assert book.top(BID, 9).tolist() == [[100, 3], [99, 5]]
    assert book.top(ASK, 1).tolist() == [[101, 4]]


ROWS = st.lists(
    st.tuples(st.sampled_from([BID, ASK]), st.integers(1, 40), st.integers(0, 3)), max_size=30
)


@settings(deadline=None)  # the first call compiles
@given(st.lists(st.tuples(st.booleans(), ROWS), max_size=12), st.sampled_from([0, 3]))
def test_levels_equal_those_of_a_dictionary(
    messages: list[tuple[bool, list[tuple[int, int, int]]]], depth: int
) -> None:
    """Whatever the order of prices; crossed or doubled levels aside, which end the comparison."""
    book, plain = Book(0, depth=depth), {BID: dict[int, int](), ASK: dict[int, int]()}
    book.apply(update(snapshot=True))
    for whole, rows in messages:
        if whole:
            plain = {BID: {}, ASK: {}}
        for side, ticks, lots in rows:
            if lots:
                plain[side][ticks] = lots
            elif not whole:
                plain[side].pop(ticks, None)
        for side, best in ((BID, True), (ASK, False)):
            kept = sorted(plain[side], reverse=best)[: depth or None]
            plain[side] = {ticks: plain[side][ticks] for ticks in kept}
        book.apply(update(rows=rows, snapshot=whole))
        if not book.trusted:
            return
        for side, best in ((BID, True), (ASK, False)):
            held = sorted(plain[side].items(), reverse=best)
            assert [tuple(x) for x in book.top(side, 99).tolist()] == held
