"""The compiled step on a world, in the tables that `compare` reads."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from kedge.domain import state as o
from kedge.domain.reason import Reason
from kedge.domain.state import State
from kedge.engine.blocks import Records, Stepper, block_rows, simulate
from kedge.engine.book_state import new_state
from kedge.engine.program import HOUR_NS, Program, build_program
from kedge.testing.worlds import World
from oracle.result import RowTrace

I64 = npt.NDArray[np.int64]


@dataclass(frozen=True)
class StepRun:
    """What `compare` wants of a run.

    ``targets`` (T, N) are the target lots, ``bound`` how often each reason
    bound, ``state`` what the step remembers after the last row.
    """

    lots: I64
    cash: I64
    equity: I64
    reasons: I64
    fills: I64
    postings: I64
    trades: I64
    attribution: I64
    targets: I64
    bound: I64
    state: State


def program_of(world: World) -> Program:
    """The parameters of a world."""
    panel = world.panel
    return build_program(panel.instruments, world.rules, world.reporting, panel.interval_ns)


def run_step(world: World, block: int = 64) -> StepRun:
    """Walk a world with the compiled step, in blocks."""
    program = program_of(world)
    state = new_state(program)
    records = simulate(world.panel, world.forecasts, program, state, block)
    return tables(world, program, records, state)


def tables(world: World, program: Program, records: Records, state: State) -> StepRun:
    """What a run recorded, as tables."""
    fills, postings = _joined(records.fills, o.FILL_), _joined(records.postings, o.POST_)
    return StepRun(
        lots=np.concatenate(records.positions),
        cash=cash_from_postings(world, program, fills, postings),
        equity=np.concatenate(records.rows)[:, o.ROW_EQUITY],
        reasons=np.concatenate(records.reasons).astype(np.int64),
        fills=fills,
        postings=postings,
        trades=_joined(records.trades, o.TRADE_)[:, :5],
        attribution=_shares(records.attribution),
        targets=np.concatenate(records.targets),
        bound=state.bound.copy(),
        state=state,
    )


def walk(world: World) -> Iterator[tuple[State, Records]]:
    """One row a call, as in trading: the state and all records after each row."""
    program = program_of(world)
    state = new_state(program)
    stepper = Stepper(program, state, trace=True)
    for t in range(world.panel.rows):
        stepper.run(block_rows(world.panel, world.forecasts[t : t + 1], t, t + 1))
        yield state, stepper.records


def traces(world: World) -> Iterator[RowTrace]:
    """The risk numbers each row of the step was decided on, out of its own state."""
    infeasible = 0
    for t, (state, records) in enumerate(walk(world)):
        found = int(state.bound[Reason.INFEASIBLE])
        yield _trace(world, t, state, int(records.rows[-1][0, o.ROW_EQUITY]), found > infeasible)
        infeasible = found


def _trace(world: World, t: int, s: State, equity: int, infeasible: bool) -> RowTrace:
    count, currencies = s.F.shape[0], len(program_of(world).currencies)
    slots = s.pend.shape[0] // o.PEND_
    free = world.panel.flags[t] & 3 == 3
    # What lies in the slot of a cell that is not free waits there.
    ordered = np.where(free, s.pend[o.PEND_ * (t % slots)], 0)
    cur = s.I[:, o.I_LOTS] + s.I[:, o.I_PENDING] - ordered
    q, kept = s.I[:, o.I_Q], min(int(s.K[o.K_SCENARIOS]), o.SCENARIOS)

    def distances(lots: I64) -> list[float]:
        return [_distance(s, n, int(np.sign(lots[n])), bool(free[n])) for n in range(count)]

    return RowTrace(
        row=t,
        equity=equity,
        lots=s.I[:, o.I_LOTS].tolist(),
        cur=cur.tolist(),
        q=q.tolist(),
        aim=s.I[:, o.I_AIM].tolist(),
        slice=[_slice(world, t, n, s, int(ordered[n])) for n in range(count)],
        fixed=(~free).tolist(),
        unit=s.F[:, o.F_UNIT].tolist(),
        distance=distances(q),
        distance_cur=distances(cur),
        beta=s.F[:, o.F_BETA].tolist(),
        group=s.I[:, o.I_GROUP].tolist(),
        covariance=s.cov[:count].tolist(),
        scenarios=s.scen[:count, :kept].T.tolist(),
        volatility=s.F[:, o.F_SIGMA].tolist(),
        sessions_seen=s.I[:, o.I_OBS].tolist(),
        adv=s.F[:, o.F_ADV].tolist(),
        av=s.F[:, o.F_AV].tolist(),
        fx=s.G[o.G_ : o.G_ + currencies].tolist(),
        drawdown=float(s.G[o.G_DRAWDOWN]),
        halted=bool(s.K[o.K_HALTED]),
        daily_banned=bool(s.K[o.K_BAN_DAY] >= s.K[o.K_ENDED]),
        loss_banned=bool(s.K[o.K_BAN_LOSSES] >= s.K[o.K_ENDED]),
        exiting=(s.I[:, o.I_EXITING] == 1).tolist(),
        ordered=ordered.tolist(),
        infeasible=infeasible,
    )


def _slice(world: World, t: int, n: int, s: State, ordered: int) -> int:
    """Lots that participation allowed before this row's order."""
    p, average = program_of(world).params.P, float(s.F[n, o.F_AV])
    same = s.I[n, o.I_HOUR] == world.panel.ts[t] // HOUR_NS
    used = int(s.I[n, o.I_USED]) - abs(ordered) if same else 0
    left = int(p[o.P_HOUR] * average) - used
    return max(0, min(int(p[o.P_PARTICIPATION] * average), left))


def _distance(s: State, n: int, side: int, free: bool) -> float:
    """The page's ``d``: the decision's stop distance, or the position's tighter stop."""
    last, lots = int(s.I[n, o.I_LAST]), int(s.I[n, o.I_LOTS])
    known = [int(s.I[n, o.I_ORDER_STOP])] if free or s.I[n, o.I_PENDING] != 0 else []
    if side != 0 and lots * side > 0:
        known.append(max(0, side * (last - int(s.I[n, o.I_STOP]))))
    return min(known) / last if known and side != 0 and last else 0.0


def cash_from_postings(world: World, program: Program, fills: I64, postings: I64) -> I64:
    """Cash per currency after each row, folded from fills and postings alone."""
    cash = np.zeros((world.panel.rows, len(program.currencies)), dtype=np.int64)
    cash[:, 0] = world.rules.capital
    settle = [program.currencies.index(i.settle) for i in world.panel.instruments]
    for fill in fills:
        paid = fill[o.FILL_NOTIONAL] + fill[o.FILL_FEE]
        cash[fill[o.FILL_ROW] :, settle[fill[o.FILL_INSTRUMENT]]] -= paid
    for row, _, currency, amount, _ in postings:
        cash[row:, currency] += amount
    return cash


def _joined(chunks: list[I64], width: int) -> I64:
    return np.concatenate([np.zeros((0, width), dtype=np.int64), *chunks])


def _shares(chunks: list[I64]) -> I64:
    """Lines of fill number, strategy, quantity, fee, profit."""
    if not chunks:
        return np.zeros((0, 5), dtype=np.int64)
    whole = np.concatenate(chunks)
    fill, strategy = np.indices(whole.shape[:2]).reshape(2, -1)
    return np.column_stack([fill, strategy, whole.reshape(-1, o.ATTR_)])
