"""The venue's largest order: from what it lists to the slices, the stop and its refusal."""

import time
from decimal import Decimal

import msgspec
import pytest

from kedge.bootstrap.gate import gate_rules
from kedge.domain.errors import MessageError
from kedge.domain.order import Order, OrderType
from kedge.domain.report import Accepted, Rejected
from kedge.risk.gate_view import LARGEST
from kedge.settings import Settings
from kedge.venues.ccxt.adapter import CcxtVenue
from kedge.venues.ccxt.catalogue import Catalogue
from kedge.venues.ccxt.client import Access
from kedge.venues.ccxt.exchanges import exchange_of
from kedge.venues.ccxt.markets import instrument_of
from kedge.venues.contract import Able
from kedge.venues.wire.world import World
from simulated import approved
from wire_stage import NAME, QUICK, RIGHTS, served, until

MARKET = {
    "base": "BTC",
    "quote": "USDT",
    "precision": {"price": "0.01", "amount": "0.00001"},
    "limits": {"cost": {"min": "5"}, "amount": {"min": "0.00001", "max": "9000"}},
    "maker": "0.001",
    "taker": "0.001",
}


def listed(**limits):
    return instrument_of(MARKET | {"limits": MARKET["limits"] | limits}, "BTCUSDT", "binance")


def rule(instrument):
    (rules,) = gate_rules(Settings(), (instrument,), Able())
    return rules.max_lots


def test_the_smaller_of_what_goes_at_a_limit_and_at_the_market_counts():
    assert listed().max_lots == 9_000 * 10**5
    assert listed(market={"min": "0", "max": "115.123456789"}).max_lots == 11_512_345
    assert listed(market={"min": None, "max": None}).max_lots == 9_000 * 10**5
    assert listed(market={"max": "0"}).max_lots == 9_000 * 10**5
    assert rule(listed(market={"max": "115.5"})) == 11_550_000


def test_without_a_largest_order_there_is_no_bound_and_nothing_is_recorded_of_one():
    free = listed(amount={"min": "0.00001", "max": None})
    assert free.max_lots is msgspec.UNSET
    assert b"max_lots" not in msgspec.json.encode(free)
    assert rule(free) == LARGEST
    assert rule(listed(amount={"max": "1e300"})) == LARGEST


def test_a_largest_order_of_less_than_a_lot_is_refused():
    with pytest.raises(MessageError, match="largest order of BTCUSDT is"):
        listed(amount={"max": "0.000001"})


def test_a_served_venue_says_its_largest_order_and_keeps_to_it():
    floor = World(symbols=("BTCUSDT",), start=time.time_ns() - 10**9, largest=600).open()
    with served(floor) as server:
        access = Access(
            exchange=exchange_of("binance"), key=NAME, secret=RIGHTS.secret, url=server.url
        )
        with Catalogue(access, time.time_ns) as catalogue:
            (bitcoin,) = catalogue.instruments(["BTCUSDT"])
        assert bitcoin.max_lots * bitcoin.lot == Decimal("0.01")
        venue = CcxtVenue(access, {0: bitcoin}, time.time_ns, backoff=QUICK)
        try:
            venue.open()
            most = bitcoin.max_lots
            venue.submit(approved(Order("k1-1-0", 0, 1, most, OrderType.LIMIT, limit=5_900_000)))
            venue.submit(
                approved(Order("k1-2-0", 0, 1, most + 1, OrderType.LIMIT, limit=5_900_000))
            )
            until(lambda: venue.idle)
            told = {each.order: each for each in venue.reports() if each.order}
        finally:
            venue.close()
    assert isinstance(told["k1-1-0"], Accepted)
    assert isinstance(told["k1-2-0"], Rejected)
    assert told["k1-2-0"].code == "-1013"
