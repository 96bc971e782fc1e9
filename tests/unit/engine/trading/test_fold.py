"""What records make of a desk: dated events, the clock, the pace, refusals, corrections."""

import msgspec
import pytest

from at_desk import HOUR, PRICE, AtDesk
from kedge.domain import state as o
from kedge.domain.control import Started, Tick
from kedge.domain.decided import Adjusted, Intent, IntentEnded, OrderApproved, OrderRefused, Refusal
from kedge.domain.order import Order, OrderType, TimeInForce
from kedge.domain.panel import EventKind
from kedge.domain.reason import Reason
from kedge.domain.report import (
    Accepted,
    Balances,
    End,
    Ended,
    Filled,
    FillsThrough,
    Link,
    OpenOrders,
    Rejected,
    Triggered,
    Unsent,
)
from kedge.domain.row import Dated, SessionOpened
from kedge.testing.simulation.scene import SECOND

LOTS, STOP = 4_000, 9_500


def long() -> AtDesk:
    """A position, its stop, and an intent to buy as much again, of which a child is out."""
    at = AtDesk()
    at.hold(LOTS, STOP)
    number = at.desk.intents + 1
    wish = Intent(at.now, number, 0, 0, 1_001, PRICE, 301, int(Reason.NONE), at.now + HOUR)
    child = Order(
        f"child-{number}", 0, 1, 1_001, OrderType.LIMIT, TimeInForce.GTC, limit=PRICE, stop=301,
        intent=number,
    )  # fmt: skip
    at.fold(wish, OrderApproved(at.now, child))
    return at


def dated(at: AtDesk, kind: EventKind, a: int = 0, b: int = 0, x: float = 0.0) -> None:
    at.fold(Dated(at.now, int(kind), 0, a, b, x))


def pending(at: AtDesk) -> tuple[int, int]:
    """Lots and intents that the step takes for pending."""
    state = at.desk.book.state
    return int(state.I[0, o.I_PENDING]), int(state.I[0, o.I_OPEN_ORDERS])


def test_a_split_puts_everything_into_new_units():
    at = long()
    (work,) = at.desk.works.values()
    dated(at, EventKind.SPLIT, 3, 2)
    (name,) = work.children
    assert at.desk.positions == [6_000]
    assert at.desk.book.lots.tolist() == [6_000]
    assert (work.left, work.intent.stop) == (1_501, 201)
    assert (at.desk.orders[name].order.lots, at.desk.orders[name].order.stop) == (1_501, 201)
    assert pending(at) == (1_501, 1)


def test_a_split_keeps_the_side_of_what_is_sold_and_a_stop_that_is_not_there():
    at = long()
    (work,) = at.desk.works.values()
    work.left, work.intent = -1_001, msgspec.structs.replace(work.intent, stop=0)
    dated(at, EventKind.SPLIT, 1, 2)
    assert (work.left, work.intent.stop) == (-500, 0)


@pytest.mark.parametrize(
    ("a", "b", "lots", "stop"), [(1, 10_000, 1, 3_010_000), (10_000, 1, 10_010_000, 1)]
)
def test_a_split_leaves_no_order_and_no_stop_without_a_size(a, b, lots, stop):
    at = long()
    (work,) = at.desk.works.values()
    (name,) = work.children
    dated(at, EventKind.SPLIT, a, b)
    assert at.desk.orders[name].order.lots == lots
    assert work.intent.stop == stop


def test_a_deal_closes_the_position_and_what_was_wanted():
    at = long()
    (work,) = at.desk.works.values()
    dated(at, EventKind.DEAL, PRICE)
    assert at.desk.positions == [0]
    assert work.left == 0
    assert pending(at) == (0, 0)


def test_a_position_that_the_step_has_closed_by_itself_is_gone_when_a_session_opens():
    at = long()
    (work,) = at.desk.works.values()
    at.desk.book.cells.I[0, o.I_LOTS] = 0
    at.fold(SessionOpened(at.now, at.desk.session + 1))
    assert at.desk.positions == [0]
    assert work.left == 0


