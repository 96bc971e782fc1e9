"""Worlds for named scenarios: calm by themselves, so that a test alone says what goes wrong."""

from typing import TypeVar

import msgspec

from kedge.domain.order import Order
from kedge.domain.report import Filled
from kedge.execution.tracked import Working
from kedge.testing.simulation.scene import SECOND, Scene, Views
from kedge.testing.simulation.world import World
from kedge.venues.simulated.fault_plan import Fault, Plan
from kedge.venues.simulated.requests import Cross

Kind = TypeVar("Kind")
LONG = Views(edges_bps=(120.0,), confidences=(1.0,), stops=(20.0,))
"""Always more of it, with stops so wide that only a test touches them."""
NEAR = Views(edges_bps=(120.0,), confidences=(1.0,), stops=(2.0,))
"""The same with stops that are soon reached."""
ROWS = 50
SCENE = Scene(
    seed=0, instruments=1, row_ns=5 * SECOND, rows=ROWS, session_rows=5, style="whole",
    turn_ns=SECOND // 5, crashes=0, commands=False, views=LONG,
)  # fmt: skip


def staged(seed: int, **choices: object) -> World:
    """A world in which nothing goes wrong but what the test lets go wrong.

    Args:
        seed: of the market.
        choices: fields of the scene.
    """
    return World(seed, msgspec.structs.replace(SCENE, seed=seed, **choices), Plan())


def bad_line(world: World, *faults: Fault) -> None:
    """From now on every request, answer or report meets its fault, until there is a good line."""
    world.venue.plan = Plan(chance=dict.fromkeys(faults, 1.0), until=world.until)


def good_line(world: World) -> None:
    """Nothing more happens to requests and reports."""
    world.venue.plan = Plan()


def holding(seed: int, **choices: object) -> World:
    """A staged world, gone on until it holds a position whose stop rests at the venue."""
    world = staged(seed, **choices)
    assert world.go(300, lambda: guarded(world)), f"seed {seed} never held anything"
    return world


def guarded(world: World) -> bool:
    """Whether there is a position and its stop rests, and nothing else is on its way."""
    desk = world.desk
    states = list(desk.orders.values())
    resting = all(isinstance(s, Working) and s.order.protective for s in states)
    return bool(desk.positions[0]) and desk.stops[0] in desk.orders and resting


def stop_of(world: World) -> Order:
    """The protective stop of the first key."""
    return world.desk.orders[world.desk.stops[0]].order


def trade_through(world: World, ticks: int, lots: int = 1_000_000) -> None:
    """Somebody else sells everything down to a price: stops above it are touched and fill."""
    world.venue.act(Cross(0, -1, ticks, lots))


def fills_of(world: World) -> list[Filled]:
    """Fills that the venue knows, in order."""
    return list(world.venue.truth().fills)


def held_at_the_venue(world: World) -> dict[int, int]:
    """Positions as they are, whatever was reported."""
    return {key: lots for key, lots in world.venue.truth().lots.items() if lots}


def booked(world: World) -> dict[int, int]:
    """Positions as the session has them."""
    return {key: lots for key, lots in enumerate(world.desk.positions) if lots}


def of_kind(world: World, kind: type[Kind], first: int = 0) -> list[Kind]:
    """Durable records of one kind, from a place in the journal on."""
    return [record for record in world.records()[first:] if isinstance(record, kind)]


def assert_whole(world: World) -> None:
    """Let the world end, and hear the observer."""
    world.run()
    assert world.failures() == []
