"""A run judged: metrics, benchmarks, intervals, evidence, and the trial it counts as.

Input: a run, the same at doubled costs, the trial ledger as it stood before, and
what to compare with. Output: a frozen `Study`, from which the files are made. It
reads no file and draws no random number but from the configured seed.
"""

from dataclasses import dataclass

from kedge.data.quality.findings import Quality
from kedge.domain.errors import DataError
from kedge.domain.panel import F64, Panel
from kedge.domain.rules import Rules
from kedge.engine.rules_of import rules_of
from kedge.research.account import daily_of
from kedge.research.assess import Case, assess, related_series
from kedge.research.benchmarks import residual
from kedge.research.bootstrap import Intervals, intervals
from kedge.research.comparison import Comparison, benchmark_metrics, compare
from kedge.research.configuration import config_hash, params_of
from kedge.research.daily import DailyEquity
from kedge.research.exactness import check_identities
from kedge.research.metrics import Metrics, measure
from kedge.research.run import Run
from kedge.research.searched import recorded_search
from kedge.research.strategy_rows import StrategyUse, strategy_uses
from kedge.research.totals import costs_of, trades_of
from kedge.research.trials import Ledger, TrialBatch
from kedge.research.verdict import Evidence
from kedge.settings import Settings


@dataclass(frozen=True, slots=True)
class Study:
    """Everything that is said about one run.

    Attributes:
        settings, rules, run: what was run under which limits.
        config_hash: of the settings and of the users' strategy files they name.
        daily: equity by session.
        comparison: benchmarks over the same days.
        metrics, benchmark: figures of the run and of each benchmark.
        intervals: resampled.
        evidence: the verdict with its reasons.
        strategies: what each said and contributed.
        trial: what the ledger is to remember.
        ledger_hash: of the ledger before the run.
        quality: of the bars of each instrument.
    """

    settings: Settings
    rules: Rules
    run: Run
    config_hash: str
    daily: DailyEquity
    comparison: Comparison
    metrics: Metrics
    benchmark: dict[str, Metrics]
    intervals: Intervals
    evidence: Evidence
    strategies: tuple[StrategyUse, ...]
    trial: TrialBatch
    ledger_hash: str
    quality: tuple[Quality, ...]


def study(
    settings: Settings,
    run: Run,
    doubled: DailyEquity,
    ledger: Ledger,
    index: Panel | None,
    quality: tuple[Quality, ...],
) -> Study:
    """Judge a run.

    Args:
        settings: it ran under.
        run: at its stated costs.
        doubled: daily equity of the same at doubled costs.
        ledger: trials recorded before it.
        index: a panel of one instrument to compare with, or None.
        quality: of the bars that were run.

    Raises:
        RunError: the books of the run do not balance.
        DataError: the history is too short to judge, or the ledger is damaged.
    """
    check_identities(run)
    daily = daily_of(run)
    if daily.days < 2:
        raise DataError(
            f"the history has {daily.days} session",
            ", ".join(run.panel.symbols[:5]),
            "a backtest needs at least two: import more data or widen data.start and data.end",
        )
    comparison = compare(run, index)
    own = _residual(daily, comparison)
    configured = config_hash(settings, params_of(run.decision.strategies))
    trial = TrialBatch(
        instruments=tuple(i.id for i in run.panel.instruments),
        days=daily.ts,
        config_hashes=(configured,),
        returns=own[:, None],
    )
    case = Case(
        residual=own,
        residual_doubled=_residual(doubled, comparison),
        trials=related_series(ledger, trial),
        search=recorded_search(ledger, trial),
        per_year=daily.per_year,
        trades=len(run.trades),
        point_in_time=run.panel.point_in_time,
    )
    terms = [bound.terms for bound in run.decision.strategies]
    cash, seed = comparison.cash, settings.seed
    return Study(
        settings=settings,
        rules=rules_of(settings, run.panel, terms, run.decision.program.currencies[0]),
        run=run,
        config_hash=configured,
        daily=daily,
        comparison=comparison,
        metrics=measure(daily, cash, trades_of(run), costs_of(run)),
        benchmark=benchmark_metrics(comparison, daily),
        intervals=intervals(daily.returns, cash, daily.per_year, seed, settings.research.resamples),
        evidence=assess(case, seed, settings.evidence),
        strategies=strategy_uses(run),
        trial=trial,
        ledger_hash=ledger.hash,
        quality=quality,
    )


def _residual(daily: DailyEquity, comparison: Comparison) -> F64:
    """(D,) daily residual returns against the benchmark and cash."""
    return residual(daily.returns, comparison.market, comparison.cash).returns