def test_a_dividend_changes_cash_and_nothing_that_is_wanted():
    at = long()
    (work,) = at.desk.works.values()
    before = at.desk.book.cash()["USDT"]
    dated(at, EventKind.DIVIDEND, x=0.5)
    assert at.desk.positions == [LOTS]
    assert work.left == 1_001
    assert pending(at) == (1_001, 1)
    assert at.desk.book.cash() == {"USDT": before + 2 * 10**8}  # 4 coins


REPORTS = [
    (Accepted, {"venue_id": "v"}), (Ended, {"why": End.CANCELLED, "filled": 0}),
    (Triggered, {}), (Link, {"up": False, "why": "down"}),
    (FillsThrough, {"cursor": "7"}), (Balances, {"cash": (), "positions": ()}),
    (OpenOrders, {"orders": ()}),
    (Filled, {"venue_id": "v", "trade": "9", "side": 1, "lots": 1, "ticks": PRICE, "fee": 0,
              "maker": False, "base": PRICE}),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "more"), REPORTS, ids=lambda each: getattr(each, "__name__", ""))
def test_the_clock_follows_every_report_and_never_runs_back(kind, more):
    at = long()
    name = next(name for name in at.desk.orders if name.startswith("child"))
    later = at.now + 5 * SECOND
    at.fold(kind(0, name, later, later, **more))
    assert at.desk.at == later
    at.fold(kind(0, name, later - SECOND, later - SECOND, **more))
    assert at.desk.at == later


@pytest.mark.parametrize(
    "made",
    [
        lambda at: SessionOpened(at, 9),
        lambda at: Dated(at, int(EventKind.FUNDING), 0, 0, 0, 0.0),
        lambda at: Adjusted(at, 0, 5, "", 0, "policy"),
        lambda at: Tick(at, ()),
    ],
)
def test_the_clock_follows_what_has_a_time_of_its_own(made):
    at = AtDesk()
    later = at.now + 5 * SECOND
    record = made(later)
    at.fold(msgspec.structs.replace(record, quotes=tuple(at.desk.quotes))
            if isinstance(record, Tick) else record)  # fmt: skip
    assert at.desk.at == later


@pytest.mark.parametrize("protective", [True, False])
def test_a_touched_stop_locks_its_side_only_where_it_protects(protective):
    at = AtDesk()
    at.hold(LOTS, STOP)
    stop = at.stop()
    assert stop is not None
    order = msgspec.structs.replace(stop.order, id="stop", reduce_only=protective)
    at.fold(OrderApproved(at.now, order), Triggered(0, "stop", at.now, at.now))
    assert bool(at.desk.book.state.I[0, o.I_LOCK]) == protective


def test_an_adjustment_moves_lots_or_cash():
    at = long()
    cash = at.desk.book.cash()
    at.fold(Adjusted(at.now, 0, -7, "", 0, "policy"))
    assert at.desk.positions == [LOTS - 7]
    assert at.desk.book.lots.tolist() == [LOTS - 7]
    at.fold(Adjusted(at.now, -1, 0, "USDT", 12, "policy"))
    assert at.desk.positions == [LOTS - 7]
    assert at.desk.book.cash() == {"USDT": cash["USDT"] + 12}


class TestPace:
    """Lots of the clock hour, and when risk was last added."""

    def approved(self, at: AtDesk, when: int, side: int, lots: int) -> None:
        order = Order(
            f"o-{when}-{side}-{lots}", 0, side, lots, OrderType.MARKET, TimeInForce.IOC
        )  # fmt: skip
        at.fold(OrderApproved(when, order))

    def test_lots_are_counted_within_an_hour_and_anew_in_the_next(self):
        at, hour = AtDesk(), 500_000 * HOUR
        pace = at.desk.paces[0]
        self.approved(at, hour, 1, 100)
        self.approved(at, hour + HOUR - 1, 1, 11)
        assert (pace.hour, pace.used) == (500_000, 111)
        self.approved(at, hour + HOUR, 1, 5)
        assert (pace.hour, pace.used) == (500_001, 5)

    @pytest.mark.parametrize(
        ("side", "lots", "adds"),
        [(1, 1, True), (-1, LOTS, False), (-1, LOTS + 1, True), (-1, 1, False)],
    )
    def test_only_what_adds_risk_sets_its_time(self, side, lots, adds):
        at = AtDesk()
        at.hold(LOTS, STOP)
        when = at.now + 9 * SECOND
        self.approved(at, when, side, lots)
        assert (at.desk.paces[0].last == when) == adds


