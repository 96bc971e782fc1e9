from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from kedge.research.purged import (
    LabelSpans,
    combinatorial_purged,
    expanding_windows,
    purged_k_fold,
    rolling_windows,
)


@st.composite
def labels(draw: st.DrawFn) -> LabelSpans:
    """Irregular decisions, some at the same instant, with labels of any length."""
    size = draw(st.integers(6, 40))
    steps = draw(st.lists(st.integers(0, 9), min_size=size, max_size=size))
    lengths = draw(st.lists(st.integers(0, 25), min_size=size, max_size=size))
    start = np.cumsum(steps).astype(np.int64)
    return LabelSpans(start, start + np.array(lengths))


def overlaps(spans: LabelSpans, train: int, first: int, last: int) -> bool:
    return bool(spans.start[train] <= last and spans.end[train] >= first)


@given(labels(), st.integers(2, 6), st.integers(0, 30))
def test_no_training_label_touches_a_test_span_or_its_embargo(
    spans: LabelSpans, folds: int, embargo: int
) -> None:
    for fold in purged_k_fold(spans, folds, embargo):
        first = int(spans.start[fold.test].min())
        last = int(spans.end[fold.test].max()) + embargo
        assert not any(overlaps(spans, int(i), first, last) for i in fold.train)


@given(labels(), st.integers(3, 6), st.integers(0, 30), st.data())
def test_no_training_label_touches_any_label_of_a_combination(
    spans: LabelSpans, groups: int, embargo: int, data: st.DataObject
) -> None:
    tested = data.draw(st.integers(1, groups - 1))
    for fold in combinatorial_purged(spans, groups, tested, embargo):
        for test in fold.test:
            reach = int(spans.end[test]) + embargo
            assert not any(
                overlaps(spans, int(i), int(spans.start[test]), reach) for i in fold.train
            )


@given(labels(), st.integers(2, 6), st.integers(0, 30))
def test_only_what_could_leak_is_removed(spans: LabelSpans, folds: int, embargo: int) -> None:
    for fold in purged_k_fold(spans, folds, embargo):
        first = int(spans.start[fold.test].min())
        last = int(spans.end[fold.test].max()) + embargo
        dropped = set(range(len(spans.start))) - {*fold.train.tolist(), *fold.test.tolist()}
        assert all(overlaps(spans, i, first, last) for i in dropped)


@given(labels(), st.integers(2, 6))
def test_every_sample_is_tested_exactly_once(spans: LabelSpans, folds: int) -> None:
    tested = np.concatenate([fold.test for fold in purged_k_fold(spans, folds)])
    assert tested.tolist() == list(range(len(spans.start)))


@given(
    st.lists(st.integers(1, 9), min_size=1, max_size=60),
    st.integers(1, 80),
    st.integers(1, 40),
    st.integers(0, 20),
)
def test_walk_forward_never_trains_on_what_it_tests_or_later(
    steps: list[int], train: int, test: int, gap: int
) -> None:
    ts = np.cumsum(steps).astype(np.int64)
    for make in (rolling_windows, expanding_windows):
        windows = list(make(ts, train, test, gap))
        for window in windows:
            assert window.train_start < window.train_stop <= window.test_start < window.test_stop
            assert ts[window.test_start] - ts[window.train_stop - 1] > gap
        for before, after in pairwise(windows):
            assert before.test_stop <= after.test_start
