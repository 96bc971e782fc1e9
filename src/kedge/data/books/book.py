"""The order book of one key, and whether it may be believed."""

from collections import deque
from enum import IntEnum
from typing import Final

import numpy as np

from kedge.data.books.checksums import Checksum
from kedge.data.books.levels import (
    CROSSED,
    I64,
    NO_HIGHEST,
    NO_LOWEST,
    NOTHING_ABOVE,
    NOTHING_BELOW,
    OVERFLOW,
    change,
)
from kedge.data.books.rules import Rule, Unnumbered, Verdict
from kedge.domain.control import Quoted
from kedge.domain.market import BookDelta

CAPACITY: Final = 16_384
"""Levels a side has room for; a book that needs more asks for a new snapshot."""
PATIENCE: Final = 4_096
"""Updates kept while a snapshot is on its way; the oldest go first."""


class BookState(IntEnum):
    """What a book is, or what is wrong with it."""

    SYNCED = 0
    EMPTY = 1
    GAP = 2
    CROSSED = 3
    OVERFLOW = 4
    INVALID = 5
    CHECKSUM = 6


# To look a member up on its class takes as long as the rest of a check.
_SYNCED: Final = BookState.SYNCED
_APPLY, _GAP = Verdict.APPLY, Verdict.GAP


