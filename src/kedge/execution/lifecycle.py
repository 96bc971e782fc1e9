"""What becomes of an order: pure transitions, total over reports and decisions.

An order leaves tracking only on evidence of its venue. What contradicts that evidence
is not believed: it gives a `Contradiction`, which says where tracking goes on, mostly
in doubt, so that the venue is asked. No transition sends a submit again.
"""

from typing import TypeVar, assert_never

import msgspec

from kedge.domain.decided import CancelAsked, Doubted, QueryAsked
from kedge.domain.report import (
    Accepted,
    CancelRefused,
    Ended,
    Filled,
    FillsThrough,
    Found,
    NoAnswer,
    NotFound,
    Rejected,
    Triggered,
    Unsent,
)
from kedge.execution.deadlines import (
    NEVER_DUE,
    Terms,
    absence,
    deadline,
    due_action,
)
from kedge.execution.endings import closed, ended, settled
from kedge.execution.steps import (
    Contradiction,
    asked,
    contradicted,
    doubted,
    same_venue_id,
    with_fill,
    worked,
)
from kedge.execution.tracked import (
    NEVER,
    Cancelling,
    Done,
    Ending,
    Known,
    Placed,
    State,
    Tracked,
    Unknown,
    Why,
    Working,
    existed,
    exposed,
)

__all__ = [
    "NEVER_DUE", "Cancelling", "Contradiction", "Done", "Ending", "OrderDecision", "OrderReport",
    "Placed", "State", "Terms", "Tracked", "Unknown", "Why", "Working", "absence", "advance",
    "deadline", "due_action", "existed", "exposed",
]  # fmt: skip

_Known = TypeVar("_Known", bound=Known)

OrderReport = (
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
    | FillsThrough
)
"""What a venue says that concerns one order, or with `FillsThrough` each of a key's account."""

OrderDecision = CancelAsked | QueryAsked | Doubted
"""What the engine decides of an order that is on its way."""


def advance(state: State, thing: OrderReport | OrderDecision, wait: int) -> State | Contradiction:
    """The state after one report or decision.

    Args:
        state: of the order that ``thing`` is about; the caller has found it by its id.
        thing: a report of the venue, or what was decided.
        wait: ns after which an order that was placed can no longer arrive, see `absence`.
    """
    match thing:
        case Filled():
            return _filled(state, thing)
        case Accepted():
            return _accepted(state, thing)
        case CancelAsked():
            return _cancel_asked(state, thing.at)
        case Ended():
            return ended(state, thing)
        case Rejected():
            return _rejected(state, thing.received)
        case Triggered():
            return _triggered(state, thing)
        case CancelRefused():
            return _cancel_refused(state, thing)
        case Found():
            return _found(state, thing)
        case NotFound():
            return _not_found(state, thing, wait)
        case Unsent():
            return Done(state.order, "", 0, Why.UNSENT, state.at) if _fresh(state) else state
        case NoAnswer():
            return _no_answer(state, thing)
        case FillsThrough():
            return settled(state, thing)
        case QueryAsked():
            return asked(state, thing.at)
        case Doubted():
            return doubted(state, thing.at)
    assert_never(thing)


def _fresh(state: State) -> bool:
    """Whether only a submit can be out: a cancel or question that was not sent says nothing."""
    return type(state) is Placed


def _accepted(state: State, report: Accepted) -> State | Contradiction:
    if not same_venue_id(state, report.venue_id):
        return contradicted(state, f"accepted a second time as {report.venue_id}", report.received)
    match state:
        case Placed():
            return worked(state, report.venue_id, report.received)
        case Unknown() if not existed(state):
            return worked(state, report.venue_id, report.received)
        case Done(why=why) if why in NEVER:
            return contradicted(state, "accepted after it was never there", report.received)
        case Done():
            return state
        case Working() | Cancelling() | Unknown() | Ending():
            return _named(state, report.venue_id)
    assert_never(state)


def _named(state: _Known, venue_id: str) -> _Known:
    name = venue_id or state.venue_id or state.order.id
    return state if name == state.venue_id else msgspec.structs.replace(state, venue_id=name)


def _rejected(state: State, at: int) -> State | Contradiction:
    if existed(state):
        return contradicted(state, "rejected after the venue had it", at)
    if isinstance(state, Done):
        return state
    return Done(state.order, "", 0, Why.REJECTED, state.at)


