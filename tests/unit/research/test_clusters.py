import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import silhouette_score

from kedge.research.clusters import (
    cluster,
    cluster_series,
    correlation_distance,
    effective_trials,
    silhouette,
)
from kedge.research.deflated import (
    daily_sharpes,
    expected_maximum_sharpe,
    moments,
    probabilistic_sharpe,
)


def families(sizes: list[int], loading: float = 0.95, days: int = 800, seed: int = 0) -> np.ndarray:
    """Trials in families: within one correlated by ``loading`` squared, else not."""
    rng = np.random.default_rng(seed)
    columns = []
    for size in sizes:
        common = rng.standard_normal(days)
        own = rng.standard_normal((days, size))
        columns.append(loading * common[:, None] + np.sqrt(1 - loading**2) * own)
    return 0.01 * np.concatenate(columns, axis=1)


@pytest.mark.parametrize("sizes", [[4, 4, 4], [12, 3, 1], [30], [1] * 25, [2], [1, 1], [1]])
def test_effective_trials_are_the_planted_families(sizes: list[int]) -> None:
    found = effective_trials(families(sizes), 800)
    assert found.trials == sum(sizes)
    assert found.clusters == len(sizes)
    members = np.repeat(np.arange(len(sizes)), sizes)
    same = found.labels[:, None] == found.labels
    assert (same == (members[:, None] == members)).all()


def test_hundreds_of_neighbouring_parameters_are_few_trials() -> None:
    found = effective_trials(families([100, 150, 50]), 800)
    assert found.clusters == 3


def test_no_trials_are_no_clusters() -> None:
    found = effective_trials(np.empty((0, 0)), 800)
    assert (found.trials, found.clusters) == (0, 0)


def test_variance_is_that_of_the_clusters_sharpe_ratios() -> None:
    base = families([5, 5, 5])
    shifted = base + np.repeat([-0.004, 0.0, 0.004], 5)
    found = effective_trials(shifted, 800)
    sharpes = [
        cluster_series(shifted, found.labels)[:, c].mean()
        / cluster_series(shifted, found.labels)[:, c].std(ddof=1)
        for c in range(3)
    ]
    assert found.variance == pytest.approx(np.var(sharpes, ddof=1))
    assert found.variance > 0.05


def test_variance_is_at_least_the_sampling_variance() -> None:
    same = np.repeat(families([1, 1]), 2, axis=1)
    flat = same - same.mean(axis=0)
    assert effective_trials(flat, 800).variance == 1 / 799


def test_the_best_of_one_family_has_to_beat_what_its_members_differ_by() -> None:
    found = effective_trials(families([30]), 800)
    own = np.var(daily_sharpes(families([30])), ddof=1)
    assert (found.clusters, found.benchmark) == (1, expected_maximum_sharpe(30, own))
    assert found.benchmark > 0.0


def test_unrelated_families_have_to_beat_the_best_of_so_many_ideas() -> None:
    found = effective_trials(families([1] * 25), 800)
    assert found.benchmark >= expected_maximum_sharpe(25, found.variance)
    assert found.benchmark >= expected_maximum_sharpe(25, 1 / 799)


def test_a_single_trial_has_nothing_to_beat() -> None:
    assert effective_trials(families([1]), 800).benchmark == 0.0


@pytest.mark.parametrize("loading", [0.3, 0.8, 0.9, 0.97])
def test_the_winner_of_a_search_for_nothing_is_as_seldom_found_as_a_single_trial(
    loading: float,
) -> None:
    worlds, found, forgiven = 200, 0, 0
    for seed in range(worlds):
        series = families([40], loading, days=250, seed=seed)
        best = moments(series[:, int(np.argmax(daily_sharpes(series)))])
        counted = effective_trials(series, 250)
        found += probabilistic_sharpe(best, counted.benchmark) >= 0.95
        forgiven += probabilistic_sharpe(best, 0.0) >= 0.95
    assert found <= 18  # 5 % of 200 are 10; nineteen would happen once in two hundred
    assert forgiven > 18  # without a benchmark the search does find something


def test_distance_is_from_the_pairwise_correlation_of_shared_days() -> None:
    series = families([3, 2], loading=0.8)
    series[:100, 0] = np.nan
    series[700:, 3] = np.nan
    rho = pd.DataFrame(series).corr().to_numpy()
    assert correlation_distance(series) == pytest.approx(np.sqrt((1 - rho) / 2), abs=1e-7)


def test_trials_that_share_too_few_days_count_as_unrelated() -> None:
    series = np.repeat(families([1]), 2, axis=1)
    series[400:, 0] = np.nan
    series[:390, 1] = np.nan
    assert correlation_distance(series)[0, 1] == pytest.approx(np.sqrt(0.5))


def test_a_flat_trial_counts_as_unrelated() -> None:
    series = families([2])
    series[:, 1] = 0.0
    assert correlation_distance(series)[0, 1] == pytest.approx(np.sqrt(0.5))


def test_silhouette_of_tight_clusters_is_that_of_scikit_learn() -> None:
    distance = correlation_distance(families([4, 5, 3], loading=0.97))
    labels = np.repeat([0, 1, 2], [4, 5, 3])
    capped = np.minimum(distance, np.sqrt(0.5))
    expected = silhouette_score(capped, labels, metric="precomputed")
    assert silhouette(distance, labels) == pytest.approx(expected, abs=0.01)


def test_identical_trials_are_one() -> None:
    assert cluster(np.zeros((6, 6))).tolist() == [0] * 6


def test_cluster_series_weights_by_inverse_variance() -> None:
    series = np.array([[0.02, 0.01], [-0.02, 0.01], [0.02, -0.02], [np.nan, np.nan]])
    labels = np.zeros(2, np.int64)
    weights = 1 / np.nanvar(series, axis=0)
    expected = series[:3] @ weights / weights.sum()
    found = cluster_series(series, labels)[:, 0]
    assert found[:3] == pytest.approx(expected)
    assert np.isnan(found[3])
