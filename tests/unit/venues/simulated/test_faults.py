"""What a bad line does to reports, and what it never does."""

from collections import Counter
from random import Random

import pytest

from kedge.domain.order import Order, OrderType
from kedge.domain.report import (
    Accepted,
    Balances,
    CancelRefused,
    Ended,
    Filled,
    Found,
    Link,
    NoAnswer,
    NotFound,
    OpenOrders,
    Rejected,
)
from kedge.venues.simulated.fault_plan import SPELLS, Fault, Plan, drawn
from kedge.venues.simulated.faults import FaultyVenue
from simulated import SECOND, Monkey, approved, moving

ANSWERS = (Accepted, Rejected, CancelRefused, Found, NotFound, OpenOrders, Balances, NoAnswer)


def faulty(plan, seed=1):
    return FaultyVenue(moving(seed), plan)


def order(name="k0000abcd-1-0", **terms):
    plain = {"key": 0, "side": 1, "lots": 500, "type": OrderType.MARKET}
    return Order(name, **(plain | terms))


def after(venue, seconds=1.0):
    came = []
    for _ in range(40):
        venue.advance(venue.now + int(seconds * SECOND / 40))
        came += venue.reports()
    return came


def only(fault, chance=1.0):
    return Plan(chance={fault: chance})


def test_without_faults_the_line_changes_nothing():
    plain, wrapped = Monkey(moving(3), 3), Monkey(faulty(Plan(), 3), 3)
    plain.live(40)
    wrapped.live(40)
    assert [repr(r) for r in plain.reports] == [repr(r) for r in wrapped.reports]
    assert len(plain.events) == len(wrapped.events)
    assert plain.venue.truth() == wrapped.venue.truth()


def test_a_lost_request_is_never_executed_and_ends_in_no_answer():
    venue = faulty(only(Fault.REQUEST_LOST))
    venue.submit(approved(order()))
    assert after(venue, 9) == []
    (answer,) = after(venue, 2)
    assert isinstance(answer, NoAnswer)
    assert answer.order == "k0000abcd-1-0"
    assert venue.truth().orders == ()


@pytest.mark.parametrize("fault", [Fault.ANSWER_LOST, Fault.ERROR_DONE])
def test_a_lost_answer_hides_an_order_that_was_executed(fault):
    venue = faulty(only(fault))
    venue.submit(approved(order()))
    came = after(venue, 12)
    assert [type(r) for r in came if not isinstance(r, Filled | Ended)] == [NoAnswer]
    assert venue.truth().orders[0].filled == 500


def test_a_server_error_may_mean_that_nothing_was_done():
    venue = faulty(only(Fault.ERROR_NOT_DONE))
    venue.submit(approved(order()))
    (answer,) = after(venue)
    assert isinstance(answer, NoAnswer)
    assert answer.why.startswith("503")
    assert venue.truth().orders == ()


def test_a_rate_limit_refuses_orders_for_good_and_leaves_questions_open():
    venue = faulty(only(Fault.RATE_LIMITED))
    venue.submit(approved(order()))
    venue.query(0, "k0000abcd-1-0")
    refused, unanswered = after(venue)
    assert isinstance(refused, Rejected)
    assert (refused.code, refused.text[:3]) == ("-1003", "429")
    assert isinstance(unanswered, NoAnswer)


def test_a_late_request_is_refused_once_the_receive_window_is_over():
    venue = faulty(Plan(chance={Fault.REQUEST_LATE: 1.0}))
    for i in range(20):
        venue.submit(approved(order(f"k0000abcd-{i + 1:x}-0", lots=100)))
    came = after(venue, 9)
    refused = [r for r in came if isinstance(r, Rejected)]
    assert refused
    assert {r.code for r in refused} == {"-1021"}
    taken = [r for r in came if isinstance(r, Accepted)]
    assert len(refused) + len(taken) == 20
    assert max(r.at for r in taken) <= venue.able.receive_window_ns
    assert min(r.at for r in refused) > venue.able.receive_window_ns


def test_cancels_may_arrive_twice_but_orders_never_do():
    venue = faulty(only(Fault.REQUEST_TWICE))
    venue.submit(approved(order(type=OrderType.LIMIT, limit=9_500)))
    after(venue)
    venue.cancel(0, "k0000abcd-1-0")
    came = after(venue)
    assert len(venue.truth().orders) == 1
    assert {type(r) for r in came} == {Ended, CancelRefused}


def test_the_clock_of_the_venue_may_refuse_everything():
    venue = faulty(Plan())
    venue.strike(Fault.CLOCK_SKEW, 2 * SECOND)
    venue.submit(approved(order()))
    (refused,) = after(venue)
    assert refused.code == "-1021"
    after(venue, 2)
    venue.submit(approved(order("k0000abcd-2-0")))
    assert any(isinstance(r, Accepted) for r in after(venue))


