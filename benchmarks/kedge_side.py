"""The rule in kedge, through the function that ``kedge backtest`` calls.

Run as a process of its own with a job, like every peer: see `benchmarks.peers.measure`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.market import INTERVAL_NS, SESSION_ROWS, TICK
from benchmarks.parity import ParityError
from benchmarks.peers import measure
from benchmarks.worlds import FEE_BPS, SLACK, WORLDS, World
from kedge.bootstrap import bind_strategies, decision_of
from kedge.domain import state as o
from kedge.domain.instrument import AssetClass, FeeSchedule, Instrument
from kedge.domain.panel import EVENT, FRESH, TRADABLE, Panel
from kedge.domain.reason import Reason
from kedge.engine.pipeline import Decision
from kedge.research.account import cash_of, daily_of, minor_units
from kedge.research.grid import Grid
from kedge.research.metrics import CostTotals, Metrics, TradeTable
from kedge.research.metrics import measure as measure_run
from kedge.research.run import Run, run
from kedge.research.sweep import SweepResult, sweep
from kedge.research.totals import costs_of
from kedge.research.totals import trades_of as closed_trades
from kedge.research.variants import rebind, redecide
from kedge.settings import Settings
from kedge.settings import replace as replace_settings

RULE = f"{Path(__file__).with_name('crossover.py')}:crossover"


def instruments(world: World, slack: bool) -> tuple[Instrument, ...]:
    """Spot coins without shorting; the last ``wide`` ones have too wide a spread."""
    count = world.instruments
    return tuple(
        Instrument(
            id=f"bench-{n}",
            symbol=f"B{n:02d}",
            asset_class=AssetClass.SPOT,
            base=f"B{n:02d}",
            tick=Decimal(str(TICK)),
            lot=Decimal(1),
            min_notional=Decimal(0 if slack else world.min_notional),
            calendar="24/7",
            fees=FeeSchedule(FEE_BPS, FEE_BPS),
            half_spread_bps=0.0 if slack else (11.0 if n >= count - world.wide else 0.5),
        )
        for n in range(count)
    )


def panel_of(bars: Mapping[str, np.ndarray], world: World, slack: bool) -> Panel:
    """The bars that every side reads, as the arrays kedge's data layer would hand over.

    Ages and factors are one number seen in every cell, as it makes them of bars
    without a gap, a split or a dividend.
    """
    shape = bars["close"].shape
    prices = [bars[name] for name in ("open", "high", "low", "close")]
    rows = np.arange(shape[0])
    return Panel(
        instruments=instruments(world, slack),
        interval_ns=INTERVAL_NS,
        ts=bars["ts"],
        session=rows // SESSION_ROWS,
        bars=np.stack([np.rint(p / TICK).astype(np.int64) for p in prices], axis=1),
        # Where limits are slack volume is unlimited: the peers know no such limit.
        volume=np.full(shape, 1e9) if slack else bars["volume"],
        flags=np.full(shape, TRADABLE | FRESH, dtype=np.uint8),
        age_ns=np.broadcast_to(np.int64(0), shape),
        adjust=np.broadcast_to(1.0, shape),
        events=np.zeros(0, dtype=EVENT),
        point_in_time=True,
        fingerprint="benchmark",
        sessions_per_year=365.0,
    )


def settings_of(world: World, slack: bool) -> Settings:
    """Settings of a world: the rule, and limits that are slack or bind."""
    fast, slow = world.pairs[0]
    stop = 0.5 if slack else world.stop
    rule = {"name": RULE, "params": {"fast": fast, "slow": slow, "stop": stop}}
    size = {"sizing.risk_per_trade": world.weight * stop} if slack else {}
    limits = SLACK if slack else world.bound
    return replace_settings(Settings(), {**limits, **size, "strategies": [rule]})


@dataclass(frozen=True)
class Setup:
    """Everything a run needs, made outside the timing.

    Attributes:
        settings: of the world.
        panel: arrays in memory.
        decision: compiled.
    """

    settings: Settings
    panel: Panel
    decision: Decision


def setup(bars: Mapping[str, np.ndarray], world: World, slack: bool) -> Setup:
    """Panel, settings and the compiled decision of a world."""
    settings = settings_of(world, slack)
    panel = panel_of(bars, world, slack)
    strategies = bind_strategies(settings, panel.interval_ns)
    return Setup(settings, panel, decision_of(settings, panel, strategies))


def metrics_of(found: Run) -> Metrics:
    """The ``metrics`` block of a result, as ``kedge backtest`` measures it."""
    daily = daily_of(found)
    cash = cash_of(found.decision, daily.days)
    return measure_run(daily, cash, closed_trades(found), costs_of(found))


def trades_of(found: Run) -> np.ndarray:
    """(K, 7) trades in the columns of `measure.TRADE`, the open ones last."""
    fills, closed = found.fills, found.trades
    table = np.zeros((len(closed), len(measure.TRADE)))
    table[:, 0] = closed[:, o.TRADE_INSTRUMENT]
    table[:, 1], table[:, 2] = closed[:, o.TRADE_OPEN], closed[:, o.TRADE_CLOSE]
    table[:, 3] = closed[:, o.TRADE_SIDE]
    opened = {(int(f[o.FILL_ROW]), int(f[o.FILL_INSTRUMENT])): f for f in fills}
    for row in table:
        column = int(row[0])
        first, last = opened[int(row[1]), column], opened[int(row[2]), column]
        row[4] = abs(first[o.FILL_LOTS])
        row[5], row[6] = first[o.FILL_TICKS] * TICK, last[o.FILL_TICKS] * TICK
    still = [_still_open(found, int(n)) for n in np.flatnonzero(found.lots)]
    return np.vstack([table, *still]) if still else table


def _still_open(found: Run, n: int) -> np.ndarray:
    """A position that is held at the end: its entry is the first fill since flat."""
    own = found.fills[found.fills[:, o.FILL_INSTRUMENT] == n]
    held = np.cumsum(own[:, o.FILL_LOTS])
    flat = np.flatnonzero(held == 0)
    first = own[flat[-1] + 1 if len(flat) else 0]
    side, ticks = np.sign(found.lots[n]), first[o.FILL_TICKS] * TICK
    return np.array([n, first[o.FILL_ROW], -1, side, abs(first[o.FILL_LOTS]), ticks, np.nan])


def bound_of(found: Run) -> dict[str, int]:
    """How often each limit bound."""
    limits = [r for r in Reason if Reason.INPUT <= r <= Reason.CASH]
    return {r.name: int(found.bound[r]) for r in limits}


def grid_of(world: World) -> Grid:
    """The world's pairs as the grid of a search."""
    fast = tuple(dict.fromkeys(float(fast) for fast, _ in world.pairs))
    slow = tuple(dict.fromkeys(float(slow) for _, slow in world.pairs))
    return Grid(RULE, (("fast", fast), ("slow", slow)))


