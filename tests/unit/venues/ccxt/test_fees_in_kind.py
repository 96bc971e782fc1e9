"""Fees that an exchange takes in a coin, as the adapter reports them and as it counts the rest."""

import time
from decimal import Decimal

import pytest

from kedge.domain.order import Order, OrderType
from kedge.domain.report import Balances, Ended, Filled, FillsThrough
from kedge.risk.approved import Approved
from kedge.risk.mint import Token
from kedge.venues.wire.world import World
from wire_stage import adapter, served, until

LOTS = 1_234


def floor_of(fees_in):
    floor = World(
        symbols=("BTCUSDT", "BNBUSDT"), start=time.time_ns() - 10**10, seed=7, fees_in=fees_in
    ).open()
    floor.run(time.time_ns())
    return floor


def heard_until(venue, kind, order=""):
    """Everything up to a report of a kind, of one order or of none."""
    heard = []

    def came():
        heard.extend(venue.reports())
        return any(isinstance(report, kind) and report.order == order for report in heard)

    until(came)
    return heard


def filled(venue, name, side, lots):
    """Every fill of a market order, from the stream."""
    venue.submit(Approved(Order(name, 0, side, lots, type=OrderType.MARKET), Token()))
    fills = [r for r in heard_until(venue, Ended, name) if isinstance(r, Filled)]
    assert sum(fill.lots for fill in fills) == lots
    return fills


@pytest.fixture(params=["quote", "bought", "BNB"])
def traded(request):
    """The coin of the fees; fills of a purchase, of a sale, and as told again; what is held."""
    with served(floor_of(request.param)) as server:
        coin = server.floor.keyed[0].instrument
        venue = adapter(server.url, instruments={0: coin})
        try:
            venue.open()
            until(lambda: venue.connected)
            bought = filled(venue, "k00c0ffee-1-0", 1, LOTS)
            sold = filled(venue, "k00c0ffee-2-0", -1, LOTS - 234)
            venue.balances()
            held = next(r for r in heard_until(venue, Balances) if isinstance(r, Balances))
            venue.fills_since("")
            again = [r for r in heard_until(venue, FillsThrough) if isinstance(r, Filled)]
            rows = server.do(lambda: dict(server.floor.till.cash))
            yield request.param, bought, sold, again, held, rows
        finally:
            venue.close()


def test_a_fill_says_what_was_taken_and_what_it_was_worth(traded) -> None:
    fees_in, bought, sold, again, _, _ = traded
    for fill in (*bought, *sold):
        paid_in = {"quote": "", "bought": "BTC" if fill.side > 0 else "", "BNB": "BNB"}[fees_in]
        assert fill.paid_in == paid_in
        worth = fill.lots * fill.ticks * Decimal("0.0000001") * Decimal("0.001")
        near = Decimal("0.01") if fees_in != "quote" else Decimal("0.00001")
        assert abs(Decimal(fill.fee) / 10**8 / worth - 1) < near
        if paid_in == "BTC":
            assert fill.paid == fill.lots * Decimal("0.00000001")
        assert bool(fill.paid) == bool(paid_in)
    told = {f.trade: (f.paid_in, f.paid) for f in again}
    assert told == {f.trade: (f.paid_in, f.paid) for f in (*bought, *sold)}


def test_what_is_left_is_told_in_whole_lots(traded) -> None:
    fees_in, bought, sold, _, held, cash = traded
    begun = 2 if fees_in == "bought" else 0  # a fee of a lot and a part of one
    assert held.positions == ((0, 234 - begun),)
    assert dict(held.cash) == cash
    quote_fees = sum(f.fee for f in (*bought, *sold) if not f.paid_in)
    moved = sum(f.side * f.lots * f.ticks * 10 for f in (*bought, *sold))
    assert cash["USDT"] == 100_000 * 10**8 - moved - quote_fees


def test_a_coin_is_asked_for_its_price_once_for_many_fills() -> None:
    with served(floor_of("BNB")) as server:
        venue = adapter(server.url, instruments={0: server.floor.keyed[0].instrument})
        asked = []
        try:
            venue.open()
            until(lambda: venue.connected)
            fetch = venue._way.client.fetch_ticker

            def counted(symbol):
                asked.append(symbol)
                return fetch(symbol)

            venue._way.client.fetch_ticker = counted
            for n in range(5):
                filled(venue, f"k00c0ffee-{n}-0", 1, LOTS)
            venue.fills_since("")
            heard_until(venue, FillsThrough)
        finally:
            venue.close()
    assert asked == ["BNB/USDT"]
