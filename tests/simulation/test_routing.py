"""One instrument at two venues: orders go to the primary, and elsewhere while it is not well."""

from typing import Final

import msgspec
import pytest

from kedge.domain.control import Mode, Parameters, Started
from kedge.domain.decided import OrderApproved, Routed
from kedge.domain.record import Record
from kedge.domain.report import Filled
from kedge.engine.trading.desk import Desk
from kedge.engine.trading.market import MarketSide, Watch
from kedge.engine.trading.recovery import recover
from kedge.engine.trading.setup import Setup, make_desk
from kedge.engine.trading.shell import Shell
from kedge.engine.trading.snapshot import dump, load
from kedge.engine.trading.styles import SlicedStyle, SliceShape
from kedge.execution.router import RouteTerms
from kedge.execution.slicing.catalogue import STYLES
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
)
from kedge.venues.simulated import setup as simulated
from kedge.venues.simulated.crowd import Habits
from kedge.venues.simulated.fault_plan import Fault, Plan
from kedge.venues.simulated.faults import FaultyVenue
from kedge.venues.simulated.flow import Stream, flowing
from kedge.venues.simulated.listing import listed
from kedge.venues.simulated.prices import Worth
from kedge.venues.simulated.venue import SimulatedVenue

ROW = 4 * SECOND
SCENE: Final[Scene] = msgspec.structs.replace(
    draw(5), instruments=1, row_ns=ROW, style="whole", session_rows=8, rows=0
)
BROKEN = 60 * SECOND, 180 * SECOND
END = 600 * SECOND


def at_two(said: Parameters) -> Setup:
    """The scene's session, its one instrument under two keys."""
    setup = adopt(said)
    first = setup.universe.keys[0]
    keys = first, msgspec.structs.replace(first, venue="other")
    universe = msgspec.structs.replace(setup.universe, keys=keys, instrument=(0, 0))
    rules = setup.way.rules * 2
    style = SlicedStyle(STYLES["whole"], rules, SliceShape(interval_ns=ROW // 5), ROW)
    way = setup.way._replace(rules=rules, style=style, routes=RouteTerms(prefer_bps=500.0))
    return setup._replace(universe=universe, way=way)


def venue_at(key: int) -> FaultyVenue:
    """An exchange of its own; both have the same crowd."""
    stream = Stream(key, Worth(ticks=OPENING, volatility=1.0), Habits(rate=4.0, orders=60))
    setup = simulated.Setup(
        listings=(listed(key, instruments_of(SCENE)[0]),),
        cash={"USDT": CAPITAL * 10**8 // 2},
        opening={key: OPENING},
        start=START,
        seed=1,
    )
    return FaultyVenue(SimulatedVenue(setup, flowing([stream], 1, START)), Plan())


def new_desk() -> Desk:
    first = Parameters(START, tree_of(SCENE))
    return make_desk("00000005", first, at_two, lambda made: seeded_book(SCENE, made))


class Traded:
    """A session that has traded at both."""

    def __init__(self) -> None:
        self.desk, self.said = new_desk(), list[Record]()
        self.journal = Journal.open(MemoryDisk())
        self.venues = [venue_at(0), venue_at(1)]
        number = lambda at: (at - 1 - START) // (8 * ROW)  # noqa: E731
        market = MarketSide(self.desk.universe, Watch(0, 60 * SECOND, number), START, 0)
        way = at_two(Parameters(START, tree_of(SCENE))).way
        self.shell = Shell(
            self.desk, way, self.journal, self.venues, market, number, lambda: False,
            self.said.append,
        )  # fmt: skip
        for key, venue in enumerate(self.venues):
            venue.ask_depth(key)
        self.shell.start(Started(START, "simulated", "here", 0), START)
        for now in range(START, START + END, SECOND // 4):
            self._turn(now)

    def _turn(self, now: int) -> None:
        if now == START + BROKEN[0]:
            self.venues[0].strike(Fault.LINK_DOWN, BROKEN[1] - BROKEN[0])
        events = []
        for venue in self.venues:
            venue.advance(now)
            events += venue.market_events()
        self.shell.turn(now, (), sorted(events, key=lambda event: event.available_time))


@pytest.fixture(scope="module")
def traded() -> Traded:
    return Traded()


def seconds(record: Routed | OrderApproved) -> float:
    return (record.at - START) / SECOND


def opened(traded: Traded) -> list[tuple[float, int]]:
    """When and where something was bought."""
    approved = [record for record in traded.said if isinstance(record, OrderApproved)]
    return [(seconds(each), each.order.key) for each in approved if each.order.side > 0]


def test_orders_go_elsewhere_while_the_primary_is_broken_and_come_back_later(traded):
    first, back, *later = [record for record in traded.said if isinstance(record, Routed)]
    assert (first.key, back.key) == (1, 0)
    assert "not healthy" in first.why
    assert seconds(back) >= BROKEN[1] / SECOND + 60  # it must have been well for a while
    end = seconds(later[0]) if later else END / SECOND
    for at, key in opened(traded):
        assert at >= end or key == (1 if seconds(first) <= at < seconds(back) else 0)
    assert {key for _, key in opened(traded)} == {0, 1}


def test_what_is_held_is_held_in_one_place_and_protected_there(traded):
    held, told = [0, 0], set[tuple[int, str]]()
    for record in traded.said:
        if isinstance(record, Filled) and (record.key, record.trade) not in told:
            told.add((record.key, record.trade))
            held[record.key] += record.side * record.lots
            assert 0 in held
        elif isinstance(record, OrderApproved) and record.order.side < 0:
            assert held[record.order.key] >= record.order.lots


def test_the_ledger_is_what_both_venues_hold_together(traded):
    truths = [venue.truth() for venue in traded.venues]
    assert traded.desk.positions == [truth.lots[key] for key, truth in enumerate(truths)]
    assert traded.desk.book.cash()["USDT"] == sum(truth.cash["USDT"] for truth in truths)
    assert traded.desk.mode is Mode.ACTIVE, traded.desk.why


def test_a_recovery_and_a_snapshot_know_where_it_is_traded(traded):
    recovered, loaded = new_desk(), new_desk()
    recover(recovered, traded.journal.read())
    assert load(loaded, dump(traded.desk))
    for other in (recovered, loaded):
        for name in ("routes", "healthy_since", "cash_told", "positions", "orders"):
            assert getattr(other, name) == getattr(traded.desk, name), name
