"""Somebody who trades by hand on the session's account."""

from typing import Final

from kedge.domain.order import Order, OrderType
from kedge.testing.simulation.scene import OPENING, Scene
from kedge.venues.simulated.faults import FaultyVenue
from kedge.venues.simulated.requests import Cancel, Cross, Submit

HAND: Final = "by-hand"
"""Client id of his one order."""
_LOTS: Final = 1_000
_BELOW: Final = 0.7
"""Of the bid at which an order rests that is to be adopted before anybody sells to it."""
_NEVER: Final = 2**62


class Stranger:
    """He sends one order, and cancels it later.

    It rests where nobody sells, wherever prices go. Where the session adopts it, somebody
    sells down to it once it is adopted, and fills a part of it.

    Args:
        scene: in which he is.
        at: ns UTC at which he sends it.
        over: ns UTC at which he cancels it.
    """

    def __init__(self, scene: Scene, at: int, over: int) -> None:
        self._adopted = scene.adopts
        self._due = at
        self._over, self._limit, self._sold = over, 0, False

    def act(self, now: int, venue: FaultyVenue, bid: int, tracked: bool) -> str:
        """Do what is due.

        Args:
            now: ns UTC.
            venue: where he trades.
            bid: of the first key, ticks; 0 where nobody knows it.
            tracked: whether the session has adopted his order.

        Returns:
            What he did, as campaigns count it; empty for nothing.
        """
        if tracked and self._limit and not self._sold:
            self._sold = True
            venue.act(Cross(0, -1, self._limit, _LOTS // 2))
            return "adopted"
        if now < self._due or (self._adopted and not self._limit and not bid):
            return ""
        if self._limit:
            venue.by_hand(Cancel(0, HAND))
            self._due = _NEVER
        else:
            self._limit = int(_BELOW * bid) if self._adopted else OPENING // 10
            venue.by_hand(Submit(Order(HAND, 0, 1, _LOTS, OrderType.LIMIT, limit=self._limit)))
            self._due = self._over
        return "by hand"
