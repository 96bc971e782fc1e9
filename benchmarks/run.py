"""``make bench``: kedge against its peers and a bare loop, in one run.

First every side must give the same trades, then all are timed on the same bars,
each in a process and an environment of its own. Writes ``docs/benchmarks.md``.
"""

import argparse
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import kedge
from benchmarks.commands import backtest_phases, start_up
from benchmarks.document import render
from benchmarks.envs import ROOT
from benchmarks.machine import commit
from benchmarks.market import INTERVAL_S, Market, closest_call, make_market
from benchmarks.parity import Tolerance, check
from benchmarks.peers.measure import Job
from benchmarks.sides import ask
from benchmarks.trading.measure import FULL, QUICK
from benchmarks.trading.measure import measure as measure_trading
from benchmarks.worlds import CAPITAL, FEE_BPS, FIRST, WORLDS, World
from kedge.compile_cache import fingerprint

PAGE = ROOT / "docs" / "benchmarks.md"
ROUNDING = 1e-10
"""Closest two averages may come, as a share, for all sides to read them alike."""

EXACT = Tolerance(quantity=1e-4)
# Percent of cash, fees inside it, instead of percent of equity at the decision.
OF_CASH = Tolerance(quantity=1e-3)
# A panel's percent is of free cash there: rows, sides and prices are compared.
OF_FREE_CASH = Tolerance(quantity=None)
WHOLE_UNITS = Tolerance(quantity=1e-3, open_kept=False)

SIDES: dict[str, dict[str, Tolerance]] = {
    "single": {
        "kedge": EXACT, "vectorbt": OF_CASH, "backtesting": WHOLE_UNITS, "nautilus": OF_CASH,
    },
    "panel": {"kedge": EXACT, "vectorbt": OF_FREE_CASH},
    "sweep": {"kedge": EXACT, "vectorbt": OF_CASH},
}  # fmt: skip
"""Who takes part in which world, and how its trades are compared."""


@dataclass(frozen=True)
class Plan:
    """What to measure.

    Attributes:
        worlds: by name.
        commands: whether start-up and the stages of a backtest are measured.
        trading: whether a trading session is.
        runs: timed calls of each side.
        quick: small worlds, in which not every limit binds.
    """

    worlds: tuple[World, ...]
    commands: bool
    trading: bool
    runs: int
    quick: bool


def measure_all(plan: Plan) -> dict[str, Any]:
    """Every figure of the page."""
    before = sources()
    found: dict[str, Any] = {"worlds": {}, "runs": plan.runs, "quick": plan.quick}
    for world in plan.worlds:
        found["worlds"][world.name] = measure_world(world, plan)
    if plan.commands:
        say("commands: start-up")
        found["start_up"] = start_up(3 if plan.quick else plan.runs)
    if plan.trading:
        say("a trading session")
        found["trading"] = measure_trading(QUICK if plan.quick else FULL)
    found["commit"], found["changed"] = commit(ROOT), sources() != before
    return found


def sources() -> str:
    """Hash of everything a figure hangs on: kedge as it is imported, and this harness.

    Raises:
        ValueError: kedge is imported from elsewhere, so no commit here describes it.
    """
    own = Path(kedge.__file__).resolve().parent
    if own != ROOT / "src" / "kedge":
        raise ValueError("kedge is not imported from this checkout: unset PYTHONPATH")
    digest = hashlib.sha256(fingerprint(own).encode())
    for path in sorted(
        (
            *(ROOT / "benchmarks").glob("*.py"),
            *(ROOT / "benchmarks/trading").glob("*.py"),
            *(ROOT / "benchmarks/peers").iterdir(),
        )
    ):
        if path.is_file():
            digest.update(path.read_bytes())
    return digest.hexdigest()


