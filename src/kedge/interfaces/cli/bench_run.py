"""What ``kedge bench`` measures: whole backtests, and rows decided one at a time.

The bars are random walks of five-minute rows; settings are the defaults. It times
`kedge.research.run.run` with the metrics, which is what ``kedge backtest`` calls,
and `Pipeline.run` on one row, which is what trading calls.
"""

import os
import platform
from collections.abc import Mapping
from dataclasses import dataclass, replace
from importlib.metadata import version
from statistics import median
from time import perf_counter
from typing import Any, Final

import msgspec
import numpy as np

from kedge import __version__
from kedge.bootstrap import decide_on
from kedge.data.intervals import MINUTE
from kedge.domain.panel import Panel
from kedge.engine.pipeline import Decision, Pipeline, fresh
from kedge.research.account import cash_of, daily_of
from kedge.research.metrics import measure
from kedge.research.run import run
from kedge.research.totals import costs_of, trades_of
from kedge.research.worlds import WEEKDAYS_PER_YEAR, WorldSpec, random_walk
from kedge.settings import Settings
from kedge.settings import replace as replace_settings

ROW_NS: Final = 5 * MINUTE
SESSION_ROWS: Final = 288
VOLATILITY: Final = 0.03
"""A year's volatility of the daily world whose days become five-minute rows: 0.19 % a row."""
RUNS: Final = 5
WARM_ROWS: Final = 300
LIVE_ROWS: Final = 2_000


@dataclass(frozen=True, slots=True)
class Case:
    """One universe and what trades it.

    Attributes:
        instruments, rows: of the bars.
        strategies: names; none for the shipped ones.
    """

    instruments: int
    rows: int
    strategies: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """Its strategies in a word."""
        return ", ".join(self.strategies) or "shipped strategies"

    def settings(self) -> Settings:
        """Defaults for five-minute rows, whatever the environment says."""
        given: dict[str, object] = {"universe.interval": "5m"}
        if self.strategies:
            given["strategies"] = list(self.strategies)
        return replace_settings(Settings(), given)

    def panel(self, seed: int) -> Panel:
        """Random bars around the clock."""
        years = self.rows / WEEKDAYS_PER_YEAR
        spec = WorldSpec(
            instruments=self.instruments, years=years, annual_volatility=VOLATILITY, volume=1e6
        )
        daily = random_walk(spec, seed)
        rows = np.arange(daily.rows, dtype=np.int64)
        always = tuple(msgspec.structs.replace(i, calendar="24/7") for i in daily.instruments)
        return replace(
            daily,
            instruments=always,
            interval_ns=ROW_NS,
            ts=(rows + 1) * ROW_NS,
            session=rows // SESSION_ROWS,
            sessions_per_year=365.0,
        )


THROUGHPUT: Final = (Case(1, 60_000, ("ma_momentum",)), Case(1, 60_000), Case(50, 6_000))
LATENCY: Final = (Case(1, 2_500), Case(10, 2_500))


def measure_all(seed: int) -> Mapping[str, Any]:
    """Every figure, with the machine it was made on.

    Args:
        seed: of the random bars.
    """
    return {
        "kedge": __version__,
        "machine": {
            "cores": os.cpu_count(),
            "architecture": platform.machine(),
            "python": platform.python_version(),
            "numpy": version("numpy"),
            "numba": version("numba"),
        },
        "throughput": [throughput(case, seed) for case in THROUGHPUT],
        "latency": [latency(case, seed) for case in LATENCY],
    }


def throughput(case: Case, seed: int) -> dict[str, Any]:
    """Seconds of a backtest in memory: fills, equity and metrics."""
    panel = case.panel(seed)
    decision = decide_on(case.settings(), panel)
    _backtest(panel.window(0, 2 * SESSION_ROWS), decision)  # compiles
    seconds = [_backtest(panel, decision) for _ in range(RUNS)]
    return {
        "instruments": case.instruments,
        "rows": panel.rows,
        "strategies": case.label,
        "runs": RUNS,
        "median_s": median(seconds),
        "fastest_s": min(seconds),
        "slowest_s": max(seconds),
        "rows_per_second": panel.rows / median(seconds),
        "cells_per_second": panel.rows * case.instruments / median(seconds),
    }


def _backtest(panel: Panel, decision: Decision) -> float:
    began = perf_counter()
    done = run(panel, decision)
    daily = daily_of(done)
    measure(daily, cash_of(decision, daily.days), trades_of(done), costs_of(done))
    return perf_counter() - began


def latency(case: Case, seed: int) -> dict[str, Any]:
    """Microseconds from a closed row to its orders, one row at a time."""
    panel = case.panel(seed)
    decision = decide_on(case.settings(), panel)
    pipeline = Pipeline(decision, fresh(decision))
    for row in range(WARM_ROWS):
        pipeline.run(panel, row, row + 1)
    spent = np.empty(LIVE_ROWS)
    for number in range(LIVE_ROWS):
        row = WARM_ROWS + number
        began = perf_counter()
        pipeline.run(panel, row, row + 1)
        spent[number] = perf_counter() - began
    p50, p99 = np.quantile(spent, [0.5, 0.99]) * 1e6
    return {
        "instruments": case.instruments,
        "rows": LIVE_ROWS,
        "strategies": case.label,
        "p50_us": float(p50),
        "p99_us": float(p99),
        "longest_us": float(spent.max() * 1e6),
    }
