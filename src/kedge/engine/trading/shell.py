"""Around the engine, without I/O: what came in, what must be durable, what may go out.

One turn takes everything that is there, makes its records durable together, and only then
lets commands out. The clock is passed in; a venue is anything that keeps the contract. A
live session, a paper session and a simulation drive this same object.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

from kedge.domain.control import Asked, Parameters, Tick
from kedge.domain.market import MarketEvent
from kedge.domain.record import Event, Record, encode
from kedge.domain.report import Unsent
from kedge.domain.row import SessionOpened
from kedge.engine.commit import CommandPump
from kedge.engine.trading.desk import Desk
from kedge.engine.trading.engine import AskAccount, Cancel, Engine, Query
from kedge.engine.trading.market import MarketSide
from kedge.engine.trading.way import Way
from kedge.risk.approved import Approved
from kedge.venues.contract import Venue


class Keeper(Protocol):
    """What a shell needs of a journal."""

    durable: int

    def append(self, payload: bytes) -> int:
        """Keep a record; returns its number."""

    def commit(self) -> int:
        """Make everything appended durable; returns `durable`."""


class Shell:
    """One session's turn.

    Args:
        desk: the recovered state.
        way: how it trades.
        journal: where records are kept.
        venues: (key,) venue of each key; several keys may share one.
        market: books and samplers.
        session: number of the session that an instant belongs to.
        killed: the kill latch, read at the point of sending.
        seen: told of every record once it is appended, for views and projections.
    """

    def __init__(
        self,
        desk: Desk,
        way: Way,
        journal: Keeper,
        venues: Sequence[Venue],
        market: MarketSide,
        session: Callable[[int], int],
        killed: Callable[[], bool],
        seen: Callable[[Record], None] | None = None,
    ) -> None:
        self.desk, self.market, self._journal = desk, market, journal
        self._venues, self._session, self._seen = venues, session, seen
        self._distinct = list({id(v): v for v in venues}.values())
        self.pump = CommandPump(killed)
        self.engine = Engine(desk, way, self._append, self.pump.push)
        self._held_back: list[Unsent] = []
        self._last = 0
        self._number = desk.session

    def _append(self, record: Record) -> int:
        number = self._last = self._journal.append(encode(record))
        if self._seen is not None:
            self._seen(record)
        return number

    def start(self, event: Event, now: int, parameters: Parameters | None = None) -> None:
        """Begin, or go on: the first record of every process, then what it runs with.

        Args:
            event: the start.
            now: ns UTC.
            parameters: where they are new, or others than the journal's last.
        """
        self.engine.process(event)
        if parameters is not None:
            self.engine.process(parameters)
        self._open(now)
        self._settle(now)

    def turn(
        self, now: int, asked: Iterable[Asked] = (), events: Iterable[MarketEvent] = ()
    ) -> None:
        """Take what has come by ``now``: control first, then reports, deadlines, the market.

        Args:
            now: ns UTC.
            asked: what people asked for.
            events: of the market, in order.
        """
        process = self.engine.process
        if self._session(now) != self._number:
            self._open(now)
        for each in asked:
            process(each)
        if self._held_back:
            held, self._held_back = self._held_back, []
            for unsent in held:
                process(unsent)
        for venue in self._distinct:
            for report in venue.reports():
                process(report)
        if self.engine.next_deadline() <= now:
            process(Tick(now, self.market.quotes(now)))
        for event in events:
            self.market.take(event)
        for row in self.market.rows(now):
            process(row)
        if self._last > self._journal.durable or self.pump:
            self._settle(now)

    def next_deadline(self) -> int:
        """When a turn is wanted even if nothing comes, ns UTC."""
        if self._held_back:
            return self.desk.at
        return min(self.engine.next_deadline(), self.market.due)

    def _open(self, now: int) -> None:
        """A new session opens before anything else happens in it."""
        number = self._session(now)
        if number != self._number:
            self._number = number
            self.engine.process(SessionOpened(now, number))

    def _settle(self, now: int) -> None:
        """Make it durable, and let out what may be sent; the next turn hears what was not."""
        durable = self._journal.commit()
        for command in self.pump.due(durable, now):
            self._send(command, now)

    def _send(self, command: object, now: int) -> None:
        match command:
            case Approved():
                self._submit(command, now)
            case Cancel(key, order):
                self._venues[key].cancel(key, order)
            case Query(key, order):
                self._venues[key].query(key, order)
            case AskAccount(key, cursor):
                venue = self._venues[key]
                venue.open_orders()
                venue.fills_since(cursor)
                venue.balances()
            case Unsent():
                self._held_back.append(command)

    def _submit(self, approved: Approved, now: int) -> None:
        """Send it, unless it has waited for so long that its absence could not be proven."""
        order = approved.order
        state = self.desk.orders.get(order.id)
        if state is None:
            return  # a report has ended it before it left
        if now - state.at > self.engine.way.terms.send_ns:
            why = "it had waited too long to be sent"
            self._held_back.append(Unsent(order.key, order.id, now, now, why))
        else:
            self._venues[order.key].submit(approved)
