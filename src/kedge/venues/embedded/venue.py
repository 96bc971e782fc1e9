"""A simulated venue that is its folder: setup, log of requests, now and then a state.

::

    VENUE/setup      what it started from, written once
    VENUE/requests   the log; a request is in it before it takes effect
    VENUE/state      the whole venue at some line of the log; can be thrown away

The seed and the log give the same venue again, so nothing else has to survive. Its clock
stands while no process runs it: a start goes on at the instant that its session stood at.
"""

from pathlib import Path
from typing import Final

import msgspec

from kedge.data.files import write_atomic
from kedge.domain.errors import DataError
from kedge.venues.embedded.files import REQUESTS, SETUP, STATE
from kedge.venues.embedded.log import RequestLog, read_log
from kedge.venues.simulated.flow import Stream, flowing
from kedge.venues.simulated.memory import dump, load
from kedge.venues.simulated.requests import Close, Halt, Sent
from kedge.venues.simulated.setup import Setup
from kedge.venues.simulated.venue import SimulatedVenue

_NOWHERE: Final[RequestLog | None] = None


class Birth(msgspec.Struct, frozen=True):
    """Everything that a venue starts from.

    Attributes:
        setup: listings, cash, clock, seed, latencies.
        streams: order flow of each book.
    """

    setup: Setup
    streams: tuple[Stream, ...]


class _State(msgspec.Struct, array_like=True):
    """A venue after the lines of its log up to a byte."""

    end: int
    venue: bytes


class EmbeddedVenue(SimulatedVenue):
    """The simulated venue of a session's folder; see `open_venue`.

    Args:
        birth: what it starts from.
        folder: its own.
    """

    def __init__(self, birth: Birth, folder: Path) -> None:
        self._folder, self._requests = folder, _NOWHERE
        setup = birth.setup
        super().__init__(setup, flowing(birth.streams, setup.seed, setup.start), self._keep)

    def _keep(self, line: Sent) -> None:
        if self._requests is not None:
            self._requests.add(line)

    def keep_in(self, log: RequestLog) -> None:
        """From now on every request is in the log first."""
        self._requests = log

    @property
    def banned_until(self) -> int:
        """Nobody is ever banned here."""
        return 0

    def save(self) -> None:
        """Write the whole state, so that the next start need not do everything again.

        Raises:
            RunError: it cannot be written; nothing is lost by it.
        """
        end = 0 if self._requests is None else self._requests.end
        state = _State(end, dump(self))
        write_atomic(self._folder / STATE, msgspec.msgpack.encode(state))

    def wake(self, now: int) -> None:
        """A process that comes back: what was said meanwhile was said to nobody.

        Args:
            now: ns UTC at which the session goes on.
        """
        self.advance(max(now, self.now))
        self.reports()
        self.market_events()

    def turn(self, open_now: bool) -> None:
        """Open or close the exchange, where it is not so yet; a close ends the day's orders."""
        matchers = self.exchange.matchers
        if all(matcher.halted != open_now for matcher in matchers.values()):
            return
        if not open_now and any(not matcher.halted for matcher in matchers.values()):
            self.act(Close())
        for key, matcher in matchers.items():
            if matcher.halted == open_now:
                self.act(Halt(key, not open_now))

    def close(self) -> None:
        """Give the log back."""
        if self._requests is not None:
            self._requests.close()


def found_venue(folder: Path) -> bool:
    """Whether a folder holds a venue."""
    return (folder / SETUP).exists()


def asked_anything(folder: Path) -> bool:
    """Whether a venue was ever asked for anything; until then it may be founded anew."""
    requests = folder / REQUESTS
    return (folder / STATE).exists() or read_log(requests).end > 0


def write_birth(folder: Path, birth: Birth) -> None:
    """Found a venue.

    Raises:
        RunError: the folder cannot be written.
    """
    write_atomic(folder / SETUP, msgspec.msgpack.encode(birth))


def read_birth(folder: Path) -> Birth:
    """What a venue started from.

    Raises:
        DataError: it cannot be read.
    """
    path = folder / SETUP
    try:
        return msgspec.msgpack.decode(path.read_bytes(), type=Birth)
    except (OSError, msgspec.DecodeError) as error:
        raise DataError(
            f"the embedded venue cannot be read: {error}", str(path), "use another session folder"
        ) from error


def open_venue(folder: Path) -> EmbeddedVenue:
    """The venue of a folder, where its log ends.

    Raises:
        DataError: it cannot be read.
        RunError: of the disk.
    """
    venue, start = _at_state(read_birth(folder), folder)
    found = read_log(folder / REQUESTS, start)
    venue.replay(found.lines, venue.now)
    venue.keep_in(RequestLog(folder / REQUESTS, found.end))
    return venue


def _at_state(birth: Birth, folder: Path) -> tuple[EmbeddedVenue, int]:
    """The venue at its last state, and the byte of the log that follows.

    A state that cannot be read is not needed: the log tells everything.
    """
    path, venue = folder / STATE, EmbeddedVenue(birth, folder)
    if not path.exists():
        return venue, 0
    try:
        state = msgspec.msgpack.decode(path.read_bytes(), type=_State)
        load(venue, state.venue)
    except (OSError, msgspec.DecodeError, DataError):
        return EmbeddedVenue(birth, folder), 0
    return venue, state.end
