"""How many independent trials a set of correlated ones amounts to.

In the spirit of Lopez de Prado and Lewis (2019), "Detection of false
investment strategies using unsupervised learning methods", with a
deterministic method in place of their repeated k-means: average-linkage
clustering on the correlation distance sqrt((1 - rho) / 2), cut where the mean
silhouette (Rousseeuw 1987) is greatest.
"""

from dataclasses import dataclass

import numpy as np
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial.distance import squareform

from kedge.domain.panel import F64, I64
from kedge.research.deflated import daily_sharpes, expected_maximum_sharpe

MERGE = 0.5
"""Distance (correlation 0.5) beyond which two clusters are never the same trial."""
UNRELATED = float(np.sqrt(0.5))
"""Distance of uncorrelated trials: the neighbour that everybody has."""
MIN_OVERLAP = 20
"""Common days below which a correlation is taken as 0."""
_CUTS = 32  # cuts examined at most, spread over the tree


@dataclass(frozen=True, slots=True)
class EffectiveTrials:
    """Trials after clustering.

    Attributes:
        trials: distinct trials K.
        clusters: effective number of independent trials.
        variance: of the clusters' Sharpe ratios per day, at least the sampling
            variance of a Sharpe ratio of zero.
        spread: variance of all K trials' own Sharpe ratios per day.
        labels: (K,) cluster number of each trial, from 0.
    """

    trials: int
    clusters: int
    variance: float
    spread: float
    labels: I64

    @property
    def benchmark(self) -> float:
        """SR0, per day: the best Sharpe ratio to expect of these trials without any skill.

        The larger of two: that of the clusters, and that of all K trials with the variance
        of their own Sharpe ratios. Variants of one idea are one cluster, yet the best of
        them was picked; that they are alike shows in a small variance across them.
        """
        ideas = expected_maximum_sharpe(self.clusters, self.variance)
        return max(ideas, expected_maximum_sharpe(self.trials, self.spread))


def effective_trials(series: F64, observations: int) -> EffectiveTrials:
    """Cluster trials by the correlation of their daily returns.

    The variance has a floor of 1 / (T - 1): trials without skill differ by at
    least their sampling error, and a handful of clusters that happen to agree
    does not say otherwise.

    Args:
        series: (D, K) daily (residual) returns of the trials, NaN outside a
            trial's span.
        observations: T of the selected trial, for the floor.
    """
    labels = cluster(correlation_distance(series))
    count = int(labels.max()) + 1 if len(labels) else 0
    variance = 1.0 / max(observations - 1, 1)
    if count > 1:
        variance = max(variance, _variance(daily_sharpes(cluster_series(series, labels))))
    own = _variance(daily_sharpes(series))
    return EffectiveTrials(len(labels), count, variance, own, labels)


def _variance(sharpes: F64) -> float:
    """Sample variance of the Sharpe ratios that are defined; 0 for fewer than two."""
    known = sharpes[np.isfinite(sharpes)]
    return float(known.var(ddof=1)) if len(known) > 1 else 0.0


def correlation_distance(series: F64) -> F64:
    """(K, K) distances sqrt((1 - rho) / 2) over the days two trials share.

    A pair that shares fewer than 20 days, or of which one never moves, counts
    as uncorrelated.
    """
    seen = np.isfinite(series).astype(np.float64)
    x = np.where(seen > 0.0, series, 0.0)
    n = seen.T @ seen
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = x.T @ seen / n
        square = (x * x).T @ seen / n - mean**2
        product = x.T @ x / n - mean * mean.T
        rho = product / np.sqrt(square * square.T)
    known = (n >= MIN_OVERLAP) & np.isfinite(rho)
    rho = np.clip(np.where(known, rho, 0.0), -1.0, 1.0)
    distance = np.sqrt((1.0 - (rho + rho.T) / 2.0) / 2.0)
    np.fill_diagonal(distance, 0.0)
    return np.asarray(distance, np.float64)


def cluster(distance: F64) -> I64:
    """(K,) labels from 0: the cut of the average-linkage tree with the best silhouette.

    Cuts that would join clusters further apart than `MERGE` are not considered,
    so unrelated trials each count.
    """
    size = len(distance)
    if size < 2:
        return np.zeros(size, np.int64)
    tree = linkage(squareform(distance, checks=False), "average")
    joined = int((tree[:, 2] <= MERGE).sum())
    counts = np.unique(np.linspace(size - joined, size, min(joined + 1, _CUTS)).astype(np.int64))
    cuts = [fcluster(tree, int(k), "maxclust") - 1 for k in counts]
    scores = [silhouette(distance, labels) for labels in cuts]
    return np.asarray(cuts[int(np.argmax(scores))], np.int64)


def silhouette(distance: F64, labels: I64) -> float:
    """Mean silhouette of a clustering; a trial alone in its cluster scores 0.

    The distance to the nearest other cluster is capped at that of an unrelated
    trial, which makes one single cluster comparable with many.
    """
    member = (labels[:, None] == np.arange(labels.max() + 1)).astype(np.float64)
    sizes = member.sum(axis=0)
    sums = distance @ member
    own = np.arange(len(labels)), labels
    inside = sums[own] / np.maximum(sizes[labels] - 1.0, 1.0)
    means = sums / sizes
    means[own] = np.inf
    nearest = np.minimum(means.min(axis=1), UNRELATED)
    larger = np.maximum(inside, nearest)
    score = np.where(larger > 0.0, (nearest - inside) / np.where(larger > 0.0, larger, 1.0), 0.0)
    return float(np.where(sizes[labels] > 1.0, score, 0.0).mean())


def cluster_series(series: F64, labels: I64) -> F64:
    """(D, C) return of each cluster, its trials weighted by inverse variance.

    On a day outside some trials' spans the others share their weight; NaN where
    none has a return.
    """
    seen = np.isfinite(series)
    x = np.where(seen, series, 0.0)
    days = np.maximum(seen.sum(axis=0), 1)
    mean = x.sum(axis=0) / days
    variance = (np.where(seen, series - mean, 0.0) ** 2).sum(axis=0) / days
    weight = np.where(variance > 0.0, 1.0 / np.where(variance > 0.0, variance, 1.0), 0.0)
    member = (labels[:, None] == np.arange(labels.max() + 1)) * weight[:, None]
    total = seen.astype(np.float64) @ member
    return np.where(total > 0.0, x @ member / np.where(total > 0.0, total, 1.0), np.nan)
