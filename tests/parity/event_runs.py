"""Event runs of worlds and of recorded markets, and bar runs to compare them with."""

import types

import numpy as np

from kedge.domain.record import Record
from kedge.domain.rules import FillMode
from kedge.engine.trading.desk import Desk
from kedge.engine.trading.fold import evolve
from kedge.testing.event_run import EventRun, GivenForecasts
from kedge.testing.worlds import World
from parity.step import program_of

_NO_FEATURES = types.SimpleNamespace(
    new_state=lambda: np.zeros(0), needs_clock=False, needs_book=False
)


def decision_of(world: World):
    """The decision of a world whose forecasts are given: no features, no strategies to run."""
    return types.SimpleNamespace(
        program=program_of(world), plan=_NO_FEATURES, strategies=(), columns=()
    )


def event_run(world: World) -> EventRun:
    """A world, not yet run."""
    decision = decision_of(world)
    book = GivenForecasts(decision, world.panel, world.forecasts)
    return EventRun(world.panel, decision, world.rules.fill == FillMode.LIMIT, book)


def folded(world: World, records: list[Record]) -> Desk:
    """A fresh desk after nothing but folding: what a recovery does."""
    desk = event_run(world).desk
    for record in records:
        evolve(desk, record)
    return desk


def bar_contract_holds(world: World) -> bool:
    """Whether a venue can keep the contract: with latency, a bar run merges waiting orders."""
    return not (world.rules.latency_rows and bool((world.panel.flags & 4).any()))
