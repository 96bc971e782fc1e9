"""From a study to what the report is rendered from."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import polars as pl

from kedge.domain import state as o
from kedge.domain.panel import F64, I64
from kedge.research.comparison import wealth
from kedge.research.instrument_totals import instruments_of
from kedge.research.outputs import Tables
from kedge.research.report import Curve, EquityCurve, ReportInput, StrategyTotal
from kedge.research.strategy_rows import contributions
from kedge.research.study import Study


def report_input(study: Study, tables: Tables, result: Mapping[str, Any]) -> ReportInput:
    """Everything the report may show.

    Args:
        study: the run, judged.
        tables: the records as they are written beside the report.
        result: the content of ``result.json``.
    """
    run = study.run
    return ReportInput(
        result=result,
        equity=_equity(tables.equity, run.panel.ts),
        benchmarks=_benchmarks(study),
        daily_returns=Curve("Strategy", study.daily.ts, study.daily.returns),
        fills=tables.fills,
        trades=tables.trades.with_columns(
            pl.col("entry_ts", "exit_ts").dt.epoch("ns")  # the report counts in nanoseconds
        ),
        strategies=_strategies(study),
        instruments=instruments_of(run),
        sessions_per_year=study.daily.per_year,
        currency=run.decision.program.currencies[0],
    )


def _equity(table: pl.DataFrame, ts: I64) -> EquityCurve:
    columns: dict[str, F64] = {name: table[name].to_numpy() for name in table.columns[1:]}
    return EquityCurve(ts, **columns)


def _benchmarks(study: Study) -> tuple[Curve, ...]:
    """Wealth of each benchmark at full exposure, from the first row's capital on."""
    names = {"index": study.comparison.index, "buy_and_hold": "Buy and hold"}
    names["equal_weight"] = "Equal weight"
    matched = study.comparison.series()
    shown = [(names[n], r) for n, r in matched if n in names]
    return tuple(
        Curve(name, study.daily.ts, wealth(returns, study.daily).equity) for name, returns in shown
    )


def _strategies(study: Study) -> tuple[StrategyTotal, ...]:
    run = study.run
    found = []
    for s, use in enumerate(study.strategies):
        pnl, fees, _ = contributions(run, s)
        path = np.zeros(run.panel.rows)
        np.add.at(path, run.fills[:, o.FILL_ROW], pnl - fees)
        curve = Curve(use.name, run.panel.ts, np.cumsum(path))
        found.append(StrategyTotal(use.name, use.pnl, use.fees, use.fills, use.turnover, curve))
    return tuple(found)
