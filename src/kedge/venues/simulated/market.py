"""What drives the books of the simulated venue, and what becomes of the books in public."""

from typing import Protocol

import msgspec
import numpy as np

from kedge.domain.market import ASK, BID, I64, BookDelta, MarketEvent, Quote, Trade
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
        bid, bid_lots, ask, ask_lots: of the last quote.
    """

    update: int = 0
    bid: int = 0
    bid_lots: int = 0
    ask: int = 0
    ask_lots: int = 0


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
    for code, half in ((BID, bids), (ASK, asks)):
        for ticks in half.touched if len(half.touched) < 2 else sorted(half.touched):
            cells += (code, ticks, half.shown(ticks))
        half.touched.clear()
    number = public.update = public.update + 1
    levels = np.array(cells, np.int64).reshape(-1, 3)
    delta = BookDelta(key, at, available, number, number, number - 1, levels)
    best = bids.best, bids.best_lots(), asks.best, asks.best_lots()
    if best == (public.bid, public.bid_lots, public.ask, public.ask_lots):
        return [delta]
    public.bid, public.bid_lots, public.ask, public.ask_lots = best
    return [delta, Quote(key, at, available, *best)]


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
