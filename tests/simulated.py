"""Small simulated venues, and a trader who does not know what he is doing, for several tests."""

from decimal import Decimal
from random import Random

from kedge.domain.instrument import AssetClass, FeeSchedule, Instrument
from kedge.domain.order import Order, OrderType, TimeInForce
from kedge.risk.approved import Approved
from kedge.risk.mint import Token
from kedge.venues.simulated.crowd import Habits
from kedge.venues.simulated.flow import Stream, flowing
from kedge.venues.simulated.listing import listed
from kedge.venues.simulated.prices import Worth
from kedge.venues.simulated.setup import Setup
from kedge.venues.simulated.venue import SimulatedVenue

SECOND = 1_000_000_000
OPENING = {0: 10_000, 1: 20_000, 2: 3_000}
KINDS = (OrderType.LIMIT, OrderType.LIMIT, OrderType.MARKET, OrderType.STOP)


def instrument(name, **terms):
    """A coin, or with ``asset_class`` something else."""
    plain = {
        "asset_class": AssetClass.SPOT,
        "quote": "USDT",
        "settle": "USDT",
        "tick": Decimal("0.01"),
        "lot": Decimal("0.001"),
        "min_notional": Decimal(1),
        "fees": FeeSchedule(maker_bps=2.0, taker_bps=7.5),
    }
    return Instrument(id=name, symbol=f"{name}USDT", base=name, **(plain | terms))


def setup(seed=1, kind=AssetClass.SPOT, **terms):
    """Three instruments and some cash."""
    own = {"margin_initial": 0.2} if kind is AssetClass.PERPETUAL else {}
    listings = tuple(
        listed(key, instrument(name, asset_class=kind, **own)) for key, name in enumerate("ABC")
    )
    plain = {"cash": {"USDT": 10_000 * 10**8}, "opening": OPENING, "seed": seed}
    return Setup(listings=listings, **(plain | terms))


def market(seed=1, start=0, **habits):
    """Generated flow in the three books."""
    streams = [Stream(key, Worth(ticks=at), Habits(**habits)) for key, at in OPENING.items()]
    return flowing(streams, seed, start)


def moving(seed=1, log=id, **terms):
    """A venue with generated flow."""
    return SimulatedVenue(setup(seed, **terms), market(seed), log)


def approved(order):
    return Approved(order, Token())


class Monkey:
    """Asks a venue for anything at random; orders have ids of their own."""

    def __init__(self, venue, seed, truth=None):
        self.venue, self.random = venue, Random(f"monkey {seed}")
        self.books = truth or venue
        self.sent = {}
        self.reports, self.events = [], []

    def live(self, seconds, pause=0.7):
        """Ask and wait by turns."""
        end = self.venue.now + int(seconds * SECOND)
        while self.venue.now < end:
            self.ask()
            self.wait(self.random.expovariate(1 / pause))

    def wait(self, seconds):
        self.venue.advance(self.venue.now + int(seconds * SECOND) + 1)
        self.reports += self.venue.reports()
        self.events += self.venue.market_events()

    def ask(self):
        random, venue = self.random, self.venue
        u = random.random()
        old = random.choice(list(self.sent.values())) if self.sent else None
        if old is None or u < 0.6:
            order = self.order()
            self.sent[order.id] = order
            venue.submit(approved(order))
        elif u < 0.8:
            venue.cancel(old.key, old.id)
        elif u < 0.9:
            venue.query(old.key, old.id)
        else:
            random.choice((venue.balances, venue.open_orders, lambda: venue.fills_since("")))()

    def order(self):
        random = self.random
        key, side = random.randrange(3), random.choice((1, 1, -1))
        last, kind = OPENING[key], random.choice(KINDS)
        near = max(1, int(last * (1 + random.uniform(-0.004, 0.004))))
        beyond = last + side * int(last * random.uniform(0.0, 0.01))
        return Order(
            id=f"k0000abcd-{len(self.sent) + 1:x}-0",
            key=key,
            side=side,
            lots=random.randint(100, 900),
            type=kind,
            tif=random.choice(list(TimeInForce)[:3]) if kind < 3 else TimeInForce.GTC,
            limit=near if kind is OrderType.LIMIT else 0,
            trigger=beyond if kind is OrderType.STOP else 0,
            reduce_only=kind is OrderType.STOP and side < 0,
        )
