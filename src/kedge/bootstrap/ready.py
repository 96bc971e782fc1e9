"""What every session has in common, wherever it trades: a desk brought back, a shell around it."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from time import perf_counter
from typing import Final, NamedTuple, Protocol

import msgspec
import numpy as np

from kedge import __version__
from kedge.bootstrap.parameters import VenueFacts, keep_sources, parameters_of
from kedge.bootstrap.sampling import waits_for_books
from kedge.bootstrap.wiring import SessionAdopt, check_prices, one_row
from kedge.data.hours import Hours
from kedge.domain.control import Parameters, Started
from kedge.domain.errors import ConfigError, JournalError
from kedge.domain.instrument import Instrument
from kedge.domain.micro import COUNT
from kedge.domain.panel import Panel
from kedge.domain.record import SCHEMA, Opened, Record, decode, encode
from kedge.domain.report import Filled
from kedge.domain.row import RowClosed, SessionOpened
from kedge.engine.pipeline import Decision, Pipeline, fresh
from kedge.engine.session.driver import Exchange
from kedge.engine.session.recovered import Recovered
from kedge.engine.trading.desk import Desk, Universe
from kedge.engine.trading.engine import Effect, Engine
from kedge.engine.trading.fold import evolve
from kedge.engine.trading.market import MarketSide
from kedge.engine.trading.recovery import recover
from kedge.engine.trading.rows import panel_of, rows_of
from kedge.engine.trading.setup import Setup, make_desk, unrecorded
from kedge.engine.trading.shell import Shell
from kedge.engine.trading.snapshot import dump, load
from kedge.engine.trading.user_files import UserFiles
from kedge.engine.trading.way import Way
from kedge.execution.seen import Sight
from kedge.ledger.journal.backup import RESTORED, numbers_left_out
from kedge.ledger.journal.contents import Contents
from kedge.ledger.journal.disk import SystemDisk
from kedge.ledger.journal.folder import CONTENTS, SNAPSHOTS
from kedge.ledger.journal.journal import Journal
from kedge.ledger.journal.snapshot import Snapshots
from kedge.settings import Settings
from kedge.venues.contract import Venue

JOURNAL: Final = "journal"
MORE_DAYS: Final = 5
"""Sessions of history beyond those that new risk waits for."""
SOURCES: Final = "sources"
"""Folder of copies of the user's files, as the journal names them."""


class Place(Venue, Exchange, Protocol):
    """A venue with its feeds, as a session holds it."""

    @property
    def banned_until(self) -> int:
        """Until when it refuses every request, ns UTC; the past or 0 where it does not."""

    def turn(self, open_now: bool) -> None:
        """The exchange opens or closes by its clock; a real one does so by itself."""

    def save(self) -> None:
        """Keep what has to outlive the process, where the venue lives in it."""

    def close(self) -> None:
        """Give back what it holds; nothing is cancelled."""


class Home(NamedTuple):
    """Where a session lives.

    Attributes:
        folder: of the session.
        journal: open, at its end.
        contents, snapshots: beside it.
    """

    folder: Path
    journal: Journal
    contents: Contents
    snapshots: Snapshots


class Watched(NamedTuple):
    """Who looks on while a session gets ready and trades.

    Attributes:
        killed: the latch, read at every send.
        seen: told of every record from the start on.
        compiled: returns once the step is compiled.
        phase: told of each stage of getting ready.
    """

    killed: Callable[[], bool]
    seen: Callable[[Record], None]
    compiled: Callable[[], None]
    phase: Callable[[str], None]


