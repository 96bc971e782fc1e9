"""The features of a run, ready to be advanced block by block or row by row."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from kedge.domain.compiled import kernel
from kedge.domain.errors import ExpressionError
from kedge.domain.panel import F64, Panel
from kedge.features.block import BarBlock, blocks
from kedge.features.expression import parse
from kedge.features.graph import GraphBuilder, Node, Ref
from kedge.features.workspace import Workspace

BLOCK_CELLS = 32_768
"""Cells of a block when a whole history is computed: node outputs stay in cache."""


@dataclass(frozen=True, slots=True)
class FeaturePlan:
    """Kernels to call, in order, and where each expression's values end up.

    A plan is immutable but for scratch buffers; it is not shared by threads.

    Attributes:
        names: F canonical expressions, in column order.
        instruments: N.
        interval_ns, symbols: what it was built for.
        nodes: kernel calls, each after those it reads.
        columns: where each expression's series is.
        warmup: rows of NaN before every feature has its first value, if no
            cell is masked (for ``at`` an upper bound).
        memory: rows that still influence a value (for embargo); inf where a
            feature depends on the whole history.
    """

    names: tuple[str, ...]
    instruments: int
    interval_ns: int
    symbols: tuple[str, ...]
    nodes: tuple[Node, ...]
    columns: tuple[Ref, ...]
    warmup: int
    memory: float
    _workspace: Workspace = field(repr=False, compare=False)

    @classmethod
    def build(
        cls, expressions: Sequence[str], n: int, interval_ns: int, symbols: Sequence[str]
    ) -> "FeaturePlan":
        """Plan for F expressions over N instruments.

        Raises:
            ExpressionError: an expression is wrong, or does not fit the
                interval or the symbols.
        """
        graph = GraphBuilder(interval_ns, symbols)
        trees = [parse(text) for text in expressions]
        placed = []
        for tree in trees:
            try:
                placed.append(graph.add(tree))
            except ExpressionError as error:
                raise ExpressionError(error.what, f"'{tree}'", error.remedy) from None
        reach = [r for _, r in placed]
        return cls(
            tuple(str(tree) for tree in trees),
            n,
            interval_ns,
            tuple(symbols),
            tuple(graph.nodes),
            tuple(ref for ref, _ in placed),
            int(max((r.warmup for r in reach), default=0)),
            max((r.memory for r in reach), default=1.0),
            Workspace(tuple(graph.nodes), n),
        )

    def __reduce__(self) -> tuple[object, tuple[object, ...]]:
        """Travels to another process as its expressions, not as buffers."""
        return FeaturePlan.build, (self.names, self.instruments, self.interval_ns, self.symbols)

    @property
    def needs_clock(self) -> bool:
        """Whether a feature asks when the row's session opens and closes."""
        return not self._fields.isdisjoint(("session_open", "session_length"))

    @property
    def needs_book(self) -> bool:
        """Whether a feature reads inputs from trades and order books."""
        return "micro" in self._fields

    @property
    def _fields(self) -> set[str]:
        return {ref.field for node in self.nodes for ref in node.inputs}

    def index(self, expression: str) -> int:
        """Column of an expression, however it is written.

        Raises:
            ExpressionError: when the plan does not hold it.
        """
        name = str(parse(expression))
        if name not in self.names:
            raise ExpressionError(f"'{name}' is not in the plan")
        return self.names.index(name)

    def new_state(self) -> F64:
        """State of all kernels before the first row: one flat array of zeros."""
        return np.zeros(self._workspace.state_size)

    def advance(self, state: F64, block: BarBlock, out: F64) -> None:
        """Consume a block.

        Args:
            state: what `new_state` gave, updated in place.
            block: the next B rows.
            out: (B, N, F) float64, C-contiguous; each value is finite, or NaN
                where it is masked or not warm yet.
        """
        self.advance_parts(state, block, [(range(len(self.columns)), out)])

    def advance_parts(
        self, state: F64, block: BarBlock, parts: Sequence[tuple[Sequence[int], F64]]
    ) -> None:
        """Consume a block and write several selections of the columns.

        Args:
            state: what `new_state` gave, updated in place.
            block: the next B rows.
            parts: column numbers, and the (B, N, len(columns)) array they go to.
        """
        workspace = self._workspace
        workspace.run(state, block)
        for columns, out in parts:
            for place, column in enumerate(columns):
                _pack(workspace.series(self.columns[column], block), place, out)

    def history(self, panel: Panel, state: F64 | None = None) -> F64:
        """Features of a whole panel, (T, N, F), from a fresh or a given state."""
        state = self.new_state() if state is None else state
        out = np.empty((panel.rows, self.instruments, len(self.names)))
        rows = max(1, BLOCK_CELLS // max(1, self.instruments))
        for start, block in blocks(panel, rows):
            self.advance(state, block, out[start : start + block.rows])
        return out


@kernel
def _pack(series: F64, column: int, out: F64) -> None:
    """Write a (N, B) series into column ``column`` of a (B, N, F) array."""
    for n in range(series.shape[0]):
        for i in range(series.shape[1]):
            v = series[n, i]
            out[i, n, column] = v if np.isfinite(v) else np.nan
