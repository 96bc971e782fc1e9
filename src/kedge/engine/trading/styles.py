"""How an intent becomes orders: the style that a session is given.

A style says what to order now and when it wants to be asked again; it sees the work and
the quote and nothing else. The bar contract's gives one order that meets one bar.
"""

from typing import Final, Protocol

from kedge.domain.control import Quoted
from kedge.domain.order import Order, OrderType, TimeInForce, order_id
from kedge.engine.trading.desk import Work

LATER: Final = 2**63 - 1


class Style(Protocol):
    """How intents are worked off."""

    stops_move: bool
    """Whether protective stops follow every change of theirs at once."""

    def until(self, at: int) -> int:
        """When what is left of an intent made at ``at`` is given up, ns UTC."""

    def next(self, work: Work, lineage: str, at: int, quote: Quoted) -> Order | None:
        """The order to make now, None for none."""

    def due(self, work: Work) -> int:
        """When to ask again, ns UTC."""

    def over(self, work: Work, at: int) -> str:
        """Why nothing more will be ordered for a work without tracked orders; empty if more is."""


class BarStyle:
    """The bar contract: one order for the whole, which lives one bar.

    Args:
        limit: rest at the price of the decision instead of going to the market.
    """

    stops_move = True

    def __init__(self, limit: bool) -> None:
        self._limit = limit

    def until(self, at: int) -> int:
        """Never: the venue ends it."""
        return LATER

    def next(self, work: Work, lineage: str, at: int, quote: Quoted) -> Order | None:
        """The whole intent, once."""
        intent = work.intent
        if work.made:
            return None
        return Order(
            order_id(lineage, intent.number, 0),
            intent.key,
            1 if intent.lots > 0 else -1,
            abs(intent.lots),
            OrderType.LIMIT if self._limit else OrderType.MARKET,
            TimeInForce.BAR,
            intent.ticks if self._limit else 0,
            reason=intent.reason,
            stop=intent.stop,
            intent=intent.number,
        )

    def due(self, work: Work) -> int:
        """Never."""
        return LATER

    def over(self, work: Work, at: int) -> str:
        """Once its one order is gone."""
        return "its bar is over" if work.made or work.refused else ""
