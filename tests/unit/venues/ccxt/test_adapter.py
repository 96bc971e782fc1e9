"""The adapter against the wire of a simulated venue, where the numbered cases do not reach."""

import logging
import time

import msgspec
import pytest

from contracts.test_simulated_venue import ASK, BID, COIN, LOT, TICK
from contracts.venue_conformance import IOC, LIMIT, STOP
from kedge.data.streams.budget import Budget, Limit
from kedge.domain.errors import ConfigError
from kedge.domain.order import Order, OrderType, TimeInForce
from kedge.domain.report import (
    Accepted,
    Balances,
    CancelRefused,
    Ended,
    Filled,
    FillsThrough,
    Found,
    Link,
    NoAnswer,
    NotFound,
    Rejected,
    Triggered,
    Unsent,
)
from kedge.risk.approved import Approved
from kedge.risk.mint import Token
from kedge.venues.ccxt.adapter import CcxtVenue
from kedge.venues.ccxt.client import Access
from kedge.venues.ccxt.exchanges import exchange_of
from kedge.venues.simulated.fault_plan import Fault, Plan
from kedge.venues.simulated.requests import Cross
from wire_stage import KEY, NAME, QUICK, RIGHTS, adapter, served, trading, until

SECOND = 10**9


def order(name="k00c0ffee-1-0", side=1, lots=5 * LOT, limit=BID, **terms):
    terms.setdefault("type", LIMIT if limit else OrderType.MARKET)
    return Order(name, KEY, side, lots, limit=limit, **terms)


def submit(venue, one):
    venue.submit(Approved(one, Token()))


def told(venue, kind, seconds=5.0):
    """Everything up to the first report of a kind."""
    heard = []

    def came():
        heard.extend(venue.reports())
        return any(isinstance(report, kind) for report in heard)

    until(came, seconds)
    return heard


def last(venue, kind):
    return next(report for report in told(venue, kind) if isinstance(report, kind))


