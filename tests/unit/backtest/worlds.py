"""Runs of random worlds: splits, deals, delistings, funding, other currencies."""

from types import SimpleNamespace

import numpy as np

from kedge.domain import state as o
from kedge.engine.blocks import simulate
from kedge.engine.book_state import new_state
from kedge.engine.pipeline import Decision, Memory
from kedge.engine.program import build_program
from kedge.research.run import Run
from kedge.testing.worlds import random_world


def run_of_world(seed: int) -> Run:
    """The records of a random world, as `kedge.research.run.run` gathers them."""
    world = random_world(seed)
    panel = world.panel
    program = build_program(panel.instruments, world.rules, world.reporting, panel.interval_ns)
    state = new_state(program)
    records = simulate(panel, world.forecasts, program, state)
    names = tuple(SimpleNamespace(name=terms.name) for terms in world.rules.strategies)
    decision = Decision(program, names, None, ())  # type: ignore[arg-type]  # nothing is decided
    strategies = max(program.strategies, 1)

    def join(chunks: list[np.ndarray], *shape: int) -> np.ndarray:
        return np.concatenate([np.zeros((0, *shape), np.int64), *chunks])

    return Run(
        panel=panel,
        decision=decision,
        rows=join(records.rows, o.ROW_),
        reasons=np.concatenate(records.reasons),
        fills=join(records.fills, o.FILL_),
        attribution=join(records.attribution, strategies, o.ATTR_),
        postings=join(records.postings, o.POST_),
        trades=join(records.trades, o.TRADE_),
        bound=state.bound,
        worst=state.worst,
        active_rows=int(state.K[o.K_ACTIVE_ROWS]),
        active_cells=int(state.K[o.K_ACTIVE_CELLS]),
        halted_row=int(state.K[o.K_HALT_ROW]),
        cash=state.K[o.K_ : o.K_ + len(program.currencies)].copy(),
        lots=state.I[:, o.I_LOTS].copy(),
        memory=Memory(state, np.zeros(0), []),
        seconds=1.0,
    )