def test_a_broken_link_is_told_and_what_happened_meanwhile_can_be_asked_for():
    for seed in range(6):
        venue = faulty(Plan(), seed)
        venue.strike(Fault.LINK_DOWN, 3 * SECOND)
        venue.submit(approved(order()))
        came = after(venue, 5)
        links = [r for r in came if isinstance(r, Link)]
        assert [link.up for link in links] == [False, True]
        told = [r for r in came if isinstance(r, Filled)]
        assert all(fill.received >= links[1].received for fill in told)
        venue.fills_since("")
        assert {r.trade for r in after(venue) if isinstance(r, Filled)} == {
            f.trade for f in venue.truth().fills
        }


def test_a_process_that_begins_is_told_whether_the_link_is_up():
    venue = faulty(Plan())
    venue.connect()
    assert [r.up for r in after(venue)] == [True]
    venue.strike(Fault.LINK_DOWN, 3 * SECOND)
    assert [r.up for r in after(venue)] == [False]
    venue.connect()
    assert after(venue) == []
    assert [r.up for r in after(venue, 3)] == [True]


def test_a_half_open_line_is_silent_until_somebody_notices():
    venue = faulty(Plan())
    venue.strike(Fault.HALF_OPEN, 15 * SECOND)
    venue.submit(approved(order()))
    came = after(venue, 14)
    assert [type(r) for r in came] == [Accepted]
    assert venue.truth().fills
    links = [r.up for r in after(venue, 2)]
    assert links == [False, True]


def test_balances_may_be_wrong_while_the_account_is_right():
    venue = faulty(only(Fault.WRONG_BALANCES))
    venue.balances()
    (told,) = after(venue)
    assert dict(told.cash) != venue.truth().cash
    assert venue.counts[Fault.WRONG_BALANCES] == 1


def test_an_outage_answers_nothing_and_trades_nothing():
    venue = faulty(Plan())
    venue.strike(Fault.OUTAGE, 5 * SECOND)
    venue.market_events()
    venue.submit(approved(order()))
    (answer,) = after(venue, 2)
    assert isinstance(answer, NoAnswer)
    venue.market_events()
    after(venue, 2)
    assert venue.market_events() == []
    after(venue, 3)
    assert venue.market_events()


def test_a_halt_refuses_orders_of_one_key():
    venue = faulty(Plan())
    venue.strike(Fault.HALT, 5 * SECOND)
    for key in range(3):
        venue.submit(approved(order(f"k0000abcd-{key + 1:x}-0", key=key)))
    came = after(venue, 2)
    assert Counter(type(r) for r in came if isinstance(r, Accepted | Rejected)) == {
        Accepted: 2,
        Rejected: 1,
    }


def test_a_ban_lasts():
    venue = faulty(Plan())
    venue.strike(Fault.BANNED, 5 * SECOND)
    venue.submit(approved(order()))
    (refused,) = after(venue)
    assert refused.text.startswith("418")


def test_a_gap_in_the_feed_takes_messages_away():
    venue = faulty(Plan())
    venue.strike(Fault.FEED_GAP, 5 * SECOND)
    after(venue, 4)
    assert venue.market_events() == []
    after(venue, 4)
    assert venue.market_events()
    assert venue.counts[Fault.FEED_GAP] > 1


@pytest.mark.parametrize("seed", range(4))
def test_every_call_is_answered_and_no_fill_is_ever_invented_in_any_weather(seed):
    venue = faulty(drawn(Random(seed), until=60 * SECOND, on=0.8), seed)
    monkey = Monkey(venue, seed)
    monkey.live(60)
    monkey.wait(30)
    answered = {r.order for r in monkey.reports if isinstance(r, ANSWERS)}
    assert answered >= set(monkey.sent)
    facts = {(f.key, f.trade): (f.order, f.lots, f.ticks, f.fee) for f in venue.truth().fills}
    for r in monkey.reports:
        if isinstance(r, Filled):
            assert facts[r.key, r.trade] == (r.order, r.lots, r.ticks, r.fee)
    refused = {r.order for r in monkey.reports if isinstance(r, Rejected)}
    assert refused.isdisjoint(known.order.id for known in venue.truth().orders)


def test_every_kind_of_fault_strikes_in_enough_worlds_and_stops_in_time():
    struck = Counter()
    for seed in range(60):
        plan = drawn(Random(seed), until=30 * SECOND)
        venue = faulty(plan, seed)
        monkey = Monkey(venue, seed)
        monkey.live(30, pause=0.4)
        monkey.wait(20)
        before = venue.counts.copy()
        monkey.live(3, pause=0.4)
        assert venue.counts == before
        struck.update(fault for fault, times in venue.counts.items() if times)
    assert {fault for fault in Fault if struck[fault] < 3} == set()


def test_the_same_seed_is_the_same_weather():
    plans = [drawn(Random(5), until=SECOND) for _ in range(2)]
    assert plans[0] == plans[1]
    runs = [Monkey(faulty(drawn(Random(5), until=40 * SECOND), 5), 5) for _ in range(2)]
    for run in runs:
        run.live(40)
    assert [repr(r) for r in runs[0].reports] == [repr(r) for r in runs[1].reports]
    assert runs[0].venue.counts == runs[1].venue.counts
    assert set(SPELLS) <= set(Fault)
