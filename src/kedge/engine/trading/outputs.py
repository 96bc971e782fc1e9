"""Arrays for calls of the step that run no rows or one."""

from typing import Final

import numpy as np

from kedge.domain import state as o
from kedge.domain.forecast import FIELDS
from kedge.domain.row import Dated
from kedge.domain.state import Out, Rows
from kedge.engine.program import Program

FILLS: Final = 12
"""Fills for which `outputs` has room beside the records of any one event."""


def outputs(program: Program) -> Out:
    """Room for the records of one event and of `FILLS` fills, and for the marks of one row."""
    n, s = program.instruments, max(program.strategies, 1)
    ints = np.int64
    return Out(
        rows=np.zeros((1, o.ROW_), ints),
        reasons=np.zeros((1, n), np.int8),
        positions=np.zeros((1, n), ints),
        targets=np.zeros((1, n), ints),
        fills=np.zeros((4 * n + 16, o.FILL_), ints),
        attr=np.zeros((4 * n + 16, s, o.ATTR_), ints),
        posts=np.zeros((8 * n + 128, o.POST_), ints),
        trades=np.zeros((4 * n + 16, o.TRADE_), ints),
        counts=np.zeros(3, ints),
        ended=np.zeros((2, s), ints),
        scratch=np.zeros((4, s), ints),
    )


def event_row(event: Dated, program: Program) -> Rows:
    """A block without rows that holds one dated event."""
    n, ints = program.instruments, np.int64
    return Rows(
        ts=np.zeros(0, ints),
        session=np.zeros(0, ints),
        bars=np.zeros((0, n, 4), ints),
        volume=np.zeros((0, n)),
        flags=np.zeros((0, n), np.uint8),
        adjust=np.zeros((0, n)),
        fc=np.zeros((0, program.strategies, n, FIELDS)),
        ev=np.array([[0, event.kind, event.index, event.a, event.b]], ints),
        ev_x=np.array([event.x]),
    )
