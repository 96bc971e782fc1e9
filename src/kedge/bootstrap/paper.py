"""A paper session on the embedded venue: every part chosen, opened and wired.

Every start is a recovery. The venue is opened first, since it is the truth; the journal is
folded into a desk; what is missing of the history of a first start is fed; only then the
session starts, and asks the venue for everything that may be out.
"""

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Final, NamedTuple

import msgspec

from kedge import __version__
from kedge.bootstrap.gate import SECOND, nanoseconds
from kedge.bootstrap.history import History, history_of, setup_of, streams_of
from kedge.bootstrap.listing import hours_of, listing_of
from kedge.bootstrap.parameters import VenueFacts, keep_sources, parameters_of
from kedge.bootstrap.wiring import SessionAdopt, check_prices, one_row, reported_in, universe_of
from kedge.data.hours import Hours
from kedge.domain.control import Parameters, Started
from kedge.domain.errors import JournalError
from kedge.domain.money import currency, to_minor
from kedge.domain.record import SCHEMA, Opened, Record, decode, encode
from kedge.domain.row import SessionOpened
from kedge.engine.pipeline import Pipeline, fresh
from kedge.engine.trading.decide import Way
from kedge.engine.trading.desk import Desk
from kedge.engine.trading.engine import Effect, Engine
from kedge.engine.trading.fold import evolve
from kedge.engine.trading.market import MarketSide, Watch
from kedge.engine.trading.recovery import recover
from kedge.engine.trading.setup import Setup, make_desk, unrecorded
from kedge.engine.trading.shell import Shell
from kedge.engine.trading.user_files import UserFiles
from kedge.ledger.journal.contents import Contents
from kedge.ledger.journal.journal import Journal
from kedge.settings import Settings
from kedge.venues.embedded.coins import VENUE
from kedge.venues.embedded.venue import (
    Birth,
    EmbeddedVenue,
    found_venue,
    open_venue,
    read_birth,
    write_birth,
)

MORE_DAYS: Final = 5
"""Sessions of history beyond those that new risk waits for."""
VENUE_FOLDER: Final = "venue"
SOURCES: Final = "sources"
"""Folder of copies of the user's files, as the journal names them."""


class Paper(NamedTuple):
    """A session that is ready to run.

    Attributes:
        shell: recovered, not started.
        venue: where it trades.
        market: its books and rows.
        hours: of the exchange.
        settings: as recorded.
        wiring: what they stand for.
        parameters: to record after the start, None where the journal's last are the same.
        at: ns UTC at which it goes on.
        fresh: whether it starts for the first time.
    """

    shell: Shell
    venue: EmbeddedVenue
    market: MarketSide
    hours: Hours
    settings: Settings
    wiring: Setup
    parameters: Parameters | None
    at: int
    fresh: bool

    def started(self, platform: str, cut: int) -> Started:
        """The first record of this process."""
        return Started(self.at, __version__, platform, cut)


def paper(
    settings: Settings,
    folder: Path,
    journal: Journal,
    contents: Contents,
    now: int,
    randomness: bytes,
    platform: str,
    killed: Callable[[], bool],
    seen: Callable[[Record], None],
    compiled: Callable[[], None] = lambda: None,
    phase: Callable[[str], None] = lambda name: None,
) -> Paper:
    """Open or reopen a paper session.

    Args:
        settings: the configuration.
        folder: of the session.
        journal: open, at its end.
        contents: beside the journal.
        now: ns UTC, where a first start begins unless the settings say.
        randomness: 4 bytes for the lineage of a new journal.
        platform: fingerprint of the numeric platform.
        killed: the latch, read at every send.
        seen: told of every record from here on.
        compiled: returns once the step is compiled.
        phase: told of each stage.

    Raises:
        InputError: the settings or the folder's content cannot be used.
        RunError: of the disk.
    """
    listing = listing_of(settings, settings.limits.min_sessions + MORE_DAYS)
    hours = hours_of(settings, listing.instruments)
    settings = reported_in(settings, listing.instruments)
    watch, start = _watch(settings, hours), _start(settings, folder / VENUE_FOLDER, now)
    lineage = _lineage(journal) or randomness[:4].hex()
    first = not any(isinstance(decode(payload), Started) for _, payload in journal.read())
    history = None
    if first:
        rows, seed = settings.session.warm_up, settings.seed
        universe = universe_of(settings, listing.instruments, VENUE, lineage)
        history = history_of(listing, universe, hours, watch, start, rows, seed)
    venue = _venue(settings, folder / VENUE_FOLDER, history, start)
    facts = VenueFacts(VENUE, venue.able)
    recorded = parameters_of(settings, listing.instruments, facts, contents, start)
    ticks = [issue.worth.ticks for issue in listing.issues]
    check_prices(settings, listing.instruments, ticks)
    copies = UserFiles(contents, settings.folder, folder / SOURCES)
    desk = make_desk(lineage, recorded, SessionAdopt(contents, copies))
    wiring = Setup(desk.universe, desk.book.decision, _way(desk), desk.absence_ns)
    keep_sources(wiring.decision.strategies, contents)
    features = one_row(listing.instruments, wiring.universe.interval_ns, ticks)
    Pipeline(wiring.decision, fresh(wiring.decision)).forecast(features, 0, 1)
    compiled()
    phase("warming up" if first else "recovering")
    recover(desk, journal.read())
    if history is not None:
        _begin(desk, wiring, journal, history, recorded, platform)
    at = max(desk.at, venue.now)
    venue.wake(at)
    market = MarketSide(wiring.universe, watch, at, desk.rows)
    venues = [venue] * len(wiring.universe.keys)
    shell = Shell(desk, wiring.way, journal, venues, market, hours.session, killed, seen)
    wanted = unrecorded(desk, recorded)
    changed = None if wanted is None else msgspec.structs.replace(wanted, at=at)
    return Paper(shell, venue, market, hours, settings, wiring, changed, at, first)


