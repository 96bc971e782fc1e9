"""What rows know of the trades and books inside them, where a session's features ask for it."""

from collections import deque
from collections.abc import Callable, Sequence

import numpy as np

from kedge.data.books.book import Book
from kedge.data.samplers_micro import MicroSampler
from kedge.domain.market import Trade
from kedge.domain.micro import COUNT, TRADES
from kedge.domain.panel import F64


class MicroRows:
    """Inputs of every row from the trades and the books of the primary keys.

    A row holds what had become available by its end, by the venue's clock where ours is ahead
    of it and by ours where it is not, as the row itself. What comes between the end
    of a row and its close, while stragglers are waited for, belongs to the next one. Only a
    book that is trusted says anything; a silent one stops speaking when its time is up.

    Args:
        primary: (N,) key of each instrument.
        interval_ns: length of a row.
        silence_ns: a book that says nothing for so long is not trusted.
        start: the first row begins at the last boundary at or before it; ns UTC.
        skew: the venue's clock minus ours, as measured; ns.
    """

    def __init__(
        self, primary: Sequence[int], interval_ns: int, silence_ns: int, start: int,
        skew: Callable[[], int],
    ) -> None:  # fmt: skip
        _compile()
        self._skew = skew
        self._interval, self._silence = interval_ns, silence_ns
        opened = start // interval_ns * interval_ns
        self._end = opened + interval_ns
        self._samplers = {key: MicroSampler(opened) for key in primary}
        self._seen = dict.fromkeys(primary, -1)
        self._last = opened
        self._closed: deque[tuple[int, F64]] = deque()

    def trade(self, trade: Trade) -> None:
        """A trade under a primary key."""
        at = self._pass(trade.available_time)
        self._expire(trade.key, at)
        self._samplers[trade.key].add_trade(at, trade.ticks, trade.lots, trade.aggressor)

    def book(self, book: Book, at: int, changed: bool) -> None:
        """A book that has taken a message.

        Args:
            book: after it.
            at: when the message became available, ns UTC.
            changed: whether the levels did.
        """
        sampler = self._samplers.get(book.key)
        if sampler is None:
            return
        at = self._pass(at)
        if not book.trusted:
            sampler.lose(at)
        elif changed:
            self._expire(book.key, at)
            self._seen[book.key] = at
            sampler.add_levels(at, *book.levels)

    def lose(self) -> None:
        """Every book lost something since the last event."""
        for sampler in self._samplers.values():
            sampler.lose(self._last)

    def close(self, at: int, trusted: Sequence[bool], doubted: Sequence[int]) -> F64:
        """The next row's inputs, (N, COUNT) float64 with NaN where missing.

        Args:
            at: the row's end.
            trusted: (N,) whether each book is, now that the row closes; else all is missing.
            doubted: instruments of which prints are implausible: what trades say is missing.
        """
        while self._end <= at:
            self._roll()
        end, row = self._closed.popleft()
        while end < at:  # rows that nobody has asked for
            end, row = self._closed.popleft()
        row[~np.array(trusted, np.bool_)] = np.nan
        for n in doubted:
            row[n, TRADES:] = np.nan
        return row

    def _pass(self, available: int) -> int:
        """Time goes on to an event, and rows that end before it are complete; its instant."""
        at = available + min(0, self._skew())
        while at > self._end:
            self._roll()
        self._last = max(self._last, at)
        return at

    def _roll(self) -> None:
        row = np.empty((len(self._samplers), COUNT))
        for n, (key, sampler) in enumerate(self._samplers.items()):
            self._expire(key, self._end)
            row[n] = sampler.close(self._end)
        self._closed.append((self._end, row))
        self._last = max(self._last, self._end)
        self._end += self._interval

    def _expire(self, key: int, at: int) -> None:
        """What a book last said ceased to hold once it had been silent for too long."""
        until = self._seen[key] + self._silence
        if until < at:
            self._samplers[key].lose(until)


def _compile() -> None:
    """Call every compiled part once: none is to be compiled while a market moves."""
    sampler, book = MicroSampler(0), Book(0, capacity=1)
    sampler.add_trade(0, 1, 1, 0)
    sampler.add_levels(0, *book.levels)
    sampler.lose(0)
    sampler.close(1)
