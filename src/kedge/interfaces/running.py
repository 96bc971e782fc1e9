"""A session that runs: waiting, publishing, saving, ending; the only part that looks at clocks."""

from collections.abc import Callable
from queue import Empty, Queue, SimpleQueue
from threading import Event
from time import monotonic
from typing import Final, TypeVar

from msgspec.structs import replace

from kedge.bootstrap.gate import nanoseconds
from kedge.bootstrap.ready import Ready
from kedge.data.hours import NEVER, Phase
from kedge.domain.control import Asked
from kedge.domain.errors import RunError
from kedge.domain.status import BackedUp, Status
from kedge.engine.session.breakers import breaker_words
from kedge.engine.session.chronicle import Chronicle
from kedge.engine.session.clock import Clock
from kedge.engine.session.driver import Driver
from kedge.engine.session.ending import ending
from kedge.engine.session.recovered import Compared, Line, recovered_lines
from kedge.engine.session.status import Told, Watcher
from kedge.engine.session.timings import Timings
from kedge.interfaces.control.desk import getting_ready
from kedge.interfaces.control.session import Control
from kedge.interfaces.signals import Stop
from kedge.interfaces.tui.words import instant

_T = TypeVar("_T")
LOOK_S: Final = 0.05
"""Longest sleep, and longest stretch of steps, before people are heard."""
PUBLISH_S: Final = 0.1
"""Between two statuses."""
SAVE_S: Final = 60.0
"""Between two snapshots."""
BEHIND_S: Final = 1.0
"""Lag beyond which the session's clock waits for the machine."""
ASKED: Final = 256
"""Requests that wait for the session; it takes all of them with each of its steps."""


class Inbox:
    """What other threads say to a session, and what they may read of it.

    Attributes:
        bell: wakes the session.
        last: the last published status; swapped whole.
        backup: the newest; swapped whole.
        stage: of getting ready, in words; swapped whole.
    """

    def __init__(self) -> None:
        self.bell = Event()
        self.last: Status | None = None
        self.backup: BackedUp | None = None
        self.stage = getting_ready()
        self._asked: Queue[Asked] = Queue(ASKED)
        self._said: SimpleQueue[tuple[str, bool]] = SimpleQueue()

    def hear(self, asked: Asked) -> None:
        """Take a request, from any thread.

        Raises:
            queue.Full: `ASKED` are waiting.
        """
        self.bell.set()
        self._asked.put_nowait(asked)
        self.bell.set()

    def say(self, text: str, grave: bool) -> None:
        """Take a line for the log, from any thread."""
        self._said.put((text, grave))

    def keep(self, backup: BackedUp) -> None:
        """Take the newest backup, from any thread."""
        self.backup = backup

    def reach(self, stage: str) -> None:
        """Take the stage of getting ready."""
        self.stage = stage

    def status(self) -> Status | None:
        """The last published status, None before the first."""
        return self.last

    def take(self) -> list[Asked]:
        """Everything that was asked since the last call."""
        return _all(self._asked)

    def said(self) -> list[tuple[str, bool]]:
        """Every line for the log since the last call."""
        return _all(self._said)


def _all(queue: "SimpleQueue[_T] | Queue[_T]") -> list[_T]:
    found: list[_T] = []
    while True:
        try:
            found.append(queue.get_nowait())
        except Empty:
            return found


