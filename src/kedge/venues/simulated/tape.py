"""A market that was recorded: level-2 messages and trades, played back in their own time."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import msgspec
import numpy as np

from kedge.domain.market import ASK, I64, BookDelta, Trade
from kedge.domain.order import TimeInForce
from kedge.venues.simulated.latency import NEVER
from kedge.venues.simulated.matching import Matcher
from kedge.venues.simulated.recorded import Recorded
from kedge.venues.simulated.setup import MakeMarket

LEVEL: Final = 0
PRINT: Final = 1
CLEAR: Final = 2
EXPIRE: Final = 3
NOTE: Final = 4
"""Kinds of line: a level, a trade, an emptied book, the end of ``BAR`` orders, and a trade
that is told but meets nobody in the book."""

COLUMNS: Final = ("at", "key", "kind", "side", "ticks", "lots")
"""Of a tape: ns UTC, key, kind, side (of the resting order or of the taker), ticks, lots."""


class _State(msgspec.Struct, array_like=True):
    line: int
    counts: dict[int, int]


def lines_of(events: Iterable[BookDelta | Trade]) -> I64:
    """A tape from market events of one or several keys.

    Lines are in order of the exchange's clock. In one instant trades come before levels:
    a level message tells what a trade of the same batch has left over.

    Returns:
        (rows, 6) int64, see `COLUMNS`.
    """
    rows: list[tuple[int, ...]] = []
    for event in events:
        at, key = event.event_time, event.key
        if isinstance(event, Trade):
            rows.append((at, key, PRINT, event.aggressor or 1, event.ticks, event.lots))
            continue
        if event.snapshot:
            rows.append((at, key, CLEAR, 0, 0, 0))
        for code, ticks, lots in sorted(event.levels.tolist(), key=lambda level: level[2] > 0):
            rows.append((at, key, LEVEL, -1 if code == ASK else 1, ticks, lots))
    tape = np.array(rows, np.int64).reshape(-1, len(COLUMNS))
    levels = tape[:, 2] != PRINT
    return tape[np.lexsort((levels, tape[:, 0]))]


class Tape:
    """Plays lines back; our orders meet them in the books.

    Args:
        lines: (rows, 6) int64 in order of time, see `COLUMNS`.
        matchers: the books, by key.
    """

    def __init__(self, lines: I64, matchers: Mapping[int, Matcher]) -> None:
        self._lines: Sequence[list[int]] = lines.tolist()
        self._times = lines[:, 0].tolist()
        self._matchers = matchers
        self._books = {key: Recorded(matcher) for key, matcher in matchers.items()}
        self._line = 0

    def next_time(self) -> int:
        """When the next line is due, ns UTC."""
        return self._times[self._line] if self._line < len(self._times) else NEVER

    def step(self) -> int:
        """Play the lines of one book and one instant that stand together."""
        lines, line = self._lines, self._line
        at, key = lines[line][:2]
        while line < len(lines) and lines[line][0] == at and lines[line][1] == key:
            self._play(*lines[line][1:])
            line += 1
        self._line = line
        return key

    def dump(self) -> bytes:
        """Where it stands."""
        counts = {key: book.count for key, book in self._books.items()}
        return msgspec.msgpack.encode(_State(self._line, counts))

    def load(self, state: bytes) -> None:
        """Go on from where `dump` stood."""
        at = msgspec.msgpack.decode(state, type=_State)
        self._line = at.line
        for key, count in at.counts.items():
            self._books[key].count = count

    def _play(self, key: int, kind: int, side: int, ticks: int, lots: int) -> None:
        book = self._books[key]
        if kind == LEVEL:
            book.level(side, ticks, lots)
        elif kind == PRINT:
            book.trade(side, ticks, lots)
        elif kind == NOTE:
            book.note(side, ticks, lots)
        elif kind == CLEAR:
            book.clear()
        else:
            self._matchers[key].expire(TimeInForce.BAR)


def taped(lines: I64) -> MakeMarket:
    """A recorded market, for `kedge.venues.simulated.venue.SimulatedVenue`."""
    return lambda matchers: Tape(lines, matchers)