class Ready(NamedTuple):
    """A session that is ready to run.

    Attributes:
        shell: recovered, not started.
        place: where it trades.
        market: its books and rows.
        hours: of the exchange.
        settings: as recorded.
        setup: what they stand for.
        parameters: to record after the start, None where the journal's last are the same.
        name: of the venue.
        real: whether orders reach a real exchange.
        at: ns UTC at which it goes on.
        recovered: where its state came from, None at a first start.
        notes: lines that its log begins with.
        journal, snapshots: where it is kept.
        restored: file that is there where the journal comes from a backup and was not gone on
            with since.
    """

    shell: Shell
    place: Place
    market: MarketSide
    hours: Hours
    settings: Settings
    setup: Setup
    parameters: Parameters | None
    name: str
    real: bool
    at: int
    recovered: Recovered | None
    notes: tuple[str, ...]
    journal: Journal
    snapshots: Snapshots
    restored: Path

    def started(self, platform: str) -> Started:
        """The first record of this process."""
        return Started(
            self.at, __version__, platform, self.journal.cut, numbers_left_out(self.restored)
        )

    def begun(self) -> None:
        """The first record is durable: from here on the numbers are the journal's own again.

        Raises:
            OSError: of the disk.
        """
        self.restored.unlink(missing_ok=True)

    def booked(self, fill: Filled) -> bool:
        """Whether an execution has been booked already."""
        return self.shell.desk.seen.look(fill) is not Sight.NEW

    def save(self) -> None:
        """Keep venue and desk as they are now, so that the next start is quicker.

        Raises:
            RunError: of the disk.
            OSError: of the disk; nothing is lost by either.
        """
        self.place.save()
        if self.journal.durable == self.journal.seq:
            self.snapshots.save(self.journal.seq, self.journal.chain, dump(self.shell.desk))


def home_of(folder: Path, journal: Journal) -> Home:
    """The places beside an open journal.

    Raises:
        OSError: they cannot be made.
    """
    contents = Contents(SystemDisk(folder / JOURNAL / CONTENTS))
    return Home(folder, journal, contents, Snapshots(SystemDisk(folder / JOURNAL / SNAPSHOTS)))


def known_lineage(home: Home, venue: str) -> str:
    """Of the journal; empty for a new one.

    Args:
        home: where it is kept.
        venue: that is to be traded at.

    Raises:
        ConfigError: it is of a session at another venue.
        JournalError: it does not begin as a journal of a session does.
    """
    for _, payload in home.journal.read():
        record = decode(payload)
        if not isinstance(record, Opened):
            raise JournalError("it does not begin as a journal does", "journal", "restore a backup")
        if record.keys[0].venue != venue:
            raise ConfigError(
                f"is of a session at {record.keys[0].venue}, not at {venue}", str(home.folder),
                "name another folder with --session",
            )  # fmt: skip
        return record.lineage
    return ""


def ever_started(journal: Journal) -> bool:
    """Whether a session has begun; what comes before its first start is history."""
    return any(isinstance(decode(payload), Started) for _, payload in journal.read())


class Basis(NamedTuple):
    """What a desk is made of before any record is folded.

    Attributes:
        settings: with the reporting currency written out.
        instruments: what is traded.
        facts: of the venue.
        lineage: of the journal.
        ticks: (N,) prices to expect.
        at: ns UTC that the parameters are stamped with.
    """

    settings: Settings
    instruments: tuple[Instrument, ...]
    facts: VenueFacts
    lineage: str
    ticks: list[int]
    at: int


Past = Callable[[], tuple[RowClosed, ...]] | None


class Brought(NamedTuple):
    """A desk brought back from its journal.

    Attributes:
        desk: as it stood after the last record.
        parameters: that it was made with, and goes on with.
        decision: that they stand for.
        recovered: where its state came from, None at a first start.
    """

    desk: Desk
    parameters: Parameters
    decision: Decision
    recovered: Recovered | None


def bring_back(basis: Basis, home: Home, watched: Watched, history: Past, platform: str) -> Brought:
    """Compile, fold the journal, and feed what is missing of the history of a first start.

    Args:
        basis: what the desk is made of.
        home: where it is kept.
        watched: who looks on.
        history: gives the rows before a first start; None once there was one.
        platform: fingerprint of the numeric platform.

    Raises:
        InputError: settings, strategies or journal cannot be used.
        RunError: of the disk.
    """
    settings, instruments, ticks = basis.settings, basis.instruments, basis.ticks
    check_prices(settings, instruments, ticks)
    recorded = parameters_of(settings, instruments, basis.facts, home.contents, basis.at)
    copies = UserFiles(home.contents, settings.folder, home.folder / SOURCES)
    desk = make_desk(basis.lineage, recorded, SessionAdopt(home.contents, copies))
    decision = desk.book.decision
    keep_sources(decision.strategies, home.contents)
    for panel in _as_journaled(desk.universe, decision, ticks):
        Pipeline(decision, fresh(decision)).forecast(panel, 0, 1)
    watched.compiled()
    watched.phase("recovering" if history is None else "warming up")
    recovered = _recover(desk, home)
    if history is None:
        return Brought(desk, recorded, decision, recovered)
    _begin(desk, home.journal, history(), recorded, platform)
    return Brought(desk, recorded, decision, None)


