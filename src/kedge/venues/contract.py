"""A venue's contract: translation only. One conformance suite holds every adapter to it.

Calls return at once; what comes of them comes back as reports
(`kedge.domain.report`). An adapter never retries a submit, never invents a report,
and answers every call by at least one report, `NoAnswer` if need be.
"""

from typing import Protocol

import msgspec

from kedge.domain.report import VenueReport
from kedge.risk.approved import Approved


class Able(msgspec.Struct, frozen=True, kw_only=True):
    """What a venue can do; the engine asks for nothing else.

    Attributes:
        client_ids: it takes ours; without them one order per symbol and side may be out.
        stops: protective stops rest there.
        stop_limit, post_only, ioc, fok, iceberg, reduce_only: order kinds and flags.
        short: positions below zero.
        receive_window_ns: after this long a request that had not arrived is refused, by the
            stamp on it.
        skew_ns: how far a stamp is reckoned to be off the venue's clock; an adapter that knows
            of more waits for longer before it vouches for an order's absence.
    """

    client_ids: bool = True
    stops: bool = True
    stop_limit: bool = True
    post_only: bool = True
    ioc: bool = True
    fok: bool = True
    iceberg: bool = False
    reduce_only: bool = False
    short: bool = False
    receive_window_ns: int = 5_000_000_000
    skew_ns: int = 0


class Venue(Protocol):
    """One account at one exchange or broker."""

    @property
    def able(self) -> Able:
        """What it can do."""

    def submit(self, approved: Approved) -> None:
        """Send an order, once."""

    def cancel(self, key: int, order: str) -> None:
        """Ask for a cancel by client order id."""

    def query(self, key: int, order: str) -> None:
        """Ask what became of an order: `Found` or `NotFound`, its fills first.

        Where the adapter knows that the order may still arrive, `NotFound.asked` is 0.
        """

    def open_orders(self) -> None:
        """Ask for everything that rests: `OpenOrders`."""

    def fills_since(self, cursor: str) -> None:
        """Ask for fills: each as `Filled`, then `FillsThrough`."""

    def balances(self) -> None:
        """Ask what the account holds: `Balances`."""

    def reports(self) -> list[VenueReport]:
        """Everything that came in since the last call, in order; empty when nothing did."""
