"""What happened before a session's first instant, as rows that warm it up.

Days come from the venue's past, one row a session. The last stretch before the start is a
rehearsal: the same kind of market, rows of full length. Nothing of it is traded.
"""

from typing import NamedTuple

import msgspec
import numpy as np

from kedge.bootstrap.listing import Listing, beginning_at
from kedge.data.hours import Hours
from kedge.domain.panel import FRESH, TRADABLE
from kedge.domain.row import RowClosed
from kedge.engine.trading.desk import NO_QUOTE, Universe
from kedge.engine.trading.market import MarketSide, Watch
from kedge.engine.trading.rows import closed_row
from kedge.venues.simulated.flow import Stream, flowing
from kedge.venues.simulated.listing import listed
from kedge.venues.simulated.setup import Setup
from kedge.venues.simulated.venue import SimulatedVenue


class History(NamedTuple):
    """Rows before the start, and prices at their end.

    Attributes:
        rows: numbered from 0, oldest first.
        listing: the same, beginning at the last prices.
    """

    rows: tuple[RowClosed, ...]
    listing: Listing


def streams_of(listing: Listing) -> tuple[Stream, ...]:
    """Order flow in each book."""
    return tuple(Stream(key, i.worth, i.habits) for key, i in enumerate(listing.issues))


def setup_of(listing: Listing, cash: dict[str, int], start: int, seed: int) -> Setup:
    """A venue that lists these."""
    return Setup(
        listings=tuple(listed(key, each) for key, each in enumerate(listing.instruments)),
        cash=cash,
        opening={key: issue.worth.ticks for key, issue in enumerate(listing.issues)},
        start=start,
        seed=seed,
    )


def history_of(
    listing: Listing, universe: Universe, hours: Hours, watch: Watch, start: int, rows: int,
    seed: int,
) -> History:  # fmt: skip
    """Everything before ``start``.

    Args:
        listing: what is traded.
        universe: the same, under keys.
        hours: of the exchange.
        watch: how rows are closed.
        start: ns UTC.
        rows: that the rehearsal has.
        seed: of the rehearsal.
    """
    interval = universe.interval_ns
    begin, end = hours.open_before(start, (rows + 1) * interval)
    days = _days(listing, universe, hours, begin)
    market = MarketSide(universe, watch, begin, len(days))
    setup = setup_of(listing, {}, begin, seed)
    venue = SimulatedVenue(setup, flowing(streams_of(listing), seed, begin))
    rehearsed: list[RowClosed] = []
    for key in range(len(listing.issues)):
        venue.ask_depth(key)
    for at in range(begin + interval // 4, end + 1, interval // 4):
        venue.advance(at)
        for event in venue.market_events():
            market.take(event)
        rehearsed += market.rows(at)
    last = [venue.exchange.matchers[key].last for key in range(len(listing.issues))]
    return History((*days, *rehearsed), beginning_at(listing, last))


def _days(listing: Listing, universe: Universe, hours: Hours, begin: int) -> list[RowClosed]:
    """One row for each session of the past; quotes are not known any more."""
    past, n = listing.past, len(listing.issues)
    closes = hours.closes_before(begin, len(past.bars))
    sizes = np.array([float(i.lot) * i.multiplier for i in listing.instruments])
    quotes = np.array([msgspec.structs.astuple(NO_QUOTE)] * len(universe.keys), np.int64)
    bars, lots = past.bars[-len(closes) :], past.lots[-len(closes) :]
    return [
        closed_row(
            number, at, hours.session(at), bars[number], lots[number] * sizes,
            np.full(n, TRADABLE | FRESH, np.uint8), np.zeros(n, np.int64), np.ones(n), quotes,
        )
        for number, at in enumerate(closes)
    ]  # fmt: skip
