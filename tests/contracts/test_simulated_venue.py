"""The simulated venue passes the numbered cases of every venue, with and without latency."""

from decimal import Decimal

import pytest

from contracts.venue_conformance import CASES, Desk
from kedge.domain.instrument import AssetClass, FeeSchedule, Instrument
from kedge.venues.simulated.fault_plan import Fault, Plan
from kedge.venues.simulated.faults import FaultyVenue
from kedge.venues.simulated.latency import NEVER, NONE, Latency
from kedge.venues.simulated.listing import listed
from kedge.venues.simulated.requests import Cross
from kedge.venues.simulated.setup import Setup
from kedge.venues.simulated.venue import SimulatedVenue
from kedge.venues.simulated.working import CROWD, Working

COIN = Instrument(
    id="coin",
    symbol="COINUSDT",
    asset_class=AssetClass.SPOT,
    base="COIN",
    quote="USDT",
    settle="USDT",
    tick=Decimal("0.01"),
    lot=Decimal("0.001"),
    min_notional=Decimal("0.8"),
    fees=FeeSchedule(maker_bps=2.0, taker_bps=7.5),
)
BID, ASK, TICK, LOT = 10_000, 10_010, 5, 10


class Still:
    """A market in which nobody acts: a ladder of resting orders."""

    def __init__(self, matchers):
        for matcher in matchers.values():
            for i in range(10):
                bid = Working(-2 * i - 1, CROWD, 1, 100 * LOT, BID - TICK * i)
                ask = Working(-2 * i - 2, CROWD, -1, 100 * LOT, ASK + TICK * i)
                for order in (bid, ask):
                    matcher.submit(order)

    def next_time(self):
        return NEVER

    def step(self):
        raise AssertionError("nobody acts here")

    def dump(self):
        return b""

    def load(self, state):
        assert state == b""


class SimulatedStage:
    """The simulated venue as a stage, behind a line that breaks when told to."""

    key, bid, ask, tick_step, lot_step = 3, BID, ASK, TICK, LOT

    def __init__(self, latency):
        listing = listed(self.key, COIN, tick_step=TICK, lot_step=LOT)
        self.num, self.den = listing.num, listing.den
        self.cash = ("USDT", 100_000 * 10**8)
        setup = Setup(
            listings=(listing,),
            cash=dict([self.cash]),
            opening={self.key: BID},
            latency=latency,
            start=10**18,
            seed=5,
        )
        self.behind = SimulatedVenue(setup, Still)
        self.venue = FaultyVenue(self.behind, Plan())

    def pass_time(self, ns):
        self.venue.advance(self.venue.now + ns)

    def trade(self, side, ticks, lots):
        self.behind.act(Cross(self.key, side, ticks, lots))

    def cut(self, ns):
        self.venue.strike(Fault.LINK_DOWN, ns)


@pytest.mark.parametrize("latency", [Latency(), NONE], ids=["slow", "instant"])
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.__name__)
def test_the_simulated_venue_passes(case, latency):
    case(Desk(SimulatedStage(latency)))


def test_the_cases_are_numbered_from_one_without_a_gap():
    assert [int(case.__name__[3:5]) for case in CASES] == list(range(1, len(CASES) + 1))
