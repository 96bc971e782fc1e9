"""A whole session to measure: engine, shell, journal, market side and a simulated exchange.

Nothing here is made for speed: these are the functions that every session calls. The
strategy wants to be long in one row and flat in the next, so that every row orders; the
exchange answers in the instant in which it is asked, so that only our own time counts.
"""

from collections.abc import Callable
from time import perf_counter_ns
from typing import Any

import numpy as np

from kedge.domain.control import Started
from kedge.domain.decided import Intent, OrderApproved
from kedge.domain.forecast import CONFIDENCE, EDGE_BPS, FIELDS, SIGMA_BPS, STOP
from kedge.domain.market import MarketEvent
from kedge.domain.panel import F64, Panel
from kedge.domain.record import SCHEMA, Opened, Record, encode
from kedge.engine.trading.desk import Desk
from kedge.engine.trading.market import MarketSide, Watch
from kedge.engine.trading.shell import Shell
from kedge.ledger.journal.journal import Journal
from kedge.ports.disk import Disk
from kedge.testing.simulation.scene import (
    CAPITAL,
    SECOND,
    START,
    Scene,
    decision_of,
    instruments_of,
    universe_of,
    way_of,
)
from kedge.testing.simulation.seeded_book import SeededBook
from kedge.venues.simulated.crowd import Habits
from kedge.venues.simulated.flow import Stream, flowing
from kedge.venues.simulated.latency import NONE
from kedge.venues.simulated.listing import listed
from kedge.venues.simulated.prices import Worth
from kedge.venues.simulated.setup import Setup
from kedge.venues.simulated.venue import SimulatedVenue
from kedge.venues.simulated.working import CROWD, Working

ROW_NS = 4 * SECOND
TICKS = 10_000
WALL = 1 << 40
SCENE = Scene(
    seed=11, instruments=1, row_ns=ROW_NS, rows=0, session_rows=8, style="whole",
    turn_ns=SECOND, crashes=0, commands=False,
)  # fmt: skip
HABITS = Habits(rate=25.0, orders=200, width=4.0, takers=0.12, lots=100.0)


class AlternatingBook(SeededBook):
    """Long in even rows and flat in odd ones; says when each fill was booked, `perf_counter_ns`."""

    def __init__(self, trades: bool) -> None:
        super().__init__(SCENE, decision_of(SCENE))
        self._trades = trades
        self.booked: list[int] = []

    def forecast(self, panel: Panel) -> F64:
        """One strategy's view of the row."""
        even = int(panel.ts[0]) // ROW_NS % 2 == 0
        found = np.full((1, 1, 1, FIELDS), np.nan)
        if self._trades:
            found[0, 0, 0, EDGE_BPS] = 120.0 if even else -60.0
            found[0, 0, 0, SIGMA_BPS], found[0, 0, 0, CONFIDENCE] = 50.0, 1.0
            found[0, 0, 0, STOP] = 1.0
        return found

    def fill(self, *what: Any) -> None:
        """Book one fill, and look at the clock."""
        super().fill(*what)
        self.booked.append(perf_counter_ns())


class Session:
    """A session that has started.

    Args:
        disk: of its journal.
        trades: whether its strategy ever wants anything.
        sent: called when an order has been sent.
        told: called with every record when it is appended.

    Attributes:
        orders: approved so far.
        opening: when intents to buy were decided, `perf_counter_ns`.
    """

    def __init__(
        self,
        disk: Disk,
        trades: bool = True,
        sent: Callable[[], object] = lambda: None,
        told: Callable[[Record], None] = lambda record: None,
    ) -> None:
        universe = universe_of(SCENE)
        self.book = AlternatingBook(trades)
        self.desk = Desk(universe, self.book, 6 * SECOND)
        self.venue = SentVenue(sent)
        self.journal = Journal.open(disk)
        ids = tuple(i.id for i in universe.instruments)
        opened = Opened(SCHEMA, universe.lineage, START, "bench", "bench", universe.keys, ids)
        self.journal.append(encode(opened))
        watch = Watch(0, 3600 * SECOND, lambda at: (at - 1 - START) // (8 * ROW_NS))
        market = MarketSide(universe, watch, START, 0)
        self.orders, self._told = 0, told
        self.opening: list[int] = []
        self.shell = Shell(
            self.desk, way_of(SCENE), self.journal, [self.venue], market, watch.session,
            lambda: False, self._seen,
        )  # fmt: skip
        self.venue.ask_depth(0)
        self.shell.start(Started(START, "bench", "bench", 0), START)
        self.answer(START)

    def _seen(self, record: Record) -> None:
        self._told(record)
        kind = type(record)
        if kind is Intent:
            if record.lots > 0:  # type: ignore[union-attr]
                self.opening.append(perf_counter_ns())
        elif kind is OrderApproved:
            self.orders += 1

    def forget(self) -> None:
        """Let go of what was measured and booked so far."""
        self.opening.clear()
        self.book.booked.clear()
        self.book.taken()

    def events(self, until: int) -> list[MarketEvent]:
        """What the feed brings up to an instant."""
        self.venue.advance(until)
        return self.venue.market_events()

    def answer(self, now: int) -> None:
        """Let the exchange do what it was asked, and take in what it says, until it is quiet."""
        turn, venue = self.shell.turn, self.venue
        while venue.requests.next_time() <= now or venue.mail.next_time() <= now:
            venue.advance(now)
            turn(now, (), venue.market_events())


class SentVenue(SimulatedVenue):
    """The simulated exchange, so deep at its best prices that an order is filled in one trade.

    Args:
        sent: called when an order has been sent.
    """

    def __init__(self, sent: Callable[[], object]) -> None:
        setup = Setup(
            listings=tuple(listed(i, each) for i, each in enumerate(instruments_of(SCENE))),
            cash={"USDT": CAPITAL * 10**8},
            opening={0: TICKS},
            start=START,
            seed=SCENE.seed,
            latency=NONE,
        )
        stream = Stream(0, Worth(ticks=TICKS, volatility=1e-6), HABITS)
        super().__init__(setup, flowing([stream], SCENE.seed, START))
        self._sent = sent
        for side in (1, -1):
            wall = Working(-WALL - side, CROWD, side, WALL, TICKS - side, left=WALL)
            self.exchange.matchers[0].rest(wall)

    def submit(self, approved: Any) -> None:
        """Send an order, once."""
        super().submit(approved)
        self._sent()
