"""The account, the filters and the traps of the simulated venue."""

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kedge.domain.errors import ConfigError
from kedge.domain.instrument import AssetClass
from kedge.domain.market import BookDelta, Funding
from kedge.domain.order import Order, OrderType, TimeInForce
from kedge.domain.report import (
    Accepted,
    End,
    Ended,
    Filled,
    FillsThrough,
    Found,
    NotFound,
    Rejected,
)
from kedge.venues.simulated.latency import NONE, Latency
from kedge.venues.simulated.listing import listed
from kedge.venues.simulated.requests import Close, Deposit, Fund, Halt
from kedge.venues.simulated.venue import SimulatedVenue
from simulated import OPENING, SECOND, approved, instrument, market, moving, setup

NAME = "k0000abcd-1-0"
LIMIT = OrderType.LIMIT


def order(name=NAME, side=1, lots=500, **terms):
    return Order(name, **({"key": 0, "side": side, "lots": lots} | terms))


def ask(venue, *orders, seconds=1.0):
    for one in orders:
        venue.submit(approved(one))
    return after(venue, seconds)


def after(venue, seconds=1.0):
    venue.advance(venue.now + int(seconds * SECOND))
    venue.market_events()
    return venue.reports()


def kinds(reports):
    return [type(report) for report in reports]


def test_an_id_is_accepted_again_once_its_order_is_gone():
    """The trap: a submit that is sent twice may trade twice."""
    venue = moving(latency=NONE)
    first = kinds(ask(venue, order()))
    assert (first[0], first[-1]) == (Accepted, Ended)
    assert kinds(ask(venue, order()))[0] is Accepted
    assert [known.order.id for known in venue.truth().orders] == [NAME, NAME]


def test_not_found_can_be_said_of_an_order_that_arrives_later():
    missed = 0
    for seed in range(30):
        venue = moving(seed)
        venue.submit(approved(order(type=LIMIT, limit=9_900)))
        venue.query(0, NAME)
        first = after(venue)
        missed += any(isinstance(r, NotFound) for r in first)
        assert any(isinstance(r, Accepted) for r in first)
        venue.query(0, NAME)
        assert kinds(after(venue)) == [Found]
    assert 5 < missed < 25


def test_a_fill_can_be_told_before_the_answer_to_its_order():
    early = [kinds(ask(moving(seed), order()))[0] for seed in range(30)]
    assert 5 < early.count(Filled) < 25


def test_a_request_takes_the_latency_of_both_ways():
    waits = []
    for seed in range(200):
        venue = moving(seed)
        venue.submit(approved(order(type=LIMIT, limit=9_900)))
        waits += [r.received for r in after(venue) if isinstance(r, Accepted)]
    assert 100_000_000 <= min(waits) < 170_000_000
    assert 430_000_000 < max(waits) <= 500_000_000
    assert abs(np.mean(waits) - 300_000_000) < 30_000_000


@pytest.mark.parametrize(("low", "high"), [(-1, 5), (6, 5)])
def test_latency_is_refused_where_it_makes_no_sense(low, high):
    with pytest.raises(ConfigError, match="0 <= low <= high"):
        Latency(low, high)


@pytest.mark.parametrize(
    ("terms", "code", "text"),
    [
        ({"name": "no such thing!"}, "-1100", "Illegal"),
        ({"name": "k" * 37}, "-1100", "Illegal"),
        ({"name": ""}, "-1100", "Illegal"),
        ({"name": "k\u00e9"}, "-1100", "Illegal"),
        ({"key": 9}, "-1121", "symbol"),
        ({"side": 0}, "-1106", "Parameter"),
        ({"type": LIMIT}, "-1106", "Parameter"),
        ({"limit": 10_000}, "-1106", "Parameter"),
        ({"type": OrderType.STOP}, "-1106", "Parameter"),
        ({"type": LIMIT, "limit": 9_000, "post_only": True, "tif": TimeInForce.IOC}, "-1106", ""),
        ({"lots": 0}, "-1013", "LOT_SIZE"),
        ({"lots": -3}, "-1013", "LOT_SIZE"),
        ({"lots": 2**60}, "-1013", "LOT_SIZE"),
        ({"type": LIMIT, "limit": -5}, "-1013", "PRICE_FILTER"),
        ({"type": LIMIT, "limit": 2**60}, "-1013", "PRICE_FILTER"),
        ({"type": LIMIT, "limit": 100}, "-1013", "PERCENT_PRICE"),
        ({"lots": 1}, "-1013", "NOTIONAL"),
        ({"type": LIMIT, "limit": 9_000, "display": 900}, "-1013", "ICEBERG"),
        ({"lots": 10**6, "type": LIMIT, "limit": 9_000}, "-2010", "insufficient balance"),
        ({"side": -1}, "-2010", "insufficient balance"),
        ({"type": LIMIT, "limit": 10_500, "post_only": True}, "-2010", "immediately match"),
        ({"type": OrderType.STOP, "trigger": 9_000}, "-2010", "trigger immediately"),
        ({"side": -1, "reduce_only": True}, "-2022", "ReduceOnly"),
    ],
)
def test_an_order_that_breaks_a_rule_is_refused_in_the_venue_s_words(terms, code, text):
    venue = moving(latency=NONE)
    (refused,) = ask(venue, order(**terms))
    assert isinstance(refused, Rejected)
    assert refused.code == code
    assert text in refused.text
    assert venue.truth().orders == ()
    assert venue.truth().cash == {"USDT": 10_000 * 10**8}


