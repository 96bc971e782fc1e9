"""How an order leaves tracking: the venue says that it is gone, and every fill has come.

A venue's word of an end and its fills travel apart. An order whose end told of more lots
than were seen is `Ending` until they come, so that none is ever lost with it.
"""

import msgspec

from kedge.domain.report import End, Ended, FillsThrough, Found
from kedge.execution.steps import Contradiction, contradicted
from kedge.execution.tracked import NEVER, Done, Ending, Placed, State, Unknown, Why

_UNTOLD = -1


def ended(state: State, report: Ended) -> State | Contradiction:
    """The venue's own word that the order is gone."""
    lots = state.order.lots
    total = report.filled
    if report.why is End.FILLED and total == _UNTOLD:
        total = lots
    if not _UNTOLD <= total <= lots or (report.why is End.FILLED and total != lots):
        return contradicted(state, f"{report.why.name} with {total} lots filled", report.received)
    return _over(state, Why(report.why), total, report.at, report.received)


def closed(state: State, report: Found) -> State | Contradiction:
    """The answer to a question that it no longer works there."""
    why = Why.FILLED if report.filled == state.order.lots else Why.CLOSED
    known = state
    if not isinstance(state, Placed | Done) and report.venue_id and not state.venue_id:
        known = msgspec.structs.replace(state, venue_id=report.venue_id)
    return _over(known, why, report.filled, report.at, report.received)


def _over(state: State, why: Why, total: int, at: int, received: int) -> State | Contradiction:
    if isinstance(state, Placed):
        seen, name = 0, state.order.id
    else:
        seen, name = state.filled, state.venue_id or state.order.id
    if isinstance(state, Done):
        return _again(state, why, total, at, received)
    if isinstance(state, Ending):
        why = state.why
        total = state.lots if total == _UNTOLD else total
        if state.lots not in (_UNTOLD, total):
            return contradicted(state, f"ended with {state.lots} and {total} lots", received)
    if _UNTOLD < total < seen:
        return contradicted(state, f"ended with {total} lots of {seen} seen", received)
    if total == seen:
        return Done(state.order, name, seen, why, state.at)
    if isinstance(state, Ending):
        return msgspec.structs.replace(state, lots=total)
    hit = not isinstance(state, Placed) and state.triggered
    tries = state.tries if isinstance(state, Unknown) else 0
    return Ending(
        state.order, name, seen, state.at, hit, why, total, at, received, tries
    )  # fmt: skip


def _again(state: Done, why: Why, total: int, at: int, received: int) -> State | Contradiction:
    """An end of what is over already: a repeat, unless it tells of fills that never came."""
    if total in (_UNTOLD, state.filled):
        return state
    if total < state.filled:
        return contradicted(state, f"ended with {total} lots of {state.filled} seen", received)
    name = state.venue_id or state.order.id
    owed = Ending(
        state.order, name, state.filled, state.at, False, why, total, at, received, 0
    )  # fmt: skip
    if state.why in NEVER:
        return Contradiction(f"{state.order.id}: {total} lots of it after it was never there", owed)
    return owed


def settled(state: State, report: FillsThrough) -> State | Contradiction:
    """All fills up to ``report.at`` have been reported: an end that told no lots is complete."""
    if not isinstance(state, Ending) or report.at < state.ended:
        return state
    if state.lots != _UNTOLD:
        missing = state.lots - state.filled
        return contradicted(state, f"{missing} lots are missing and none is", report.received)
    return Done(state.order, state.venue_id, state.filled, state.why, state.at)
