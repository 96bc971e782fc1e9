"""Learning of volume: whole sessions, each with the same weight, and nothing else."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kedge.execution.slicing.profile import BUCKETS, flat
from kedge.execution.slicing.volumes import Volumes, fits

MINUTE = 60_000_000_000
HOUR = 60 * MINUTE
LENGTH = 4 * HOUR


class Clock:
    """Sessions of four hours that begin every ten."""

    length = LENGTH

    def opened(self, at: int) -> int:
        return at - 1 - (at - 1) % (10 * HOUR)

    def usual_length(self, at: int) -> int:
        return self.length


def made(instruments: int = 1, row: int = 30 * MINUTE) -> Volumes:
    return Volumes(Clock(), instruments, row)


def watch(volumes: Volumes, session: int, rows: list[float], row: int = 30 * MINUTE) -> None:
    """Rows of one instrument or, as columns, of several; NaN for a row that is not seen."""
    for i, each in enumerate(rows):
        if np.all(np.isnan(each)):
            continue
        volumes.add(session * 10 * HOUR + (i + 1) * row, np.atleast_1d(np.array(each, float)))


def begin(volumes: Volumes, session: int) -> None:
    watch(volumes, session, [0.0])


def test_nothing_is_known_before_a_session_is_over() -> None:
    volumes = made()
    watch(volumes, 0, [1, 1, 2, 2, 3, 3, 4, 4])
    assert volumes.profile(0) == flat(LENGTH, 4)
    begin(volumes, 1)
    assert volumes.profile(0).shares == pytest.approx((0.1, 0.2, 0.3, 0.4))
    assert volumes.profile(0).sessions == 1


@given(st.lists(st.lists(st.floats(0.1, 1e6), min_size=4, max_size=4), min_size=1, max_size=6))
def test_shares_are_the_weighted_mean_of_each_sessions_shares(sessions: list[list[float]]) -> None:
    volumes = made()
    for number, hours in enumerate([*sessions, [1.0] * 4]):
        watch(volumes, number, [each for hour in hours for each in (hour / 2, hour / 2)])
    parts = np.array(sessions) / np.array(sessions).sum(axis=1, keepdims=True)
    n = len(sessions)
    weights = 0.1 * 0.9 ** np.arange(n - 1, -1, -1)
    weights[0] = 0.9 ** (n - 1)
    profile = volumes.profile(0)
    assert profile.shares == pytest.approx(weights @ parts)
    assert sum(profile.shares) == pytest.approx(1.0)
    assert profile.sessions == n


def test_each_instrument_has_its_own_and_one_that_did_not_trade_learns_nothing() -> None:
    volumes = made(3)
    rows = [(1, 4, 0), (1, 4, 0), (2, 3, 0), (2, 3, 0), (3, 2, 0), (3, 2, 0), (4, 1, 0), (4, 1, 0)]
    watch(volumes, 0, rows)
    volumes.add(10 * HOUR + 1, np.zeros(3))
    assert volumes.profile(0).shares == pytest.approx((0.1, 0.2, 0.3, 0.4))
    assert volumes.profile(1).shares == pytest.approx((0.4, 0.3, 0.2, 0.1))
    assert volumes.profile(2) == flat(LENGTH, 4)


NOT_WHOLE = {
    "a half-day": [9.0, 9.0, 1.0, 1.0],
    "begun in its midst": [np.nan, np.nan, np.nan, 1.0, 2.0, 3.0, 4.0, 5.0],
    "interrupted": [1.0, 1.0, np.nan, np.nan, 1.0, 1.0, 5.0, 5.0],
    "a row of a whole day": [*[np.nan] * 7, 80.0],
}


@pytest.mark.parametrize("rows", NOT_WHOLE.values(), ids=NOT_WHOLE.keys())
def test_a_session_that_was_not_watched_as_a_whole_teaches_nothing(rows: list[float]) -> None:
    volumes = made()
    watch(volumes, 0, [1, 1, 2, 2, 3, 3, 4, 4])
    begin(volumes, 1)
    before = volumes.profile(0)
    watch(volumes, 2, rows)
    begin(volumes, 3)
    assert volumes.profile(0) == before


def test_rows_that_are_missing_here_and_there_are_taken_for_like_the_rest() -> None:
    """The last one always is: nothing is decided at a close."""
    volumes = made()
    watch(volumes, 0, [1, 1, np.nan, 2, 3, 3, 4, np.nan])
    begin(volumes, 1)
    assert volumes.profile(0).shares == pytest.approx((0.1, 0.2, 0.3, 0.4))


def test_a_row_that_began_before_the_opening_or_lies_in_two_buckets_is_spread_evenly() -> None:
    volumes = made(row=HOUR)
    for end, lots in ((30, 1.0), (90, 4.0), (150, 4.0), (210, 2.0)):
        volumes.add(end * MINUTE, np.array([lots]))
    begin(volumes, 1)
    first, second = 1.0 + 4.0 + 2.0, (2.0 + 2.0) * 120 / 90
    assert volumes.profile(0).shares == pytest.approx(
        (first / (first + second), second / (first + second))
    )


def test_what_is_no_volume_or_after_the_session_is_not_counted() -> None:
    volumes, other = made(), made()
    watch(volumes, 0, [1, 1, 2, 2, 3, 3, 4, 4, 99, 99])
    watch(other, 0, [1, 1, 2, 2, 3, 3, 4, 4])
    begin(volumes, 1)
    begin(other, 1)
    assert volumes.state() == other.state()
    for lots in (float("inf"), 0.0, -1.0, float("nan")):
        volumes.add(10 * HOUR + HOUR, np.array([lots]))
        other.add(10 * HOUR + HOUR, np.array([0.0]))
    assert volumes.state() == other.state()


def test_sessions_of_another_length_are_learned_anew() -> None:
    volumes = made()
    watch(volumes, 0, [1, 1, 2, 2, 3, 3, 4, 4])
    begin(volumes, 1)
    assert volumes.profile(0).sessions == 1
    volumes.clock.length = 5 * HOUR  # type: ignore[attr-defined]
    begin(volumes, 2)
    assert volumes.profile(0) == flat(5 * HOUR, 5)


@pytest.mark.parametrize(("row", "buckets"), [(MINUTE, BUCKETS), (HOUR, 2), (5 * HOUR, 1)])
def test_buckets_are_few_and_never_shorter_than_two_rows(row: int, buckets: int) -> None:
    volumes = made(row=row)
    volumes.add(MINUTE, np.array([1.0]))
    assert len(volumes.profile(0).shares) == buckets


def test_it_goes_on_from_its_state() -> None:
    volumes, other = made(2), made(2)
    rows = [(1, 4), (1, 4), (2, 3), (2, 3), (3, 2), (3, 2), (4, 1), (4, 1)]
    watch(volumes, 0, rows)
    watch(volumes, 1, rows[:5])
    assert fits(volumes.state(), 2, 30 * MINUTE)
    other.restore(volumes.state())
    assert other.state() == volumes.state()
    for each in (volumes, other):
        for i, row in enumerate(rows[5:], 6):
            each.add(10 * HOUR + i * 30 * MINUTE, np.array(row, float))
        each.add(20 * HOUR + 1, np.zeros(2))
    assert other.state() == volumes.state()
    assert other.profile(1) == volumes.profile(1)
    assert other.profile(1).sessions == 2


def test_a_state_of_another_shape_does_not_fit() -> None:
    state = made(2).state()
    assert not fits(state, 3, 30 * MINUTE)
    assert not fits(state, 2, 90 * MINUTE)


def test_a_session_in_which_a_book_was_lost_teaches_nothing_of_its_instrument() -> None:
    volumes = made(2)
    for i in range(8):
        lost = 2 <= i < 6  # the second instrument's rows are masked: no volume, and nobody saw
        lots = np.array([1.0 + i, 0.0 if lost else 1.0])
        volumes.add((i + 1) * 30 * MINUTE, lots, np.array([True, not lost]))
    volumes.add(10 * HOUR + 1, np.zeros(2))
    assert volumes.profile(0).sessions == 1
    assert volumes.profile(1) == flat(LENGTH, 4)
