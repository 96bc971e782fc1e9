"""Cross-validation splits whose training labels never touch the test span.

Lopez de Prado (2018), "Advances in Financial Machine Learning", chapters 7 and
12. A sample's label spans from its decision to the end of its horizon; a
training sample whose span overlaps a test span is purged, and so is one that
begins within the embargo (the effective memory of the features) after it.
Folds here diagnose; they never promote.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from math import comb

import numpy as np

from kedge.domain.errors import InputError
from kedge.domain.panel import I64


@dataclass(frozen=True, slots=True)
class LabelSpans:
    """When each sample's label begins and ends, both ends included.

    Attributes:
        start: (n,) decision instants, ns UTC, never decreasing.
        end: (n,) last instant the label looks at, not before ``start``.
    """

    start: I64
    end: I64

    def __post_init__(self) -> None:
        if len(self.start) != len(self.end) or not (self.end >= self.start).all():
            raise InputError("labels must end at or after they start, one end for each start")
        if not (np.diff(self.start) >= 0).all():
            raise InputError("labels must be in order of their start")


@dataclass(frozen=True, slots=True)
class Fold:
    """Sample numbers to train on and to test on, both increasing."""

    train: I64
    test: I64


@dataclass(frozen=True, slots=True)
class Window:
    """Rows ``train_start`` to ``train_stop`` to fit on, then a test window.

    ``train_stop`` <= ``test_start``; the rows between them are the gap.
    """

    train_start: int
    train_stop: int
    test_start: int
    test_stop: int


def purged_k_fold(spans: LabelSpans, folds: int, embargo_ns: int = 0) -> Iterator[Fold]:
    """K contiguous test blocks, each with its purged and embargoed training set.

    Args:
        spans: of the n samples.
        folds: number of blocks, from 2 to n.
        embargo_ns: time after a test span in which no training sample begins.

    Raises:
        InputError: an impossible number of folds or a negative embargo.
    """
    yield from combinatorial_purged(spans, folds, 1, embargo_ns)


def combinatorial_purged(
    spans: LabelSpans, groups: int, test_groups: int, embargo_ns: int = 0
) -> Iterator[Fold]:
    """Every choice of ``test_groups`` out of ``groups`` contiguous blocks as the test set.

    Args:
        spans: of the n samples.
        groups: number of blocks, from 2 to n.
        test_groups: blocks tested at a time, from 1 to groups - 1.
        embargo_ns: time after a test span in which no training sample begins.

    Raises:
        InputError: an impossible number of groups or a negative embargo.
    """
    size = len(spans.start)
    if not (2 <= groups <= size and 1 <= test_groups < groups and embargo_ns >= 0):
        raise InputError(
            f"cannot test {test_groups} of {groups} groups of {size} samples",
            remedy="use 2 groups or more, fewer tested than there are, embargo >= 0",
        )
    edges = np.linspace(0, size, groups + 1).astype(np.int64)
    for chosen in combinations(range(groups), test_groups):
        allowed = np.ones(size, bool)
        tested = np.zeros(size, bool)
        for group in chosen:
            start, stop = edges[group], edges[group + 1]
            tested[start:stop] = True
            allowed &= _clear_of(spans, int(start), int(stop), embargo_ns)
        yield Fold(np.flatnonzero(allowed & ~tested), np.flatnonzero(tested))


def _clear_of(spans: LabelSpans, start: int, stop: int, embargo_ns: int) -> np.ndarray:
    """Samples that end before a test block begins, or begin after it and its embargo."""
    first = spans.start[start]
    last = spans.end[start:stop].max() + embargo_ns
    return np.asarray((spans.end < first) | (spans.start > last))


def backtest_paths(groups: int, test_groups: int) -> int:
    """Complete out-of-sample histories that combinatorial folds add up to."""
    return comb(groups, test_groups) * test_groups // groups


def rolling_windows(ts: I64, train_ns: int, test_ns: int, gap_ns: int = 0) -> Iterator[Window]:
    """Walk forward: train on a window of constant length, test on what follows.

    Each test window starts where the last one stopped, so that together they
    are one out-of-sample history; the last may be cut short by the end of the
    data. Windows without a row to train or to test on are left out.

    Args:
        ts: (T,) row instants, ns UTC, increasing.
        train_ns: length of a training window.
        test_ns: length of a test window.
        gap_ns: time left out between them: label horizon and embargo.

    Raises:
        InputError: a length that is not positive or a negative gap.
    """
    yield from _windows(ts, train_ns, test_ns, gap_ns, train_ns)


def expanding_windows(
    ts: I64, first_train_ns: int, test_ns: int, gap_ns: int = 0
) -> Iterator[Window]:
    """Walk forward, always training from the beginning; otherwise as `rolling_windows`."""
    everything = int(ts[-1] - ts[0]) + 1 if len(ts) else 0
    yield from _windows(ts, first_train_ns, test_ns, gap_ns, first_train_ns + everything)


def _windows(
    ts: I64, first_train_ns: int, test_ns: int, gap_ns: int, memory_ns: int
) -> Iterator[Window]:
    if first_train_ns <= 0 or test_ns <= 0 or gap_ns < 0:
        raise InputError("walk-forward windows must be longer than zero, the gap not negative")
    if not len(ts):
        return
    begin = int(ts[0]) + first_train_ns + gap_ns
    while begin <= ts[-1]:
        fitted = begin - gap_ns
        bounds = (max(fitted - memory_ns, int(ts[0])), fitted, begin, begin + test_ns)
        window = Window(*(int(i) for i in np.searchsorted(ts, bounds)))
        if window.train_start < window.train_stop and window.test_start < window.test_stop:
            yield window
        begin += test_ns