def _recover(desk: Desk, home: Home) -> Recovered:
    """From the newest snapshot that fits, and the journal after it."""
    began = perf_counter()
    kept = home.snapshots.newest(home.journal)
    known = kept.seq if kept is not None and load(desk, kept.state) else 0
    last = recover(desk, home.journal.read(known + 1))
    return Recovered(known, max(0, last - known), perf_counter() - began)


def _as_journaled(universe: Universe, decision: Decision, ticks: list[int]) -> list[Panel]:
    """Rows as they come from a journal's bytes, so that what compiles for them serves all."""
    instruments, interval = universe.instruments, universe.interval_ns
    panels = [one_row(instruments, interval, ticks)]
    if decision.plan.needs_book:
        micro = np.full((1, len(instruments), COUNT), np.nan)
        panels.append(replace(panels[0], micro=micro))
    quotes = [np.zeros(0, np.int64)]
    return [panel_of(rows_of(each, quotes)[0], instruments, interval) for each in panels]


def way_of_desk(desk: Desk) -> Way:
    """How a desk that was made of parameters trades."""
    if desk.way is None:
        raise AssertionError("a desk that is made of parameters knows its way")
    return desk.way


def ready(
    brought: Brought, home: Home, watched: Watched, place: Place, market: MarketSide,
    hours: Hours, settings: Settings, name: str, real: bool, at: int,
) -> Ready:  # fmt: skip
    """Put a shell around a desk.

    Args:
        brought: the desk.
        home: where it is kept.
        watched: who looks on.
        place: where it trades.
        market: books and rows.
        hours: of the exchange.
        settings: the whole tree.
        name: of the venue.
        real: whether orders reach a real exchange.
        at: ns UTC at which it goes on.
    """
    desk, way = brought.desk, way_of_desk(brought.desk)
    note = waits_for_books(desk, brought.decision)
    venues = [place] * len(desk.universe.keys)
    shell = Shell(
        desk, way, home.journal, venues, market, hours.session, watched.killed, watched.seen
    )
    wanted = unrecorded(desk, brought.parameters)
    changed = None if wanted is None else msgspec.structs.replace(wanted, at=at)
    setup = Setup(desk.universe, desk.book.decision, way, desk.absence_ns)
    return Ready(
        shell, place, market, hours, settings, setup, changed, name, real, at,
        brought.recovered, (note,) if note else (), home.journal, home.snapshots,
        home.folder / JOURNAL / RESTORED,
    )  # fmt: skip


def _begin(
    desk: Desk, journal: Journal, history: tuple[RowClosed, ...], recorded: Parameters,
    platform: str,
) -> None:  # fmt: skip
    """Feed what is missing of the history; a start that was cut short had fed a part of it."""
    universe = desk.universe

    def append(record: Record) -> int:
        return journal.append(encode(record))

    if journal.seq == 0:
        ids = tuple(i.id for i in universe.instruments)
        at = history[0].at - universe.interval_ns
        terms = tuple(
            (i.settle, i.value_ratio.numerator, i.value_ratio.denominator)
            for i in universe.instruments
        )
        coins = tuple((i.base, i.lot) for i in universe.instruments)
        opened = Opened(
            SCHEMA, universe.lineage, at, __version__, platform, universe.keys, ids, terms, coins
        )
        for record in (opened, msgspec.structs.replace(recorded, at=at)):
            append(record)
            evolve(desk, record)
    engine = Engine(desk, way_of_desk(desk), append, _nothing_goes_out)
    closed = _last_closed(journal)
    if closed is not None and closed.row == desk.rows:  # only its decision is missing
        engine.follow(closed)
    for row in history[desk.rows :]:
        if row.session != desk.session:
            engine.process(SessionOpened(row.at - universe.interval_ns, row.session))
        engine.process(row)
    journal.commit()
    desk.book.taken()


def _last_closed(journal: Journal) -> RowClosed | None:
    """The last row that a journal says has closed, decided or not."""
    records = (decode(payload) for _, payload in journal.read())
    return max((r for r in records if isinstance(r, RowClosed)), key=lambda r: r.row, default=None)


def _nothing_goes_out(number: int, effect: Effect) -> None:
    raise AssertionError(f"record {number} of the history wants {effect}")