def measure_world(world: World, plan: Plan) -> dict[str, Any]:
    """Parity, limits, times and memory of one world."""
    market = make_market(world.rows, world.instruments, world.seed, world.depth)
    _refuse_close_calls(market, world)
    with TemporaryDirectory() as folder:
        market.save(Path(folder))
        job = Job(
            task="parity", bars=folder, out="", runs=plan.runs, pairs=world.pairs, first=FIRST,
            weight=world.weight, fee=FEE_BPS * 1e-4, capital=CAPITAL, interval_s=INTERVAL_S,
            world=world.name, limits="slack",
        )  # fmt: skip
        found: dict[str, Any] = {"cells": world.values, "rows": world.rows}
        found["same_trades"] = compare_trades(world, job)
        found["bound"] = count_limits(world, job, plan.quick)
        bound = replace(job, limits="bound")
        found["seconds"] = time_sides(world, bound)
        found["memory"] = memory_of(world, bound)
        if len(world.pairs) == 1:
            say(f"{world.name}: stages")
            found["phases"] = ask("phases", bound).facts
    if plan.commands and world.name == "single":
        say(f"{world.name}: the stages of kedge backtest")
        found["backtest"] = backtest_phases(market, world)
    return found


def _refuse_close_calls(market: Market, world: World) -> None:
    for n in range(world.instruments):
        for fast, slow in world.pairs:
            gap = closest_call(market.ticks[:, 3, n], fast, slow)
            if gap < ROUNDING:
                raise ValueError(f"{world.name}: averages come within {gap:.1e}; change its seed")


def compare_trades(world: World, job: Job) -> dict[str, int]:
    """Number of trades that each side shares with the bare loop.

    Raises:
        ParityError: a side trades differently.
    """
    reference = ask("bare", job).trades
    shared = {}
    for side, allowed in SIDES[world.name].items():
        shared[side] = check(side, ask(side, job).trades, reference, allowed)
        say(f"{world.name}: {side} gives the same {shared[side]:,} trades")
    return shared


def count_limits(world: World, job: Job, quick: bool) -> dict[str, int]:
    """How often each limit bound in the timed run; see `check_limits`."""
    facts = ask("kedge", replace(job, limits="bound")).facts
    counts: dict[str, int] = facts["bound"]
    if facts["halted"]:
        raise ValueError(f"{world.name}: the drawdown stop ended a timed run")
    if not quick:  # too short for some limits to bind
        check_limits(world, counts)
    say(f"{world.name}: {sum(count > 0 for count in counts.values())} limits bound")
    return counts


def check_limits(world: World, counts: Mapping[str, int]) -> None:
    """Every limit binds, or is listed as unable to; never both.

    Raises:
        ValueError: a limit is silent and not listed, or listed and not silent.
    """
    silent = {name for name, count in counts.items() if not count}
    if silent != set(world.unable):
        raise ValueError(
            f"{world.name}: never bound {sorted(silent)}, listed {sorted(world.unable)}"
        )


def time_sides(world: World, job: Job) -> dict[str, list[float]]:
    """Seconds of every timed call of every side."""
    times = {}
    for side in ("bare", *SIDES[world.name]):
        times[side] = ask(side, replace(job, task="time")).facts["seconds"]
        rate = world.values / min(times[side]) / 1e6
        say(f"{world.name}: {side} {rate:,.2f} M a second at best")
    return times


def memory_of(world: World, job: Job) -> dict[str, dict[str, int]]:
    """Resident memory of each side: after imports, before the call, at its peak."""
    names = ("imported", "before", "peak")
    found = {}
    for side in ("kedge", "vectorbt"):
        facts = ask(side, replace(job, task="memory")).facts
        found[side] = {name: facts[name] for name in names}
    return found


def say(line: str) -> None:
    """One line of progress."""
    print(line, flush=True)


def plan_of(arguments: argparse.Namespace) -> Plan:
    """What the command line asks for."""
    only = arguments.only
    chosen = [world for world in WORLDS.values() if only in (None, world.name)]
    if arguments.quick:
        chosen = [replace(world, rows=world.quick_rows) for world in chosen]
    runs = 3 if arguments.quick else 5
    commands, trading = (only in (None, name) for name in ("commands", "trading"))
    return Plan(tuple(chosen), commands, trading, runs, arguments.quick)


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="small worlds; the page is left alone")
    parser.add_argument("--only", choices=(*WORLDS, "commands", "trading"), help="one part of it")
    parser.add_argument("--json", type=Path, help="write the raw figures")
    arguments = parser.parse_args()
    plan = plan_of(arguments)
    found = measure_all(plan)
    if arguments.json:
        arguments.json.write_text(json.dumps(found, indent=1))
    page = render(found)
    if arguments.quick or arguments.only or found["changed"]:
        print(page)
    else:
        PAGE.write_text(page, encoding="utf-8")
        say(f"wrote {PAGE.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
