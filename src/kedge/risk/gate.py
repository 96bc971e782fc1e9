"""The pre-trade gate: each order alone, once more, and only from here an `Approved`.

It fails closed. Whatever is missing, not a number, negative where it cannot be, or
stale refuses an order that opens or adds to a position. A verified reduction, an order
against the position that with all that works already cannot turn it, passes every check of
risk, and still obeys the venue's own rules. Nothing switches the gate off.
"""

from kedge.domain.decided import Refusal
from kedge.domain.order import Order
from kedge.risk.approved import Approved
from kedge.risk.gate_checks import (
    Refused,
    able,
    exposure,
    funds,
    inputs,
    minimum,
    pace,
    prices,
    quote,
    reduces,
    state_of_session,
    well_formed,
)
from kedge.risk.gate_view import GateRules, View
from kedge.risk.mint import Token

__all__ = ["Approved", "GateRules", "Refused", "View", "examine", "reduces"]


def examine(order: Order, rules: GateRules, view: View) -> Approved | Refused:
    """Let an order pass, or say which check it failed first.

    Args:
        order: what is to be sent.
        rules: of the order's key.
        view: the instant; nothing else is known here.
    """
    if flaw := well_formed(order, rules):
        return flaw
    reducing = reduces(order, view)
    refused = _refused(order, rules, view, reducing)
    return Approved(order, Token(), reducing) if refused is None else refused


def _refused(order: Order, rules: GateRules, view: View, reducing: bool) -> Refused | None:
    if view.duplicate is not False:
        return Refused(Refusal.DUPLICATE, 0.0, 1.0)
    refused = able(order, rules, view, reducing) or minimum(order, rules, view, reducing)
    if refused is not None or reducing:
        return refused
    return (
        state_of_session(view)
        or inputs(view)
        or quote(view, rules)
        or prices(order, rules, view)
        or exposure(order, rules, view)
        or funds(order, rules, view)
        or pace(order, rules, view)
    )
