"""The same session on the exchange itself and through its client library: the same intents.

Both exchanges have the same seed, so the same crowd; in lockstep their tape moves only when
the session does. One session calls the exchange in its own process. The other sends its orders
through the unmodified client library, over sockets, to the exchange's own protocol.
"""

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.request import Request, urlopen

import msgspec
import pytest

from kedge.data.streams.budget import Budget, Limit
from kedge.domain.control import Parameters, Started
from kedge.domain.decided import Intent
from kedge.domain.market import MarketEvent
from kedge.domain.record import Record
from kedge.domain.report import Accepted, Ended, Filled, VenueReport
from kedge.domain.row import RowDecided
from kedge.engine.trading.market import MarketSide, Watch
from kedge.engine.trading.setup import make_desk
from kedge.engine.trading.shell import Shell
from kedge.ledger.journal.journal import Journal
from kedge.ledger.journal.memory_disk import MemoryDisk
from kedge.testing.simulation.parameters import adopt, seeded_book, tree_of
from kedge.testing.simulation.scene import (
    CAPITAL,
    OPENING,
    SECOND,
    START,
    Scene,
    draw,
    instruments_of,
    universe_of,
    way_of,
)
from kedge.venues.ccxt.adapter import CcxtVenue
from kedge.venues.simulated.crowd import Habits
from kedge.venues.simulated.flow import Stream, flowing
from kedge.venues.simulated.latency import NONE
from kedge.venues.simulated.listing import listed
from kedge.venues.simulated.prices import Worth
from kedge.venues.simulated.setup import MakeMarket, Setup
from kedge.venues.simulated.venue import SimulatedVenue
from kedge.venues.wire.floor import Floor
from kedge.venues.wire.limits import Allowed
from kedge.venues.wire.server import Terms
from kedge.venues.wire.spot import Spot
from wire_stage import NAME, Served, adapter, until

ROWS = 60
CROWD = Habits(rate=3.0, orders=60, takers=0.2, lots=4_000.0)
GENEROUS = Allowed(weight=10**6, orders_10s=10**6)
"""Limits for a tape that runs a hundred times as fast as the wall's clock."""
BUDGET = Budget(Limit(10**6, SECOND))


def scene_of(style: str) -> Scene:
    return msgspec.structs.replace(
        draw(21), instruments=2, rows=ROWS, style=style, row_ns=4 * SECOND, session_rows=8,
        stranger=False, spread_bps=100.0, follow=0.3,
    )  # fmt: skip


def exchange_of(scene: Scene) -> tuple[Setup, MakeMarket]:
    """What both exchanges start from, and what moves their books."""
    coins = instruments_of(scene)
    opening = {i: OPENING + 2_500 * i for i in range(len(coins))}
    streams = [Stream(i, Worth(ticks=opening[i], volatility=1.0), CROWD) for i in opening]
    setup = Setup(
        listings=tuple(listed(i, coin) for i, coin in enumerate(coins)),
        cash={"USDT": CAPITAL * 10**8},
        opening=opening,
        start=START,
        seed=scene.seed,
        latency=NONE,
    )
    return setup, flowing(streams, scene.seed, START)


class Dated:
    """A venue whose reports come when the tape stands still: the adapter's own clock is the wall's.

    Args:
        venue: in this process, or the adapter.
    """

    def __init__(self, venue: SimulatedVenue | CcxtVenue) -> None:
        self.venue, self.now = venue, START
        self.heard: list[VenueReport] = []
        self._taken = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self.venue, name)

    def listen(self) -> list[VenueReport]:
        """Everything that has come in so far, as of the moment in which it was listened to."""
        self.heard += [
            msgspec.structs.replace(report, at=self.now, received=self.now)
            for report in self.venue.reports()
        ]
        return self.heard

    def reports(self) -> list[VenueReport]:
        """What is new since the last call."""
        new = self.listen()[self._taken :]
        self._taken = len(self.heard)
        return new


