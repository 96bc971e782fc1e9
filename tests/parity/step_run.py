"""The compiled step on a world, with everything the oracle can be held against."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from kedge.domain import state as o
from kedge.engine.blocks import Records, simulate
from kedge.engine.book_state import new_state
from kedge.engine.program import build_program
from kedge.testing.worlds import World
from oracle.result import OracleResult
from parity.compare import Difference, differences, in_order

I64 = npt.NDArray[np.int64]


@dataclass(frozen=True)
class StepRun:
    """Arrays of a run, and its final cash per currency."""

    lots: I64
    targets: I64
    cash: I64
    equity: I64
    reasons: I64
    fills: I64
    trades: I64
    attribution: I64
    balances: I64


def run_step(world: World, block: int = 64) -> StepRun:
    """Run the step over a world in blocks."""
    program = build_program(
        world.panel.instruments, world.rules, world.reporting, world.panel.interval_ns
    )
    state = new_state(program)
    records = simulate(world.panel, world.forecasts, program, state, block)
    currencies = len(program.currencies)
    fills = _join(records.fills, o.FILL_)
    return StepRun(
        lots=np.concatenate(records.positions),
        targets=np.concatenate(records.targets),
        cash=_cash(world, records, fills, program.params.J[o.J_CURRENCY], currencies),
        equity=np.concatenate(records.rows)[:, o.ROW_EQUITY],
        reasons=np.concatenate(records.reasons).astype(np.int64),
        fills=fills,
        trades=_join(records.trades, o.TRADE_)[:, [0, 1, 2, 3, 4]],
        attribution=_shares(records),
        balances=state.K[o.K_ : o.K_ + currencies].copy(),
    )


def leaves(world: World, oracle: OracleResult, run: StepRun) -> list[Difference]:
    """Where the run leaves the oracle, earliest first."""
    found = differences(oracle, run.lots, run.cash, run.equity, run.reasons, run.fills)
    return in_order(found)


def _join(chunks: list[I64], width: int) -> I64:
    return np.concatenate(chunks) if chunks else np.zeros((0, width), dtype=np.int64)


def _shares(records: Records) -> I64:
    """(fill, strategy, quantity, fee, pnl), one line per fill and strategy."""
    if not records.attribution:
        return np.zeros((0, 5), dtype=np.int64)
    table = np.concatenate(records.attribution)
    fill, strategy = np.indices(table.shape[:2])
    return np.column_stack([fill.ravel(), strategy.ravel(), table.reshape(-1, o.ATTR_)])


def _cash(world: World, records: Records, fills: I64, currency: I64, currencies: int) -> I64:
    """Cash per currency after every row, from fills and postings alone."""
    moved = np.zeros((world.panel.rows, currencies), dtype=np.int64)
    moved[0, 0] = world.rules.capital
    for fill in fills:
        amount = fill[o.FILL_NOTIONAL] + fill[o.FILL_FEE]
        moved[fill[o.FILL_ROW], currency[fill[o.FILL_INSTRUMENT]]] -= amount
    for post in _join(records.postings, o.POST_):
        moved[post[o.POST_ROW], post[o.POST_CURRENCY]] += post[o.POST_AMOUNT]
    return np.cumsum(moved, axis=0)
