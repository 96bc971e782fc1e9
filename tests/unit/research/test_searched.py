"""A configuration that was tried in a search carries that search's doubt."""

from pathlib import Path

import numpy as np
import pytest

from kedge.research.overfitting import probability_of_overfitting
from kedge.research.searched import recorded_search
from kedge.research.trials import TrialBatch, read_ledger, record_trials
from kedge.research.verdict import Searched

DAY = 86_400 * 10**9


def batch(
    names: str,
    instruments: tuple[str, ...] = ("AAA", "BBB"),
    first: int = 0,
    days: int = 400,
    seed: int = 0,
) -> TrialBatch:
    rng = np.random.default_rng(seed)
    instants = (first + np.arange(days)) * DAY
    return TrialBatch(instruments, instants, tuple(names), rng.normal(0, 0.01, (days, len(names))))


def found(folder: Path, own: TrialBatch) -> Searched | None:
    return recorded_search(read_ledger(folder), own)


def test_a_member_carries_the_probability_of_its_search(tmp_path: Path) -> None:
    sweep = batch("abcde")
    record_trials(tmp_path, sweep)
    pbo = probability_of_overfitting(sweep.returns).pbo
    expected = Searched(candidates=5, first="1970-01-01", last="1971-02-04", pbo=pbo)
    assert found(tmp_path, batch("c")) == expected


def test_what_was_only_ever_run_alone_is_of_no_search(tmp_path: Path) -> None:
    record_trials(tmp_path, batch("abc"))
    record_trials(tmp_path, batch("z"))
    assert found(tmp_path, batch("z")) is None
    assert found(tmp_path, batch("y")) is None


def test_a_run_alone_before_the_search_does_not_hide_it(tmp_path: Path) -> None:
    record_trials(tmp_path, batch("c"))
    record_trials(tmp_path, batch("abcde"))
    search = found(tmp_path, batch("c"))
    assert search is not None
    assert search.candidates == 5


@pytest.mark.parametrize(
    ("own", "member"),
    [
        ({"days": 410}, True),  # the history has grown since
        ({"first": 150, "days": 400}, True),
        ({"first": 300, "days": 400}, False),  # most of these days chose nothing
        ({"instruments": ("BBB", "CCC")}, True),
        ({"instruments": ("CCC",)}, False),
    ],
)
def test_a_search_must_share_instruments_and_most_of_the_time(
    tmp_path: Path, own: dict[str, object], member: bool
) -> None:
    record_trials(tmp_path, batch("abc"))
    assert (found(tmp_path, batch("a", **own)) is not None) == member  # type: ignore[arg-type]


def test_of_several_searches_the_most_doubtful_counts(tmp_path: Path) -> None:
    sweeps = [batch("abcd", seed=seed) for seed in range(1, 5)]
    sweeps = [TrialBatch(s.instruments, s.days, (*"a", f"x{n}", f"y{n}", f"z{n}"), s.returns)
              for n, s in enumerate(sweeps)]  # fmt: skip
    for sweep in sweeps:
        record_trials(tmp_path, sweep)
    every = [probability_of_overfitting(sweep.returns).pbo for sweep in sweeps]
    assert len(set(every)) > 1
    search = found(tmp_path, batch("a"))
    assert search is not None
    assert search.pbo == max(every)


def test_a_search_too_short_to_cross_validate_has_no_probability(tmp_path: Path) -> None:
    record_trials(tmp_path, batch("abc", days=20))
    search = found(tmp_path, batch("b", days=20))
    assert search is not None
    assert search.pbo is None
