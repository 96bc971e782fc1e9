"""Every candidate of a grid over one history, through the step that trades.

Candidates differ in the parameters of one strategy. What they share is done once
for many of them: bars, features, the forecasts of the other strategies, and
the compiled functions themselves. Of each only daily equity and the number of
its trades are kept. A candidate's equity is, bit for bit, that of a backtest
with its parameters.
"""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from time import perf_counter

import numpy as np

from kedge.domain.errors import ExpressionError, InputError
from kedge.domain.panel import F64, I64, Panel
from kedge.engine.pipeline import Decision
from kedge.features.plan import FeaturePlan
from kedge.research.account import minor_units
from kedge.research.daily import DailyEquity, observed_days_per_year, session_ends, simple_returns
from kedge.research.grid import Grid
from kedge.research.shard import Shard
from kedge.research.variants import rebind
from kedge.strategies.binding import BoundStrategy

THREADS = 2
SHARD = 64
"""Candidates that share one pass over the features, at most."""

Progress = Callable[[str, int], None]
"""Called with what is done and how many parts there are; from several threads."""


@dataclass(frozen=True, slots=True)
class SweepResult:
    """What every candidate came to.

    Attributes:
        grid: what was searched.
        params: K valid candidates by parameter name, in the order of the grid.
        skipped: combinations that make no valid strategy.
        ts: (D,) end of each session, ns UTC.
        equity: (D, K) at the end of each session, reporting currency.
        trades: (K,) completed trades.
        initial: capital before the first session.
        per_year: observed sessions a year.
        seconds: wall time of the whole search.
    """

    grid: Grid
    params: tuple[Mapping[str, float], ...]
    skipped: int
    ts: I64
    equity: F64
    trades: I64
    initial: float
    per_year: float
    seconds: float

    @property
    def candidates(self) -> int:
        """Number of valid candidates K."""
        return len(self.params)

    def daily(self, number: int) -> DailyEquity:
        """Daily equity of one candidate."""
        values = np.ascontiguousarray(self.equity[:, number])
        returns = simple_returns(values, self.initial)
        return DailyEquity(self.ts, values, returns, self.initial, self.per_year)


def sweep(
    panel: Panel,
    decision: Decision,
    grid: Grid,
    progress: Progress = lambda name, total: None,
    threads: int = THREADS,
) -> SweepResult:
    """Run every candidate of a grid.

    Args:
        panel: the history.
        decision: as configured; its strategy of the grid's name is the one that
            varies, all others stay.
        grid: what to try.
        progress: told of every finished part.
        threads: how many work at once; the result does not depend on it.

    Raises:
        InputError: no such strategy or parameter, or no valid candidate.
    """
    began = perf_counter()
    place = _place(decision, grid)
    params, bound = _candidates(panel, decision, grid, place)
    if not bound:
        raise InputError("none of the combinations is a valid strategy", "--param")
    ends = session_ends(panel.session)
    size = max(1, min(SHARD, -(-len(bound) // threads)))
    starts = range(0, len(bound), size)

    def work(start: int) -> tuple[I64, I64]:
        shard = Shard(panel, decision, place, bound[start : start + size])
        done = shard.run(ends)
        progress(f"{start + len(done[1]):,} candidates", len(starts))
        return done

    with ThreadPoolExecutor(threads) as pool:
        parts = list(pool.map(work, starts))
    scale = minor_units(decision)
    return SweepResult(
        grid=grid,
        params=tuple(params),
        skipped=grid.size - len(bound),
        ts=panel.ts[ends],
        equity=np.concatenate([equity for equity, _ in parts], axis=1) / scale,
        trades=np.concatenate([trades for _, trades in parts]),
        initial=decision.program.capital / scale,
        per_year=observed_days_per_year(panel.ts[ends]),
        seconds=perf_counter() - began,
    )


def _place(decision: Decision, grid: Grid) -> int:
    names = [bound.name for bound in decision.strategies]
    if grid.strategy not in names:
        raise InputError(
            f"there is no strategy '{grid.strategy}'", "--strategy", f"there are {', '.join(names)}"
        )
    return names.index(grid.strategy)


def _candidates(
    panel: Panel, decision: Decision, grid: Grid, place: int
) -> tuple[list[Mapping[str, float]], list[BoundStrategy]]:
    """Combinations whose features exist; the rest are left out."""
    base = decision.strategies[place]
    points = list(grid.points())
    bound = [rebind(base, point, panel.interval_ns) for point in points]
    valid = _valid(panel, {text: None for each in bound for text in each.expressions})
    kept = [n for n, each in enumerate(bound) if valid.issuperset(each.expressions)]
    return [points[n] for n in kept], [bound[n] for n in kept]


def _valid(panel: Panel, expressions: Mapping[str, None]) -> set[str]:
    """Expressions that can be planned: all at once, or where that fails one by one."""
    if _plannable(panel, tuple(expressions)):
        return set(expressions)
    return {text for text in expressions if _plannable(panel, (text,))}


def _plannable(panel: Panel, expressions: Sequence[str]) -> bool:
    try:
        FeaturePlan.build(expressions, len(panel.instruments), panel.interval_ns, panel.symbols)
    except ExpressionError:
        return False
    return True
