"""What venues say about orders and accounts: evidence, never our own guesses.

``at`` is when the venue says that it happened, ``received`` when we read it; ns UTC.
The integer tags are stable: reports are stored in journals.
"""

from decimal import Decimal
from enum import IntEnum

import msgspec


class Report(msgspec.Struct, frozen=True, array_like=True):
    """What every report says.

    Attributes:
        key: place in the session's table of keys.
        order: client order id; empty where the venue does not tell.
        at, received: ns UTC.
    """

    key: int
    order: str
    at: int
    received: int


class Accepted(Report, frozen=True, tag=1):
    """The venue has the order and works it."""

    venue_id: str


class Rejected(Report, frozen=True, tag=2):
    """The venue has refused the order for good: it never rested and never will.

    Attributes:
        code: the venue's own, as text.
        text: one line.
    """

    code: str
    text: str


class Filled(Report, frozen=True, tag=3):
    """One execution.

    Attributes:
        venue_id: the venue's order id.
        trade: the venue's id of the execution; with the key it is unique, repeats repeat it.
        side: 1 bought, -1 sold.
        lots: above zero.
        ticks: price.
        fee: minor units of the settlement currency, below zero for a rebate.
        maker: rested before it was met.
        base: ticks before spread and impact where the venue is a model and knows, else ``ticks``.
        paid_in: coin that the venue took for the fee; empty where it took ``fee`` itself.
        paid: how much of that coin; ``fee`` is then what it was worth.
    """

    venue_id: str
    trade: str
    side: int
    lots: int
    ticks: int
    fee: int
    maker: bool
    base: int
    paid_in: str = ""
    paid: Decimal = Decimal(0)


class End(IntEnum):
    """Why an order is gone. Codes are stable."""

    FILLED = 1
    CANCELLED = 2
    EXPIRED = 3


class Ended(Report, frozen=True, tag=4):
    """The order is gone from the venue.

    Attributes:
        why: one of `End`.
        filled: lots filled in all, -1 where the venue does not tell.
        text: one line, empty without one.
    """

    why: End
    filled: int
    text: str = ""


class Triggered(Report, frozen=True, tag=5):
    """A stop order was touched and is now at the market."""


class CancelRefused(Report, frozen=True, tag=6):
    """A cancel did nothing: filled already, or not known."""

    code: str
    text: str


class Found(Report, frozen=True, tag=7):
    """Answer to a query: what the venue knows of the order.

    Attributes:
        venue_id: the venue's order id.
        open: whether it still works there.
        filled: lots filled in all; the fills themselves come as `Filled`.
        rejected: the venue has it as refused.
    """

    venue_id: str
    open: bool
    filled: int
    rejected: bool


class NotFound(Report, frozen=True, tag=8):
    """Answer to a query: the venue knows no such order, which may still arrive.

    Attributes:
        asked: when the query left, ns UTC; 0 where whoever sent the order could not rule out
            that it was still on its way, so that the answer proves nothing.
    """

    asked: int


class Unsent(Report, frozen=True, tag=9):
    """The shell did not send it: nothing left this machine.

    Attributes:
        why: one line: the kill latch, a rate ban, no connection.
    """

    why: str


class NoAnswer(Report, frozen=True, tag=10):
    """It was sent and nothing definite came back: a time-out, a reset, an error of the server."""

    why: str


class Balances(Report, frozen=True, tag=11):
    """What the venue says an account holds; ``key`` is any of the account's.

    Attributes:
        cash: (currency, minor units) pairs.
        positions: (key, lots) pairs of everything that is not zero.
    """

    cash: tuple[tuple[str, int], ...]
    positions: tuple[tuple[int, int], ...]


class OpenOrders(Report, frozen=True, tag=12):
    """Everything that rests at the venue for an account, as of ``at``.

    Attributes:
        orders: (client id, venue id, key, side, lots, filled) each; a client id may be empty.
    """

    orders: tuple[tuple[str, str, int, int, int, int], ...]


class FillsThrough(Report, frozen=True, tag=13):
    """The fills of an account up to ``at`` have all been reported, none is missing.

    Attributes:
        cursor: where the next question starts, in the venue's own words.
    """

    cursor: str


class Link(Report, frozen=True, tag=14):
    """The stream of reports broke or came back.

    Attributes:
        up: whether reports flow.
        why: one line.
    """

    up: bool
    why: str


class Kept(Report, frozen=True, tag=15):
    """A segment of raw market messages is whole on the disk: the journal names it by its hash.

    Attributes:
        segment: SHA-256 of what is in it; empty where recording had to end.
        why: one line, where it had to end.
    """

    segment: str
    why: str = ""


VenueReport = (
    Accepted
    | Rejected
    | Filled
    | Ended
    | Triggered
    | CancelRefused
    | Found
    | NotFound
    | Unsent
    | NoAnswer
    | Balances
    | OpenOrders
    | FillsThrough
    | Link
    | Kept
)
