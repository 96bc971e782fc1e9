"""Feeding the step: rows in, records out, buffers flushed before they overflow."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from kedge.domain import state as o
from kedge.domain.instrument import Instrument
from kedge.domain.panel import F64, I64, Panel
from kedge.domain.state import Out, Rows, State
from kedge.engine.program import Program
from kedge.engine.step import advance

ROWS = 8192
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

    def __init__(self, program: Program, state: State, trace: bool = False) -> None:
        n, s = program.instruments, max(program.strategies, 1)
        self.program, self.state, self.trace = program, state, trace
        self.records = Records()
        room = max(512, 16 * n + 64)
        self._fills = np.zeros((room, o.FILL_), dtype=np.int64)
        self._attr = np.zeros((room, s, o.ATTR_), dtype=np.int64)
        self._posts = np.zeros((2 * room + 256, o.POST_), dtype=np.int64)
        self._trades = np.zeros((room, o.TRADE_), dtype=np.int64)
        self._counts = np.zeros(3, dtype=np.int64)
        self.reserve(0)
        self._ended = np.zeros((2, s), dtype=np.int64)
        self._scratch = np.zeros((4, s), dtype=np.int64)

    def reserve(self, rows: int) -> None:
        """Make room for the marks and reasons of that many rows, so that none is copied."""
        n = self.program.instruments
        self._marks = np.empty((rows, o.ROW_), dtype=np.int64)
        self._why = np.empty((rows, n), dtype=np.int8)
        self._done = 0

    @property
    def marks(self) -> I64:
        """Marks since the last `reserve`, (rows, ROW_)."""
        return self._marks[: self._done]

    @property
    def reasons(self) -> np.ndarray:
        """Reason codes since the last `reserve`, (rows, N)."""
        return self._why[: self._done]

    def run(self, rows: Rows) -> None:
        """Run one block."""
        if self._done + len(rows.ts) > len(self._marks):
            self.reserve(len(rows.ts))
        out = self._outputs(rows)
        self._done += len(rows.ts)
        start, stop = 0, len(rows.ts)
        while start < stop:
            done = advance(start, stop, self.program.params, self.state, rows, out)
            self._flush()
            if done == start:
                self._grow()
                out = self._with_buffers(out)
            start = done
        kept = self.records
        kept.rows.append(out.rows)
        kept.reasons.append(out.reasons)
        if self.trace:
            kept.positions.append(out.positions)
            kept.targets.append(out.targets)

    def _outputs(self, rows: Rows) -> Out:
        b, n = len(rows.ts), self.program.instruments
        traced = b if self.trace else 0
        empty = np.empty((0, 0), dtype=np.int64)
        out = Out(
            rows=self._marks[self._done : self._done + b],
            reasons=self._why[self._done : self._done + b],
            positions=np.empty((traced, n), dtype=np.int64),
            targets=np.empty((traced, n), dtype=np.int64),
            fills=empty,
            attr=self._attr,
            posts=empty,
            trades=empty,
            counts=self._counts,
            ended=self._ended,
            scratch=self._scratch,
        )
        return self._with_buffers(out)

    def _with_buffers(self, out: Out) -> Out:
        return out._replace(
            fills=self._fills, attr=self._attr, posts=self._posts, trades=self._trades
        )

    def _grow(self) -> None:
        """A single row needs more room than there is: many events at once."""
        for name in ("_fills", "_attr", "_posts", "_trades"):
            old = getattr(self, name)
            setattr(self, name, np.zeros((2 * len(old), *old.shape[1:]), dtype=np.int64))

    def _flush(self) -> None:
        fills, posts, trades = (int(c) for c in self._counts)
        kept = self.records
        if fills:
            kept.fills.append(self._fills[:fills].copy())
            kept.attribution.append(self._attr[:fills].copy())
        if posts:
            kept.postings.append(self._posts[:posts].copy())
        if trades:
            kept.trades.append(self._trades[:trades].copy())
        self._counts[:] = 0


class LotVolume:
    """Volume in lots; where the source has none, the instrument's declared average.

    Args:
        instruments: N.
    """

    def __init__(self, instruments: Sequence[Instrument]) -> None:
        self._lot = np.array([float(i.lot) * i.multiplier for i in instruments])
        self._average = np.array([i.average_volume for i in instruments])

    def __call__(self, volume: F64) -> F64:
        """(T, N) lots from (T, N) base units."""
        units = np.where(np.isnan(volume), self._average, volume)
        return np.ascontiguousarray(units / self._lot)


def lots_volume(panel: Panel) -> F64:
    """(T, N) volume in lots, see `LotVolume`."""
    return LotVolume(panel.instruments)(panel.volume)


def block_rows(panel: Panel, forecasts: F64, start: int, stop: int) -> Rows:
    """Rows ``start`` to ``stop`` of a panel with their (B, S, N, FIELDS) forecasts."""
    part = panel.window(start, stop)
    columns = [part.events[name] for name in ("row", "kind", "index", "a", "b")]
    return Rows(
        ts=part.ts,
        session=part.session,
        bars=np.ascontiguousarray(part.bars.transpose(0, 2, 1)),
        volume=lots_volume(part),
        flags=part.flags,
        adjust=panel.factors(start, stop),
        fc=forecasts,
        ev=np.ascontiguousarray(np.stack(columns, axis=1)),
        ev_x=np.ascontiguousarray(part.events["x"]),
    )


def simulate(
    panel: Panel, forecasts: F64, program: Program, state: State, block: int = ROWS
) -> Records:
    """Run the step over a panel with given forecasts, keeping every row's trace.

    Args:
        panel: T rows, N instruments.
        forecasts: (T, S, N, FIELDS).
        program: parameters.
        state: where to start; written in place.
        block: rows per call of the compiled loop; any value gives the same bits.
    """
    stepper = Stepper(program, state, trace=True)
    for start in range(0, panel.rows, block):
        stop = min(start + block, panel.rows)
        stepper.run(block_rows(panel, forecasts[start:stop], start, stop))
    return stepper.records
