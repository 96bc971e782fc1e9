"""A real exchange as a session holds it: the account, and the feed of its market."""

from collections.abc import Callable, Mapping
from typing import Final

from kedge.data.books.book import Book
from kedge.data.books.keeper import Books, new_book
from kedge.data.recorder.recording import About, Recording
from kedge.data.streams.backoff import Backoff
from kedge.data.streams.budget import SECOND, Budget
from kedge.data.streams.connection import Connection
from kedge.data.streams.fetch import fetch
from kedge.data.streams.lines import LINES, Line
from kedge.data.streams.live import LiveFeed, Shell
from kedge.data.wire.listings import Listing, Listings
from kedge.domain.errors import ConfigError
from kedge.domain.instrument import Instrument
from kedge.domain.market import MarketEvent
from kedge.domain.report import Kept, VenueReport
from kedge.venues.ccxt.adapter import CcxtVenue, never
from kedge.venues.ccxt.client import Access
from kedge.venues.ccxt.ears import Ears

STRIDE_NS: Final = 10_000_000
"""What comes in waits for its turn for at most so long."""
BACKOFF: Final = Backoff(most_ns=8 * SECOND, stable_ns=15 * SECOND)
"""Who holds a position cannot be blind for a minute."""


class CcxtPlace(CcxtVenue):
    """One account at one exchange with its market.

    Args:
        access: to the account.
        instruments: what is traded there, by key from 0.
        clock: ns UTC.
        uniform: draws from [0, 1) for the jitter between attempts to connect.
        budget: of the exchange's host.
        recording: begins to keep every message of the feed as it came; None: nobody does.
        killed: see `CcxtVenue`.

    Attributes:
        broke: whether the feed broke before what `market_events` gave last.
    """

    stride_ns = STRIDE_NS

    def __init__(
        self, access: Access, instruments: Mapping[int, Instrument], clock: Callable[[], int],
        uniform: Callable[[], float], budget: Budget,
        recording: Callable[[About], Recording] | None = None, killed: Callable[[], bool] = never,
    ) -> None:  # fmt: skip
        super().__init__(access, instruments, clock, budget, uniform, BACKOFF, killed)
        self._name, self._clock_now = access.exchange.name, clock
        self._line = line_of(access)
        self._listings = listings_of(self._line, instruments)
        self._kept = recording(self._about()) if recording is not None else None
        record = self._kept.take if self._kept is not None else None
        self._shell = Shell(clock, uniform, fetch, budget, record)
        self._ears: Ears | None = None
        self.broke = False

    def open(self) -> None:
        """See `CcxtVenue.open`; the feed is listened to from now on."""
        super().open()
        books = Books(self._name, self._listings, self._line.depth)
        symbols = [each.symbol for each in self._listings.all]
        connection = Connection(self._line, symbols, self._clock_now(), BACKOFF)
        self._ears = Ears(LiveFeed(connection, books, self._shell), self._name)

    def books(self) -> list[Book]:
        """(key,) empty books by the exchange's numbering, for a session's own view."""
        lists, depth = self._listings, self._line.depth
        return [new_book(self._name, lists.of(each.symbol), depth) for each in lists.all]

    def reports(self) -> list[VenueReport]:
        """See `CcxtVenue.reports`; segments of the market that are whole on the disk, too."""
        told = super().reports()
        if self._kept is not None:
            now = self._clock_now()
            told += [Kept(0, "", now, now, name, why) for name, why in self._kept.told()]
        return told

    def advance(self, now: int) -> None:
        """Time passes there by itself."""

    def market_events(self) -> list[MarketEvent]:
        """What the feed has brought since the last call."""
        if self._ears is None:
            return []
        self.broke, events = self._ears.take()
        return events

    def _about(self) -> About:
        return About(self._name, self._line.depth, self._listings.all)

    def ask_depth(self, key: int) -> None:
        """Let a whole book come once more."""
        if self._ears is not None:
            self._ears.ask(self._listings.all[key].symbol)

    def turn(self, open_now: bool) -> None:
        """It opens and closes by itself."""

    def save(self) -> None:
        """It outlives the process by itself."""

    def close(self) -> None:
        """End feed and account; nothing is cancelled at the exchange."""
        try:
            if self._ears is not None:
                self._ears.close()
            if self._kept is not None:
                self._kept.close()
        finally:
            super().close()


def line_of(access: Access) -> Line:
    """How an exchange's feed is spoken to: its own hosts, its test network's, or others.

    Raises:
        ConfigError: it has no test network with a feed.
    """
    line, name = LINES[access.exchange.name], access.exchange.name
    if access.url:
        rest = access.url.rstrip("/")
        return line.at(f"ws{rest.removeprefix('http')}", rest)
    if not access.testnet:
        return line
    if not line.trial[0]:
        raise ConfigError(f"{name} has no test network", "venues", "set testnet: false")
    return line.at(*line.trial)


def listings_of(line: Line, instruments: Mapping[int, Instrument]) -> Listings:
    """Instruments as the feed's messages name them."""
    return Listings(
        Listing(key, f"{each.base}{line.between}{each.quote}", each.tick, each.lot)
        for key, each in sorted(instruments.items())
    )
