"""A venue that goes on from where an earlier server left it."""

from collections.abc import Callable

from kedge.venues.simulated.requests import Halt
from kedge.venues.wire.floor import Floor
from kedge.venues.wire.pace import Pace
from kedge.venues.wire.state import State
from kedge.venues.wire.world import World


def opened(world: World, wall: int, speed: float) -> tuple[Floor, Pace]:
    """A new venue whose tape has run up to now, and its clock.

    Args:
        world: what it is made from.
        wall: ns UTC now.
        speed: of its clock, 0 in lockstep.
    """
    floor = world.open()
    floor.run(max(wall, world.start))
    return floor, Pace(wall, floor.now, speed)


def reopened(state: State, wall: int, speed: float) -> tuple[Floor, Pace]:
    """The venue of a state, with everything that was ever asked of it done again.

    The market went on while nobody served it: the tape runs up to now, and orders that
    rested have met it.

    Args:
        state: of the venue; what is asked from here on is written there.
        wall: ns UTC now.
        speed: of its clock from here on, 0 in lockstep.
    """
    floor = state.world.open(state.ask)
    floor.replay(state.sent)
    last = state.paces[-1] if state.paces else Pace(wall, max(wall, floor.now), speed)
    floor.run(max(last.at(wall), state.reached))
    for key, matcher in floor.venue.exchange.matchers.items():
        if matcher.halted:  # whatever had halted it ended with the server
            floor.act(Halt(key, False))
    pace = Pace(wall, floor.now, speed)
    state.run(pace)
    return floor, pace


def noted(state: State | None) -> Callable[[Pace], object]:
    """Where the clock's steps are written down."""
    return id if state is None else state.run
