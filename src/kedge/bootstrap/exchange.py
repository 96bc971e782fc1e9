"""A session at a real exchange: every part chosen, opened and wired.

Every start is a recovery, as on paper. What can be traded is what the exchange lists; what
its account held before the first start is set aside for good, and the journal says how much.
Time goes on there while a session gets ready, so the past is asked for last, and the session
begins at the instant at which everything is ready.
"""

from collections.abc import Callable
from contextlib import ExitStack
from decimal import Decimal
from typing import Final, NamedTuple

from kedge.bootstrap.listing import hours_of
from kedge.bootstrap.parameters import VenueFacts, first_facts
from kedge.bootstrap.past import rows_before
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
from kedge.data.recorder.recording import About, Recording
from kedge.data.streams.budget import SECOND, Budget
from kedge.domain.errors import ConfigError
from kedge.domain.instrument import Instrument
from kedge.domain.record import decode
from kedge.domain.report import Kept
from kedge.domain.row import RowClosed
from kedge.settings import Settings
from kedge.venues.ccxt.catalogue import Catalogue
from kedge.venues.ccxt.client import Access
from kedge.venues.ccxt.own import Own
from kedge.venues.ccxt.place import CcxtPlace

MARKET: Final = "market"
"""Folder of a session in which its market is kept, where that is wished."""
AHEAD_NS: Final = 5 * SECOND
"""A journal may be this much ahead of the clock at a start."""


class Outside(NamedTuple):
    """What comes from outside: an account, time, chance.

    Attributes:
        access: to the account.
        budget: of the exchange's host.
        clock: ns UTC.
        uniform: draws from [0, 1).
        randomness: 4 bytes for the lineage of a new journal.
        claim: has the account of a number for this session alone, or raises.
    """

    access: Access
    budget: Budget
    clock: Callable[[], int]
    uniform: Callable[[], float]
    randomness: bytes
    claim: Callable[[str], None]


def at_exchange(
    settings: Settings, outside: Outside, home: Home, watched: Watched, platform: str
) -> Ready:
    """Open or reopen a session at an exchange.

    Args:
        settings: the configuration; it names symbols.
        outside: what comes from there.
        home: where the session lives.
        watched: who looks on.
        platform: fingerprint of the numeric platform.

    Raises:
        InputError: settings, account or journal cannot be used, or the exchange refuses.
        RunError: of the disk.
    """
    if not settings.universe.symbols:
        raise ConfigError("names nothing", "universe.symbols", "such as [BTCUSDT, ETHUSDT]")
    with ExitStack() as open_now:
        lineage = known_lineage(home, outside.access.venue) or outside.randomness[:4].hex()
        watched.phase(f"asking {outside.access.venue}")
        catalogue = Catalogue(outside.access, outside.clock, outside.budget)
        open_now.enter_context(catalogue)
        instruments = catalogue.instruments(settings.universe.symbols)
        _check_coins(instruments)
        settings = reported_in(settings, instruments)
        place = CcxtPlace(
            outside.access, dict(enumerate(instruments)), outside.clock, outside.uniform,
            outside.budget, _recording(settings, home), watched.killed,
        )  # fmt: skip
        failed = open_now.enter_context(ExitStack())
        failed.callback(place.close)
        place.open()
        if place.number:
            outside.claim(place.number)
        made = _ready(settings, outside, catalogue, place, home, watched, platform, lineage)
        failed.pop_all()
    return made


def _recording(settings: Settings, home: Home) -> Callable[[About], Recording] | None:
    """Keeps the market beside the journal, which names its segments."""
    if not settings.session.record:
        return None
    records = (decode(payload) for _, payload in home.journal.read())
    named = frozenset(each.segment for each in records if isinstance(each, Kept))
    return lambda about: Recording(home.folder / MARKET, about, named)


def _ready(
    settings: Settings, outside: Outside, catalogue: Catalogue, place: CcxtPlace, home: Home,
    watched: Watched, platform: str, lineage: str,
) -> Ready:  # fmt: skip
    """With the account open."""
    instruments = tuple(place.instruments.values())
    own = _own(settings, place, home)
    place.take_over(own)
    hours = hours_of(settings, instruments)
    watch, at = watch_of(settings, hours), outside.clock()
    facts = VenueFacts(outside.access.venue, place.able, own)
    basis = Basis(settings, instruments, facts, lineage, _prices(catalogue, instruments, at), at)
    universe = universe_of(settings, instruments, outside.access.venue, lineage)

    def past() -> tuple[RowClosed, ...]:
        days = settings.limits.min_sessions + MORE_DAYS
        rows = settings.session.warm_up
        return rows_before(catalogue, universe, hours, outside.clock(), days, rows).rows

    first = not ever_started(home.journal)
    brought = bring_back(basis, home, watched, past if first else None, platform)
    at = _now(brought.desk.at, outside.clock(), home)
    market = market_of(brought.desk, brought.decision, watch, at, place.books(), place.ahead)
    real = not outside.access.testnet
    return ready(
        brought, home, watched, place, market, hours, settings, outside.access.venue, real, at
    )


def _now(last: int, now: int, home: Home) -> int:
    """The instant to go on at, by a clock that is not behind what is recorded."""
    if last - now > AHEAD_NS:
        raise ConfigError(
            f"the last record is {(last - now) * 1e-9:.0f} s ahead of this machine's clock",
            str(home.folder), "set the clock, or wait",
        )  # fmt: skip
    return max(last, now)


def _own(settings: Settings, place: CcxtPlace, home: Home) -> Own:
    """Which part of the account is ours: as the journal has it, else everything but the rest.

    Raises:
        ConfigError: the account is another one, or the capital of a start that was cut short is.
    """
    records = (decode(payload) for _, payload in home.journal.read())
    facts = first_facts(records, home.contents)
    if facts is None:
        return place.first_seen(str(settings.currency), Decimal(str(settings.capital)))
    own = facts.own
    if own.account != place.account:
        raise ConfigError(
            f"is of the account {own.account}, and the key opens {place.account}", str(home.folder),
            "use a key of that account, or name another folder with --session",
        )  # fmt: skip
    if not ever_started(home.journal) and Decimal(own.capital) != Decimal(str(settings.capital)):
        raise ConfigError(
            f"its first start, which was cut short, had {own.capital}", "capital",
            f"write that, or remove {home.folder}",
        )  # fmt: skip
    return own


def _check_coins(instruments: tuple[Instrument, ...]) -> None:
    """One coin is one position: of two pairs nobody could tell whose it is."""
    known: dict[str, str] = {}
    for each in instruments:
        other = known.setdefault(each.base, each.symbol)
        if other != each.symbol:
            raise ConfigError(
                f"{other} and {each.symbol} are the same coin in one account", "universe.symbols",
                "take one of them",
            )  # fmt: skip


def _prices(catalogue: Catalogue, instruments: tuple[Instrument, ...], at: int) -> list[int]:
    """(N,) last daily closes, ticks."""
    found = []
    for each in instruments:
        ticks = catalogue.candles(each, DAY, at, MORE_DAYS).ticks
        if not len(ticks):
            raise ConfigError(
                f"{catalogue.name} knows no whole day of {each.symbol}", "universe.symbols",
                "take a symbol that has traded for longer",
            )  # fmt: skip
        found.append(int(ticks[-1, 3]))
    return found