def test_a_halted_market_is_closed():
    venue = moving(latency=NONE)
    venue.act(Halt(0, on=True))
    (refused,) = ask(venue, order())
    assert (refused.code, refused.text) == ("-1013", "Market is closed.")
    venue.act(Halt(0, on=False))
    assert kinds(ask(venue, order()))[0] is Accepted


def test_a_stop_locks_what_it_would_sell_so_that_two_cannot_sell_it():
    venue = moving(latency=NONE)
    ask(venue, order())
    stop = order("k0000abcd-2-0", -1, type=OrderType.STOP, trigger=9_800, reduce_only=True)
    assert kinds(ask(venue, stop)) == [Accepted]
    (refused,) = ask(venue, order("k0000abcd-3-0", -1))
    assert refused.code == "-2010"
    venue.cancel(0, stop.id)
    after(venue)
    assert Filled in kinds(ask(venue, order("k0000abcd-4-0", -1)))


def test_a_perpetual_can_be_sold_short_as_far_as_margin_goes():
    venue = moving(kind=AssetClass.PERPETUAL, latency=NONE)
    # 10,000 of cash at a margin of a fifth carry 50,000: 500 coins at 100, less fees.
    (refused,) = ask(venue, order(side=-1, lots=510_000, type=LIMIT, limit=10_000))
    assert refused.code == "-2010"
    assert Filled in kinds(ask(venue, order(side=-1, lots=200)))
    assert venue.truth().lots[0] == -200
    assert venue.able.short


def test_funding_is_paid_by_longs_to_shorts_and_told_to_all():
    venue = moving(kind=AssetClass.PERPETUAL, latency=NONE)
    ask(venue, order(lots=2_000))
    before = venue.truth().cash["USDT"]
    price = venue.exchange.matchers[0].last
    venue.act(Fund(0, 0.0001))
    paid = venue.truth().cash["USDT"] - before
    assert paid == -round(2_000 * price * 1_000 * 0.0001) == venue.truth().funding["USDT"]
    (told,) = [e for e in venue.market_events() if isinstance(e, Funding)]
    assert (told.rate, told.settled) == (0.0001, True)


def test_orders_of_the_day_expire_at_the_close():
    venue = moving(latency=NONE)
    ask(venue, order(type=LIMIT, limit=9_500, tif=TimeInForce.DAY))
    venue.act(Close())
    (ended,) = venue.reports()
    assert ended.why is End.EXPIRED


def test_cash_that_comes_in_can_be_spent():
    venue = moving(latency=NONE)
    rich = order(lots=150_000, type=LIMIT, limit=9_900)
    assert kinds(ask(venue, rich)) == [Rejected]
    venue.act(Deposit("USDT", 10_000 * 10**8))
    assert kinds(ask(venue, rich)) == [Accepted]


def test_a_whole_book_can_be_asked_for():
    venue = moving(latency=NONE)
    venue.advance(SECOND)
    venue.market_events()
    venue.ask_depth(1)
    venue.advance(SECOND)
    (whole,) = venue.market_events()
    assert isinstance(whole, BookDelta)
    assert whole.snapshot
    matcher = venue.exchange.matchers[1]
    assert len(whole.levels) == sum(len(half.ranks) for half in matcher.halves.values())


@pytest.mark.parametrize("cursor", ["x", "-1", "9" * 30, "1.5"])
def test_a_cursor_that_is_none_is_not_answered_with_fills(cursor):
    venue = moving(latency=NONE)
    ask(venue, order())
    venue.fills_since(cursor)
    (answer,) = after(venue)
    assert not isinstance(answer, FillsThrough)


def test_only_so_much_history_is_remembered():
    venue = SimulatedVenue(setup(latency=NONE, history=5), market())
    for i in range(20):
        ask(venue, order(f"k0000abcd-{i + 1:x}-0", 1 if i % 2 == 0 else -1, 100), seconds=0.1)
    assert len(venue.truth().orders) == 5
    venue.query(0, "k0000abcd-1-0")
    assert NotFound in kinds(after(venue))
    venue.query(0, "k0000abcd-14-0")
    assert Found in kinds(after(venue))


@given(st.integers(0, 2**52), st.sampled_from([2.0, 7.5, 10.0, -0.5, 0.01]))
def test_a_fee_is_rounded_as_the_bar_model_rounds_it(notional, bps):
    listing = msgspec.structs.replace(listed(0, instrument("A")), taker=bps * 1e-4)
    assert listing.fee(notional, maker=False) == int(np.rint(notional * (bps * 1e-4)))


def test_no_order_that_is_taken_can_overflow():
    for terms in ({}, {"settle": "BTC"}, {"multiplier": 1_000}):
        listing = listed(0, instrument("A", **terms))
        assert 2 * listing.max_lots * 2**31 * listing.num + listing.den <= 2**62
    assert OPENING
