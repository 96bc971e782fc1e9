from pathlib import Path

import numpy as np
import pytest
from scipy.stats import binomtest

from kedge.domain.errors import DataError, InputError
from kedge.interfaces.worlds import WorldJudge, processes
from kedge.research.campaign import (
    WorldVerdict,
    count,
    exact_interval,
    noncentrality,
    run_campaign,
)
from kedge.research.truths import (
    CALIBRATION_SEEDS,
    STRENGTH,
    calibrate,
    nulls,
    planted_truth,
)
from kedge.research.verdict import Verdict
from kedge.settings import Settings


class Counting:
    """A judge that remembers whom it was asked about."""

    def __init__(self) -> None:
        self.asked: list[int] = []

    def __call__(self, seed: int) -> WorldVerdict:
        self.asked.append(seed)
        grade = Verdict.STRONG if seed % 3 == 0 else Verdict.NONE
        return WorldVerdict(
            seed=seed, verdict=grade, deflated_sharpe=0.5, noncentrality=1.0, trades=seed
        )


def test_a_stopped_campaign_goes_on_where_it_was(tmp_path: Path) -> None:
    path, first, second = tmp_path / "deep" / "w.jsonl", Counting(), Counting()
    run_campaign("k", first, range(4), path)
    judged = run_campaign("k", second, range(6), path)
    assert (first.asked, second.asked) == ([0, 1, 2, 3], [4, 5])
    assert [each.seed for each in judged] == list(range(6))
    assert judged == run_campaign("k", Counting(), range(6), None)
    assert count(judged) == {"none": 4, "weak": 0, "strong": 2}


def test_a_line_cut_short_by_a_crash_is_judged_again(tmp_path: Path) -> None:
    path, again = tmp_path / "w.jsonl", Counting()
    run_campaign("k", Counting(), range(3), path)
    path.write_bytes(path.read_bytes()[:-7])
    run_campaign("k", again, range(3), path)
    assert again.asked == [2]
    run_campaign("k", again, range(3), path)
    assert again.asked == [2]


def test_verdicts_of_other_worlds_are_never_mixed_in(tmp_path: Path) -> None:
    path = tmp_path / "w.jsonl"
    run_campaign("k", Counting(), range(2), path)
    with pytest.raises(DataError, match="other worlds"):
        run_campaign("another", Counting(), range(2), path)
    path.write_text("<html>\n")
    with pytest.raises(DataError, match="not a checkpoint"):
        run_campaign("k", Counting(), range(2), path)


@pytest.mark.parametrize(("successes", "total"), [(0, 20), (9, 1000), (15, 1000), (100, 100)])
def test_the_interval_is_that_of_clopper_and_pearson(successes: int, total: int) -> None:
    expected = binomtest(successes, total).proportion_ci(0.95, "exact")
    assert exact_interval(successes, total) == pytest.approx((expected.low, expected.high))


def test_noncentrality_is_the_t_statistic_of_the_mean() -> None:
    values = np.array([0.01, -0.02, 0.03, 0.01])
    assert noncentrality(values) == pytest.approx(2 * values.mean() / values.std())
    assert noncentrality(np.zeros(5)) is None


def test_calibration_finds_the_strength_and_says_when_there_is_none() -> None:
    assert calibrate(lambda x: 40.0 * x) == pytest.approx(0.15, abs=2e-4)
    with pytest.raises(InputError, match="no planted strength"):
        calibrate(lambda x: x)


def test_calibration_worlds_are_never_counted() -> None:
    assert min(CALIBRATION_SEEDS) >= 100_000


def test_the_key_changes_with_worlds_strength_and_settings() -> None:
    settings = Settings()
    kinds = [*nulls(), planted_truth(), planted_truth(0.1)]
    keys = {WorldJudge(kind, settings).key() for kind in kinds}
    keys.add(WorldJudge(kinds[0], Settings(capital=5e4)).key())
    assert len(keys) == len(kinds) + 1


@pytest.mark.parametrize("truth", nulls(), ids=lambda truth: truth.name)
def test_worlds_without_an_edge_are_hardly_ever_called_strong(truth) -> None:  # type: ignore[no-untyped-def]
    judged = list(map(WorldJudge(truth, Settings()), range(20)))
    assert count(judged)["strong"] <= 1
    assert count(judged)["none"] >= 15
    assert all(each.trades > 100 for each in judged)  # a verdict on nothing proves nothing


def test_worlds_with_a_planted_edge_are_called_strong() -> None:
    judged = list(map(WorldJudge(planted_truth(STRENGTH), Settings()), range(5)))
    assert count(judged)["strong"] >= 4
    assert np.mean([each.noncentrality for each in judged]) == pytest.approx(6.0, abs=1.5)


def test_a_world_is_judged_alike_twice_and_in_order() -> None:
    judge = WorldJudge(nulls()[0], Settings())
    assert judge(3) == judge(3)
    assert [each.seed for each in processes(1)(judge, range(2, 4))] == [2, 3]