def _way(desk: Desk) -> Way:
    if desk.way is None:
        raise AssertionError("a desk that is made of parameters knows its way")
    return desk.way


def _lineage(journal: Journal) -> str:
    """Of the journal; empty for a new one.

    Raises:
        JournalError: it does not begin as a journal of a session does.
    """
    for _, payload in journal.read():
        record = decode(payload)
        if isinstance(record, Opened):
            return record.lineage
        raise JournalError("it does not begin as a journal does", "journal", "restore a backup")
    return ""


def _watch(settings: Settings, hours: Hours) -> Watch:
    grace, silence = settings.session.grace_s, settings.session.silence_s
    return Watch(nanoseconds(grace), nanoseconds(silence), hours.session, hours.decides)


def _start(settings: Settings, venue: Path, now: int) -> int:
    """Where the venue's clock began, or begins: on a whole row, so that the first one counts."""
    if found_venue(venue):
        return read_birth(venue).setup.start
    given = settings.session.start
    at = now if given is None else round(given.timestamp()) * SECOND
    interval = settings.universe.interval_ns
    return at // interval * interval


def _venue(settings: Settings, folder: Path, history: History | None, start: int) -> EmbeddedVenue:
    """The venue of the folder, founded where there is none and nothing was ever traded."""
    if not found_venue(folder):
        if history is None:
            raise JournalError(
                "the session's venue is gone", str(folder), "restore the whole session folder"
            )
        code = str(settings.currency)
        cash = {code: to_minor(Decimal(str(settings.capital)), currency(code))}
        setup = setup_of(history.listing, cash, start, settings.seed)
        write_birth(folder, Birth(setup, streams_of(history.listing)))
    return open_venue(folder)


def _begin(
    desk: Desk, wiring: Setup, journal: Journal, history: History, recorded: Parameters,
    platform: str,
) -> None:  # fmt: skip
    """Feed what is missing of the history; a start that was cut short had fed a part of it."""

    def append(record: Record) -> int:
        return journal.append(encode(record))

    if journal.seq == 0:
        universe = wiring.universe
        ids = tuple(i.id for i in universe.instruments)
        at = history.rows[0].at - universe.interval_ns
        terms = tuple(
            (i.settle, i.value_ratio.numerator, i.value_ratio.denominator)
            for i in universe.instruments
        )
        opened = Opened(
            SCHEMA, universe.lineage, at, __version__, platform, universe.keys, ids, terms
        )
        for record in (opened, msgspec.structs.replace(recorded, at=at)):
            append(record)
            evolve(desk, record)
    engine = Engine(desk, wiring.way, append, _nothing_goes_out)
    for row in history.rows[desk.rows :]:
        if row.session != desk.session:
            engine.process(SessionOpened(row.at - wiring.universe.interval_ns, row.session))
        engine.process(row)
    journal.commit()
    desk.book.taken()


def _nothing_goes_out(number: int, effect: Effect) -> None:
    raise AssertionError(f"record {number} of the history wants {effect}")
