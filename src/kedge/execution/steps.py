"""Single steps between order states, shared by the transitions of `lifecycle`."""

from typing import Final, final

import msgspec

from kedge.domain.report import Filled
from kedge.execution.tracked import (
    NEVER,
    Cancelling,
    Done,
    Ending,
    Placed,
    State,
    Unknown,
    Why,
    Working,
)

_FILLED: Final = Why.FILLED


@final
class Contradiction(msgspec.Struct, frozen=True):
    """A report that contradicts what is known: kept and said aloud, not believed.

    Attributes:
        what: one line.
        then: where tracking goes on; the report itself has changed nothing in it.
    """

    what: str
    then: State


def contradicted(state: State, what: str, at: int) -> Contradiction:
    """In doubt from ``at`` on, unless doubted already or over.

    An order that was believed never to have existed is tracked again: the venue is asked,
    and tells its fills first.
    """
    line = f"{state.order.id}: {what}"
    if type(state) is Done:
        if state.why not in NEVER:
            return Contradiction(line, state)
        return Contradiction(line, Unknown(state.order, "", 0, state.at, False, at, at, 0, False))
    return Contradiction(line, doubted(state, at))


def same_venue_id(state: State, venue_id: str) -> bool:
    """Whether a venue's order id can be that of ``state``: one of the two may be unknown."""
    if type(state) is Placed:
        return True
    return not venue_id or state.venue_id in ("", state.order.id, venue_id)


def doubted(state: State, at: int) -> State:
    """Unknown from ``at`` on, to be asked for at once; what is in doubt or over stays."""
    return _unknown(state, at, 0)


def asked(state: State, at: int) -> State:
    """After the venue was asked at ``at``: the pause before the next question grows."""
    if isinstance(state, Unknown | Ending):
        return msgspec.structs.replace(state, asked=at, tries=state.tries + 1)
    return _unknown(state, at, 1)


def _unknown(state: State, at: int, tries: int) -> State:
    if type(state) is Placed:
        return Unknown(state.order, "", 0, state.at, False, at, at, tries, False)
    if isinstance(state, Working | Cancelling):
        return Unknown(
            state.order, state.venue_id, state.filled, state.at, state.triggered,
            at, at, tries, isinstance(state, Cancelling),
        )  # fmt: skip
    return state


def worked(state: Placed | Working | Unknown, venue_id: str, at: int) -> State:
    """The venue has it and works it; a cancel that is still wanted is due at ``at``."""
    order = state.order
    if type(state) is Placed:
        return Working(order, venue_id or order.id, 0, state.at, False)
    name = venue_id or state.venue_id or order.id
    if type(state) is Unknown and state.cancel:
        return Cancelling(order, name, state.filled, state.at, state.triggered, at, 0)
    return Working(order, name, state.filled, state.at, state.triggered)


def with_fill(state: State, fill: Filled) -> State:
    """One more fill, already checked; it is evidence that the order exists."""
    order = state.order
    name = fill.venue_id or order.id
    if type(state) is Placed:
        if fill.lots == order.lots:
            return Done(order, name, fill.lots, _FILLED, state.at)
        return Working(order, name, fill.lots, state.at, False)
    name = state.venue_id or name
    filled = state.filled + fill.lots
    if type(state) is Done:
        return Done(order, name, filled, state.why, state.at)
    if filled == order.lots:
        return Done(order, name, filled, _FILLED, state.at)
    if type(state) is Ending and 0 <= state.lots <= filled:
        return Done(order, name, filled, state.why, state.at)
    if type(state) is Working:
        return Working(order, name, filled, state.at, state.triggered)
    return msgspec.structs.replace(state, venue_id=name, filled=filled)
