"""An order that could not leave in time is not sent, since its absence would prove nothing."""

import time

import msgspec

from contracts.test_simulated_venue import ASK, BID, COIN, LOT
from kedge.domain.order import Order, OrderType
from kedge.domain.report import Accepted, Unsent
from kedge.venues.ccxt.adapter import CcxtVenue
from kedge.venues.ccxt.client import Access
from kedge.venues.ccxt.exchanges import exchange_of
from simulated import approved
from wire_stage import KEY, NAME, QUICK, RIGHTS, served, until

MS = 1_000_000
ORDER = Order("kc0ffee00-1-0", KEY, 1, LOT, OrderType.LIMIT, limit=(BID + ASK) // 2)


async def busy(seconds):
    """Keep the adapter's thread from anything else."""
    time.sleep(seconds)


def outcome(patience_ns, busy_s):
    """What becomes of an order while the adapter is busy, and how many the venue has."""
    exchange = msgspec.structs.replace(exchange_of("binance"), patience_ns=patience_ns)
    with served() as server:
        access = Access(exchange=exchange, key=NAME, secret=RIGHTS.secret, url=server.url)
        venue = CcxtVenue(access, {KEY: COIN}, time.time_ns, backoff=QUICK)
        venue.open()
        venue._worker.post(lambda: busy(busy_s))
        venue.submit(approved(ORDER))
        until(lambda: venue.idle)
        kinds = {type(report) for report in venue.reports() if report.order == ORDER.id}
        venue.close()
        return kinds, len(list(server.floor.tickets.of(KEY)))


def test_an_order_that_waited_too_long_is_never_sent():
    assert outcome(100 * MS, 0.3) == ({Unsent}, 0)


def test_an_order_that_waited_a_little_is_sent():
    kinds, orders = outcome(5_000 * MS, 0.1)
    assert Accepted in kinds
    assert orders == 1


def test_what_an_order_may_wait_is_part_of_the_window_after_which_it_cannot_arrive():
    exchange = exchange_of("binance")
    venue = CcxtVenue(Access(exchange=exchange, key="a", secret="b"), {KEY: COIN}, time.time_ns)
    own = exchange.options["recvWindow"] * MS
    venue.close()
    assert venue.able.receive_window_ns == own + exchange.patience_ns
