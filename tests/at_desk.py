"""A desk with an engine around it, and reports put before it one by one.

A session in miniature for tests of what `decide` makes of an event: the instruments and
rules of a simulated world, no journal, no venue, quotes and fills as the test says them.
"""

from typing import Final, TypeVar

import msgspec

from kedge.domain import state as o
from kedge.domain.control import Parameters, Quoted, Started, Tick
from kedge.domain.decided import Intent, OrderApproved
from kedge.domain.order import Order, OrderType, TimeInForce, order_id
from kedge.domain.reason import Reason
from kedge.domain.record import Event, Record
from kedge.domain.report import Accepted, End, Ended, Filled, Report
from kedge.engine.trading.engine import Engine
from kedge.engine.trading.fold import evolve
from kedge.engine.trading.setup import Setup, make_desk
from kedge.execution.tracked import Tracked
from kedge.testing.simulation.parameters import adopt, seeded_book, tree_of
from kedge.testing.simulation.scene import SECOND, START, Scene, draw, universe_of, way_of

HOUR: Final = 3_600 * SECOND
PRICE: Final = 10_000
T = TypeVar("T")


class AtDesk:
    """One instrument, key 0.

    Args:
        venues: keys of the instrument, each an account at another venue; the first is the primary.
        choices: of the scene that are not seed 3's.
    """

    def __init__(self, venues: int = 1, **choices: object) -> None:
        one = {"instruments": 1, "style": "whole", "row_ns": 8 * SECOND, **choices}
        self.scene: Scene = msgspec.structs.replace(draw(3), **one)
        lineage = universe_of(self.scene).lineage
        first = Parameters(START, tree_of(self.scene))
        book = lambda setup: seeded_book(self.scene, setup)  # noqa: E731
        self.desk = make_desk(lineage, first, lambda said: _widened(adopt(said), venues), book)
        self.now = START
        self.records: list[Record] = []
        self.effects: list[object] = []
        self.engine = Engine(
            self.desk, way_of(self.scene), self._append, lambda number, it: self.effects.append(it)
        )
        self.desk.book.state.F[0, o.F_AV] = 1e7
        self.trades = 0
        self.take(Started(START, "simulated", "here", 0))
        self._others = venues - 1
        self.quote(PRICE, PRICE + 2)

    def _append(self, record: Record) -> int:
        self.records.append(record)
        return len(self.records)

    def take(self, event: Event) -> list[Record]:
        """Put an event before the engine; what it decided."""
        self.records.clear()
        self.effects.clear()
        self.engine.process(event)
        return self.records[1:]

    def quote(self, bid: int, ask: int, after: int = 0) -> list[Record]:
        """A deadline with this quote, ``after`` ns later."""
        self.now += after
        here = Quoted(bid, ask, 0, 10**6, 10**6)
        return self.take(Tick(self.now, (here, *[here] * self._others)))

    def told(self, kind: type[Report], order: Order, **fields: object) -> list[Record]:
        """A report of an order, a millisecond later."""
        self.now += 1_000_000
        return self.take(kind(order.key, order.id, self.now, self.now, **fields))

    def accepted(self, order: Order) -> list[Record]:
        """The venue has it."""
        return self.told(Accepted, order, venue_id=order.id)

    def filled(
        self, order: Order, lots: int, ticks: int = PRICE, venue_id: str = ""
    ) -> list[Record]:
        """Some of it was filled."""
        self.trades += 1
        return self.told(
            Filled, order, venue_id=venue_id or order.id, trade=str(self.trades), side=order.side,
            lots=lots, ticks=ticks, fee=0, maker=False, base=ticks,
        )  # fmt: skip

    def ended(self, order: Order, filled: int, why: End = End.CANCELLED) -> list[Record]:
        """It is over."""
        return self.told(Ended, order, why=why, filled=filled)

    def hold(self, lots: int, stop: int) -> list[Record]:
        """A position bought in one order, with the step's stop at ``stop`` ticks."""
        number = self.desk.intents + 1
        away, until = PRICE - stop, self.now + HOUR
        intent = Intent(self.now, number, 0, 0, lots, PRICE, away, int(Reason.NONE), until)
        order = Order(
            order_id(self.desk.universe.lineage, number, 0), 0, 1, lots,
            OrderType.MARKET, TimeInForce.IOC, stop=away, intent=number,
        )  # fmt: skip
        self.fold(intent, OrderApproved(self.now, order))
        self.filled(order, lots)
        return self.quote(PRICE, PRICE + 2)

    def fold(self, *records: Record) -> None:
        """What was decided before, without what follows from it."""
        for record in records:
            evolve(self.desk, record)

    def stop(self) -> Tracked | None:
        """The state of the protective stop."""
        return self.desk.orders.get(self.desk.stops[0])


def _widened(setup: Setup, venues: int) -> Setup:
    """The same instrument under several keys."""
    universe, way = setup.universe, setup.way
    keys = tuple(msgspec.structs.replace(universe.keys[0], venue=f"v{i}") for i in range(venues))
    universe = msgspec.structs.replace(universe, keys=keys, instrument=(0,) * venues)
    return setup._replace(universe=universe, way=way._replace(rules=way.rules * venues))


def of_kind(records: list[Record], kind: type[T]) -> list[T]:
    """The records of one kind."""
    return [each for each in records if isinstance(each, kind)]
