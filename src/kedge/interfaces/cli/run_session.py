"""The stages of ``kedge run``: open, get ready, trade, end, report."""

import secrets
from collections.abc import Callable
from pathlib import Path
from queue import Empty, SimpleQueue
from time import monotonic, monotonic_ns
from typing import Final, NamedTuple

from kedge.bootstrap.gate import nanoseconds
from kedge.bootstrap.paper import Paper, paper
from kedge.data.hours import Phase
from kedge.domain.control import Asked
from kedge.domain.record import Record
from kedge.domain.status import Status
from kedge.engine import precompile
from kedge.engine.session.chronicle import Chronicle
from kedge.engine.session.clock import SessionClock
from kedge.engine.session.driver import Driver
from kedge.engine.session.ending import ending
from kedge.engine.session.status import Told, Watcher
from kedge.engine.session.timings import Timings
from kedge.interfaces.cli.run_choice import Chosen
from kedge.interfaces.cli.run_output import REPORTS, Screen
from kedge.interfaces.clock import wall_ns
from kedge.interfaces.control.place import prepare
from kedge.interfaces.control.session import Control, controlled
from kedge.interfaces.signals import Stop, graceful
from kedge.ledger.journal.contents import Contents
from kedge.ledger.journal.disk import SystemDisk
from kedge.ledger.journal.folder import CONTENTS, open_journal
from kedge.ledger.journal.journal import Journal
from kedge.numeric_platform import platform_fingerprint
from kedge.research.session.files import write_report
from kedge.settings import Settings
from kedge.venues.embedded.coins import VENUE

JOURNAL: Final = "journal"
LOOK_S: Final = 0.05
"""Longest sleep: how late a signal or a request is heard."""
PUBLISH_S: Final = 0.1
"""Between two statuses."""
SAVE_S: Final = 60.0
"""Between two states of the embedded venue."""
BEHIND_S: Final = 1.0
"""Lag beyond which the session's clock waits for the machine."""


class Options(NamedTuple):
    """How it is run.

    Attributes:
        speed: of the session's clock.
        duration: seconds of ours to trade, None without an end.
        folder: of the session.
    """

    speed: float
    duration: float | None
    folder: Path


def run_session(chosen: Chosen, options: Options, screen: Screen) -> None:
    """Trade until somebody or the duration ends it, then write the report.

    Raises:
        InputError: the configuration or the folder cannot be used.
        RunError: of the disk.
        KeyboardInterrupt: a second Ctrl-C.
    """
    prepare(options.folder)
    journal = open_journal(options.folder / JOURNAL)
    try:
        with graceful() as stop:
            _held(chosen, options, screen, journal, stop)
    finally:
        journal.close()
    write_report(options.folder / JOURNAL, options.folder / REPORTS)


def _held(chosen: Chosen, options: Options, screen: Screen, journal: Journal, stop: Stop) -> None:
    """With the folder's lock, latch and socket."""
    heard: SimpleQueue[Asked] = SimpleQueue()
    board = _Board()
    randomness = secrets.token_bytes(32)
    with controlled(options.folder, randomness, heard.put, board.read) as control:
        session = _Session(chosen.settings, options, journal, control, heard, board)
        with screen.preparing() as phases:
            session.prepare(phases.begin)
        with screen.watching(board.read):
            session.trade(stop)
            screen.say(f"ending: {stop.by}; a second Ctrl-C ends at once")
            session.end()
        session.close()


class _Board:
    """The last published status; swapped whole, so that any thread may read it."""

    def __init__(self) -> None:
        self.last: Status | None = None

    def read(self) -> Status | None:
        return self.last


