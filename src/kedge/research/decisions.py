"""What the step made of every tradable cell: edge, confidence, target, size and reason.

A run keeps reasons and nothing else of a cell. Whoever asks for the rest has the
rows decided a second time, one by one, through the same pipeline; the bits are
those of the run, and a replay that ends elsewhere is refused.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self

import numpy as np
import polars as pl

from kedge.domain import state as o
from kedge.domain.errors import RunError
from kedge.domain.panel import F64, FRESH, I64, TRADABLE
from kedge.domain.state import State
from kedge.engine.pipeline import Pipeline, fresh
from kedge.research.account import minor_units
from kedge.research.blended import blended
from kedge.research.run import Run
from kedge.research.tables import instants, quantities
from kedge.research.words import reason_name


@dataclass(frozen=True, slots=True)
class Decided:
    """Every cell of a run, T rows and N instruments; what no row decided is NaN or 0.

    Attributes:
        edge: (T, N) blended edge at the common horizon, basis points; NaN without a forecast.
        confidence: (T, N) of it.
        targets: (T, N) lots that the row's orders lead to.
        sizes: (T, N) their value at the last price, reporting minor units.
    """

    edge: F64
    confidence: F64
    targets: I64
    sizes: F64

    @classmethod
    def empty(cls, rows: int, instruments: int) -> Self:
        """Room for that many cells."""
        shape = rows, instruments
        return cls(
            np.full(shape, np.nan),
            np.full(shape, np.nan),
            np.zeros(shape, np.int64),
            np.zeros(shape),
        )


def decided(run: Run) -> Decided:
    """Decide every row of a run again and keep what it came to.

    Raises:
        RunError: the replay left the path of the run (a defect).
    """
    found = Decided.empty(run.panel.rows, len(run.panel.instruments))
    for row, before, after in _rows(run):
        usable = _usable(run, row)
        found.edge[row, usable], found.confidence[row, usable] = blended(
            run.decision.program.params, before, after, usable
        )
        found.targets[row] = after.I[:, o.I_Q]
        found.sizes[row] = after.I[:, o.I_Q] * after.F[:, o.F_UNIT]
    return found


def decisions_table(run: Run) -> pl.DataFrame:
    """One row per tradable cell, in the order of time and then of the universe.

    ``position_size_…`` carries the reporting currency in its name
    (``position_size_usd``); it and ``target_weight`` are signed, as the target is.
    """
    found = decided(run)
    usable = _usable(run, slice(None))
    row, who = np.nonzero(usable)
    sizes = found.sizes[usable]
    equity = np.maximum(run.equity, 1)[row]
    code = run.decision.program.currencies[0].lower()
    reasons = [reason_name(int(each)) for each in run.reasons[usable]]
    return pl.DataFrame(
        {
            "ts": instants(run.panel.ts[row]),
            "symbol": pl.Series([run.panel.symbols[n] for n in who], dtype=pl.String),
            "edge_blended_bps": pl.Series(found.edge[usable]).fill_nan(None),
            "confidence": pl.Series(found.confidence[usable]).fill_nan(None),
            "target_quantity": quantities(run.panel, who, found.targets[usable]),
            "target_weight": sizes / equity,
            f"position_size_{code}": sizes / minor_units(run.decision),
            "reason": pl.Series(reasons, dtype=pl.String),
        }
    )


def _usable(run: Run, rows: int | slice) -> np.ndarray:
    """Which cells of these rows can be decided: tradable, with a bar of their own."""
    return np.asarray((run.panel.flags[rows] & (TRADABLE | FRESH)) == (TRADABLE | FRESH))


def _rows(run: Run) -> Iterator[tuple[int, F64, State]]:
    """Each row with the book's figures before it and the state after it."""
    pipeline = Pipeline(run.decision, fresh(run.decision))
    pipeline.stepper.reserve(run.panel.rows)
    for row in range(run.panel.rows):
        before = pipeline.memory.book.G.copy()
        pipeline.run(run.panel, row, row + 1)
        yield row, before, pipeline.memory.book
    stepper = pipeline.stepper
    same = np.array_equal(stepper.marks, run.rows)
    if not (same and np.array_equal(stepper.reasons, run.reasons)):
        raise RunError(
            "the decisions could not be repeated: row by row the run went another way; "
            "no result was written (a defect: report it with the configuration)"
        )
