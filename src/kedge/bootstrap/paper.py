"""A paper session on the embedded venue: every part chosen, opened and wired.

Every start is a recovery. The venue is opened first, since it is the truth; the journal is
folded into a desk; what is missing of the history of a first start is fed; only then the
session starts, and asks the venue for everything that may be out.
"""

from decimal import Decimal
from pathlib import Path
from typing import Final

from kedge.bootstrap.gate import SECOND
from kedge.bootstrap.history import History, history_of, setup_of, streams_of
from kedge.bootstrap.listing import hours_of, listing_of, symbols_are_stored
from kedge.bootstrap.parameters import VenueFacts
from kedge.bootstrap.ready import (
    MORE_DAYS,
    Basis,
    Home,
    Ready,
    Watched,
    bring_back,
    ever_started,
    known_lineage,
    ready,
)
from kedge.bootstrap.sampling import market_of, watch_of
from kedge.bootstrap.wiring import reported_in, universe_of
from kedge.data.intervals import DAY
from kedge.domain.errors import ConfigError, JournalError
from kedge.domain.money import currency, to_minor
from kedge.settings import Settings
from kedge.venues.embedded.coins import VENUE
from kedge.venues.embedded.files import VENUE_FOLDER
from kedge.venues.embedded.venue import (
    Birth,
    asked_anything,
    found_venue,
    open_venue,
    read_birth,
    write_birth,
)

LONGEST: Final = 4 * DAY
"""Of a market that is rehearsed before a first start: beyond that it takes minutes."""


def paper(
    settings: Settings, home: Home, watched: Watched, now: int, randomness: bytes, platform: str
) -> Ready:
    """Open or reopen a paper session.

    Args:
        settings: the configuration.
        home: where the session lives.
        watched: who looks on.
        now: ns UTC, where a first start begins unless the settings say.
        randomness: 4 bytes for the lineage of a new journal.
        platform: fingerprint of the numeric platform.

    Raises:
        InputError: the settings or the folder's content cannot be used, such as one of a session
            at an exchange.
        RunError: of the disk.
    """
    lineage = known_lineage(home, VENUE) or randomness[:4].hex()
    listing = listing_of(settings, settings.limits.min_sessions + MORE_DAYS)
    hours = hours_of(settings, listing.instruments)
    settings = reported_in(settings, listing.instruments)
    folder = home.folder / VENUE_FOLDER
    founded = found_venue(folder) and (home.journal.seq > 0 or asked_anything(folder))
    start = read_birth(folder).setup.start if founded else _start(settings, now)
    watch = watch_of(settings, hours)
    history = None
    if not ever_started(home.journal):
        rows, seed = settings.session.warm_up, settings.seed
        universe = universe_of(settings, listing.instruments, VENUE, lineage)
        history = history_of(listing, universe, hours, watch, start, rows, seed)
    if not founded:
        _found(settings, folder, history, start)
    venue = open_venue(folder)
    ticks = [issue.worth.ticks for issue in listing.issues]
    facts = VenueFacts(VENUE, venue.able)
    basis = Basis(settings, listing.instruments, facts, lineage, ticks, start)
    past = None if history is None else lambda: history.rows
    brought = bring_back(basis, home, watched, past, platform)
    at = max(brought.desk.at, venue.now)
    venue.wake(at)
    market = market_of(brought.desk, brought.decision, watch, at)
    return ready(brought, home, watched, venue, market, hours, settings, VENUE, False, at)


def check_paper(settings: Settings) -> None:
    """See that a session can begin on the embedded venue, before anything is made for it.

    Raises:
        ConfigError: the symbols are nowhere, or its rows are too long to warm up with.
        DataError: the store cannot be read.
    """
    symbols_are_stored(settings)
    interval, rows = settings.universe.interval_ns, settings.session.warm_up
    if rows * interval > LONGEST:
        raise ConfigError(
            f"{rows} rows of {settings.universe.interval} before the first are too much for the "
            "embedded venue's market",
            "universe.interval",
            "write a shorter one, such as 10s; without a kedge.yaml the sample that ships runs",
        )


def _start(settings: Settings, now: int) -> int:
    """Where the venue's clock begins: on a whole row, so that the first one counts."""
    given = settings.session.start
    at = now if given is None else round(given.timestamp()) * SECOND
    interval = settings.universe.interval_ns
    return at // interval * interval


def _found(settings: Settings, folder: Path, history: History | None, start: int) -> None:
    """Found the venue, also in place of one at which a start that failed never traded."""
    if history is None:
        raise JournalError(
            "the session's venue is gone", str(folder), "restore the whole session folder"
        )
    code = str(settings.currency)
    cash = {code: to_minor(Decimal(str(settings.capital)), currency(code))}
    setup = setup_of(history.listing, cash, start, settings.seed)
    write_birth(folder, Birth(setup, streams_of(history.listing)))
