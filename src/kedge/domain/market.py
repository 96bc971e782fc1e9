"""What a feed yields: market events, each with when it happened and when it was known.

Prices are int64 ticks and quantities int64 lots of the instrument; times are int64 ns
UTC. ``key`` is a place in the session's table of `kedge.domain.account.Key`.
``event_time`` is the exchange's clock, ``available_time`` ours: with clocks that
disagree the first may lie after the second, and nothing may assume otherwise.
"""

from enum import IntEnum

import msgspec
import numpy as np
import numpy.typing as npt

I64 = npt.NDArray[np.int64]

BID, ASK = 0, 1
"""Sides of a book, as the first column of `BookDelta.levels` has them."""


class Aggressor(IntEnum):
    """Who crossed the spread in a trade."""

    BUYER = 1
    SELLER = -1
    UNKNOWN = 0


class Trade(msgspec.Struct, frozen=True, gc=False):
    """A print: ``lots`` changed hands at ``ticks``.

    Attributes:
        key, event_time, available_time: see the module.
        id: the venue's number or a hash of its text; repeated by a repeated message.
        ticks, lots: above zero.
        aggressor: who crossed the spread.
    """

    key: int
    event_time: int
    available_time: int
    id: int
    ticks: int
    lots: int
    aggressor: int = 0


class Quote(msgspec.Struct, frozen=True, gc=False):
    """Best bid and ask; a side that is absent has zero ticks and zero lots."""

    key: int
    event_time: int
    available_time: int
    bid: int
    bid_lots: int
    ask: int
    ask_lots: int


class BookDelta(msgspec.Struct, frozen=True):
    """Changed levels of an order book, or the whole of it.

    Attributes:
        key, event_time, available_time: see the module.
        first, last: update numbers that the message covers; 0 where the venue has none.
        previous: number that the last message must have ended with; -1 where the venue has none.
        levels: (k, 3) int64: side, ticks, lots that now rest there; zero lots remove a level.
        snapshot: the levels are the whole book and replace what there was.
        checksum: the venue's own over its best levels, -1 where it has none.
    """

    key: int
    event_time: int
    available_time: int
    first: int
    last: int
    previous: int
    levels: I64
    snapshot: bool = False
    checksum: int = -1


class Bar(msgspec.Struct, frozen=True, gc=False):
    """A venue's own bar; ``closed`` once it will not change any more."""

    key: int
    event_time: int
    available_time: int
    open_time: int
    close_time: int
    open: int
    high: int
    low: int
    close: int
    lots: int
    closed: bool


class Funding(msgspec.Struct, frozen=True, gc=False):
    """A funding rate that longs pay to shorts, as a fraction of the position's value."""

    key: int
    event_time: int
    available_time: int
    rate: float
    due_time: int
    settled: bool


class Liquidation(msgspec.Struct, frozen=True, gc=False):
    """A forced order of somebody else; ``side`` 1 buys, -1 sells."""

    key: int
    event_time: int
    available_time: int
    side: int
    ticks: int
    lots: int


MarketEvent = Trade | Quote | BookDelta | Bar | Funding | Liquidation