class _Session:
    """The parts of a running session, in the order in which they are made."""

    def __init__(
        self, settings: Settings, options: Options, journal: Journal, control: Control,
        heard: "SimpleQueue[Asked]", board: _Board,
    ) -> None:  # fmt: skip
        self._settings, self._options, self._journal = settings, options, journal
        self._control, self._heard, self._board = control, heard, board
        self._timings = Timings()
        self._published = self._saved = monotonic()

    def prepare(self, begin: Callable[[str], None]) -> None:
        """Recover, compile, warm up and start."""
        begin("compiling")
        folder, journal = self._options.folder, self._journal
        step = precompile.begin(precompile.TRADING)
        contents = Contents(SystemDisk(folder / JOURNAL / CONTENTS))
        latch = self._control.latch
        platform = platform_fingerprint()
        made = paper(
            self._settings, folder, journal, contents, wall_ns(), secrets.token_bytes(4), platform,
            lambda: latch.closed, self._hear, step.wait, begin,
        )  # fmt: skip
        self.paper = made
        self._chronicle = Chronicle(made.wiring.universe.instruments, self._timings)
        program = made.wiring.decision.program
        told = Told(folder.name, VENUE, False, self._options.speed, program.capital)
        desk, rules = made.shell.desk, made.wiring.way.rules
        self._watcher = Watcher(told, desk, made.market, rules, self._chronicle, self._timings)
        self._watcher.started = made.at
        self.driver = Driver(
            made.shell, made.venue, latch, self._asked, lambda: journal.reserve, made.hours,
            _Floor(made).changed, self._timings, made.at,
        )  # fmt: skip
        changed = () if made.parameters is None else (made.parameters,)
        self.driver.start((made.started(platform, journal.cut), *changed), self._control.held)
        self.clock = SessionClock(made.at, self._options.speed, monotonic_ns)
        self._publish()

    def _hear(self, record: Record) -> None:
        self._chronicle.hear(record)

    def _asked(self) -> list[Asked]:
        found: list[Asked] = []
        while True:
            try:
                found.append(self._heard.get_nowait())
            except Empty:
                return found

    def trade(self, stop: Stop) -> None:
        """Until somebody or the duration asks for an end."""
        duration = self._options.duration
        end = monotonic() + duration if duration is not None else float("inf")
        while not stop.asked.is_set():
            self._go_on()
            if self.driver.stop:
                stop.ask(self.driver.stop)
            elif monotonic() >= end:
                stop.ask(f"{duration:g} s are over")
            else:
                wait = min(LOOK_S, self.clock.until(self.driver.due()))
                if wait > 0:
                    stop.asked.wait(wait)

    def _go_on(self) -> None:
        """As many steps as are due, but never so many that nobody is heard."""
        until = monotonic() + LOOK_S
        while (now := self.clock.now()) >= self.driver.due() and monotonic() < until:
            self.driver.step(now)
        if self.clock.now() - self.driver.now > BEHIND_S * 1e9 * max(1.0, self.clock.speed):
            self.clock.hold(self.driver.now)
        if monotonic() - self._published >= PUBLISH_S:
            self._publish()
        if monotonic() - self._saved >= SAVE_S:
            self._saved = monotonic()
            self.paper.venue.save()

    def _publish(self) -> None:
        self._published = monotonic()
        self._board.last = self._watcher.status(self.driver.now)

    def end(self) -> None:
        """By policy; time passes as fast as the machine lets it."""
        settings = self.paper.settings
        policy = settings.session.at_end
        patience = nanoseconds(settings.session.end_s)
        patience += 2 * settings.universe.interval_ns if policy == "flatten" else 0
        for over in ending(self.driver, policy, patience):
            while not over():
                self.driver.step(self.driver.due())
            self._publish()

    def close(self) -> None:
        """Save what the venue is."""
        self.paper.venue.save()
        self.paper.venue.close()


class _Floor:
    """Opens and closes the embedded venue's books by the clock of its exchange."""

    def __init__(self, made: Paper) -> None:
        self._venue, self._hours = made.venue, made.hours

    def changed(self, now: int) -> None:
        """Halt, resume, and end the day, where that is not so yet."""
        self._venue.turn(self._hours.phase(now) is Phase.OPEN)
