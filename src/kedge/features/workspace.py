"""Buffers of a feature plan: node outputs, and views of the flat state."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from kedge.domain.panel import F64
from kedge.features.block import BarBlock
from kedge.features.graph import Node, Ref

_MAX_SIZES = 4  # block sizes whose buffers are kept


@dataclass(frozen=True, slots=True)
class _Step:
    """A kernel call whose arguments are known but for state and bar fields."""

    kernel: Callable[..., None]
    sources: tuple[Ref, ...]
    params: F64
    number: int


class Workspace:
    """Runs the nodes of a plan in order; every buffer is reused between calls.

    Args:
        nodes: kernel calls, each after those it reads.
        n: number of instruments.
    """

    def __init__(self, nodes: tuple[Node, ...], n: int) -> None:
        self._nodes, self._n = nodes, n
        self._spans: list[tuple[int, int, int]] = []
        self._steps: list[_Step] = []
        at = 0
        for number, node in enumerate(nodes):
            width = node.spec.state_size(node.params) if node.spec else 0
            self._spans.append((at, at + n * width, width))
            at += n * width
            if node.spec:
                params = np.array(node.params, dtype=np.float64)
                self._steps.append(_Step(node.spec.kernel, node.inputs, params, number))
        self.state_size = at
        self._buffers: dict[int, list[F64]] = {}
        self._bound: tuple[F64 | None, list[F64]] = (None, [])

    def run(self, state: F64, block: BarBlock) -> None:
        """Advance every node by the block."""
        buffers = self._outputs(block.rows)
        views = self._views(state)
        with np.errstate(all="ignore"):
            for step in self._steps:
                arrays = [
                    buffers[r.node][r.output] if r.node >= 0 else getattr(block, r.field)
                    for r in step.sources
                ]
                step.kernel(*arrays, views[step.number], step.params, buffers[step.number])

    def series(self, ref: Ref, block: BarBlock) -> F64:
        """The (N, B) series of a reference, as of the last run."""
        found: F64 = (
            self._buffers[block.rows][ref.node][ref.output]
            if ref.node >= 0
            else getattr(block, ref.field)
        )
        return found

    def _outputs(self, rows: int) -> list[F64]:
        found = self._buffers.get(rows)
        if found is None:
            if len(self._buffers) >= _MAX_SIZES:
                self._buffers.clear()
            found = [self._output(node, rows) for node in self._nodes]
            self._buffers[rows] = found
        return found

    def _output(self, node: Node, rows: int) -> F64:
        out = np.empty((len(node.spec.outputs) if node.spec else 1, self._n, rows))
        if node.spec is None:
            out[:] = node.params[0]
        return out

    def _views(self, state: F64) -> list[F64]:
        if self._bound[0] is not state:
            views = [state[a:b].reshape(self._n, width) for a, b, width in self._spans]
            self._bound = (state, views)
        return self._bound[1]