class Book:
    """Price levels of one key; only an unbroken, uncrossed and recent book is trusted.

    Args:
        key: whose.
        rule: how the venue numbers updates.
        checksum: how it sums its best levels, if it does.
        depth: levels a side that the venue tells of; zero when all.
        capacity: room for levels on each side.
    """

    __slots__ = (
        "_checksum", "_counts", "_depth", "_fresh", "_lots", "_ranks", "_rule", "_silent",
        "_top", "_waiting", "key", "last", "resyncs", "seen", "state",
    )  # fmt: skip

    def __init__(
        self, key: int, rule: Rule | None = None, checksum: Checksum | None = None,
        depth: int = 0, capacity: int = CAPACITY,
    ) -> None:  # fmt: skip
        self.key, self._rule, self._checksum = key, rule or Unnumbered(), checksum
        self._depth = depth
        self._ranks: I64 = np.zeros((2, capacity), dtype=np.int64)
        self._lots: I64 = np.zeros((2, capacity), dtype=np.int64)
        self._counts: I64 = np.zeros(2, dtype=np.int64)
        self._top: I64 = np.array([0, 0, 0, 0, NO_LOWEST, NO_HIGHEST], dtype=np.int64)
        self._waiting: deque[BookDelta] = deque(maxlen=PATIENCE)
        self._fresh = self._silent = False
        self.state = BookState.EMPTY
        self.last = 0
        self.seen = -1
        self.resyncs = 0

    @property
    def trusted(self) -> bool:
        """In sequence, uncrossed, checked where it can be, and not silent for too long."""
        return self.state is _SYNCED and not self._silent

    @property
    def wants_snapshot(self) -> bool:
        """Whether only a new snapshot can mend it."""
        return self.state is not _SYNCED

    @property
    def levels(self) -> tuple[I64, I64, I64]:
        """Ranks, lots and counts as `kedge.data.books.levels` keeps them; only to be read."""
        return self._ranks, self._lots, self._counts

    @property
    def counts(self) -> tuple[int, int]:
        """Levels of bids and of asks."""
        bids, asks = self._counts.tolist()
        return bids, asks

    def apply(self, update: BookDelta) -> bool:
        """Take one message of the stream, or a snapshot.

        Returns:
            whether the levels changed; False as well when it waits for a snapshot.
        """
        if update.snapshot:
            return self._load(update)
        if self.state is not _SYNCED:
            if self._rule.buffers:
                self._waiting.append(update)
            return False
        verdict = self._rule.verdict(self.last, self._fresh, update)
        if verdict is _APPLY:
            return self._change(update)
        if verdict is _GAP:
            self._fail(BookState.GAP)
            if self._rule.buffers:
                self._waiting.append(update)
        return False

    def lose(self) -> None:
        """Something was lost that no number tells: a broken connection, an unreadable message."""
        if self.state == BookState.SYNCED:
            self._fail(BookState.GAP)
        self._waiting.clear()

    def confirm(self, now: int) -> None:
        """The venue said that nothing changed."""
        if self.seen >= 0:
            self.seen, self._silent = max(self.seen, now), False

    def expire(self, now: int, limit_ns: int) -> bool:
        """Whether it has been silent for longer than ``limit_ns``: untrusted until it speaks."""
        self._silent = self.seen < 0 or now - self.seen > limit_ns
        return self._silent

    def best(self) -> tuple[int, int, int, int]:
        """Bid, its lots, ask, its lots, in ticks; zeros where a side is empty, trusted or not."""
        bid, bid_lots, ask, ask_lots, _, _ = self._top.tolist()
        return bid, bid_lots, ask, ask_lots

    def reach(self) -> tuple[int, int] | None:
        """Lowest and highest best price since `begin_reach`; None where there was none at all.

        A side that was empty reaches to `NOTHING_BELOW` or to `NOTHING_ABOVE`.
        """
        low, high = self._top[4:].tolist()
        return None if high < low else (low, high)

    def begin_reach(self) -> None:
        """Only what stands now, if it is believed, counts for `reach`, and what comes after."""
        bid, _, ask, _ = self.best()
        known = self.state is _SYNCED and bid + ask > 0
        self._top[4] = (bid or NOTHING_BELOW) if known else NO_LOWEST
        self._top[5] = (ask or NOTHING_ABOVE) if known else NO_HIGHEST

    def quote(self, now: int, traded: int = 0) -> Quoted:
        """Best prices as a decision sees them: zeros where the book is not trusted.

        Args:
            now: ns UTC.
            traded: lots that the market has traded so far.
        """
        age = now - self.seen if self.seen >= 0 else -1
        if not self.trusted:
            return Quoted(0, 0, age, traded=traded)
        bid, bid_lots, ask, ask_lots = self.best()
        return Quoted(bid, ask, age, bid_lots, ask_lots, traded)

    def top(self, side: int, levels: int) -> I64:
        """(k, 2) ticks and lots of the best ``levels`` of a side, best first; a copy."""
        count = int(self._counts[side])
        part = slice(max(count - levels, 0), count)
        ranks = self._ranks[side, part][::-1]
        return np.column_stack((ranks if side == 0 else -ranks, self._lots[side, part][::-1]))

    def _load(self, snapshot: BookDelta) -> bool:
        self.last, self._fresh = snapshot.last, True
        self.state = BookState.SYNCED
        changed = self._change(snapshot)
        self._fresh = True
        waiting, self._waiting = self._waiting, deque(maxlen=PATIENCE)
        for update in waiting:
            self.apply(update)
        return changed

    def _change(self, update: BookDelta) -> bool:
        wrong = change(
            update.levels, update.snapshot, self._depth, self._ranks, self._lots, self._counts,
            self._top,
        )  # fmt: skip
        self.last, self._fresh, self._silent = update.last, False, False
        if update.available_time > self.seen:
            self.seen = update.available_time
        if wrong:
            self._fail(_state_of(wrong))
        elif update.checksum >= 0 and not self._sums_to(update.checksum):
            self._fail(BookState.CHECKSUM)
            self.begin_reach()  # nobody knows since when it has been wrong
        return True

    def _sums_to(self, told: int) -> bool:
        sums = self._checksum
        return sums is None or sums(self._ranks, self._lots, self._counts) == told

    def _fail(self, state: BookState) -> None:
        self.state = state
        self.resyncs += 1


def _state_of(wrong: int) -> BookState:
    if wrong & OVERFLOW:
        return BookState.OVERFLOW
    return BookState.CROSSED if wrong & CROSSED else BookState.INVALID
