"""The venue as a session's process reaches it: here a kill can strike around a send."""

from collections import Counter

from kedge.domain.report import VenueReport
from kedge.risk.approved import Approved
from kedge.venues.simulated.faults import FaultyVenue


class KilledError(Exception):
    """The process is gone between two of its steps."""


class Line:
    """The venue as the session's process reaches it: here a kill can strike around a send.

    Args:
        venue: behind it.
    """

    def __init__(self, venue: FaultyVenue) -> None:
        self._venue = venue
        self.able = venue.able
        self.fuse = -1
        self.after = False
        self.submitted: Counter[str] = Counter()

    def submit(self, approved: Approved) -> None:
        """Send an order, once."""
        self._burn(False)
        self.submitted[approved.order.id] += 1
        self._venue.submit(approved)
        self._burn(True)

    def cancel(self, key: int, order: str) -> None:
        """Ask for a cancel."""
        self._burn(False)
        self._venue.cancel(key, order)

    def query(self, key: int, order: str) -> None:
        """Ask what became of an order."""
        self._burn(False)
        self._venue.query(key, order)

    def open_orders(self) -> None:
        """Ask for everything that rests."""
        self._venue.open_orders()

    def fills_since(self, cursor: str) -> None:
        """Ask for fills."""
        self._venue.fills_since(cursor)

    def balances(self) -> None:
        """Ask what the account holds."""
        self._venue.balances()

    def reports(self) -> list[VenueReport]:
        """What came in."""
        return self._venue.reports()

    def _burn(self, after: bool) -> None:
        if self.fuse >= 0 and after == self.after:
            self.fuse -= 1
            if self.fuse < 0:
                raise KilledError
