"""When "not found" is evidence, and when an order may still be on its way."""

import time

from contracts.test_simulated_venue import BID, COIN, LOT
from kedge.domain.order import Order, OrderType
from kedge.domain.report import NotFound
from kedge.execution.lifecycle import Done, Placed, Terms, absence, advance
from kedge.venues.ccxt.adapter import CcxtVenue
from kedge.venues.ccxt.client import Access
from kedge.venues.ccxt.exchanges import exchange_of
from kedge.venues.simulated.fault_plan import Fault, Plan
from simulated import approved
from wire_stage import KEY, NAME, QUICK, RIGHTS, served, until

MS = 1_000_000
SECOND = 1_000 * MS
HOUR = 3_600 * SECOND
ORDER = Order("kc0ffee00-1-0", KEY, 1, LOT, OrderType.LIMIT, limit=BID)
BINANCE = exchange_of("binance")
WAIT = BINANCE.able.receive_window_ns + BINANCE.able.skew_ns


class Clocks:
    """A wall clock that is set, and a steady one that time can be added to."""

    def __init__(self):
        self.set = self.passed = 0

    def wall(self):
        return time.time_ns() + self.set + self.passed

    def steady(self):
        return time.monotonic_ns() + self.passed


class Session:
    """The adapter on a server, and what it is told of one order."""

    def __init__(self, server, clocks):
        access = Access(
            exchange=BINANCE, key=NAME, secret=RIGHTS.secret, url=server.url, timeout_ms=300
        )
        self.server, self.clocks = server, clocks
        self.venue = CcxtVenue(
            access, {KEY: COIN}, clocks.wall, backoff=QUICK, steady=clocks.steady
        )

    def __enter__(self):
        self.venue.open()
        return self

    def __exit__(self, *_):
        self.venue.close()

    def lose(self, order=ORDER):
        """Send an order that never arrives."""
        faults = self.server.server.faults
        faults.plan = Plan(chance={Fault.REQUEST_LOST: 1.0}, timeout=50 * MS)
        self.venue.submit(approved(order))
        until(lambda: self.venue.idle)
        faults.plan = Plan()

    def missing(self, order=ORDER):
        """The answer to a question about it."""
        self.venue.reports()
        self.venue.query(KEY, order.id)
        until(lambda: self.venue.idle)
        (answer,) = [each for each in self.venue.reports() if isinstance(each, NotFound)]
        return answer


def test_a_clock_that_is_set_forward_proves_nothing():
    with served() as server, Session(server, Clocks()) as session:
        placed = Placed(ORDER, session.clocks.wall())
        session.lose()
        session.clocks.set = HOUR
        answer = session.missing()
        wait = absence(Terms(), session.venue.able.receive_window_ns, session.venue.able.skew_ns)
        assert answer.asked == 0
        assert advance(placed, answer, wait) == placed
        session.clocks.passed = WAIT + SECOND
        answer = session.missing()
        assert answer.asked > placed.at + HOUR
        assert isinstance(advance(placed, answer, wait), Done)


def test_absence_is_vouched_for_once_window_and_skew_have_passed():
    with served() as server, Session(server, Clocks()) as session:
        session.lose()
        session.clocks.passed = WAIT - SECOND
        assert session.missing().asked == 0
        session.clocks.passed = WAIT + SECOND
        assert session.missing().asked > 0


def test_of_what_an_earlier_process_sent_nothing_is_vouched_for_at_once():
    with served() as server, Session(server, Clocks()) as session:
        assert session.missing().asked == 0
        session.clocks.passed = WAIT
        assert session.missing().asked > 0


def test_a_stamp_that_was_ahead_of_the_exchange_is_waited_for_longer():
    with served() as server, Session(server, Clocks()) as session:
        way = session.venue._way
        assert way.off() < SECOND // 10
        way.client.options["timeDifference"] = -7_000  # stamps are seven seconds ahead from now on
        assert abs(way.off() - 7 * SECOND) < SECOND // 10
        session.lose()
        way.client.options["timeDifference"] = 0
        session.clocks.passed = WAIT + 3 * SECOND
        assert session.missing().asked == 0
        session.clocks.passed = WAIT + 7 * SECOND
        assert session.missing().asked > 0


def test_an_order_that_is_still_on_its_way_out_is_not_absent():
    with served() as server, Session(server, Clocks()) as session:
        door = session.venue._orders._door
        with door.leaving(ORDER.id):
            assert not door.absent(ORDER.id, door.steady() + HOUR)
        assert door.absent(ORDER.id, door.steady() + HOUR)


def test_the_bound_of_the_skew_is_part_of_what_the_venue_is_recorded_to_be():
    with served() as server, Session(server, Clocks()) as session:
        assert session.venue.able.skew_ns == BINANCE.able.skew_ns > 0
