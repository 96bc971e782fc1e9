"""A wire server in a thread, and the adapter that trades on it."""

import time
from contextlib import contextmanager

from contracts.test_simulated_venue import ASK, BID, COIN, LOT, TICK, Still
from kedge.data.streams.backoff import Backoff
from kedge.venues.ccxt.adapter import CcxtVenue
from kedge.venues.ccxt.client import Access
from kedge.venues.ccxt.exchanges import exchange_of
from kedge.venues.ccxt.worker import Worker
from kedge.venues.simulated.fault_plan import Fault
from kedge.venues.simulated.listing import listed
from kedge.venues.simulated.requests import Cross
from kedge.venues.simulated.setup import Setup
from kedge.venues.wire.floor import Floor
from kedge.venues.wire.pace import Pace
from kedge.venues.wire.server import DEFAULTS, KEYS, WireServer
from kedge.venues.wire.spot import Spot

KEY = 3
NAME, RIGHTS = next(iter(KEYS.items()))
QUICK = Backoff(first_ns=2_000_000, most_ns=10_000_000)


def still_floor(log=id):
    """A market in which nobody acts, with a second on its clock."""
    listing = listed(KEY, COIN, tick_step=TICK, lot_step=LOT)
    setup = Setup(
        listings=(listing,),
        cash={"USDT": 100_000 * 10**8},
        opening={KEY: BID},
        start=time.time_ns() - 10**9,
        seed=5,
    )
    return Floor(setup, Still, [Spot(COIN, listing)], log)


class Served:
    """A server on a free port, in a thread of its own."""

    def __init__(self, floor, terms=DEFAULTS, speed=1.0, port=0):
        self.worker = Worker("server")
        now = time.time_ns()
        self.floor = floor
        self.server = WireServer(floor, Pace(now, now, speed), time.time_ns, terms)
        self.port = self.worker.call(self.server.start(port=port), 5.0)
        self.url = f"http://127.0.0.1:{self.port}"

    def do(self, act, *args):
        """Call something in the server's thread."""

        async def done():
            return act(*args)

        return self.worker.call(done(), 5.0)

    def stop(self):
        self.worker.call(self.server.stop(), 5.0)
        self.worker.stop()


@contextmanager
def served(floor=None, terms=DEFAULTS, speed=1.0):
    """A server, stopped in the end."""
    server = Served(floor or still_floor(), terms, speed)
    try:
        yield server
    finally:
        server.stop()


def adapter(url, key=NAME, secret=RIGHTS.secret, instruments=None, budget=None, **more):
    """The adapter of Binance, pointed at a server; not open yet."""
    access = Access(exchange=exchange_of("binance"), key=key, secret=secret, url=url, **more)
    return CcxtVenue(access, instruments or {KEY: COIN}, time.time_ns, budget, backoff=QUICK)


@contextmanager
def trading(server, **more):
    """The adapter, open and listening; closed in the end."""
    venue = adapter(server.url, **more)
    try:
        venue.open()
        until(lambda: venue.connected)
        assert [report.up for report in venue.reports()] == [True]
        yield venue
    finally:
        venue.close()


def until(true, seconds=5.0):
    """Wait for something to be so."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not come about"
        time.sleep(0.001)


class WireStage:
    """The simulated venue behind its wire, as the adapter sees it; time is mostly skipped."""

    key, bid, ask, tick_step, lot_step = KEY, BID, ASK, TICK, LOT
    cash = ("USDT", 100_000 * 10**8)

    def __init__(self, server, venue):
        self.server, self.venue = server, venue
        listing = server.floor.keyed[KEY].listing
        self.num, self.den = listing.num, listing.den
        self.cut_for = 0

    def pass_time(self, ns):
        time.sleep(0.0015)
        until(lambda: self.venue.idle)
        if self.cut_for > 0:
            self.cut_for -= ns
            if self.cut_for <= 0:
                self.server.do(self.server.server.strike, Fault.LINK_DOWN, 0)
                until(lambda: self.venue.connected)

    def trade(self, side, ticks, lots):
        self.server.do(self.server.floor.act, Cross(KEY, side, ticks, lots))

    def cut(self, ns):
        self.cut_for = ns
        self.server.do(self.server.server.strike, Fault.LINK_DOWN, 10**12)
        until(lambda: not self.venue.connected)
