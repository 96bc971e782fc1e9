"""The compiled step on a world, in the tables that `compare` reads."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from kedge.engine.blocks import simulate
from kedge.engine.book_state import new_state
from kedge.engine.program import Program, build_program
from kedge.testing.worlds import World

I64 = npt.NDArray[np.int64]


@dataclass(frozen=True)
class StepRun:
    """What `compare` wants of a run; ``targets`` (T, N) are the target lots."""

    lots: I64
    cash: I64
    equity: I64
    reasons: I64
    fills: I64
    trades: I64
    attribution: I64
    targets: I64


def run_step(world: World) -> StepRun:
    """Walk a world with the compiled step."""
    program = build_program(
        world.panel.instruments, world.rules, world.reporting, world.panel.interval_ns
    )
    records = simulate(world.panel, world.forecasts, program, new_state(program))
    fills, postings = _joined(records.fills, 9), _joined(records.postings, 5)
    shape = (world.panel.rows, len(world.panel.instruments))
    return StepRun(
        lots=np.concatenate(records.positions).reshape(shape),
        cash=_cash(world, program, fills, postings),
        equity=np.concatenate(records.rows)[:, 0],
        reasons=np.concatenate(records.reasons).reshape(shape).astype(np.int64),
        fills=fills,
        trades=_joined(records.trades, 7)[:, :5],
        attribution=_shares(records.attribution),
        targets=np.concatenate(records.targets).reshape(shape),
    )


def _joined(chunks: list[I64], width: int) -> I64:
    return np.concatenate([np.zeros((0, width), dtype=np.int64), *chunks])


def _cash(world: World, program: Program, fills: I64, postings: I64) -> I64:
    """Cash per currency after each row, folded from fills and postings."""
    cash = np.zeros((world.panel.rows, len(program.currencies)), dtype=np.int64)
    cash[:, 0] = world.rules.capital
    settle = [program.currencies.index(i.settle) for i in world.panel.instruments]
    for fill in fills:
        cash[fill[0] :, settle[fill[1]]] -= fill[6] + fill[5]
    for row, _, currency, amount, _ in postings:
        cash[row:, currency] += amount
    return cash


def _shares(chunks: list[I64]) -> I64:
    """Lines of fill number, strategy, quantity, fee, profit."""
    tables = [chunk for chunk in chunks if len(chunk)]
    if not tables:
        return np.zeros((0, 5), dtype=np.int64)
    whole = np.concatenate(tables)
    fill, strategy = np.indices(whole.shape[:2]).reshape(2, -1)
    return np.column_stack([fill, strategy, whole.reshape(-1, 3)])
