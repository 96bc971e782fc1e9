"""One connection as a state machine without I/O: what happened goes in, what to do comes out.

The shell opens sockets, keeps the time and draws the random numbers; all rules are here:
when to connect again, what to subscribe, when to ping, when silence means death, which
snapshots to ask for.
"""

from collections.abc import Sequence
from enum import IntEnum
from typing import Final

import msgspec

from kedge.data.streams.backoff import Backoff
from kedge.data.streams.budget import SECOND
from kedge.data.streams.lines import Line

STREAM: Final = "stream"
"""Where messages come from that nobody asked for one by one."""
CONNECTED: Final = "connected"
LOST: Final = "lost"


class Open(msgspec.Struct, frozen=True):
    """Open the socket."""

    url: str


class Send(msgspec.Struct, frozen=True):
    """Send a text message."""

    text: bytes


class Close(msgspec.Struct, frozen=True):
    """Close the socket, and say why."""

    reason: str


class AskSnapshot(msgspec.Struct, frozen=True):
    """Ask the REST host for the book of a symbol, if its budget allows."""

    symbol: str
    url: str
    weight: int


Action = Open | Send | Close | AskSnapshot


class Phase(IntEnum):
    """Where a connection is."""

    WAITING = 0
    OPENING = 1
    LIVE = 2


class Connection:
    """The rules of one connection.

    Args:
        line: how the venue is spoken to.
        symbols: to subscribe.
        backoff: between attempts.
        watch_ns: symbols that must speak within so long, whatever else arrives.
        now: ns, our clock; the first attempt is due at once.

    Attributes:
        phase: where it is.
        attempts: connections opened or tried so far.
        reasons: why connections ended, counted.
    """

    def __init__(
        self, line: Line, symbols: Sequence[str], now: int, backoff: Backoff | None = None,
        watch_ns: dict[str, int] | None = None,
    ) -> None:  # fmt: skip
        self._line, self._symbols = line, tuple(symbols)
        self._backoff, self._watch = backoff or Backoff(), watch_ns or {}
        self.phase, self.attempts, self.failures = Phase.WAITING, 0, 0
        self.reasons: dict[str, int] = {}
        self._due, self._opened, self._heard, self._pinged = now, now, now, now
        self._spoke: dict[str, int] = {}
        self._asked: dict[str, int] = {}

    def next_deadline(self) -> int:
        """When `tick` has something to do, if nothing happens before; ns."""
        if self.phase == Phase.WAITING:
            return self._due
        if self.phase == Phase.OPENING:
            return self._opened + OPEN_NS
        line = self._line
        ends = [self._heard + line.silence_ns, self._opened + line.lifetime_ns]
        ends += [self._spoke[s] + limit for s, limit in self._watch.items()]
        if line.ping:
            ends.append(max(self._heard, self._pinged) + line.ping_ns)
        return min(ends)

    def tick(self, now: int, uniform: float) -> tuple[Action, ...]:
        """A deadline came; ``uniform`` is drawn from [0, 1)."""
        if self.phase == Phase.WAITING:
            return self._open(now) if now >= self._due else ()
        if self.phase == Phase.OPENING:
            late = now - self._opened >= OPEN_NS
            return self._end("not opened in time", now, uniform) if late else ()
        reason = self._dead(now)
        if reason:
            return self._end(reason, now, uniform)
        if self._line.ping and now - max(self._heard, self._pinged) >= self._line.ping_ns:
            self._pinged = now
            return (Send(self._line.ping),)
        return ()

    def opened(self, now: int) -> tuple[Action, ...]:
        """The socket is open: subscribe."""
        self.phase = Phase.LIVE
        self._opened = self._heard = self._pinged = now
        self._spoke = dict.fromkeys(self._watch, now)
        self._asked = {}
        return tuple(Send(text) for text in self._line.subscribe(self._symbols))

    def heard(self, now: int, symbol: str = "") -> None:
        """A message came; of a symbol's stream, or of none."""
        self._heard = now
        if symbol in self._spoke:
            self._spoke[symbol] = now

    def wants(self, symbols: Sequence[str], now: int, uniform: float) -> tuple[Action, ...]:
        """Books need a new snapshot: ask the REST host, or where the stream sends it, reconnect."""
        if self.phase != Phase.LIVE:
            return ()
        line = self._line
        fresh = [s for s in symbols if now - self._asked.get(s, now - line.ask_ns) >= line.ask_ns]
        if not line.snapshot:
            old = now - self._opened >= line.ask_ns  # the first snapshots are on their way
            return self._end("book lost its place", now, uniform) if symbols and old else ()
        for symbol in fresh:
            self._asked[symbol] = now
        urls = [(s, line.snapshot.format(symbol=s)) for s in fresh]
        return tuple(AskSnapshot(s, url, line.snapshot_weight) for s, url in urls)

    def closed(self, reason: str, now: int, uniform: float) -> None:
        """The socket closed, or did not open; ``uniform`` is drawn from [0, 1)."""
        if self.phase != Phase.WAITING:
            self._end(reason, now, uniform)

    def _open(self, now: int) -> tuple[Action, ...]:
        self.phase, self._opened = Phase.OPENING, now
        self.attempts += 1
        return (Open(self._line.url),)

    def _dead(self, now: int) -> str:
        if now - self._heard >= self._line.silence_ns:
            return "silent"
        if now - self._opened >= self._line.lifetime_ns:
            return "end of its life"
        silent = [s for s, limit in self._watch.items() if now - self._spoke[s] >= limit]
        return f"{silent[0]} silent" if silent else ""

    def _end(self, reason: str, now: int, uniform: float) -> tuple[Action, ...]:
        lasted = now - self._opened if self.phase == Phase.LIVE else 0
        self.failures = 1 if lasted >= self._backoff.stable_ns else self.failures + 1
        self.reasons[reason] = self.reasons.get(reason, 0) + 1
        self.phase, self._due = Phase.WAITING, now + self._backoff.wait(self.failures, uniform)
        return (Close(reason),)


OPEN_NS = 10 * SECOND
"""How long a socket may take to open."""