def search(made: Setup, world: World) -> tuple[SweepResult, list[Metrics]]:
    """Every pair through ``kedge research sweep``'s function, and the figures of each."""
    found = sweep(made.panel, made.decision, grid_of(world))
    cash = cash_of(made.decision, len(found.ts))
    none, free = TradeTable.empty(), CostTotals()
    block = [measure_run(found.daily(k), cash, none, free) for k in range(found.candidates)]
    return found, block


def prepare(job: measure.Job, bars: measure.Arrays) -> Callable[[], Any]:
    """The call to measure: from arrays in memory to fills, equity and metrics."""
    world = WORLDS[job.world]
    made = setup(bars, world, job.limits == "slack")
    if len(world.pairs) == 1:
        return lambda: [_backtest(made.panel, made.decision)]
    if job.task == "parity":
        return lambda: _each_pair(made, world)
    return lambda: search(made, world)


def _backtest(panel: Panel, decision: Decision) -> tuple[Run, Metrics]:
    found = run(panel, decision)
    return found, metrics_of(found)


def _each_pair(made: Setup, world: World) -> list[tuple[Run, Metrics]]:
    """Each pair as a backtest of its own; the search must come to the same, bit for bit."""
    swept, _ = search(made, world)
    base, found = made.decision.strategies[0], []
    for k, (fast, slow) in enumerate(world.pairs):
        bound = rebind(base, {"fast": fast, "slow": slow}, made.panel.interval_ns)
        alone = _backtest(made.panel, redecide(made.settings, made.panel, made.decision, [bound]))
        same = np.array_equal(daily_of(alone[0]).equity, swept.equity[:, k])
        if not same or swept.trades[k] != len(alone[0].trades):
            raise ParityError(f"the search and a backtest differ for {fast} and {slow}")
        found.append(alone)
    return found


def answer(found: Sequence[tuple[Run, Metrics]]) -> tuple[dict[str, Any], np.ndarray]:
    """Figures and trades of the runs, one per pair; how often each limit bound in all."""
    counts = [bound_of(ran) for ran, _ in found]
    facts = {
        "equity": [float(ran.equity[-1] / minor_units(ran.decision)) for ran, _ in found],
        "bound": {name: sum(count[name] for count in counts) for name in counts[0]},
        "halted": sum(ran.halted_row >= 0 for ran, _ in found),
        "fills": sum(len(ran.fills) for ran, _ in found),
        "trades": sum(len(ran.trades) for ran, _ in found),
    }
    tables = [trades_of(ran) for ran, _ in found]
    if len(found) > 1:
        for k, table in enumerate(tables):
            table[:, 0] = k
    return facts, np.vstack(tables)


if __name__ == "__main__":
    measure.main(prepare, answer)
