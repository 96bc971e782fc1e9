"""Changes of the books, gathered until it is time to tell them."""

from kedge.domain.market import BID, BookDelta
from kedge.venues.wire.asked import MS
from kedge.venues.wire.order_texts import JsonObject
from kedge.venues.wire.spot import Spot


class Changes:
    """What changed in one book since it was last told.

    Args:
        spot: whose book.
    """

    def __init__(self, spot: Spot) -> None:
        self._spot = spot
        self._first = self._last = 0
        self._sides: tuple[dict[int, int], dict[int, int]] = ({}, {})

    def take(self, delta: BookDelta) -> None:
        """Gather one message."""
        self._first, self._last = self._first or delta.first, delta.last
        for side, ticks, lots in delta.levels.tolist():
            self._sides[0 if side == BID else 1][ticks] = lots

    def tell(self, at: int) -> JsonObject | None:
        """All of it as one message, and start anew; None where nothing changed."""
        if not self._first:
            return None
        spot, (bids, asks) = self._spot, self._sides
        told: JsonObject = {
            "e": "depthUpdate",
            "E": at // MS,
            "s": spot.symbol,
            "U": self._first,
            "u": self._last,
            "b": [[spot.price(t), spot.size(bids[t])] for t in sorted(bids, reverse=True)],
            "a": [[spot.price(t), spot.size(asks[t])] for t in sorted(asks)],
        }
        self._first, self._sides = 0, ({}, {})
        return told
