"""When the engine must act on an order by itself, and what it does then.

A cancel may be sent again and a question asked again, both with a growing pause; a
submit never: no action here is one.
"""

from typing import Final, assert_never

import msgspec

from kedge.domain.decided import CancelAsked, Doubted, QueryAsked
from kedge.domain.errors import ConfigError
from kedge.execution.tracked import Cancelling, Done, Ending, Placed, State, Unknown, Working

NEVER_DUE: Final = 2**63 - 1
"""The deadline of what waits for nothing."""

_SECOND: Final = 1_000_000_000


class Terms(msgspec.Struct, frozen=True, kw_only=True):
    """How long is waited for what; ns.

    Attributes:
        send_ns: an order that has not left by then is not sent any more.
        ack_ns: for an acknowledgement, before an order is in doubt.
        cancel_ns: for the outcome of the first cancel; twice as long for each further one.
        cancel_tries: cancels before the order is in doubt.
        query_ns: between the first two questions; twice as long between each further two.
        query_max_ns: longest pause between questions, which go on for ever.
        fills_ns: for fills that are known to be missing, before they are asked for.
    """

    send_ns: int = _SECOND
    ack_ns: int = 5 * _SECOND
    cancel_ns: int = 5 * _SECOND
    cancel_tries: int = 3
    query_ns: int = _SECOND
    query_max_ns: int = 60 * _SECOND
    fills_ns: int = _SECOND

    def __post_init__(self) -> None:
        waits = self.send_ns, self.ack_ns, self.cancel_ns, self.query_ns, self.fills_ns
        if min(waits) <= 0 or self.query_max_ns < self.query_ns or self.cancel_tries < 1:
            raise ConfigError(
                "a time-out of orders is not above zero",
                "execution",
                "give every wait a length and a cancel at least one try",
            )


def absence(terms: Terms, receive_window_ns: int, skew_ns: int) -> int:
    """Nanoseconds after which an order that was placed can no longer arrive.

    Args:
        terms: how long it may take to leave this machine.
        receive_window_ns: after which the venue refuses a request, by the stamp on it.
        skew_ns: between the venue's clock and ours, either sign.
    """
    return terms.send_ns + receive_window_ns + abs(skew_ns)


def deadline(state: State, terms: Terms) -> int:
    """When something must be done about an order, ns UTC; `NEVER_DUE` for never."""
    if type(state) is Working or type(state) is Done:
        return NEVER_DUE
    if type(state) is Placed:
        return state.at + terms.ack_ns
    if type(state) is Cancelling:
        return state.asked + _pause(terms.cancel_ns, state.tries, terms.query_max_ns)
    if type(state) is Unknown:
        return state.asked + _pause(terms.query_ns, state.tries, terms.query_max_ns)
    if type(state) is Ending:
        pause = _pause(terms.query_ns, state.tries, terms.query_max_ns)
        return state.asked + (pause if state.tries else terms.fills_ns)
    assert_never(state)


def due_action(state: State, now: int, terms: Terms) -> CancelAsked | QueryAsked | Doubted | None:
    """What is to be recorded of an order at ``now``, ns UTC; None while nothing is due."""
    if now < deadline(state, terms):
        return None
    match state:
        case Placed(order=order):
            return Doubted(now, order.id)
        case Cancelling(order=order, tries=tries) if tries >= terms.cancel_tries:
            return Doubted(now, order.id)
        case Cancelling(order=order):
            return CancelAsked(now, order.id)
        case Unknown(order=order) | Ending(order=order):
            return QueryAsked(now, order.id)
        case Working() | Done():
            return None
    assert_never(state)


def _pause(first: int, tries: int, longest: int) -> int:
    """Nothing before the first try, then twice as long each time up to ``longest``."""
    if tries <= 0:
        return 0
    return min(first << min(tries - 1, 40), longest)
