"""One backtest: a panel through the decision path, and everything it left behind."""

from dataclasses import dataclass
from time import perf_counter

import numpy as np

from kedge.domain import state as o
from kedge.domain.panel import F64, I64, Panel
from kedge.domain.reason import Reason
from kedge.engine.pipeline import Decision, Memory, Pipeline, fresh


@dataclass(frozen=True, slots=True)
class Run:
    """The record of a backtest; integers are lots, ticks and minor units.

    Columns of ``rows``, ``fills``, ``attribution``, ``postings`` and ``trades`` are named
    in `kedge.domain.state`.

    Attributes:
        panel, decision: what was run.
        rows: (T, ROW_) equity, cash, gross exposure; net is what of the equity is not cash.
        reasons: (T, N) int8 reason codes.
        fills: (K, FILL_).
        attribution: (K, S, ATTR_), one row per fill and strategy.
        postings: (M, POST_).
        trades: (L, TRADE_).
        bound: how often each reason bound, by code.
        worst: largest use of each limit, 1 at the limit, by code.
        active_rows, active_cells: rows and cells with a forecast to act on.
        halted_row: row of the drawdown stop, -1 for none.
        cash: final balance per currency, minor units.
        lots: final positions.
        memory: from which the run would go on.
        seconds: wall time of the decision path.
    """

    panel: Panel
    decision: Decision
    rows: I64
    reasons: np.ndarray
    fills: I64
    attribution: I64
    postings: I64
    trades: I64
    bound: I64
    worst: F64
    active_rows: int
    active_cells: int
    halted_row: int
    cash: I64
    lots: I64
    memory: Memory
    seconds: float

    @property
    def equity(self) -> I64:
        """Equity by row, reporting minor units."""
        return np.ascontiguousarray(self.rows[:, o.ROW_EQUITY])


def run(panel: Panel, decision: Decision) -> Run:
    """Run a decision over a panel from its first row to its last."""
    began = perf_counter()
    pipeline = Pipeline(decision, fresh(decision))
    pipeline.history(panel)
    seconds = perf_counter() - began
    return _gather(panel, pipeline, seconds)


def _gather(panel: Panel, pipeline: Pipeline, seconds: float) -> Run:
    records, book = pipeline.records, pipeline.memory.book
    strategies = len(pipeline.decision.strategies)
    currencies = len(pipeline.decision.program.currencies)
    return Run(
        panel=panel,
        decision=pipeline.decision,
        rows=pipeline.stepper.marks,
        reasons=pipeline.stepper.reasons,
        fills=_join(records.fills, (o.FILL_,)),
        attribution=_join(records.attribution, (max(strategies, 1), o.ATTR_)),
        postings=_join(records.postings, (o.POST_,)),
        trades=_join(records.trades, (o.TRADE_,)),
        bound=book.bound.copy(),
        worst=_uses(pipeline),
        active_rows=int(book.K[o.K_ACTIVE_ROWS]),
        active_cells=int(book.K[o.K_ACTIVE_CELLS]),
        halted_row=int(book.K[o.K_HALT_ROW]),
        cash=book.K[o.K_ : o.K_ + currencies].copy(),
        lots=book.I[:, o.I_LOTS].copy(),
        memory=pipeline.memory,
        seconds=seconds,
    )


def _join(chunks: list[I64], shape: tuple[int, ...]) -> I64:
    """One array of the chunks, which are given up: a history is not held twice."""
    if not chunks:
        return np.zeros((0, *shape), dtype=np.int64)
    joined = np.concatenate(chunks)
    chunks.clear()
    return joined


_LIMIT_OF = {
    Reason.TRADE_RISK: o.P_TRADE_RISK,
    Reason.OPEN_RISK: o.P_OPEN_RISK,
    Reason.GROUP: o.P_GROUP,
    Reason.GROSS: o.P_GROSS,
    Reason.VAR: o.P_VAR,
    Reason.ES: o.P_ES,
}


def _uses(pipeline: Pipeline) -> F64:
    """Largest use of each limit; the parametric tail figures follow from the variance."""
    book, params = pipeline.memory.book, pipeline.decision.program.params
    P, worst = params.P, book.worst.copy()
    sigma = float(np.sqrt(max(book.G[o.G_VARIANCE], 0.0)))
    if params.Q[o.Q_HISTORICAL] == 0 or worst[Reason.VAR] == 0.0:
        worst[Reason.VAR] = P[o.P_VAR_Z] * sigma
        worst[Reason.ES] = P[o.P_ES_Y] * sigma
    for reason, limit in _LIMIT_OF.items():
        worst[reason] /= P[limit]
    worst[Reason.VOL_TARGET] = sigma * np.sqrt(P[o.P_SESSIONS_YEAR]) / P[o.P_VOL_TARGET]
    return worst
