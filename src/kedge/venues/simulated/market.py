"""What drives the books of the simulated venue, and what becomes of the books in public."""

from typing import Protocol

import msgspec
import numpy as np

from kedge.domain.market import ASK, BID, I64, BookDelta, MarketEvent, Quote, Trade
from kedge.venues.simulated.book import Half
from kedge.venues.simulated.matching import Matcher
from kedge.venues.simulated.working import Match


class Market(Protocol):
    """A source of everybody else's orders: generated, recorded, or made from bars."""

    def next_time(self) -> int:
        """When it acts next, ns UTC; `kedge.venues.simulated.latency.NEVER` once it is over."""

    def step(self) -> int:
        """Act once in one book, at `next_time`; the key of that book."""

    def dump(self) -> bytes:
        """Where it stands."""

    def load(self, state: bytes) -> None:
        """Go on from where `dump` stood; the source itself must be the same."""


class Public(msgspec.Struct):
    """What the public was last told of one book.

    Attributes:
        update: number of the last message.
        best: bid, its lots, ask and its lots of the last quote.
    """

    update: int = 0
    best: tuple[int, int, int, int] = (0, 0, 0, 0)


def trade_of(key: int, match: Match, at: int, available: int) -> Trade:
    """An execution as a public print."""
    return Trade(key, at, available, match.id, match.ticks, match.lots, match.side)


def publish(
    key: int, matcher: Matcher, public: Public, at: int, available: int
) -> list[MarketEvent]:
    """Changed levels, and the quote if it changed, since the last call."""
    bids, asks = matcher.halves[1], matcher.halves[-1]
    if not bids.touched and not asks.touched:
        return []
    cells: list[int] = []
    if bids.touched:
        _changes(BID, bids, cells)
    if asks.touched:
        _changes(ASK, asks, cells)
    number = public.update = public.update + 1
    levels = np.array(cells, np.int64).reshape(-1, 3)
    delta = BookDelta(key, at, available, number, number, number - 1, levels)
    best = _best(bids) + _best(asks)
    if best == public.best:
        return [delta]
    public.best = best
    return [delta, Quote(key, at, available, *best)]


def _changes(code: int, half: Half, cells: list[int]) -> None:
    """Side, price and shown lots of every level that was touched."""
    levels, side = half.levels, half.side
    for ticks in half.touched if len(half.touched) == 1 else sorted(half.touched):
        level = levels.get(side * ticks)
        cells += (code, ticks, level.shown if level else 0)
    half.touched.clear()


def _best(half: Half) -> tuple[int, int]:
    """Best price and the lots at it; zeros where the side is empty."""
    if not half.ranks:
        return 0, 0
    level = half.levels[half.ranks[-1]]
    return level.ticks, level.shown


def whole(key: int, matcher: Matcher, public: Public, at: int, available: int) -> BookDelta:
    """The whole book as of the last message."""
    number = public.update
    return BookDelta(key, at, available, number, number, -1, _levels(matcher), snapshot=True)


def _levels(matcher: Matcher) -> I64:
    rows = [
        (code, ticks, lots)
        for code, side in ((BID, 1), (ASK, -1))
        for ticks, lots in matcher.halves[side].depth()
    ]
    return np.array(rows, np.int64).reshape(-1, 3)
