"""From bars to orders: features, strategies and the step, block by block.

One object serves every mode. Research hands it a whole history in blocks of
thousands of rows, trading one row at a time; kernels, strategies and step are
the same compiled functions either way, and the bits are the same.
"""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from kedge.domain.forecast import FIELDS
from kedge.domain.instrument import Instrument
from kedge.domain.panel import F64, Panel
from kedge.domain.state import Rows, State
from kedge.engine.blocks import ROWS, Records, Stepper, block_rows
from kedge.engine.book_state import from_bytes, new_state, to_bytes
from kedge.engine.program import Program
from kedge.features.block import BarBlock
from kedge.features.plan import FeaturePlan
from kedge.strategies.binding import BoundStrategy

CELLS = 65_536
"""Cells of a block in research: what a block holds stays in the processor's cache."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What to run: the features of all strategies once, the strategies, the step.

    Attributes:
        program: parameters of the step; its strategies are in this order.
        strategies: S bound strategies.
        plan: their features, shared sub-expressions computed once.
        columns: per strategy, which columns of the plan its window holds.
    """

    program: Program
    strategies: tuple[BoundStrategy, ...]
    plan: FeaturePlan
    columns: tuple[tuple[int, ...], ...]


def build_decision(
    program: Program,
    strategies: Sequence[BoundStrategy],
    instruments: Sequence[Instrument],
    interval_ns: int,
) -> Decision:
    """Plan the features of all strategies together.

    Raises:
        ExpressionError: a strategy needs a feature that does not exist.
    """
    wanted = dict.fromkeys(text for s in strategies for text in s.expressions)
    plan = FeaturePlan.build(
        tuple(wanted), len(instruments), interval_ns, tuple(i.symbol for i in instruments)
    )
    place = {text: at for at, text in enumerate(wanted)}
    columns = tuple(tuple(place[text] for text in s.expressions) for s in strategies)
    return Decision(program, tuple(strategies), plan, columns)


@dataclass(slots=True)
class Memory:
    """Everything a run remembers between rows.

    Attributes:
        book: the step's state.
        features: the kernels' state, one flat array.
        windows: per strategy the last ``lookback - 1`` rows of its features.
    """

    book: State
    features: F64
    windows: list[F64]

    def to_bytes(self) -> bytes:
        """A snapshot; `restore` is its inverse for the same decision."""
        parts = [to_bytes(self.book), self.features.tobytes()]
        return b"".join([*parts, *(w.tobytes() for w in self.windows)])


def fresh(decision: Decision) -> Memory:
    """Memory before the first row."""
    n = decision.program.instruments
    windows = [
        np.full((s.strategy.lookback - 1, n, len(s.expressions)), np.nan)
        for s in decision.strategies
    ]
    return Memory(new_state(decision.program), decision.plan.new_state(), windows)


def restore(raw: bytes, decision: Decision) -> Memory:
    """Memory from a snapshot's bytes."""
    memory = fresh(decision)
    book = from_bytes(raw, decision.program)
    at = sum(array.nbytes for array in book)
    for array in (memory.features, *memory.windows):
        part = np.frombuffer(raw, array.dtype, array.size, at)
        array[...] = part.reshape(array.shape)
        at += array.nbytes
    memory.book = book
    return memory


class Pipeline:
    """Advances one memory through rows.

    Args:
        decision: what to run.
        memory: where to start; written in place.
        trace: keep positions and targets of every row.
    """

    def __init__(self, decision: Decision, memory: Memory, trace: bool = False) -> None:
        self.decision, self.memory, self._trace = decision, memory, trace
        self._clock = decision.plan.needs_clock
        self._book = decision.plan.needs_book
        self._windows: dict[int, list[F64]] = {}
        self._forecasts: dict[int, list[F64]] = {}

    @cached_property
    def stepper(self) -> Stepper:
        """The step over this memory; who only asks for forecasts needs none of its room."""
        return Stepper(self.decision.program, self.memory.book, self._trace)

    @property
    def records(self) -> Records:
        """What the rows so far have left behind."""
        return self.stepper.records

    def run(self, panel: Panel, start: int, stop: int) -> None:
        """Decide rows ``start`` to ``stop`` of a panel, one block."""
        self.stepper.run(self._ready(panel, start, stop))

    def history(self, panel: Panel, rows: int | None = None) -> None:
        """Decide every row of a panel in blocks that fit the processor's cache."""
        size = rows or max(1, min(ROWS, CELLS // max(1, self.decision.program.instruments)))
        self.stepper.reserve(panel.rows)
        for block in self._ahead(panel, size):
            self.stepper.run(block)

    def _ahead(self, panel: Panel, size: int) -> Iterator[Rows]:
        """Every block in order, the next one made while the step works on this one.

        Forecasts depend on no order and no position, so they may run ahead of the
        step; features and strategies still see the rows one after the other.
        """
        spans = [(start, min(start + size, panel.rows)) for start in range(0, panel.rows, size)]
        with ThreadPoolExecutor(1) as other:
            coming = [other.submit(self._ready, panel, *span) for span in spans[:1]]
            for span in spans[1:]:
                block = coming.pop().result()
                coming.append(other.submit(self._ready, panel, *span))
                yield block
            for last in coming:
                yield last.result()

    def _ready(self, panel: Panel, start: int, stop: int) -> Rows:
        """A block as the step wants it, its forecasts made."""
        return block_rows(panel, self.forecast(panel, start, stop), start, stop)

    def forecast(self, panel: Panel, start: int, stop: int) -> F64:
        """Advance features and strategies alone; returns the block's forecasts.

        Returns:
            (B, S, N, FIELDS), overwritten by the next but one block of as many rows.
        """
        decision, memory = self.decision, self.memory
        windows, forecasts = self._arrays(stop - start)
        parts = []
        for columns, window, tail in zip(decision.columns, windows, memory.windows, strict=True):
            window[: len(tail)] = tail
            parts.append((columns, window[len(tail) :]))
        block = BarBlock.from_panel(panel, start, stop, self._clock, self._book)
        decision.plan.advance_parts(memory.features, block, parts)
        for s, bound in enumerate(decision.strategies):
            bound.driver.run(windows[s], forecasts, s)
            tail = memory.windows[s]
            if len(tail):
                tail[...] = windows[s][len(windows[s]) - len(tail) :]
        return forecasts

    def _arrays(self, rows: int) -> tuple[list[F64], F64]:
        """Window and forecast buffers for blocks of ``rows``, made once.

        Of forecasts there are two in turn: the step reads one while the other is written.
        """
        strategies, n = self.decision.strategies, self.decision.program.instruments
        if rows not in self._windows:
            self._windows[rows] = [
                np.empty((s.strategy.lookback - 1 + rows, n, len(s.expressions)))
                for s in strategies
            ]
            shape = (rows, len(strategies), n, FIELDS)
            self._forecasts[rows] = [np.empty(shape), np.empty(shape)]
        self._forecasts[rows].reverse()
        return self._windows[rows], self._forecasts[rows][0]
