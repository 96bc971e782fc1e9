"""Orders, reports and decisions for tests of the trading side, short to write."""

from typing import Any

from kedge.domain.decided import CancelAsked, Doubted, QueryAsked
from kedge.domain.order import Order, OrderType, TimeInForce
from kedge.domain.report import (
    Accepted,
    CancelRefused,
    End,
    Ended,
    Filled,
    Found,
    NoAnswer,
    NotFound,
    Rejected,
    Triggered,
    Unsent,
)
from kedge.execution.lifecycle import Placed, State, advance

S = 1_000_000_000
ID = "k0000000a-1-0"
WAIT = 6 * S
"""After this long an order can no longer arrive."""


def order(side: int = 1, lots: int = 10, **changes: Any) -> Order:
    """A market order of key 0, or with a limit a limit order."""
    given = {"limit": 0, **changes}
    kind = given.pop("type", OrderType.LIMIT if given["limit"] else OrderType.MARKET)
    return Order(
        given.pop("id", ID), given.pop("key", 0), side, lots, kind,
        given.pop("tif", TimeInForce.GTC), **given,
    )  # fmt: skip


def placed(**changes: Any) -> Placed:
    return Placed(order(**changes), 0)


def accepted(venue_id: str = "v1", at: int = S) -> Accepted:
    return Accepted(0, ID, at, at, venue_id)


def rejected(at: int = S) -> Rejected:
    return Rejected(0, ID, at, at, "-2010", "no")


def filled(lots: int, trade: str = "1", at: int = S, side: int = 1, **changes: Any) -> Filled:
    given = {"venue_id": "v1", "ticks": 100, "key": 0, **changes}
    return Filled(
        given["key"], ID, at, at, given["venue_id"], trade, side, lots, given["ticks"], 0, False,
        given["ticks"],
    )  # fmt: skip


def ended(total: int, why: End = End.CANCELLED, at: int = S) -> Ended:
    return Ended(0, ID, at, at, why, total)


def triggered(at: int = S) -> Triggered:
    return Triggered(0, ID, at, at)


def cancel_refused(at: int = S) -> CancelRefused:
    return CancelRefused(0, ID, at, at, "-2011", "unknown order")


def found(
    total: int = 0, *, is_open: bool = True, refused: bool = False, at: int = S, v: str = "v1"
) -> Found:
    return Found(0, ID, at, at, v, is_open and not refused, total, refused)


def not_found(asked: int) -> NotFound:
    return NotFound(0, ID, asked, asked + S, asked)


def unsent(at: int = S) -> Unsent:
    return Unsent(0, ID, at, at, "latch")


def no_answer(at: int = S) -> NoAnswer:
    return NoAnswer(0, ID, at, at, "timed out")


def cancel(at: int = S) -> CancelAsked:
    return CancelAsked(at, ID)


def query(at: int = S) -> QueryAsked:
    return QueryAsked(at, ID)


def doubt(at: int = S) -> Doubted:
    return Doubted(at, ID)


def after(state: State, *things: Any) -> State:
    """The state after reports and decisions, none of which may contradict."""
    for thing in things:
        state = advance(state, thing, WAIT)
        assert not hasattr(state, "what"), state
    return state
