"""The same session on the exchange itself and through its client library: the same intents.

Both exchanges have the same seed, so the same crowd; in lockstep their tape moves only when
the session does. One session calls the exchange in its own process. The other sends its orders
through the unmodified client library, over sockets, to the exchange's own protocol. What
lockstep means where a request has an answer and a stream besides is told in `parity.lockstep`.
"""

from random import Random
from typing import Any, Final, get_args

import msgspec
import pytest

from kedge.domain.control import Parameters, Started
from kedge.domain.decided import AccountAsked, Intent
from kedge.domain.record import Decided, Record
from kedge.domain.report import Filled
from kedge.engine.trading.market import MarketSide, Watch
from kedge.engine.trading.setup import make_desk
from kedge.engine.trading.shell import Shell
from kedge.ledger.journal.journal import Journal
from kedge.ledger.journal.memory_disk import MemoryDisk
from kedge.testing.simulation.parameters import adopt, seeded_book, tree_of
from kedge.testing.simulation.scene import SECOND, START, Scene, draw, universe_of, way_of
from parity.lockstep import Direct, Wired, wired

SEEDS: Final = (0, 6, 9, 12, 13, 14, 15, 16, 17, 28, 29, 40, 41, 42)
"""Of all styles. Most sessions take another course where requests may overtake each other, where
reports come as the sockets bring them, or where nobody tells that a stop was touched."""
DECIDED: Final = tuple(kind for kind in get_args(Decided) if kind is not AccountAsked)
"""Everything that the session decides, but its questions: a cursor is in the venue's own words."""


def drawn(seed: int) -> Scene:
    """A session without faults, of a style, a market and limits drawn from the seed."""
    random = Random(f"{seed}/lockstep")
    return msgspec.structs.replace(
        draw(seed),
        stranger=False,
        late_s=0,
        instruments=random.choice((1, 2, 3)),
        rows=random.choice((20, 30, 40)),
        session_rows=random.choice((3, 5, 8)),
        style=random.choice(("whole", "twap", "iceberg", "pov")),
        rate=random.choice((1.0, 3.0)),
        takers=random.choice((0.2, 0.36)),
        spread_bps=random.choice((100.0, 250.0)),
        follow=random.choice((0.3, 0.6)),
    )


def session(scene: Scene, place: Direct | Wired) -> list[Record]:
    """A whole session in steps of a second; everything that it recorded."""
    universe, said = universe_of(scene), []
    desk = make_desk(
        universe.lineage, Parameters(START, tree_of(scene)), adopt,
        lambda setup: seeded_book(scene, setup),
    )  # fmt: skip
    number = lambda at: (at - 1 - START) // (scene.session_rows * scene.row_ns)  # noqa: E731
    market = MarketSide(universe, Watch(0, 3_600 * SECOND, number), START, 0)
    venues = [place.venue] * scene.instruments
    journal = Journal.open(MemoryDisk())
    shell = Shell(desk, way_of(scene), journal, venues, market, number, lambda: False, said.append)
    shell.start(Started(START, "lockstep", "here", 0), START)
    for now in range(START, START + scene.rows * scene.row_ns + 1, SECOND):
        settled = False
        events = place.move(now)
        while not settled:
            before = len(said)
            shell.turn(now, (), events)
            events = place.move(now)
            settled = len(said) == before and not events
    return said


def of(records: list[Record], *kinds: type) -> list[Any]:
    return [record for record in records if type(record) in kinds]


def trades(records: list[Record]) -> dict[str, tuple[int, int, int, int]]:
    """Side, lots, price and fee of every execution."""
    found = of(records, Filled)
    return {fill.trade: (fill.side, fill.lots, fill.ticks, fill.fee) for fill in found}


@pytest.mark.parametrize("seed", SEEDS)
def test_everything_decided_is_the_same_through_the_client_library(seed: int) -> None:
    scene = drawn(seed)
    mine = session(scene, Direct(scene))
    with wired(scene) as place:
        theirs = session(scene, place)
    assert len(of(mine, Intent)) >= 5
    assert of(theirs, Intent) == of(mine, Intent)
    assert of(theirs, *DECIDED) == of(mine, *DECIDED)
    assert trades(theirs) == trades(mine)


def test_the_scenes_are_of_every_style() -> None:
    assert {drawn(seed).style for seed in SEEDS} == {"whole", "twap", "iceberg", "pov"}
