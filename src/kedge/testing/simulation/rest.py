"""What is wrong with a world at rest: by the observer, by its progress, by a recovery."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from kedge.domain.control import Mode, Parameters
from kedge.domain.record import Record
from kedge.engine.trading.desk import Desk
from kedge.engine.trading.fold import evolve
from kedge.engine.trading.setup import make_desk
from kedge.engine.trading.snapshot import dump
from kedge.testing.simulation.conduct import GRACE_NS
from kedge.testing.simulation.observer import judge
from kedge.testing.simulation.parameters import adopt, seeded_book, tree_of
from kedge.testing.simulation.scene import way_of
from kedge.venues.simulated.truth import Truth

if TYPE_CHECKING:
    from kedge.testing.simulation.world import World


def failures_of(world: "World") -> list[str]:
    """Everything that is wrong, one line each.

    Args:
        world: that has run to its end.
    """
    records, truth = world.records(), world.venue.truth()
    return [
        *judge(records, truth, way_of(world.scene).rules, world.until),
        *differences(world.desk, truth),
        *_progress(world),
        *_recovered(world, records),
    ]


def differences(desk: Desk, truth: Truth) -> Iterator[str]:
    """Where the ledger is not what the venue holds."""
    held = {key: lots for key, lots in enumerate(desk.positions) if lots}
    if held != {key: lots for key, lots in truth.lots.items() if lots}:
        yield f"positions {desk.positions}, the venue has {truth.lots}"
    if desk.book.cash() != truth.cash:
        yield f"cash {desk.book.cash()}, the venue has {truth.cash}"


def _progress(world: "World") -> Iterator[str]:
    """Once faults have stopped everything is resolved, and the session trades on."""
    desk, scene = world.desk, world.scene
    late = world.now - GRACE_NS
    lost = [n for n, s in desk.orders.items() if s.at < late and not s.order.protective]
    if lost:
        yield f"still unresolved: {', '.join(lost)}"
    if not all(desk.compared):
        yield "the account was never found equal to the venue's after the last start"
    if desk.mode is not (Mode.HALTED if scene.ends_flat else Mode.ACTIVE):
        yield f"still {desk.mode.name}: {desk.why}"
    if desk.rows < (world.end - world.until) // scene.row_ns // 2:
        yield f"only {desk.rows} rows were decided"
    if world.submitted.total() < scene.orders:
        yield f"only {world.submitted.total()} orders were sent"


def _recovered(world: "World", records: list[Record]) -> Iterator[str]:
    """A recovery from the journal gives the state that the session had."""
    scene, desk = world.scene, world.desk
    first = Parameters(world.start, tree_of(scene))
    lineage, make = desk.universe.lineage, lambda setup: seeded_book(scene, setup)
    again = make_desk(lineage, first, adopt, make)
    for record in records:
        evolve(again, record)
    for name, mine, theirs in (
        ("state", again.book.words.tobytes(), desk.book.words.tobytes()),
        ("orders", again.orders, desk.orders),
        ("positions", again.positions, desk.positions),
        ("mode", again.mode, desk.mode),
        ("the rest of it", dump(again), dump(desk)),
    ):
        if mine != theirs:
            yield f"{name} after recovery differs"