def test_a_call_returns_before_anything_is_sent():
    with served() as server, trading(server) as venue:
        server.server.faults.plan = Plan(chance={Fault.REQUEST_LATE: 1.0}, late=SECOND // 5)
        begun = time.monotonic()
        submit(venue, order())
        venue.balances()
        assert time.monotonic() - begun < 0.05
        told(venue, Accepted)


@pytest.mark.parametrize(
    ("fault", "there"),
    [
        (Fault.REQUEST_LOST, False),
        (Fault.ANSWER_LOST, True),
        (Fault.ERROR_DONE, True),
        (Fault.ERROR_NOT_DONE, False),
    ],
)
def test_a_submit_without_an_answer_is_unknown_and_sent_once(fault, there):
    with served() as server, trading(server, timeout_ms=400) as venue:
        server.server.faults.plan = Plan(chance={fault: 1.0}, timeout=50_000_000)
        submit(venue, order())
        assert last(venue, NoAnswer).order == order().id
        server.server.faults.plan = Plan()
        assert len(list(server.floor.tickets.of(None))) == there
        assert server.server.faults.counts[fault] == 1
        venue.query(KEY, order().id)
        assert isinstance(last(venue, Found | NotFound), Found if there else NotFound)


def test_a_query_tells_no_order_of_which_fills_are_missing():
    with served() as server, trading(server) as venue:
        submit(venue, order(limit=0))
        told(venue, Ended)
        (ticket,) = server.floor.tickets.of(None)
        server.do(server.floor.tickets.fills.clear)
        venue.query(KEY, order().id)
        answer = last(venue, (Found, NoAnswer))
        assert isinstance(answer, NoAnswer)
        assert ticket.filled == 5 * LOT


@pytest.mark.parametrize(
    "one",
    [
        order(limit=BID + 1),
        order(lots=5 * LOT + 1),
        order(limit=2**61),
        order(tif=TimeInForce.DAY),
        order(name="k" * 37),
    ],
)
def test_what_the_library_would_round_is_never_sent(one):
    with served() as server, trading(server) as venue:
        submit(venue, one)
        assert last(venue, Rejected).code == "LOCAL"
        assert server.floor.venue.asked == 0


def test_a_spent_budget_sends_nothing():
    with served() as server:
        access = Access(
            exchange=exchange_of("binance"), key=NAME, secret=RIGHTS.secret, url=server.url
        )
        budget = Budget(Limit(400, 3600 * SECOND))
        venue = CcxtVenue(access, {KEY: COIN}, time.time_ns, budget, backoff=QUICK)
        try:
            venue.open()
            budget.banned(time.time_ns() + 3600 * SECOND, time.time_ns())
            submit(venue, order())
            assert "budget" in last(venue, Unsent).why
            assert server.floor.venue.asked == 0
        finally:
            venue.close()


def test_a_ban_is_learned_from_the_answer():
    with served() as server, trading(server) as venue:
        server.server.faults.plan = Plan(chance={Fault.RATE_LIMITED: 1.0})
        assert venue.banned_until == 0
        submit(venue, order())
        rejected = last(venue, Rejected)
        assert rejected.code == "-1003"
        assert venue.banned_until > rejected.received
        server.server.faults.plan = Plan()
        submit(venue, order("k00c0ffee-2-0"))
        told(venue, Accepted)  # one second later, when the ban is over


def test_what_happened_before_a_restart_is_told_under_our_ids():
    with served() as server:
        with trading(server) as venue:
            submit(venue, order(limit=0))
            told(venue, Ended)
        with trading(server) as venue:
            venue.fills_since("")
            heard = told(venue, FillsThrough)
            assert [r.order for r in heard if isinstance(r, Filled)] == [order().id]
            again = last_cursor(heard)
            venue.fills_since(again)
            assert not [r for r in told(venue, FillsThrough) if isinstance(r, Filled)]


def last_cursor(heard):
    return next(r.cursor for r in reversed(heard) if isinstance(r, FillsThrough))


def test_a_cursor_that_is_none_is_answered():
    with served() as server, trading(server) as venue:
        venue.fills_since("'; drop table")
        assert "cursor" in last(venue, NoAnswer).why


def test_a_broken_stream_comes_back_and_a_dead_one_is_noticed():
    with served() as server, trading(server) as venue:
        server.do(server.server.strike, Fault.LINK_DOWN, SECOND // 20)
        ups = []
        until(
            lambda: (
                ups.extend(r.up for r in venue.reports() if isinstance(r, Link))
                or ups[-1:] == [True]
            )
        )
        assert ups == [False, True]
        submit(venue, order(limit=0))
        assert last(venue, Ended).filled == 5 * LOT


def test_the_clock_is_measured_and_corrected():
    with served() as server:
        server.do(server.server.strike, Fault.CLOCK_SKEW, 3600 * SECOND)
        with trading(server) as venue:
            assert abs(venue.skew.offset - 8 * SECOND) < SECOND // 10
            submit(venue, order())
            told(venue, Accepted)


def test_a_clock_that_was_set_is_measured_at_once():
    with served() as server:
        server.do(server.server.strike, Fault.CLOCK_SKEW, 2 * SECOND)
        with trading(server) as venue:
            assert venue.skew.offset > 7 * SECOND
            time.sleep(2.1)  # the exchange's clock is ours again, and nobody has told us
            venue.balances()
            told(venue, NoAnswer)
            until(lambda: venue.idle)
            venue.balances()
            told(venue, Balances)
            assert abs(venue.skew.offset) < SECOND // 10


@pytest.mark.parametrize(("key", "secret"), [("nobody-at-all", "x"), (NAME, "wrong"), ("", "")])
def test_a_key_without_rights_is_one_line(key, secret):
    with served() as server:
        venue = adapter(server.url, key=key, secret=secret)
        try:
            with pytest.raises(ConfigError, match="API key") as caught:
                venue.open()
            assert "\n" not in str(caught.value)
        finally:
            venue.close()


def test_a_key_that_may_only_read_has_its_orders_refused():
    with served() as server:
        read_only = {"key": "kedge-read-only-key", "secret": "kedge-read-only-secret"}
        with trading(server, **read_only) as venue:
            submit(venue, order())
            assert last(venue, Rejected).code == "-2015"
            venue.cancel(KEY, order().id)
            assert last(venue, CancelRefused).code == "-2015"


def test_an_exchange_that_is_not_there_is_one_line():
    venue = adapter("http://127.0.0.1:9", timeout_ms=300)
    try:
        with pytest.raises(ConfigError, match="cannot be reached"):
            venue.open()
    finally:
        venue.close()


@pytest.mark.parametrize(
    ("change", "text"),
    [({"tick": COIN.tick * 2}, "price moves by"), ({"base": "NOPE"}, "no market NOPE/USDT")],
)
def test_instruments_that_do_not_fit_the_exchange_are_refused(change, text):
    with served() as server:
        other = msgspec.structs.replace(COIN, **change)
        venue = adapter(server.url, instruments={KEY: other})
        try:
            with pytest.raises(ConfigError, match=text):
                venue.open()
        finally:
            venue.close()


def test_no_secret_shows_anywhere(caplog):
    canary = "canary-5ecret-0f-this-test"
    caplog.set_level(logging.DEBUG)
    with served() as server:
        venue = adapter(server.url, key="canary-key-0f-this-test", secret=canary)
        try:
            with pytest.raises(ConfigError) as caught:
                venue.open()
            shown = [repr(venue), str(caught.value), repr(venue._access), str(venue._access)]
        finally:
            venue.close()
    shown += [record.getMessage() for record in caplog.records]
    assert not [text for text in shown if canary in text or "canary-key-0f-this-test" in text]


def test_a_stop_and_an_immediate_order_are_asked_for_as_such():
    with served() as server, trading(server) as venue:
        submit(venue, order("a", limit=0))
        told(venue, Ended)
        submit(venue, order("b", -1, limit=0, type=STOP, trigger=BID - 2 * TICK))
        told(venue, Accepted)
        submit(venue, order("c", lots=LOT, limit=ASK, tif=IOC))
        told(venue, Ended)
        kinds = [
            (t.order.type, t.order.trigger, t.order.tif) for t in server.floor.tickets.of(None)
        ]
        assert kinds[1] == (STOP, BID - 2 * TICK, TimeInForce.GTC)
        assert kinds[2] == (LIMIT, 0, IOC)


def test_a_touched_stop_is_told_before_its_fills():
    with served() as server, trading(server) as venue:
        submit(venue, order("a", limit=0))
        told(venue, Ended)
        submit(venue, order("b", -1, limit=0, type=STOP, trigger=BID - 2 * TICK))
        told(venue, Accepted)
        server.do(server.floor.act, Cross(KEY, -1, BID - 2 * TICK, LOT))
        assert [type(report) for report in told(venue, Ended)] == [Triggered, Filled, Ended]


def test_a_stop_that_is_cancelled_was_not_touched():
    with served() as server, trading(server) as venue:
        submit(venue, order("a", limit=0))
        told(venue, Ended)
        submit(venue, order("b", -1, limit=0, type=STOP, trigger=BID - 2 * TICK))
        told(venue, Accepted)
        venue.cancel(KEY, "b")
        until(lambda: venue.idle)
        assert {type(report) for report in told(venue, Ended)} == {Ended}


def test_an_exchange_by_a_wrong_name_is_refused():
    with pytest.raises(ConfigError, match="one of binance, coinbase, okx, bybit, kraken"):
        exchange_of("mtgox")
