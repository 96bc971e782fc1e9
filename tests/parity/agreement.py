"""One world through the step and the oracle, and what is left unexplained."""

from collections import Counter
from dataclasses import dataclass

import numpy as np

from kedge.domain.reason import Reason
from kedge.testing.worlds import THEMES, World, random_world
from oracle import OracleResult, run_oracle
from parity.compare import (
    Difference,
    differences,
    first_share,
    first_target,
    first_trade,
    in_order,
)
from parity.step import StepRun, run_step

ROWS = 80
_NAMES = tuple(THEMES)


@dataclass(frozen=True)
class Agreement:
    """What the comparison of one world found.

    Attributes:
        rows: of the world.
        faults: differences that no close call explains; empty when all agree.
        exempt: rows of a first difference that a close call explains.
        unseen: rows after such a difference, where the two runs are no longer
            about the same book.
    """

    rows: int
    faults: list[str]
    exempt: int
    unseen: int


def seeded(seed: int) -> World:
    """A world by number; consecutive numbers walk through the themes."""
    return random_world(seed, rows=ROWS, theme=_NAMES[seed % len(_NAMES)])


def agree(world: World) -> Agreement:
    """Run both and compare everything that they report."""
    oracle = run_oracle(world.panel, world.forecasts, world.rules, world.reporting)
    run = run_step(world)
    found = leaves(oracle, run)
    if found:
        return _judged(world.panel.rows, found, oracle.exempt_from(found[0].row))
    share = first_share(oracle, run.fills, run.attribution)
    if share is not None:
        excused = oracle.exempt_from(share.row, attribution=True)
        return _judged(world.panel.rows, [share], excused)
    return Agreement(world.panel.rows, _bounds(oracle, run), 0, 0)


def _judged(rows: int, found: list[Difference], excused: bool) -> Agreement:
    if excused:
        return Agreement(rows, [], 1, rows - 1 - found[0].row)
    return Agreement(rows, [str(d) for d in found], 0, 0)


def leaves(oracle: OracleResult, run: StepRun) -> list[Difference]:
    """Where the step leaves the oracle in anything but attribution, earliest first."""
    found = differences(oracle, run.lots, run.cash, run.equity, run.reasons, run.fills)
    return in_order([*found, first_target(oracle, run.targets), first_trade(oracle, run.trades)])


def _bounds(oracle: OracleResult, run: StepRun) -> list[str]:
    """How often each limit bound; a near tie may have two names."""
    cells = Counter(b.reason for b in oracle.bound)
    rows = Counter(reason for reason, _ in {(b.reason, b.row) for b in oracle.bound})
    found = []
    for reason in Reason:
        whole_book = Reason.OPEN_RISK <= reason <= Reason.INFEASIBLE
        want, got = (rows if whole_book else cells)[reason], int(run.bound[reason])
        if abs(want - got) > len(oracle.soft):
            found.append(f"{reason.name} bound {got} times, the oracle has {want}")
    return found


def same_bits(first: StepRun, second: StepRun) -> bool:
    """Whether two runs of the step are equal to the last bit, their state included."""
    tables = [(getattr(first, f), getattr(second, f)) for f in vars(first) if f != "state"]
    pairs = [*tables, *zip(first.state, second.state, strict=True)]
    return all(np.array_equal(a, b, equal_nan=a.dtype.kind == "f") for a, b in pairs)
