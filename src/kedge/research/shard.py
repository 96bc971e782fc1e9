"""Some candidates of a search over a whole history, block by block, in one thread."""

from collections.abc import Sequence

import numpy as np

from kedge.domain import state as o
from kedge.domain.forecast import FIELDS
from kedge.domain.panel import F64, I64, Panel
from kedge.domain.state import State
from kedge.engine.blocks import Records, Stepper, block_rows
from kedge.engine.book_state import new_state
from kedge.engine.pipeline import Decision
from kedge.features.block import BarBlock
from kedge.features.plan import FeaturePlan
from kedge.strategies.binding import BoundStrategy

CELLS = 16_384
"""Cells of a block: few enough for the processor's cache, enough to hide the calls."""


class Shard:
    """Candidates for one strategy's place; the other strategies forecast once for all.

    Args:
        panel: the history.
        decision: as configured.
        place: number of the strategy that varies.
        candidates: what it is replaced by.
    """

    def __init__(
        self, panel: Panel, decision: Decision, place: int, candidates: Sequence[BoundStrategy]
    ) -> None:
        self.panel, self.decision, self.place = panel, decision, place
        self.candidates = candidates
        self.others = [(s, b) for s, b in enumerate(decision.strategies) if s != place]
        every = [*candidates, *(bound for _, bound in self.others)]
        names = list(dict.fromkeys(text for bound in every for text in bound.expressions))
        self.columns = {text: number for number, text in enumerate(names)}
        self.plan = FeaturePlan.build(
            names, len(panel.instruments), panel.interval_ns, panel.symbols
        )
        self.states: list[State] = [new_state(decision.program) for _ in candidates]
        self.history = max(bound.strategy.lookback for bound in every) - 1
        self.rows = max(1, CELLS // len(panel.instruments))
        n = len(panel.instruments)
        # One series a feature, (history + B, N): the rows before a block, then the block.
        self.series = [np.full((self.history + self.rows, n), np.nan) for _ in range(len(names))]

    def run(self, ends: I64) -> tuple[I64, I64]:
        """Advance every candidate from the first row to the last.

        Args:
            ends: (D,) last row of each session.

        Returns:
            (D, K) equity in minor units at the ends, and (K,) completed trades.
        """
        equity = np.empty((len(ends), len(self.candidates)), np.int64)
        trades = np.zeros(len(self.candidates), np.int64)
        features = self.plan.new_state()
        stepper = Stepper(self.decision.program, self.states[0])
        windows = _Windows(self.series, len(self.panel.instruments))
        n, strategies = len(self.panel.instruments), len(self.decision.strategies)
        forecasts = np.empty((self.rows, strategies, n, FIELDS))
        for start in range(0, self.panel.rows, self.rows):
            stop = min(start + self.rows, self.panel.rows)
            self._features(features, start, stop)
            block = forecasts[: stop - start]
            windows.begin()
            for s, bound in self.others:
                self._forecast(bound, windows, block, s)
            rows = block_rows(self.panel, block, start, stop)
            inside = slice(*np.searchsorted(ends, (start, stop)))
            at = ends[inside] - start
            for k, candidate in enumerate(self.candidates):
                self._forecast(candidate, windows, block, self.place)
                stepper.state, stepper.records = self.states[k], Records()
                stepper.run(rows)
                equity[inside, k] = stepper.records.rows[0][at, o.ROW_EQUITY]
                trades[k] += sum(len(chunk) for chunk in stepper.records.trades)
        return equity, trades

    def _features(self, state: F64, start: int, stop: int) -> None:
        """The block's features into the series, behind what came before."""
        count, keep = stop - start, self.history
        for series in self.series:
            series[:keep] = series[self.rows : self.rows + keep]
        parts = [
            ((number,), series[keep : keep + count, :, None])
            for number, series in enumerate(self.series)
        ]
        self.plan.advance_parts(state, BarBlock.from_panel(self.panel, start, stop), parts)

    def _forecast(self, bound: BoundStrategy, windows: "_Windows", out: F64, s: int) -> None:
        columns = tuple(self.columns[text] for text in bound.expressions)
        first = self.history - (bound.strategy.lookback - 1)
        bound.driver.run(windows.of(columns, first, self.history + len(out)), out, s)


class _Windows:
    """Windows of features; a column that the last window had in its place is not copied again.

    Args:
        series: one (rows, N) array a feature.
        n: number of instruments.
    """

    def __init__(self, series: Sequence[F64], n: int) -> None:
        self.series, self.n = series, n
        self._kept: dict[tuple[int, int, int], tuple[F64, list[int]]] = {}

    def begin(self) -> None:
        """The series hold another block: nothing that was copied is valid."""
        for _, held in self._kept.values():
            held[:] = [-1] * len(held)

    def of(self, columns: tuple[int, ...], first: int, last: int) -> F64:
        """Rows ``first`` to ``last`` of some series, (rows, N, columns), C-contiguous."""
        key = first, last, len(columns)
        if key not in self._kept:
            buffer = np.empty((last - first, self.n, len(columns)))
            self._kept[key] = (buffer, [-1] * len(columns))
        buffer, held = self._kept[key]
        for place, column in enumerate(columns):
            if held[place] != column:
                buffer[:, :, place] = self.series[column][first:last]
                held[place] = column
        return buffer
