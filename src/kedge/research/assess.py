"""From daily returns to a verdict: counts the trials, deflates, resamples, judges.

Input: the residual returns of a run at its stated and at doubled costs, and
those of every trial related to it. Output: the ``evidence`` block of
``result.json``. It reads nothing and draws no random number but from its seed.
"""

from dataclasses import dataclass

import numpy as np

from kedge.domain.errors import DataError
from kedge.domain.panel import F64
from kedge.research.block_length import optimal_block_length
from kedge.research.bootstrap import RESAMPLES, percentile_interval, resampled_statistics
from kedge.research.clusters import effective_trials
from kedge.research.deflated import moments, probabilistic_sharpe
from kedge.research.metrics import Figure, figure
from kedge.research.required import TrackRecord, required_years
from kedge.research.trials import Ledger, TrialBatch
from kedge.research.verdict import Evidence, Findings, Searched, judge
from kedge.settings import Thresholds


@dataclass(frozen=True, slots=True)
class Case:
    """What a verdict is about.

    Attributes:
        residual: (D,) daily residual returns of the run.
        residual_doubled: (D,) the same at doubled costs.
        trials: (E, K) daily residual returns of every related trial, the run's
            own among them, NaN outside a trial's days (see `related_series`).
        search: that tried this configuration among others; None without one.
        per_year: observed days a year.
        trades: completed trades of the run.
        point_in_time: whether the universe was known at the time.
    """

    residual: F64
    residual_doubled: F64
    trials: F64
    search: Searched | None
    per_year: float
    trades: int
    point_in_time: bool


def assess(case: Case, seed: int, thresholds: Thresholds | None = None) -> Evidence:
    """Judge a run.

    Args:
        case: the run and the trials it is one of.
        seed: of the resampling behind the lower bound.
        thresholds: where the grades begin; the defaults if None.
    """
    observed = moments(case.residual)
    counted = effective_trials(case.trials, observed.observations)
    deflated = probabilistic_sharpe(observed, counted.benchmark)
    needed = required_years(
        observed.sharpe * np.sqrt(case.per_year),
        counted.benchmark * np.sqrt(max(observed.observations - 1, 1)),
        skew=observed.skew,
        kurtosis=observed.kurtosis,
        per_year=case.per_year,
    )
    return judge(
        Findings(
            trials=counted.trials,
            effective_trials=counted.clusters,
            deflated_sharpe=figure(deflated),
            lower_bound=lower_bound(case.residual_doubled, case.per_year, seed),
            search=case.search,
            years=figure(len(case.residual) / case.per_year),
            trades=case.trades,
            point_in_time=case.point_in_time,
            required_years=figure(needed),
            record=TrackRecord(
                observed=observed,
                benchmark=counted.benchmark,
                per_year=case.per_year,
            ),
        ),
        thresholds,
    )


def lower_bound(residual: F64, per_year: float, seed: int) -> Figure:
    """Lower end of the 95 % bootstrap interval of the annual residual Sharpe ratio."""
    if len(residual) < 2 or not np.isfinite(per_year):
        return None
    length = optimal_block_length(residual)
    cash = np.zeros(len(residual))
    drawn = resampled_statistics(residual, cash, per_year, length, seed, RESAMPLES)
    return percentile_interval(drawn[:, 0]).low


def related_series(ledger: Ledger, own: TrialBatch) -> F64:
    """Daily residual returns of a run's configurations and all trials related to them.

    A configuration of the batch that the ledger holds already is taken from the
    batch and counts once, so a rerun is judged as the first run was.

    Args:
        ledger: as it stood before the run.
        own: the configurations of this run or search.

    Returns:
        (E, K) aligned by day, those of ``own`` first, NaN outside a trial's days.

    Raises:
        DataError: recorded returns are missing, or ``own`` repeats a configuration.
    """
    if len(set(own.config_hashes)) != len(own.config_hashes):
        raise DataError("a batch of trials names a configuration twice")
    first, last = int(own.days[0]), int(own.days[-1])
    related = ledger.overlapping(own.instruments, first, last)
    others = [trial for trial in related if trial.config_hash not in own.config_hashes]
    days, series = ledger.series(others)
    every = np.union1d(own.days, days)
    aligned = np.full((len(every), len(own.config_hashes) + len(others)), np.nan)
    aligned[np.searchsorted(every, own.days), : len(own.config_hashes)] = own.returns
    if others:
        aligned[np.searchsorted(every, days), len(own.config_hashes) :] = series
    return aligned
