"""Many worlds, one seed after another, and what struck in them."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import Final

import msgspec

from kedge.testing.simulation import bad_disk
from kedge.testing.simulation.scene import ENDS, EVENTS, ORDERS, SECOND, SYNCS, Scene
from kedge.testing.simulation.world import World
from kedge.venues.simulated.fault_plan import Fault

TRAITS: Final[dict[str, Callable[[Scene], bool]]] = {
    "no stops": lambda scene: not scene.stops,
    "long rows": lambda scene: scene.row_ns >= 10 * SECOND,
    "flat at the end": lambda scene: scene.ends_flat,
}
"""What only some worlds are like."""
KINDS: Final = frozenset(
    {
        *(fault.value for fault in Fault),
        *(f"crash: {end}" for end in (*ENDS, *SYNCS, "the disk failed")),
        *(f"disk: {name}" for name in ("lost write", "torn write", "lost name", "lost length")),
        *(f"disk: {kind}" for kind in bad_disk.KINDS),
        *("kill", "flatten", "resume", "by hand", "parameters", "no room"),
        *("adopted", "hourly share", *TRAITS),
    }
)
"""Everything that may go wrong in a world, by the names of the counters."""


class Outcome(msgspec.Struct, frozen=True):
    """What one world came to.

    Attributes:
        seed: that makes it again.
        failures: what was wrong, one line each; empty for nothing.
        events: that the session took: of the market, of venues, of people, rows and deadlines.
        orders: that were sent.
        fills: at the venue.
        crashes: of the session's process or its disk.
        struck: kinds of fault that struck, crashes and commands among them.
    """

    seed: int
    failures: tuple[str, ...]
    events: int
    orders: int
    fills: int
    crashes: int
    struck: frozenset[str]


class Totals(msgspec.Struct):
    """A campaign so far.

    Attributes:
        seeds, failures: how many worlds, and how many of them failed.
        events, orders, fills, crashes: sums.
        thin: seeds of worlds below `EVENTS`, `ORDERS`, or without a crash.
        struck: worlds in which each kind struck.
        failed: seeds, each with its first line.
    """

    seeds: int = 0
    failures: int = 0
    events: int = 0
    orders: int = 0
    fills: int = 0
    crashes: int = 0
    thin: list[int] = []
    struck: Counter[str] = msgspec.field(default_factory=Counter)
    failed: list[tuple[int, str]] = []

    def add(self, outcome: Outcome) -> None:
        """Count one world."""
        self.seeds += 1
        self.events += outcome.events
        self.orders += outcome.orders
        self.fills += outcome.fills
        self.crashes += outcome.crashes
        self.struck.update(outcome.struck)
        few = outcome.events < EVENTS or outcome.orders < ORDERS or outcome.crashes < 1
        if few:
            self.thin.append(outcome.seed)
        if outcome.failures:
            self.failures += 1
            self.failed.append((outcome.seed, outcome.failures[0]))

    def seldom(self, share: float) -> dict[str, float]:
        """Kinds of fault that struck in no larger share of the worlds, with their shares."""
        shares = {kind: self.struck[kind] / self.seeds for kind in sorted(KINDS)}
        return {kind: found for kind, found in shares.items() if found <= share}


def run_world(seed: int) -> Outcome:
    """One world; whatever escapes from it is a failure of it."""
    world = World(seed)
    try:
        failures = tuple(world.run().failures())
    except Exception as error:  # a defect of any kind is what a campaign looks for
        failures = (f"{type(error).__name__}: {error}",)
    counts = world.counts
    struck = {fault.value for fault in world.venue.counts}
    struck |= {name for name in counts if name not in ("market events", "events", "crashes")}
    struck |= {name for name, has in TRAITS.items() if has(world.scene)}
    struck |= {f"disk: {name}" for disk in (world.disk, world.shelf) for name in +disk.struck}
    return Outcome(
        seed,
        failures,
        counts["market events"] + counts["events"],
        sum(world.submitted.values()),
        len(world.venue.truth().fills),
        counts["crashes"],
        frozenset(struck),
    )


def run_worlds(
    seeds: Iterable[int],
    told: Callable[[Outcome], None] = lambda outcome: None,
    run: Callable[[int], Outcome] = run_world,
) -> Totals:
    """Worlds of many seeds, in order.

    Args:
        seeds: which.
        told: of each world as it ends.
        run: how one is run.
    """
    totals = Totals()
    for outcome in outcomes(seeds, run):
        totals.add(outcome)
        told(outcome)
    return totals


def outcomes(seeds: Iterable[int], run: Callable[[int], Outcome] = run_world) -> Iterator[Outcome]:
    """The outcome of every seed, as it comes."""
    return map(run, seeds)
