"""Bugs in what the gate and the kill latch hold back."""

from typing import Any, Final

import msgspec

from kedge.engine.commit import CommandPump
from kedge.engine.trading import decide
from kedge.risk import gate
from kedge.risk.approved import Approved
from kedge.risk.mint import Token
from simulation.planting import Planter, bug

_replace: Final = msgspec.structs.replace


@bug(0, "sells more than there is|adds risk")
def gate_skipped(p: Planter) -> None:
    """Every order is approved."""

    def examine(order: Any, rules: Any, view: Any) -> Approved:
        return Approved(order, Token(), gate.reduces(order, view))

    p.swap(decide, "examine", lambda real: examine)


@bug(100, "brings key")
def limit_blind_to_working_orders(p: Planter) -> None:
    """The position limit counts what is held, not what may still fill."""

    def exposure(real: Any) -> Any:
        return lambda order, rules, view: real(order, rules, _replace(view, buying=0, selling=0))

    p.swap(gate, "exposure", exposure)


@bug(0, "sells more than there is")
def reduction_blind_to_working_orders(p: Planter) -> None:
    """An order against the position is a reduction whatever else is on its way to close it."""

    def reduces(order: Any, view: Any) -> bool:
        return order.side * view.held < 0 and order.lots <= abs(view.held)

    p.swap(gate, "reduces", lambda real: reduces)
    p.swap(decide, "_room", lambda real: lambda desk, work, way: abs(work.left))


@bug(51, "adds risk while")
def new_risk_after_a_kill(p: Planter) -> None:
    """The gate does not ask whether the session may trade."""
    p.swap(gate, "state_of_session", lambda real: lambda view: None)


@bug(64, "was sent after the session was killed")
def latch_not_read_when_sending(p: Planter) -> None:
    """A kill is obeyed once the loop has heard of it, and not before."""

    def init(real: Any) -> Any:
        return lambda self, killed: real(self, lambda: False)

    p.swap(CommandPump, "__init__", init)


@bug(0, "on a quote that is")
def stale_quote_accepted(p: Planter) -> None:
    """A quote that was true once is good enough for new risk."""

    def quote(real: Any) -> Any:
        return lambda view, rules: real(_replace(view, age=0), rules)

    p.swap(gate, "quote", quote)
