"""Where kedge's time goes: the stages of a run one by one, and the step alone.

It drives the objects of `kedge.engine.pipeline` by hand, in the same blocks as a
backtest; that the sum is close to the whole call is checked by the reader.
"""

import sys
from collections import defaultdict
from collections.abc import Callable
from statistics import median
from time import perf_counter
from typing import Any

import numpy as np

from benchmarks.kedge_side import Setup, metrics_of, setup
from benchmarks.peers import measure
from benchmarks.worlds import WORLDS
from kedge.domain.panel import F64
from kedge.engine.blocks import ROWS, Stepper, block_rows
from kedge.engine.book_state import new_state
from kedge.engine.pipeline import CELLS, Pipeline, fresh
from kedge.features.block import BarBlock
from kedge.research.account import cash_of, daily_of
from kedge.research.bootstrap import intervals
from kedge.research.exactness import check_identities
from kedge.research.run import Run, run

Clock = dict[str, float]


def blocks_of(made: Setup) -> list[tuple[int, int]]:
    """The blocks in which a backtest goes through the panel."""
    rows, count = made.panel.rows, len(made.panel.instruments)
    size = max(1, min(ROWS, CELLS // count))
    return [(start, min(start + size, rows)) for start in range(0, rows, size)]


def staged(made: Setup) -> Clock:
    """Seconds of each stage of one run."""
    clock: Clock = defaultdict(float)
    pipeline = Pipeline(made.decision, fresh(made.decision))
    for start, stop in blocks_of(made):
        began = perf_counter()
        block = BarBlock.from_panel(made.panel, start, stop)
        clock["bars as the kernels want them"] += perf_counter() - began
        forecasts = _forecast(pipeline, block, stop - start, clock)
        began = perf_counter()
        rows = block_rows(made.panel, forecasts, start, stop)
        clock["rows as the step wants them"] += perf_counter() - began
        began = perf_counter()
        pipeline.stepper.run(rows)
        clock["step"] += perf_counter() - began
    return clock


def _forecast(pipeline: Pipeline, block: BarBlock, rows: int, clock: Clock) -> F64:
    """Features and strategies of one block, timed apart; for strategies of one-row windows."""
    decision, memory = pipeline.decision, pipeline.memory
    count = decision.program.instruments
    windows = [np.empty((rows, count, len(s.expressions))) for s in decision.strategies]
    forecasts = np.empty((rows, len(decision.strategies), count, 6))
    began = perf_counter()
    parts = list(zip(decision.columns, windows, strict=True))
    decision.plan.advance_parts(memory.features, block, parts)
    clock["features"] += perf_counter() - began
    began = perf_counter()
    for s, bound in enumerate(decision.strategies):
        bound.driver.run(windows[s], forecasts, s)
    clock["strategies"] += perf_counter() - began
    return forecasts


def step_alone(made: Setup) -> Callable[[], None]:
    """The compiled step over the whole panel, forecasts and rows prepared before."""
    pipeline = Pipeline(made.decision, fresh(made.decision))
    prepared = [
        block_rows(made.panel, pipeline.forecast(made.panel, a, b).copy(), a, b)
        for a, b in blocks_of(made)
    ]

    def call() -> None:
        stepper = Stepper(made.decision.program, new_state(made.decision.program))
        for rows in prepared:
            stepper.run(rows)

    return call


def apart(made: Setup, found: Run) -> dict[str, Callable[[], Any]]:
    """What follows a run in ``kedge backtest`` and is no part of the whole call."""
    settings, daily = made.settings, daily_of(found)
    cash = cash_of(made.decision, daily.days)
    resamples, seed = settings.research.resamples, settings.seed
    return {
        "metrics": lambda: metrics_of(found),
        "books checked": lambda: check_identities(found),
        "intervals": lambda: intervals(daily.returns, cash, daily.per_year, seed, resamples),
    }


def prepare(job: measure.Job, bars: measure.Arrays) -> Callable[[], dict[str, Any]]:
    """Everything above, as medians of ``job.runs`` calls."""
    made = setup(bars, WORLDS[job.world], job.limits == "slack")

    def call() -> dict[str, Any]:
        found = run(made.panel, made.decision)
        clocks = [staged(made) for _ in range(job.runs + 1)][1:]
        stages = {name: median(clock[name] for clock in clocks) for name in clocks[0]}
        after = {
            name: median(measure.repeat(call, job.runs))
            for name, call in apart(made, found).items()
        }
        return {
            "stages": {**stages, "metrics": after.pop("metrics")},
            "apart": after,
            "step": measure.repeat(step_alone(made), job.runs),
        }

    return call


if __name__ == "__main__":
    measure.main(prepare, lambda found: (found, np.empty((0, 7))))
    sys.exit(0)
