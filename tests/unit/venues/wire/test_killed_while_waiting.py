"""A kill reaches an order that waits for its turn at the rate budget."""

import time

from contracts.test_simulated_venue import BID, COIN, LOT
from kedge.data.streams.budget import Budget, Limit
from kedge.domain.order import Order, OrderType
from kedge.domain.report import Accepted, Unsent
from kedge.risk.approved import Approved
from kedge.risk.mint import Token
from kedge.venues.ccxt.adapter import CcxtVenue
from kedge.venues.ccxt.client import Access
from kedge.venues.ccxt.exchanges import exchange_of
from wire_stage import KEY, NAME, QUICK, RIGHTS, served, until

SECOND = 10**9
ORDER = Order("kc0ffee00-1-0", KEY, 1, LOT, OrderType.LIMIT, limit=BID)


def held_back(reduces):
    """What becomes of an order while the budget makes it wait and the session is killed."""
    latch = []
    with served() as server:
        access = Access(
            exchange=exchange_of("binance"), key=NAME, secret=RIGHTS.secret, url=server.url
        )
        budget = Budget(Limit(400, 40 * SECOND))
        venue = CcxtVenue(
            access, {KEY: COIN}, time.time_ns, budget, backoff=QUICK, killed=lambda: bool(latch)
        )
        try:
            venue.open()
            until(lambda: venue.connected)
            while not budget.take(1, time.time_ns()):
                pass
            venue.submit(Approved(ORDER, Token(), reduces))
            time.sleep(0.05)  # four of weight come in 400 ms
            assert not venue.idle
            latch.append("killed")
            until(lambda: venue.idle)
            kinds = {type(each) for each in venue.reports() if each.order == ORDER.id}
            return kinds & {Unsent, Accepted}, len(list(server.floor.tickets.of(KEY)))
        finally:
            venue.close()


def test_a_kill_holds_back_what_waits_for_the_rate_budget():
    assert held_back(reduces=False) == ({Unsent}, 0)


def test_a_reduction_leaves_after_a_kill():
    assert held_back(reduces=True) == ({Accepted}, 1)
