"""How a session trades, whatever its market does."""

from typing import NamedTuple

from kedge.engine.trading.styles import Style
from kedge.execution.lifecycle import Terms
from kedge.execution.router import RouteTerms
from kedge.execution.slicing.volumes import SessionClock
from kedge.risk.gate import GateRules


class Way(NamedTuple):
    """How a session trades; part of what a journal's parameters say.

    Attributes:
        rules: of the gate, by key.
        terms: time-outs of orders.
        style: how intents are worked off.
        compare_ns: between two comparisons with the venue.
        artifacts: hash of each strategy's source or artifact.
        routes: when another venue of an instrument is taken.
        clock: of sessions whose volume is to be learned; None where the style does not ask.
    """

    rules: tuple[GateRules, ...]
    terms: Terms
    style: Style
    compare_ns: int
    artifacts: tuple[str, ...]
    routes: RouteTerms = RouteTerms()
    clock: SessionClock | None = None
