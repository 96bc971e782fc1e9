"""A search judged: what its best candidate is worth after all that was tried.

Input: the outcome of a sweep, the trial ledger as it stood before it, and the
benchmark. Output: the best candidate, the probability that picking it was
overfitting, and a verdict that counts every candidate as a trial.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import msgspec
import numpy as np

from kedge.domain.panel import F64, Panel
from kedge.engine.pipeline import Decision
from kedge.research.account import cash_of, daily_of
from kedge.research.assess import Case, assess, related_series
from kedge.research.benchmarks import residual
from kedge.research.configuration import candidate_hashes
from kedge.research.deflated import daily_sharpes
from kedge.research.metrics import Figure, cagr, figure, max_drawdown, sharpe
from kedge.research.overfitting import Overfitting, probability_of_overfitting
from kedge.research.run import run
from kedge.research.searched import searched_over
from kedge.research.sweep import SweepResult
from kedge.research.trials import Ledger, TrialBatch
from kedge.research.variants import at_costs, rebind, redecide
from kedge.research.verdict import Evidence, Searched
from kedge.settings import Settings


class CandidateRow(msgspec.Struct, frozen=True, kw_only=True):
    """One candidate's figures; ``residual_sharpe`` is what candidates are compared by."""

    params: Mapping[str, float]
    residual_sharpe: Figure
    sharpe: Figure
    cagr: Figure
    max_drawdown: Figure
    trades: int


@dataclass(frozen=True, slots=True)
class Search:
    """A sweep and what it is evidence of.

    Attributes:
        result: of the sweep.
        rows: K candidates in the order of the grid.
        best: number of the candidate with the best residual Sharpe ratio.
        overfitting: of picking the best; None for a single candidate.
        evidence: the verdict on the best.
        trials: every candidate with its daily residual returns, for the ledger.
        ledger_hash: of the ledger before the search.
    """

    result: SweepResult
    rows: tuple[CandidateRow, ...]
    best: int
    overfitting: Overfitting | None
    evidence: Evidence
    trials: TrialBatch
    ledger_hash: str


def judge_search(
    settings: Settings,
    panel: Panel,
    decision: Decision,
    result: SweepResult,
    market: F64,
    ledger: Ledger,
) -> Search:
    """Judge a sweep.

    Args:
        settings: as configured.
        panel: the history that was searched.
        decision: as configured.
        result: of the sweep.
        market: (D,) daily returns of the benchmark.
        ledger: trials recorded before it.

    Raises:
        InputError: the history is too short to be cross-validated.
        DataError: the ledger is damaged.
    """
    cash = cash_of(decision, len(result.ts))
    series = residuals(result, market, cash)
    skill = np.nan_to_num(daily_sharpes(series), nan=-np.inf)
    best = int(np.argmax(skill))
    batch = TrialBatch(
        instruments=tuple(i.id for i in panel.instruments),
        days=result.ts,
        config_hashes=candidate_hashes(
            settings, decision.strategies, result.grid.strategy, result.params
        ),
        returns=series,
    )
    overfitting = probability_of_overfitting(series) if result.candidates > 1 else None
    doubled = _doubled(settings, panel, decision, result, best)
    case = Case(
        residual=np.ascontiguousarray(series[:, best]),
        residual_doubled=residual(doubled, market, cash).returns,
        trials=related_series(ledger, batch),
        search=None if overfitting is None else _searched(result, overfitting),
        per_year=result.per_year,
        trades=int(result.trades[best]),
        point_in_time=panel.point_in_time,
    )
    return Search(
        result=result,
        rows=tuple(_row(result, number, series, cash) for number in range(result.candidates)),
        best=best,
        overfitting=overfitting,
        evidence=assess(case, settings.seed, settings.evidence),
        trials=batch,
        ledger_hash=ledger.hash,
    )


def residuals(result: SweepResult, market: F64, cash: F64) -> F64:
    """(D, K) daily residual returns of every candidate."""
    columns = [
        residual(result.daily(number).returns, market, cash).returns
        for number in range(result.candidates)
    ]
    return np.ascontiguousarray(np.stack(columns, axis=1))


def _searched(result: SweepResult, overfitting: Overfitting) -> Searched:
    first, last = int(result.ts[0]), int(result.ts[-1])
    return searched_over(result.candidates, first, last, overfitting.pbo)


def _doubled(
    settings: Settings, panel: Panel, decision: Decision, result: SweepResult, best: int
) -> F64:
    """(D,) daily returns of the best candidate at doubled costs."""
    strategies = [
        rebind(bound, result.params[best], panel.interval_ns)
        if bound.name == result.grid.strategy
        else bound
        for bound in decision.strategies
    ]
    chosen = redecide(settings, panel, decision, strategies)
    return daily_of(run(panel, at_costs(settings, panel, chosen, 2.0))).returns


def _row(result: SweepResult, number: int, series: F64, cash: F64) -> CandidateRow:
    returns, per_year = result.daily(number).returns, result.per_year
    return CandidateRow(
        params=result.params[number],
        residual_sharpe=figure(sharpe(series[:, number], per_year)),
        sharpe=figure(sharpe(returns - cash, per_year)),
        cagr=figure(cagr(returns, per_year)),
        max_drawdown=figure(max_drawdown(returns)),
        trades=int(result.trades[number]),
    )
