"""The loop of a session: time passes, the venue answers, the shell takes its turn.

The same object drives any venue that can be waited for. Nothing here reads a clock: whoever
calls says up to which instant to go, and `kedge.interfaces` waits in between.
"""

from collections.abc import Callable, Sequence
from time import perf_counter_ns
from typing import Final, Protocol

from kedge.domain.control import Asked, Mode, Parameters, Verb
from kedge.domain.market import MarketEvent
from kedge.domain.record import Event
from kedge.engine.latch import KillLatch
from kedge.engine.session.timings import Timings
from kedge.engine.trading.shell import Shell

LEAST: Final = 1_000_000
"""Shortest step, ns: a deadline that cannot be met is tried again only so often."""
ASK_NS: Final = 1_000_000_000
"""Between two requests for the same whole book."""
NO_ROOM: Final = "the journal: no room for its next segment"


class Exchange(Protocol):
    """What a driver needs of a venue beside `kedge.venues.contract.Venue`.

    Attributes:
        stride_ns: longest step of the engine's time there.
        broke: whether its feed broke before what `market_events` gave last.
    """

    stride_ns: int
    broke: bool

    def advance(self, now: int) -> None:
        """Let time pass there, as far as it does not by itself."""

    def market_events(self) -> list[MarketEvent]:
        """What its feeds have brought."""

    def ask_depth(self, key: int) -> None:
        """Ask for a whole book."""


class Calendar(Protocol):
    """When the venue changes by the clock."""

    def next_change(self, at: int) -> int:
        """When it next does, ns UTC."""


class Driver:
    """Drives one session.

    Args:
        shell: recovered.
        exchange: the venue's clock and feed.
        latch: released here, once a resumption is durable.
        hear: gives what people have asked for since the last call.
        room: whether the journal has room for another segment.
        calendar: of the exchange.
        changed: called at every change of the calendar, before the turn.
        timings: of turns.
        at: ns UTC at which the session goes on.

    Attributes:
        now: ns UTC that it has come to.
        stop: who asked for a graceful end, empty while nobody has.
    """

    def __init__(
        self,
        shell: Shell,
        exchange: Exchange,
        latch: KillLatch,
        hear: Callable[[], list[Asked]],
        room: Callable[[], bool],
        calendar: Calendar,
        changed: Callable[[int], None],
        timings: Timings,
        at: int,
    ) -> None:
        self.shell, self._exchange, self._latch = shell, exchange, latch
        self._hear, self._room, self._timings = hear, room, timings
        self._calendar, self._changed = calendar, changed
        self.now, self.stop = at, ""
        self._asked_depth: dict[int, int] = {}
        self._own: list[Asked] = []

    def start(self, started: Event, changed: Parameters | None, held: Sequence[Asked]) -> None:
        """The first records of the process, and what kept the latch closed before it.

        Args:
            started: the start.
            changed: parameters, where they are others than the journal's last.
            held: requests that closed the latch.
        """
        self._changed(self.now)
        self.shell.start(started, self.now, changed)
        for key in range(len(self.shell.desk.universe.keys)):
            self._exchange.ask_depth(key)
        if self._latch.closed:
            self._own += [_at(each, self.now) for each in self._undone(held)]

    def _undone(self, held: Sequence[Asked]) -> list[Asked]:
        """Of what closed the latch, what the journal does not know to be done."""
        desk = self.shell.desk
        done = {Verb.KILL: desk.killed, Verb.FLATTEN: desk.flattening}
        if not held and desk.mode is not Mode.HALTED:
            return [Asked(self.now, Verb.KILL, "latch file")]
        return [each for each in held if not done.get(each.verb, False)]

    def due(self) -> int:
        """When the next step is wanted, ns UTC."""
        deadline = self.shell.next_deadline()
        change = self._calendar.next_change(self.now)
        return max(self.now + LEAST, min(self.now + self._exchange.stride_ns, deadline, change))

    def step(self, now: int) -> None:
        """One step, up to ``now`` or to what is due before."""
        at = max(self.now, min(now, self.due()))
        if self._calendar.next_change(self.now) <= at:
            self._changed(at)
        self._exchange.advance(at)
        self.now = at
        asked = self._asked()
        began = perf_counter_ns()
        events = self._exchange.market_events()
        if self._exchange.broke:
            self.shell.market.lose()
        self.shell.turn(at, asked, events)
        self._timings.note("turn", perf_counter_ns() - began)
        if any(each.granted and each.verb is Verb.RESUME for each in asked):
            self._release()
        for key in self.shell.market.wanting():
            if at - self._asked_depth.get(key, 0) >= ASK_NS:
                self._asked_depth[key] = at
                self._exchange.ask_depth(key)

    def miss(self, now: int) -> None:
        """Go on at an instant: nobody watched the market since the last step.

        No book is believed before it has come anew, so the rows between are decided as missing.
        """
        self.shell.market.lose()
        self.now = max(self.now, now)

    def ask(self, verb: Verb, who: str) -> None:
        """Ask for something in the session's own name, at its next step."""
        self._own.append(Asked(self.now, verb, who))

    @property
    def idle(self) -> bool:
        """Whether nothing of ours works at the venue but protective stops."""
        desk = self.shell.desk
        return not desk.works and all(s.order.protective for s in desk.orders.values())

    @property
    def flat(self) -> bool:
        """Whether nothing is held."""
        return not any(self.shell.desk.positions)

    def _asked(self) -> list[Asked]:
        """Requests in order, stamped with the engine's own time; a stop is the caller's to take."""
        heard = [*self._own, *(_at(each, self.now) for each in self._hear())]
        self._own = []
        if not self._room() and self.shell.desk.mode is not Mode.HALTED:
            heard.append(Asked(self.now, Verb.KILL, NO_ROOM))
        for each in heard:
            if each.verb is Verb.STOP and each.granted and not self.stop:
                self.stop = each.who
        return [each for each in heard if not _of_the_caller(each)]

    def _release(self) -> None:
        """The resumption is durable: new risk may be sent, unless somebody killed meanwhile."""
        if self.shell.desk.mode is Mode.ACTIVE:
            self._latch.release()


OURS: Final = "the session's end"
"""Who asks where the session itself does."""


def _of_the_caller(asked: Asked) -> bool:
    """A graceful end that somebody may ask for: what it comes to is asked in the session's name."""
    return asked.verb is Verb.STOP and asked.granted and asked.who != OURS


def _at(asked: Asked, now: int) -> Asked:
    """The same request at the engine's time: people's clock is another one."""
    return Asked(now, asked.verb, asked.who, asked.granted)
