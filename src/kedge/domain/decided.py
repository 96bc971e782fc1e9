"""What the engine decided, as the journal keeps it; an effect follows once it is durable."""

from enum import IntEnum

import msgspec

from kedge.domain.control import Mode
from kedge.domain.order import Order


class Refusal(IntEnum):
    """Why the pre-trade gate refused an order. Codes are stable."""

    MODE = 1
    QUOTE_MISSING = 2
    QUOTE_STALE = 3
    SPREAD = 4
    PRICE_BAND = 5
    SLIPPAGE = 6
    LOT = 7
    TICK = 8
    NOTIONAL = 9
    ORDER_NOTIONAL = 10
    POSITION = 11
    GROSS = 12
    CASH = 13
    SHORT = 14
    INTERVAL = 15
    OPEN_ORDERS = 16
    PARTICIPATION = 17
    RATE = 18
    NOT_ABLE = 19
    DUPLICATE = 20
    INPUT = 21
    UNSETTLED = 22
    LINK = 23


class Intent(msgspec.Struct, frozen=True, array_like=True, tag=40):
    """A wish of the step that execution works off, in one order or in slices.

    Attributes:
        at: ns UTC.
        number: from 1.
        instrument: place in the universe.
        key: where it is worked.
        lots: signed.
        ticks: last price it was decided at.
        stop: stop distance in ticks that its fills place.
        reason: of the target.
        until: ns UTC at which what is left is given up.
        plan: how it is to be worked off, as execution writes it; empty for one order at once.
    """

    at: int
    number: int
    instrument: int
    key: int
    lots: int
    ticks: int
    stop: int
    reason: int
    until: int
    plan: bytes = b""


class OrderApproved(msgspec.Struct, frozen=True, array_like=True, tag=41):
    """The gate let an order pass; it is sent once this record is durable."""

    at: int
    order: Order


class OrderRefused(msgspec.Struct, frozen=True, array_like=True, tag=42):
    """The gate refused an order.

    Attributes:
        at: ns UTC.
        order: what was refused.
        why: which check.
        limit, value: what it was held against, and what it was.
    """

    at: int
    order: Order
    why: Refusal
    limit: float
    value: float


class CancelAsked(msgspec.Struct, frozen=True, array_like=True, tag=43):
    """A cancel is to be sent; it may be sent again."""

    at: int
    order: str


class QueryAsked(msgspec.Struct, frozen=True, array_like=True, tag=44):
    """The venue is to be asked what became of an order; it may be asked again."""

    at: int
    order: str


class Doubted(msgspec.Struct, frozen=True, array_like=True, tag=45):
    """Nobody knows what became of an order: only the venue's evidence ends that."""

    at: int
    order: str


class AccountAsked(msgspec.Struct, frozen=True, array_like=True, tag=46):
    """The venue is to be asked for open orders, fills since the cursor, and balances."""

    at: int
    key: int
    cursor: str


class ModeSet(msgspec.Struct, frozen=True, array_like=True, tag=47):
    """The session's mode from here on.

    Attributes:
        at: ns UTC.
        mode: what it may do.
        killed: stays HALTED over restarts until resumed.
        why: one line.
    """

    at: int
    mode: Mode
    killed: bool
    why: str


class Odd(msgspec.Struct, frozen=True, array_like=True, tag=48):
    """A report that contradicts what is known: kept, not believed, and said aloud.

    Attributes:
        at: ns UTC.
        what: one line.
    """

    at: int
    what: str


class Adjusted(msgspec.Struct, frozen=True, array_like=True, tag=49):
    """The ledger was brought to what the venue holds, by the stated policy.

    Attributes:
        at: ns UTC.
        key: whose position, -1 for cash.
        lots: added to the position.
        currency, amount: added to the cash, minor units.
        why: one line.
    """

    at: int
    key: int
    lots: int
    currency: str
    amount: int
    why: str


class IntentEnded(msgspec.Struct, frozen=True, array_like=True, tag=50):
    """Nothing more will be ordered for an intent; ``lots`` of it, signed, were given up."""

    at: int
    number: int
    lots: int
    why: str


class Routed(msgspec.Struct, frozen=True, array_like=True, tag=51):
    """An instrument is traded at another of its venues from here on.

    Attributes:
        at: ns UTC.
        instrument: which.
        key: place in the table of keys.
        why: one line.
    """

    at: int
    instrument: int
    key: int
    why: str


class Adopted(msgspec.Struct, frozen=True, array_like=True, tag=52):
    """An order that somebody else sent is counted, cancelled and booked with ours from here on.

    Attributes:
        at: ns UTC.
        order: as far as the venue tells; its price is not known.
        venue_id: the venue's order id.
    """

    at: int
    order: Order
    venue_id: str
