from collections import Counter

import numpy as np
import pytest
from sklearn.model_selection import KFold

from kedge.domain.errors import InputError
from kedge.research.purged import (
    LabelSpans,
    Window,
    backtest_paths,
    combinatorial_purged,
    expanding_windows,
    purged_k_fold,
    rolling_windows,
)

DAY = 86_400 * 10**9


def daily(size: int, horizon: int) -> LabelSpans:
    start = np.arange(size, dtype=np.int64)
    return LabelSpans(start, start + horizon)


def test_training_labels_that_reach_into_the_test_block_are_purged() -> None:
    folds = list(purged_k_fold(daily(10, horizon=2), 5))
    assert folds[2].test.tolist() == [4, 5]
    # 2 and 3 end on days 4 and 5; the test labels end on day 7.
    assert folds[2].train.tolist() == [0, 1, 8, 9]


def test_embargo_removes_samples_that_begin_soon_after_the_test_span() -> None:
    folds = list(purged_k_fold(daily(12, horizon=0), 4, embargo_ns=2))
    assert folds[1].test.tolist() == [3, 4, 5]
    assert folds[1].train.tolist() == [0, 1, 2, 8, 9, 10, 11]


def test_instant_labels_without_embargo_are_plain_k_fold() -> None:
    ours = list(purged_k_fold(daily(20, horizon=0), 5))
    theirs = list(KFold(5).split(np.zeros(20)))
    for fold, (train, test) in zip(ours, theirs, strict=True):
        assert fold.train.tolist() == train.tolist()
        assert fold.test.tolist() == test.tolist()


def test_every_group_is_tested_in_as_many_paths() -> None:
    folds = list(combinatorial_purged(daily(60, horizon=1), 6, 2))
    assert len(folds) == 15
    tested = Counter(int(i) for fold in folds for i in fold.test)
    assert set(tested.values()) == {backtest_paths(6, 2)} == {5}


@pytest.mark.parametrize(
    ("groups", "tested", "embargo"), [(1, 1, 0), (5, 5, 0), (5, 0, 0), (99, 1, 0), (5, 1, -1)]
)
def test_impossible_splits_are_refused(groups: int, tested: int, embargo: int) -> None:
    with pytest.raises(InputError):
        list(combinatorial_purged(daily(20, 1), groups, tested, embargo))


def test_labels_out_of_order_are_refused() -> None:
    with pytest.raises(InputError, match="order"):
        LabelSpans(np.array([2, 1]), np.array([3, 3]))


def test_labels_that_end_before_they_start_are_refused() -> None:
    with pytest.raises(InputError, match="end at or after"):
        LabelSpans(np.array([2]), np.array([1]))


def test_rolling_windows_keep_their_length_and_tile_the_rest() -> None:
    ts = np.arange(100, dtype=np.int64) * DAY
    windows = list(rolling_windows(ts, 40 * DAY, 20 * DAY))
    assert windows == [
        Window(0, 40, 40, 60),
        Window(20, 60, 60, 80),
        Window(40, 80, 80, 100),
    ]


def test_six_month_windows_follow_time_not_rows() -> None:
    half_year = 182 * DAY
    ts = np.busday_offset("2015-01-05", np.arange(780)).astype("datetime64[ns]").astype(np.int64)
    windows = list(rolling_windows(ts, half_year, half_year))
    assert len(windows) == 5
    assert all(w.train_stop - w.train_start == 130 for w in windows)
    assert all(w.test_stop - w.test_start == 130 for w in windows)


def test_expanding_windows_always_start_at_the_beginning() -> None:
    ts = np.arange(100, dtype=np.int64) * DAY
    windows = list(expanding_windows(ts, 40 * DAY, 25 * DAY))
    assert [(w.train_start, w.train_stop) for w in windows] == [(0, 40), (0, 65), (0, 90)]
    assert windows[-1] == Window(0, 90, 90, 100)


def test_gap_leaves_out_rows_between_training_and_test() -> None:
    ts = np.arange(50, dtype=np.int64) * DAY
    window = next(rolling_windows(ts, 20 * DAY, 10 * DAY, gap_ns=5 * DAY))
    assert window == Window(0, 20, 25, 35)


def test_a_hole_in_the_data_leaves_its_window_out() -> None:
    ts = np.concatenate([np.arange(30), np.arange(60, 90)]).astype(np.int64) * DAY
    windows = list(rolling_windows(ts, 20 * DAY, 10 * DAY))
    assert all(w.test_stop > w.test_start for w in windows)
    assert [ts[w.test_start] // DAY for w in windows] == [20, 70, 80]


def test_no_rows_give_no_windows() -> None:
    assert list(rolling_windows(np.empty(0, np.int64), DAY, DAY)) == []
    assert list(expanding_windows(np.empty(0, np.int64), DAY, DAY)) == []


@pytest.mark.parametrize(("train", "test", "gap"), [(0, 1, 0), (1, 0, 0), (1, 1, -1)])
def test_windows_without_length_are_refused(train: int, test: int, gap: int) -> None:
    with pytest.raises(InputError):
        list(rolling_windows(np.arange(5, dtype=np.int64), train, test, gap))
