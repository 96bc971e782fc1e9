"""An order as we know it: tagged frozen states, each carrying only what is valid in it.

::

    Placed      approved and journaled; sent, or about to be
    Working     the venue has it
    Cancelling  a cancel was asked for and nothing came back yet
    Unknown     nobody knows what became of it: only the venue's evidence ends that
    Ending      the venue says that it is gone, and fills of it are still missing
    Done        nothing more is expected of it

The venue's order id is empty until the venue has said that it has the order; a venue
that gives none of its own is told by ours. So a state with an id, or with a fill, is of
an order that existed.

Every order is asked for its state all the time, and no state has kinds of its own: what
asks often compares types, which for these takes a quarter of the time of `isinstance`.
"""

from enum import IntEnum
from typing import final

import msgspec

from kedge.domain.order import Order


class Why(IntEnum):
    """Why an order is done. Codes are stable; the first three are those of `End`."""

    FILLED = 1
    CANCELLED = 2
    EXPIRED = 3
    CLOSED = 4
    """Gone, and the venue does not say how."""
    REJECTED = 5
    ABSENT = 6
    """The venue knew no such order when it could not arrive any more."""
    UNSENT = 7


NEVER = frozenset({Why.REJECTED, Why.ABSENT, Why.UNSENT})
"""Ends of orders that never existed at the venue."""


@final
class Placed(msgspec.Struct, frozen=True, array_like=True, tag=1):
    """Approved and journaled at ``at``, ns UTC; sent, or about to be."""

    order: Order
    at: int


class Known(msgspec.Struct, frozen=True, array_like=True):
    """What is known of an order that has left.

    Attributes:
        order: what was asked for.
        venue_id: the venue's order id, empty before it has acknowledged.
        filled: lots of all fills that were seen.
        at: when it was placed, ns UTC.
        triggered: a stop order that was touched and is at the market.
    """

    order: Order
    venue_id: str
    filled: int
    at: int
    triggered: bool


@final
class Working(Known, frozen=True, array_like=True, tag=2):
    """The venue has it."""


@final
class Cancelling(Known, frozen=True, array_like=True, tag=3):
    """A cancel was asked for.

    Attributes:
        asked: when last, or from when on it is due; ns UTC.
        tries: cancels asked for, 0 when one is due again.
    """

    asked: int
    tries: int


@final
class Unknown(Known, frozen=True, array_like=True, tag=4):
    """Nobody knows what became of it.

    Attributes:
        since: ns UTC.
        asked: when the venue was last asked, or from when on that is due; ns UTC.
        tries: times that it was asked.
        cancel: a cancel is wanted; found open, it is asked for again.
    """

    since: int
    asked: int
    tries: int
    cancel: bool


@final
class Ending(Known, frozen=True, array_like=True, tag=5):
    """Gone from the venue; fills of it have not come yet.

    Attributes:
        why: how it ended.
        lots: filled in all, -1 where the venue does not tell.
        ended: when, by the venue's clock; ns UTC.
        asked, tries: as in `Unknown`.
    """

    why: Why
    lots: int
    ended: int
    asked: int
    tries: int


@final
class Done(msgspec.Struct, frozen=True, array_like=True, tag=6):
    """Nothing more is expected of it; a late fill is still taken.

    Attributes:
        order, venue_id, filled: as in `Known`.
        why: how it ended.
        at: when it was placed, ns UTC.
    """

    order: Order
    venue_id: str
    filled: int
    why: Why
    at: int


Tracked = Placed | Working | Cancelling | Unknown | Ending
"""States that hold an order's lots in every limit."""

State = Tracked | Done

LIVE = (Placed, Working)
"""States of an order that can be called back."""


def exposed(state: State) -> int:
    """Lots that may still be filled, however unlikely."""
    if type(state) is Placed:
        return state.order.lots
    if type(state) is Done:
        return 0
    if type(state) is Ending and state.lots >= 0:
        return state.lots - state.filled
    return state.order.lots - state.filled


def existed(state: State) -> bool:
    """Whether the venue has shown that it had the order."""
    return type(state) is not Placed and (bool(state.venue_id) or state.filled > 0)