class TestRefused:
    """What a gate or a venue has refused is not tried again in the same row."""

    def test_an_intent_whose_child_the_gate_refused_tries_nothing_more(self):
        at = long()
        (work,) = at.desk.works.values()
        (name,) = work.children
        order = at.desk.orders[name].order
        at.fold(OrderRefused(at.now, order, Refusal.CASH, 0.0, 1.0))
        assert work.refused
        assert at.desk.stop_refused == [(0, 0)]

    @pytest.mark.parametrize(
        ("kind", "more"), [(Rejected, {"code": "-1", "text": "no"}), (Unsent, {"why": "killed"})]
    )
    def test_an_intent_whose_child_was_not_taken_tries_nothing_more(self, kind, more):
        at = long()
        (work,) = at.desk.works.values()
        (name,) = work.children
        at.fold(kind(0, name, at.now, at.now, **more))
        assert work.refused
        assert not work.children
        assert name in at.desk.done

    def test_a_stop_that_the_gate_refused_is_remembered_by_side_lots_and_level(self):
        at = AtDesk()
        at.hold(LOTS, STOP)
        stop = at.stop()
        assert stop is not None
        at.fold(OrderRefused(at.now, stop.order, Refusal.NOTIONAL, 0.0, 1.0))
        assert at.desk.stop_refused == [(-LOTS, STOP)]

    def test_stops_that_the_venue_refuses_are_counted_until_it_takes_one(self):
        at = AtDesk()
        at.hold(LOTS, STOP)
        stop = at.stop()
        assert stop is not None
        at.fold(Rejected(0, stop.order.id, at.now, at.now, "-1", "no"))
        assert at.desk.stop_refusals == [1]
        assert at.desk.stops == [""]
        again = msgspec.structs.replace(stop.order, id="again")
        at.fold(OrderApproved(at.now, again), Accepted(0, "again", at.now, at.now, "v"))
        assert at.desk.stop_refusals == [0]


def test_an_intent_that_ended_is_pending_no_more():
    at = long()
    ((number, work),) = at.desk.works.items()
    at.fold(IntentEnded(at.now, number, work.left, "its time is over"))
    assert pending(at) == (0, 0)
    assert at.desk.by_instrument == [set()]


def test_a_fill_is_booked_once_and_leaves_the_rest_of_its_intent():
    at = long()
    (work,) = at.desk.works.values()
    (name,) = work.children
    fill = Filled(0, name, at.now, at.now, "v", "77", 1, 400, PRICE, 3, False, PRICE)
    at.fold(fill, fill)
    assert at.desk.positions == [LOTS + 400]
    assert work.left == 601
    assert pending(at) == (601, 1)


def test_a_fill_of_an_order_that_is_not_ours_is_odd_and_not_booked():
    at = AtDesk()
    at.fold(Filled(0, "by-hand", at.now, at.now, "v", "77", 1, 400, PRICE, 3, False, PRICE))
    assert at.desk.positions == [0]
    assert at.desk.odd == ["fill 77 of an order that is not ours: by-hand"]


def test_a_start_from_a_backup_gives_no_id_again():
    at = long()
    (work,) = at.desk.works.values()
    at.hold(LOTS, STOP)
    intents, stops = at.desk.intents, at.desk.protections
    at.fold(Started(at.now, "simulated", "here", 0, 1 << 20))
    assert (at.desk.intents, at.desk.protections) == (intents + (1 << 20), stops + (1 << 20))
    assert work.refused
    at.fold(Started(at.now, "simulated", "here", 0))
    assert at.desk.intents == intents + (1 << 20)