class Running:
    """A session from its start to its end.

    Args:
        made: the session, ready.
        control: latch and what keeps it closed.
        inbox: requests in, statuses out.
        name: of the session.
        clock: makes one that begins at an instant.

    Attributes:
        chronicle: told of every record.
        recovered: what was brought back, in lines; none at a first start.
    """

    def __init__(
        self, made: Ready, control: Control, inbox: Inbox, name: str, clock: Callable[[int], Clock]
    ) -> None:
        self._made, self._control, self._inbox, self._clock = made, control, inbox, clock
        timings = Timings()
        universe, way = made.setup.universe, made.setup.way
        self.chronicle = Chronicle(universe.instruments, timings, made.booked)
        speed = clock(made.at).speed
        told = Told(name, made.name, made.real, speed, made.setup.decision.program.capital)
        self._watcher = Watcher(
            told, made.shell.desk, made.market, way.rules, self.chronicle, timings,
            lambda: made.place.banned_until,
        )  # fmt: skip
        journal = made.journal
        self._driver = Driver(
            made.shell, made.place, control.latch, inbox.take, lambda: journal.reserve,
            made.hours, self._by_the_clock, timings, made.at,
        )  # fmt: skip
        self._published = self._saved = monotonic()
        self._tripped = ""
        self.recovered: list[Line] = []
        self._compared: Compared | None = None

    def _by_the_clock(self, now: int) -> None:
        """The exchange opens and closes."""
        hours = self._made.hours
        phase, until = hours.phase(now), hours.next_change(now)
        self._made.place.turn(phase is Phase.OPEN)
        if until < NEVER:
            self.chronicle.say(now, f"the exchange: {phase.value} until {instant(until)} UTC")

    def start(self, platform: str) -> None:
        """The first records of this process."""
        made = self._made
        self._watcher.started = made.at
        self._say_recovered()
        for each in made.notes:
            self.chronicle.say(made.at, each)
        self._driver.start(made.started(platform), made.parameters, self._control.held)
        try:
            made.begun()
        except OSError as error:  # the next start leaves numbers out once more
            self.chronicle.say(made.at, f"{made.restored.name}: {error}", True)
        self._publish()

    def _say_recovered(self) -> None:
        """What is brought back, before anything happens to it."""
        made, shut = self._made, self._control.latch.closed
        if made.recovered is not None:
            self.recovered = recovered_lines(made.recovered, made.shell.desk, shut)
            self._compared = Compared(made.shell.desk)
        for text, grave in self.recovered:
            self.chronicle.say(made.at, text, grave)

    def _say_compared(self) -> None:
        for text, grave in self._compared.lines() if self._compared else ():
            self.chronicle.say(self._driver.now, text, grave)

    def trade(self, stop: Stop, duration: float | None) -> None:
        """Until somebody or the duration asks for an end.

        Args:
            stop: what signals asked for.
            duration: seconds of ours, None without an end.
        """
        end = monotonic() + duration if duration is not None else float("inf")

        def over() -> bool:
            if self._driver.stop:
                stop.ask(self._driver.stop)
            elif monotonic() >= end:
                stop.ask(f"{duration:g} s are over")
            return stop.asked

        self._until(over)

    def _until(self, over: Callable[[], bool]) -> None:
        """Go on, at the session's pace, until something is so."""
        driver, bell = self._driver, self._inbox.bell
        clock = self._clock(driver.now)
        while not over():
            bell.clear()
            self._go_on(clock)
            if not over():
                bell.wait(max(0.0, min(LOOK_S, clock.until(driver.due()))))

    def _go_on(self, clock: Clock) -> None:
        """As many steps as are due, but never so many that nobody is heard."""
        driver, until = self._driver, monotonic() + LOOK_S
        if clock.missed(driver.now):
            slept = (clock.now() - driver.now) * 1e-9
            driver.miss(clock.now())
            self.chronicle.say(
                driver.now, f"{slept:.0f} s went by unwatched: no book is trusted", True
            )
        while (now := clock.now()) >= driver.due() and monotonic() < until:
            driver.step(now)
            self._say_compared()
            self._say_left_out()
        if clock.now() - driver.now > BEHIND_S * 1e9 * max(1.0, clock.speed):
            clock.hold(driver.now)
        if monotonic() - self._published >= PUBLISH_S:
            self._publish()
        if monotonic() - self._saved >= SAVE_S:
            self._save()

    def _say_left_out(self) -> None:
        """Prints that rows were closed without."""
        if left_out := self._made.market.left_out:
            for at, each in left_out:
                self.chronicle.leave_out(at, each)
            left_out.clear()

    def _publish(self) -> None:
        self._published = monotonic()
        self._say_breakers()
        for text, grave in self._inbox.said():
            self.chronicle.say(self._driver.now, text, grave)
        status = self._watcher.status(self._driver.now)
        self._inbox.last = replace(status, backup=self._inbox.backup)

    def _say_breakers(self) -> None:
        tripped = breaker_words(self._made.shell.desk)
        if tripped != self._tripped:
            self._tripped = tripped
            over = "no breaker forbids new risk any more"
            self.chronicle.say(self._driver.now, tripped or over, bool(tripped))

    def _save(self) -> None:
        """A cache: where it cannot be written the next start takes longer, and somebody is told."""
        self._saved = monotonic()
        try:
            self._made.save()
        except (RunError, OSError) as error:
            self.chronicle.say(self._driver.now, f"no snapshot: {error}", True)

    def end(self) -> None:
        """By policy: orders and positions first, then nothing more."""
        settings, driver = self._made.settings, self._driver
        policy = settings.session.at_end
        patience = nanoseconds(settings.session.end_s)
        patience += 2 * settings.universe.interval_ns if policy == "flatten" else 0
        for over in ending(driver, policy, patience):
            self._until(over)
            self._publish()

    def close(self) -> None:
        """Save what there is and give the venue back."""
        self._save()
        self._made.place.close()
