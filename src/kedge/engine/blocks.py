"""Feeding the step: rows in, records out, buffers flushed before they overflow."""

from dataclasses import dataclass, field

import numpy as np

from kedge.domain import reason
from kedge.domain import state as o
from kedge.domain.panel import F64, I64, U8, Panel
from kedge.engine.book_state import BookState
from kedge.engine.program import Program
from kedge.engine.step import advance

ROWS = 4096
"""Rows in a block: what the block's arrays hold stays in the processor's cache."""


@dataclass(slots=True)
class Records:
    """What a run leaves behind, in chunks as they were flushed."""

    rows: list[I64] = field(default_factory=list)
    reasons: list[np.ndarray] = field(default_factory=list)
    positions: list[I64] = field(default_factory=list)
    targets: list[I64] = field(default_factory=list)
    fills: list[I64] = field(default_factory=list)
    attribution: list[I64] = field(default_factory=list)
    postings: list[I64] = field(default_factory=list)
    trades: list[I64] = field(default_factory=list)


class Stepper:
    """Advances one state through blocks of rows and gathers the records.

    Args:
        program: parameters.
        state: written in place.
        trace: keep positions and targets of every row as well.
    """

    def __init__(self, program: Program, state: BookState, trace: bool = False) -> None:
        n, s = program.instruments, max(program.strategies, 1)
        self.program, self.state, self.trace = program, state, trace
        self.records = Records()
        room = max(512, 16 * n + 64)
        self._fills = np.zeros((room, o.FILL_), dtype=np.int64)
        self._attr = np.zeros((room, s, o.ATTR_), dtype=np.int64)
        self._posts = np.zeros((2 * room + 256, o.POST_), dtype=np.int64)
        self._trades = np.zeros((room, o.TRADE_), dtype=np.int64)
        self._counts = np.zeros(4, dtype=np.int64)
        self._peak = np.zeros(reason.COUNT)
        self._ended = np.zeros((2, s), dtype=np.int64)
        self._scratch = np.zeros((4, s), dtype=np.int64)

    def run(
        self,
        ts: I64,
        session: I64,
        bars: I64,
        volume: F64,
        flags: U8,
        adjust: F64,
        forecasts: F64,
        events: np.ndarray,
    ) -> None:
        """Run one block; ``events`` have rows relative to it (dtype `EVENT`)."""
        b, n = len(ts), bars.shape[2]
        traced = b if self.trace else 0
        rows = np.empty((b, o.ROW_), dtype=np.int64)
        reasons = np.empty((b, n), dtype=np.int8)
        positions = np.empty((traced, n), dtype=np.int64)
        targets = np.empty((traced, n), dtype=np.int64)
        ev = np.empty((len(events), 5), dtype=np.int64)
        for at, name in enumerate(("row", "kind", "index", "a", "b")):
            ev[:, at] = events[name]
        ev_x = np.ascontiguousarray(events["x"])
        if self._posts.shape[0] < 8 * n + 128 + 2 * len(ev):
            self._posts = np.zeros((8 * n + 128 + 2 * len(ev), o.POST_), dtype=np.int64)
        p, s = self.program, self.state
        start = 0
        while start < b:
            start = advance(
                start, b, ts, session, bars, volume, flags, adjust, forecasts, ev, ev_x,
                p.A, p.J, p.SP, p.P, p.Q,
                s.F, s.I, s.SF, s.SI, s.G, s.K, s.cov, s.scen, s.pend,
                rows, reasons, positions, targets,
                self._fills, self._attr, self._posts, self._trades, self._counts,
                s.bound, s.worst, self._peak, self._ended, self._scratch,
            )  # fmt: skip
            self._flush()
        kept = self.records
        kept.rows.append(rows)
        kept.reasons.append(reasons)
        if traced:
            kept.positions.append(positions)
            kept.targets.append(targets)

    def _flush(self) -> None:
        fills, posts, trades = (int(c) for c in self._counts[:3])
        kept = self.records
        if fills:
            kept.fills.append(self._fills[:fills].copy())
            kept.attribution.append(self._attr[:fills].copy())
        if posts:
            kept.postings.append(self._posts[:posts].copy())
        if trades:
            kept.trades.append(self._trades[:trades].copy())
        self._counts[:] = 0


def lots_volume(panel: Panel) -> F64:
    """Volume in lots; where the source has none, the instrument's declared average."""
    lot = np.array([float(i.lot) for i in panel.instruments])
    average = np.array([i.average_volume for i in panel.instruments])
    units = np.where(np.isnan(panel.volume), average, panel.volume)
    return np.ascontiguousarray(units / lot)


def simulate(
    panel: Panel, forecasts: F64, program: Program, state: BookState, block: int = ROWS
) -> Records:
    """Run the step over a panel with given forecasts, keeping every row's trace.

    Args:
        panel: T rows, N instruments.
        forecasts: (T, S, FIELDS, N).
        program: parameters.
        state: where to start; written in place.
        block: rows per call of the compiled loop; any value gives the same bits.
    """
    stepper = Stepper(program, state, trace=True)
    volume = lots_volume(panel)
    for start in range(0, panel.rows, block):
        part = panel.window(start, min(start + block, panel.rows))
        span = slice(start, start + part.rows)
        stepper.run(
            part.ts,
            part.session,
            part.bars,
            volume[span],
            part.flags,
            part.adjust,
            forecasts[span],
            part.events,
        )
    return stepper.records
