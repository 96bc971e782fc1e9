"""An order as the matching engine works it, and what can happen to one."""

from enum import IntEnum
from typing import final

import msgspec

from kedge.domain.order import OrderType, TimeInForce
from kedge.domain.report import End

CROWD = 0
"""Owner of the background flow; everybody else has a number above zero."""


class Working(msgspec.Struct, eq=False, gc=False):
    """An order in the book or on its way into it; the only thing here that changes in place.

    Attributes:
        number: unique in an exchange; below zero for the background flow.
        owner: `CROWD`, or an account's number.
        side: 1 buys, -1 sells.
        lots: as ordered.
        limit: ticks, 0 for none.
        kind, tif: as ordered.
        trigger: ticks, 0 for none.
        post_only, reduce_only: as ordered.
        display: lots that an iceberg shows, 0 shows all.
        left: lots that still work; a reduce-only order may have lost some unfilled.
        shown: lots of them that the book shows.
        filled: lots.
    """

    number: int
    owner: int
    side: int
    lots: int
    limit: int = 0
    kind: OrderType = OrderType.LIMIT
    tif: TimeInForce = TimeInForce.GTC
    trigger: int = 0
    post_only: bool = False
    reduce_only: bool = False
    display: int = 0
    left: int = 0
    shown: int = 0
    filled: int = 0


class Refusal(IntEnum):
    """Why the matching engine does not take an order."""

    HALTED = 1
    WOULD_TAKE = 2
    WOULD_TRIGGER = 3
    REDUCES_NOTHING = 4
    UNKNOWN = 5


@final
class Match(msgspec.Struct, frozen=True, gc=False, array_like=True, tag=1):
    """A resting order met an arriving one.

    Attributes:
        id: of the execution, from 1 in each instrument.
        maker, maker_owner: who rested; number 0 where it is nobody in particular.
        taker, taker_owner: who arrived.
        side: of the taker.
        ticks: price of the maker.
        lots: above zero.
    """

    id: int
    maker: int
    maker_owner: int
    taker: int
    taker_owner: int
    side: int
    ticks: int
    lots: int


@final
class Gone(msgspec.Struct, frozen=True, gc=False, array_like=True, tag=2):
    """An account's order left the book for good."""

    number: int
    why: End
    filled: int


@final
class Touched(msgspec.Struct, frozen=True, gc=False, array_like=True, tag=3):
    """A stop order was touched and is now worked."""

    number: int


Happening = Match | Gone | Touched
