"""Two ways to one exchange in lockstep: in this process, and through its client library.

Over the wire an order's acceptance is the answer to a request while fills and ends come over the
account's stream, and requests of one instant may overtake each other. Which was first cannot be
told from what the exchange sends, so no adapter can know it. Lockstep takes that freedom away:
the next request leaves when everything that came of the one before has come in, and what came of
it is handed on in the order in which the exchange did it. What is said stays the adapter's.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.request import Request, urlopen

import msgspec

from kedge.data.streams.budget import Budget, Limit
from kedge.domain.market import MarketEvent
from kedge.domain.report import End, Ended, Filled, VenueReport
from kedge.testing.simulation.scene import CAPITAL, OPENING, SECOND, START, Scene, instruments_of
from kedge.venues.ccxt.adapter import CcxtVenue
from kedge.venues.simulated.crowd import Habits
from kedge.venues.simulated.flow import Stream, flowing
from kedge.venues.simulated.latency import NONE
from kedge.venues.simulated.listing import listed
from kedge.venues.simulated.prices import Worth
from kedge.venues.simulated.setup import MakeMarket, Setup
from kedge.venues.simulated.venue import SimulatedVenue
from kedge.venues.wire.floor import Floor, Report
from kedge.venues.wire.limits import Allowed
from kedge.venues.wire.server import Terms
from kedge.venues.wire.spot import Spot
from kedge.venues.wire.tickets import Ticket
from wire_stage import NAME, Served, adapter, until

GENEROUS = Allowed(weight=10**6, orders_10s=10**6)
"""Limits for a tape that runs a hundred times as fast as the wall's clock."""
BUDGET = Budget(Limit(10**6, SECOND))
_PATIENCE_S = 20.0
LOTS = 4_000.0
"""Of the crowd's orders."""
Thing = tuple[type, int, str]
"""Something that happened to an order: the kind of its report, and what names it."""


def exchange_of(scene: Scene) -> tuple[Setup, MakeMarket]:
    """What both exchanges start from, and what moves their books."""
    coins = instruments_of(scene)
    opening = {i: OPENING + 2_500 * i for i in range(len(coins))}
    crowd = Habits(rate=scene.rate, orders=60, takers=scene.takers, lots=LOTS)
    streams = [
        Stream(i, Worth(ticks=opening[i], volatility=scene.volatility), crowd) for i in opening
    ]
    setup = Setup(
        listings=tuple(listed(i, coin) for i, coin in enumerate(coins)),
        cash={"USDT": CAPITAL * 10**8},
        opening=opening,
        start=START,
        seed=scene.seed,
        latency=NONE,
    )
    return setup, flowing(streams, scene.seed, START)


class Direct:
    """The exchange in this process."""

    def __init__(self, scene: Scene) -> None:
        self._exchange = SimulatedVenue(*exchange_of(scene))
        self.venue = Dated(self._exchange)
        for key in range(scene.instruments):
            self._exchange.ask_depth(key)

    def move(self, now: int) -> list[MarketEvent]:
        """Run its clock; what the feed brings."""
        self._exchange.advance(now)
        return self._exchange.market_events()


class Dated:
    """A venue whose reports are of the instant in which they are read."""

    def __init__(self, venue: SimulatedVenue) -> None:
        self._venue = venue

    def __getattr__(self, name: str) -> Any:
        return getattr(self._venue, name)

    def reports(self) -> list[VenueReport]:
        """Everything that has come in since the last call."""
        return dated(self._venue.reports(), self._venue.now)


class Wired:
    """The exchange behind its wire, and the client library before it."""

    def __init__(self, scene: Scene) -> None:
        setup, market = exchange_of(scene)
        coins = dict(enumerate(instruments_of(scene)))
        self._floor = Floor(
            setup, market, [Spot(coin, setup.listings[i]) for i, coin in coins.items()]
        )
        self._served = Served(self._floor, Terms(allowed=GENEROUS), speed=0.0)
        self._events: list[MarketEvent] = []
        self._floor.publish = _too(self._events.append, self._floor.publish)
        self._adapter = adapter(self._served.url, instruments=coins, budget=BUDGET)
        self.venue = InTurn(self._adapter, self._floor)
        self._adapter.open()
        until(lambda: self._adapter.connected)
        assert [link.up for link in self._adapter.reports()] == [True]
        self._served.do(lambda: [self._floor.venue.ask_depth(key) for key in coins])

    def move(self, now: int) -> list[MarketEvent]:
        """Run its clock, and wait until everything that it said has come in."""
        body = msgspec.json.encode({"until": now})
        asked = Request(f"{self._served.url}/lockstep/advance", body, {"X-MBX-APIKEY": NAME})
        with urlopen(asked) as answer:
            assert answer.status == 200
        self.venue.now = now
        self.venue.gather()
        events, self._events[:] = list(self._events), []
        return events

    def close(self) -> None:
        """End client and server."""
        self._adapter.close()
        self._served.stop()


class InTurn:
    """The adapter, asked one thing after the other.

    Args:
        venue: the adapter.
        floor: the exchange that it speaks to.

    Attributes:
        now: ns UTC of the tape; when reports come in, for the adapter's own clock is the wall's.
    """

    def __init__(self, venue: CcxtVenue, floor: Floor) -> None:
        self._venue, self.now = venue, START
        self._happened: list[Thing] = []
        self._came: list[VenueReport] = []
        self._heard: list[VenueReport] = []
        floor.hear = _too(self._note, floor.hear)

    def __getattr__(self, name: str) -> Callable[..., None]:
        """A request of the contract, and everything that comes of it."""
        ask = getattr(self._venue, name)

        def asked(*given: Any) -> None:
            ask(*given)
            self.gather()

        return asked

    def reports(self) -> list[VenueReport]:
        """What is new since the last call."""
        heard, self._heard = self._heard, []
        return heard

    def gather(self) -> None:
        """Wait for what came of one step: answers first, then what happened, as it happened."""
        until(self._is_all_there, _PATIENCE_S)
        places = {thing: place for place, thing in enumerate(self._happened)}
        self._came.sort(key=lambda report: places.get(_thing(report), -1))
        self._heard += dated(self._came, self.now)
        self._came, self._happened[:] = [], []

    def _is_all_there(self) -> bool:
        answered = self._venue.idle  # asked first: an answer may come in between
        self._came += self._venue.reports()
        return answered and not Counter(self._happened) - Counter(map(_thing, self._came))

    def _note(self, ticket: Ticket, report: Report) -> None:
        """The answer to a cancel tells the end that the stream tells as well."""
        twice = isinstance(report, Ended) and report.why is End.CANCELLED
        self._happened += [_thing(report)] * (2 if twice else 1)


@contextmanager
def wired(scene: Scene) -> Iterator[Wired]:
    """The exchange behind its wire, closed in the end."""
    place = Wired(scene)
    try:
        yield place
    finally:
        place.close()


def dated(reports: Iterable[VenueReport], now: int) -> list[VenueReport]:
    """Reports as of the moment in which they are read: clocks of a real exchange are the wall's."""
    return [msgspec.structs.replace(report, at=now, received=now) for report in reports]


def _thing(report: VenueReport) -> Thing:
    name = report.trade if isinstance(report, Filled) else report.order
    return type(report), report.key, name


def _too(also: Callable[..., object], told: Callable[..., object]) -> Callable[..., None]:
    def both(*given: Any) -> None:
        also(*given)
        told(*given)

    return both