class Direct:
    """The exchange in this process."""

    def __init__(self, scene: Scene) -> None:
        self._exchange = SimulatedVenue(*exchange_of(scene))
        self.venue = Dated(self._exchange)
        for key in range(scene.instruments):
            self._exchange.ask_depth(key)

    def move(self, now: int) -> list[MarketEvent]:
        """Run its clock; what the feed brings."""
        self.venue.now = now
        self._exchange.advance(now)
        return self._exchange.market_events()


class Wired:
    """The exchange behind its wire, in lockstep, and the client library before it."""

    def __init__(self, scene: Scene) -> None:
        setup, market = exchange_of(scene)
        coins = dict(enumerate(instruments_of(scene)))
        spots = [Spot(coin, setup.listings[i]) for i, coin in coins.items()]
        self._events: list[MarketEvent] = []
        self._floor = floor = Floor(setup, market, spots)
        self._served = Served(floor, Terms(allowed=GENEROUS), speed=0.0)
        self._tap(floor)
        self.venue = Dated(adapter(self._served.url, instruments=coins, budget=BUDGET))
        self.venue.open()
        until(lambda: self.venue.connected)
        self._served.do(lambda: [floor.venue.ask_depth(key) for key in coins])

    def _tap(self, floor: Floor) -> None:
        told = floor.publish

        def publish(event: MarketEvent) -> None:
            self._events.append(event)
            told(event)

        floor.publish = publish

    def move(self, now: int) -> list[MarketEvent]:
        """Run its clock, and wait until everything that it said has come in."""
        self.venue.now = now
        until(lambda: self.venue.idle)
        body = msgspec.json.encode({"until": now})
        asked = Request(f"{self._served.url}/lockstep/advance", body, {"X-MBX-APIKEY": NAME})
        with urlopen(asked) as answer:
            assert answer.status == 200
        until(self._all_heard)
        events, self._events[:] = list(self._events), []
        return events

    def _all_heard(self) -> bool:
        """Whether everything that happened to an order has come in."""
        time.sleep(0.001)
        truth, heard = self._served.do(self._floor.venue.truth), self.venue.listen()
        fills = {fill.trade for fill in truth.fills} - {r.trade for r in of(heard, Filled)}
        taken = {known.order.id for known in truth.orders} - {r.order for r in of(heard, Accepted)}
        ended = {known.order.id for known in truth.orders if known.ended is not None}
        over = {r.order for r in of(heard, Ended)}
        return self.venue.idle and not (fills or taken or ended - over)

    def close(self) -> None:
        self.venue.close()
        self._served.stop()


@contextmanager
def wired(scene: Scene) -> Iterator[Wired]:
    place = Wired(scene)
    try:
        yield place
    finally:
        place.close()


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
    for now in range(START, START + ROWS * scene.row_ns + 1, SECOND):
        settled = False
        events = place.move(now)
        while not settled:
            before = len(said)
            shell.turn(now, (), events)
            events = place.move(now)
            settled = len(said) == before and not events
    return said


def of(records: Iterable[object], kind: type) -> list[Any]:
    return [record for record in records if type(record) is kind]


@pytest.mark.parametrize("style", ["whole", "twap"])
def test_intents_are_the_same_through_the_client_library(style: str) -> None:
    scene = scene_of(style)
    mine = session(scene, Direct(scene))
    with wired(scene) as place:
        theirs = session(scene, place)
    assert len(of(mine, Intent)) >= ROWS // 3
    assert of(theirs, Intent) == of(mine, Intent)
    assert [r.words for r in of(theirs, RowDecided)] == [r.words for r in of(mine, RowDecided)]
    assert trades(theirs) == trades(mine)


def trades(records: list[Record]) -> dict[str, tuple[int, int, int, int]]:
    """Side, lots, price and fee of every execution."""
    found = of(records, Filled)
    return {fill.trade: (fill.side, fill.lots, fill.ticks, fill.fee) for fill in found}