def _filled(state: State, fill: Filled) -> State | Contradiction:
    if flaw := _fill_flaw(state, fill):
        return contradicted(state, flaw, fill.received)
    return with_fill(state, fill)


def _fill_flaw(state: State, fill: Filled) -> str:
    """Why a fill cannot be of this order; empty when it can."""
    order = state.order
    seen = 0 if type(state) is Placed else state.filled
    if fill.key != order.key or fill.side != order.side:
        return f"fill {fill.trade} is of another key or side"
    if fill.lots <= 0 or fill.ticks <= 0:
        return f"fill {fill.trade} of {fill.lots} lots at {fill.ticks} ticks"
    if seen + fill.lots > order.lots:
        return f"fill {fill.trade} of {fill.lots} lots where {order.lots - seen} were left"
    if type(state) is Done and state.why in NEVER:
        return f"fill {fill.trade} after it was never there"
    if not same_venue_id(state, fill.venue_id):
        return f"fill {fill.trade} is of the venue's order {fill.venue_id}"
    return ""


def _triggered(state: State, report: Triggered) -> State | Contradiction:
    if not state.order.trigger:
        return contradicted(state, "triggered without being a stop order", report.received)
    if isinstance(state, Done):
        if state.why in NEVER:
            return contradicted(state, "triggered after it was never there", report.received)
        return state
    if isinstance(state, Placed):
        return Working(state.order, state.order.id, 0, state.at, True)
    return msgspec.structs.replace(_named(state, ""), triggered=True)


def _cancel_refused(state: State, report: CancelRefused) -> State:
    """Filled already, or not known: either way only the venue can tell."""
    match state:
        case Placed() | Working() | Cancelling():
            return doubted(state, report.received)
        case Unknown() | Ending() | Done():
            return state
    assert_never(state)


def _found(state: State, report: Found) -> State | Contradiction:
    if not 0 <= report.filled <= state.order.lots:
        return contradicted(state, f"found with {report.filled} lots filled", report.received)
    if report.rejected:
        if report.open or report.filled:
            return contradicted(state, "found rejected, and open or filled", report.received)
        return _rejected(state, report.received)
    if not same_venue_id(state, report.venue_id):
        return contradicted(state, f"found as the venue's {report.venue_id}", report.received)
    return _found_open(state, report) if report.open else closed(state, report)


def _found_open(state: State, report: Found) -> State | Contradiction:
    """Open there; an answer that does not know of our fills, or knows of more, decides nothing."""
    seen = 0 if type(state) is Placed else state.filled
    match state:
        case Placed() | Working() if report.filled > seen:
            known = worked(state, report.venue_id, report.received)
            return asked(known, report.received)
        case Placed():
            return worked(state, report.venue_id, report.received)
        case Unknown() if report.filled == seen:
            return worked(state, report.venue_id, report.received)
        case Unknown() | Cancelling():
            return _named(state, report.venue_id)
        case Done(why=why) if why in NEVER:
            return contradicted(state, "found open after it was never there", report.received)
        case Working() | Ending() | Done():
            return state
    assert_never(state)


def _not_found(state: State, report: NotFound, wait: int) -> State | Contradiction:
    if report.asked - state.at <= wait or isinstance(state, Done):
        return state
    if existed(state):
        return contradicted(state, "not found after the venue had it", report.received)
    return Done(state.order, "", 0, Why.ABSENT, state.at)


def _no_answer(state: State, report: NoAnswer) -> State:
    """A submit is in doubt; a cancel or question that went unanswered is asked again in time."""
    if _fresh(state) or (isinstance(state, Cancelling) and not existed(state)):
        return doubted(state, report.received)
    return state


def _cancel_asked(state: State, at: int) -> State:
    match state:
        case Placed(order=order, at=placed):
            return Cancelling(order, "", 0, placed, False, at, 1)
        case Working(order=order, venue_id=venue_id, filled=filled, at=placed, triggered=hit):
            return Cancelling(order, venue_id, filled, placed, hit, at, 1)
        case Cancelling(tries=tries):
            return msgspec.structs.replace(state, asked=at, tries=tries + 1)
        case Unknown():
            return msgspec.structs.replace(state, cancel=True)
        case Ending() | Done():
            return state
    assert_never(state)
