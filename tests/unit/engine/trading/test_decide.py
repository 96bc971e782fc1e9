"""What follows from an event, for one position and one stop."""

import msgspec
import pytest

from at_desk import HOUR, PRICE, AtDesk, of_kind
from kedge.domain import state as o
from kedge.domain.control import Asked, Mode, Verb
from kedge.domain.decided import (
    CancelAsked,
    Intent,
    IntentEnded,
    ModeSet,
    Odd,
    OrderApproved,
    OrderRefused,
    QueryAsked,
    Refusal,
)
from kedge.domain.order import Order, OrderType, TimeInForce, order_id
from kedge.domain.reason import Reason
from kedge.domain.report import End, Found, Link, NoAnswer, Rejected
from kedge.engine.trading.desk import Pace
from kedge.engine.trading.styles import SlicedStyle, SliceShape
from kedge.execution.slicing.catalogue import STYLES
from kedge.execution.tracked import Unknown
from kedge.testing.simulation.scene import SECOND

STOP = 9_500
LOTS = 4_000
ALIVE = {"venue_id": "9", "open": True, "filled": 0, "rejected": False}
"""What the venue says of an order that rests."""


def covered(**choices: object) -> tuple[AtDesk, Order]:
    """A position whose stop is live, and the stop's order."""
    at = AtDesk(**choices)
    at.hold(LOTS, STOP)
    stop = at.stop()
    assert stop is not None
    at.accepted(stop.order)
    return at, stop.order


def bare(**choices: object) -> AtDesk:
    """A position whose stop the venue has just refused, for a quote that reached it."""
    at = AtDesk(**choices)
    at.hold(LOTS, STOP)
    at.quote(STOP - 10, STOP)
    stop = at.stop()
    assert stop is not None
    at.told(Rejected, stop.order, code="-2010", text="Stop price would trigger immediately.")
    return at


def reduction(at: AtDesk, lots: int, reason: Reason = Reason.NONE) -> Intent:
    """A wish of the step against the position, as its style plans it."""
    way, desk = at.engine.way, at.desk
    wish = Intent(at.now, desk.intents + 1, 0, 0, -lots, PRICE, 0, int(reason), at.now + HOUR)
    plan = way.style.plan(desk, wish)
    made = Intent(*[getattr(wish, name) for name in wish.__struct_fields__[:-1]], plan)
    at.fold(made)
    return made


def orders(found: list[object]) -> list[Order]:
    return [each.order for each in of_kind(found, OrderApproved)]


def refused(at: AtDesk) -> list[Order]:
    """The venue refuses the stop that is on its way; the orders that follow."""
    stop = at.stop()
    assert stop is not None
    return orders(at.told(Rejected, stop.order, code="-1021", text="outside of the recvWindow"))


class TestRefusedStop:
    """A position whose stop is refused gets another, at once at first and then ever later."""

    def test_the_third_is_the_last_that_follows_at_once(self):
        at = AtDesk()
        at.hold(LOTS, STOP)
        assert [len(refused(at)) for _ in range(3)] == [1, 1, 0]

    def test_others_follow_after_pauses_that_double(self):
        at = AtDesk()
        at.hold(LOTS, STOP)
        refused(at), refused(at)
        waits = []
        for _ in range(6):
            assert refused(at) == []
            due = at.desk.stop_after[0]
            assert at.engine.next_deadline() <= due
            waits.append(round((due - at.now) / SECOND))
            assert orders(at.quote(PRICE, PRICE + 2, due - at.now - 1)) == []
            (stop,) = orders(at.quote(PRICE, PRICE + 2, 1))
            assert (stop.lots, stop.trigger, stop.protective) == (LOTS, STOP, True)
        assert waits == [1, 2, 4, 8, 8, 8]

    def test_one_that_is_taken_ends_the_pauses(self):
        at = AtDesk()
        at.hold(LOTS, STOP)
        refused(at), refused(at), refused(at)
        (stop,) = orders(at.quote(PRICE, PRICE + 2, SECOND))
        at.accepted(stop)
        assert at.desk.stop_refusals == [0]
        found = at.ended(stop, 0, End.EXPIRED)
        assert [order.trigger for order in orders(found)] == [STOP]

    def test_between_two_tries_the_quote_is_watched(self):
        at = AtDesk()
        at.hold(LOTS, STOP)
        refused(at), refused(at), refused(at)
        found = at.quote(STOP - 10, STOP, SECOND // 2)
        assert [each.reason for each in of_kind(found, Intent)] == [Reason.STOP]

    def test_one_that_the_gate_refused_is_tried_again_in_time(self):
        at, stop = covered()
        at.fold(OrderRefused(at.now, stop, Refusal.RATE, 0.0, 1.0))
        assert orders(at.ended(stop, 0, End.EXPIRED)) == []
        assert at.engine.next_deadline() <= at.now + SECOND
        assert len(orders(at.quote(PRICE, PRICE + 2, SECOND))) == 1


class TestLinkIsBack:
    """What was said while a link was down is asked for."""

    def test_an_order_in_doubt_is_asked_for_at_once(self):
        at, stop = covered()
        at.fold(QueryAsked(at.now, stop.id))
        for _ in range(6):  # nobody answers: the pause before the next question grows
            at.fold(QueryAsked(at.now, stop.id))
        assert not of_kind(at.quote(PRICE, PRICE + 2, SECOND), QueryAsked)
        assert not of_kind(at.take(Link(0, "", at.now, at.now, False, "down")), QueryAsked)
        found = at.take(Link(0, "", at.now, at.now, True, ""))
        assert [each.order for each in of_kind(found, QueryAsked)] == [stop.id]

    def test_a_stop_that_was_refused_is_tried_at_once(self):
        at, stop = covered()
        at.fold(OrderRefused(at.now, stop, Refusal.LINK, 0.0, 1.0))
        assert orders(at.ended(stop, 0, End.EXPIRED)) == []
        assert len(orders(at.take(Link(0, "", at.now, at.now, True, "")))) == 1

    def test_one_that_works_is_not(self):
        at, _ = covered()
        assert not of_kind(at.take(Link(0, "", at.now, at.now, True, "")), QueryAsked)


class TestTouchedStop:
    """A position that its stop cannot protect any more is closed at the market."""

    def test_it_is_closed_in_the_event_that_finds_it_bare(self):
        at = bare()
        (order,) = [s.order for s in at.desk.orders.values()]
        assert (order.side, order.lots, order.protective) == (-1, LOTS, False)
        assert at.desk.works[order.intent].intent.reason == Reason.STOP

    def test_volume_traded_before_does_not_hold_it_back(self):
        at = AtDesk()
        at.hold(LOTS, STOP)
        pace = at.desk.paces[0] = Pace()
        pace.hour, pace.used = at.now // HOUR, 10**9
        at.quote(STOP - 10, STOP)
        stop = at.stop()
        assert stop is not None
        found = at.told(Rejected, stop.order, code="-2010", text="would trigger")
        assert [order.lots for order in orders(found)] == [LOTS]

    def test_what_a_close_left_is_closed_at_once_by_another(self):
        at = bare()
        (name,) = at.desk.orders
        order = at.desk.orders[name].order
        at.accepted(order)
        half = LOTS // 2
        number = order.intent
        at.filled(order, half)
        at.desk.works[number].refused = True  # whatever the reason: it ends with a half left
        found = at.ended(order, half, End.EXPIRED)
        assert [each.number for each in of_kind(found, IntentEnded)] == [number]
        assert [each.lots for each in of_kind(found, Intent)] == [-half]
        assert [order.lots for order in orders(found)] == [half]

    def test_a_close_that_got_nowhere_is_tried_ever_later(self):
        at = bare()
        waits = []
        for _ in range(7):
            (name,) = at.desk.orders
            order = at.desk.orders[name].order
            found = at.told(Rejected, order, code="-2010", text="Market is closed.")
            assert of_kind(found, IntentEnded)
            assert not of_kind(found, Intent)
            due = at.desk.close_after[0]
            assert at.engine.next_deadline() <= due
            waits.append(round((due - at.now) / SECOND))
            assert not of_kind(at.quote(STOP - 20, STOP - 10, due - at.now - 1), Intent)
            assert of_kind(at.quote(STOP - 20, STOP - 10, 1), Intent)
        assert waits == [1, 2, 4, 8, 16, 16, 16]

    def test_a_position_that_has_grown_is_not_kept_waiting_for_what_it_was_before(self):
        at = bare()
        (name,) = at.desk.orders
        at.told(Rejected, at.desk.orders[name].order, code="-2010", text="Market is closed.")
        assert at.desk.close_after[0] > at.now
        at.hold(LOTS, STOP)
        assert at.desk.close_after[0] <= at.now

    def test_what_nobody_takes_is_tried_again_a_second_later(self):
        at = bare()
        tries = 0
        for _ in range(5):
            (order,) = [s.order for s in at.desk.orders.values()]
            assert not orders(at.ended(order, 0, End.EXPIRED))
            assert at.engine.next_deadline() <= at.now + SECOND
            assert not orders(at.quote(STOP - 10, STOP, SECOND // 2))
            tries += len(orders(at.quote(STOP - 10, STOP, SECOND // 2)))
        assert tries == 5

    def test_it_is_closed_while_the_session_stops(self):
        at = AtDesk()
        at.hold(LOTS, STOP)
        at.take(Asked(at.now, Verb.STOP, "somebody", True))
        at.quote(STOP - 10, STOP)
        stop = at.stop()
        assert stop is not None
        found = at.told(Rejected, stop.order, code="-2010", text="would trigger")
        assert [order.lots for order in orders(found)] == [LOTS]

    def test_only_what_nothing_else_closes_is_closed(self):
        at, stop = covered()
        reduction(at, LOTS // 4)
        found = at.quote(STOP - 10, STOP)
        assert not of_kind(found, Intent)  # the stop is live: the venue's to fill
        at.ended(stop, 0)
        closing = [s.order.lots for s in at.desk.orders.values() if s.order.side < 0]
        assert sum(closing) == LOTS


class TestStopBesideSlices:
    """Between two slices a stop covers what is not under way."""

    def test_it_stays_while_no_slice_is_due(self):
        at, stop = covered()
        at.desk.book.state.F[0, o.F_AV] = LOTS // 2  # a slice is no more than a row's volume
        wish = reduction(at, LOTS)
        assert not at.quote(PRICE, PRICE + 2)
        first = at.quote(PRICE, PRICE + 2, 2 * SECOND)
        asked = [each.order for each in of_kind(first, CancelAsked)]
        assert asked == [stop.id]
        found = at.ended(stop, 0)
        slices = [o for o in orders(found) if not o.protective]
        stops = [o for o in orders(found) if o.protective]
        assert [each.intent for each in slices] == [wish.number]
        assert slices[0].lots == LOTS // 2
        assert [each.lots for each in stops] == [LOTS // 2]

    def test_uncovered_lots_are_ordered_before_the_stop_is_gone(self):
        at, stop = covered()
        at.hold(LOTS, STOP)  # twice as many, and the stop still covers the first half
        reduction(at, 2 * LOTS)
        found = at.quote(PRICE, PRICE + 2, 2 * SECOND)
        assert [o.lots for o in orders(found)] == [LOTS]
        assert stop.id in at.desk.orders

    def test_together_they_never_sell_more_than_there_is(self):
        at, _ = covered(style="iceberg")
        reduction(at, LOTS)
        for _ in range(20):
            at.quote(PRICE, PRICE + 2, 2 * SECOND)
            exposed = sum(s.order.lots for s in at.desk.orders.values() if s.order.side < 0)
            assert exposed <= LOTS


def test_a_market_order_is_not_called_back_for_resting() -> None:
    at = AtDesk()
    at.hold(LOTS, STOP)
    stop = at.stop()
    assert stop is not None
    at.quote(0, STOP)  # nobody bids: the close has no price to take
    found = at.told(Rejected, stop.order, code="-2010", text="would trigger")
    sent = orders(found) or [o for o in orders(at.quote(STOP - 10, STOP)) if not o.protective]
    assert sent
    for order in sent:
        if order.type is OrderType.MARKET:
            assert not of_kind(at.quote(0, STOP, SECOND // 2), CancelAsked)


class TestRecall:
    """What is not wanted any more is called back, also what nobody knows of."""

    def test_a_kill_cancels_what_is_in_doubt_once(self):
        at = AtDesk()
        order = in_doubt(at)
        found = at.take(Asked(at.now, Verb.KILL, "somebody", True))
        assert [each.order for each in of_kind(found, CancelAsked)] == [order.id]
        assert not of_kind(at.quote(PRICE, PRICE + 2), CancelAsked)
        found = at.told(Found, order, venue_id="9", open=True, filled=0, rejected=False)
        assert order.id in [each.order for each in of_kind(found, CancelAsked)]

    def test_a_kill_without_its_cancels_cancels_at_the_next_event(self):
        at = AtDesk()
        order = in_doubt(at)
        at.told(Found, order, venue_id="9", open=True, filled=0, rejected=False)
        at.fold(ModeSet(at.now, Mode.HALTED, True, "the rest was torn off"))
        found = at.quote(PRICE, PRICE + 2)
        assert [each.order for each in of_kind(found, CancelAsked)] == [order.id]

    def test_what_rests_for_an_intent_that_is_given_up_is_cancelled(self):
        at = AtDesk()
        order = in_doubt(at)
        at.told(Found, order, venue_id="9", open=True, filled=0, rejected=False)
        at.desk.works[order.intent].refused = True
        found = at.quote(PRICE, PRICE + 2)
        assert [each.order for each in of_kind(found, CancelAsked)] == [order.id]

    def test_a_touched_level_recalls_what_rests_and_covers_everything(self):
        at, stop = covered()
        wish = reduction(at, LOTS)
        child = Order(
            order_id(at.desk.universe.lineage, wish.number, 0), 0, -1, LOTS, OrderType.LIMIT,
            TimeInForce.GTC, limit=PRICE + 2, post_only=True, intent=wish.number,
        )  # fmt: skip
        at.fold(OrderApproved(at.now, child))
        at.ended(stop, 0)
        at.accepted(child)
        found = at.quote(STOP - 100, STOP - 90)
        assert child.id in [each.order for each in of_kind(found, CancelAsked)]
        found = at.ended(child, 0)
        assert [each.lots for each in orders(found)] == [LOTS]

    def replaced(self) -> tuple[AtDesk, Order, Order]:
        """A position, its stop that was taken for refused, and the live one in its place."""
        at = AtDesk()
        at.hold(LOTS, STOP)
        first = at.stop()
        assert first is not None
        at.told(Rejected, first.order, code="-2010", text="try again")
        second = at.stop()
        assert second is not None
        assert second.order.id != first.order.id
        at.accepted(second.order)
        return at, first.order, second.order

    def test_a_stop_that_comes_back_to_life_is_cancelled(self):
        at, first, _ = self.replaced()
        assert of_kind(at.told(Found, first, **ALIVE), Odd)
        found = at.told(Found, first, **ALIVE)
        assert [each.order for each in of_kind(found, CancelAsked)] == [first.id]

    def test_a_stop_that_comes_back_to_life_when_nothing_is_held_is_cancelled(self):
        at, first, second = self.replaced()
        at.filled(second, LOTS, STOP)
        assert at.desk.positions == [0]
        at.told(Found, first, **ALIVE)
        found = at.told(Found, first, **ALIVE)
        assert [each.order for each in of_kind(found, CancelAsked)] == [first.id]


class TestReducing:
    """Only what makes positions smaller stays at work."""

    def resting(self, at: AtDesk, side: int, lots: int) -> Order:
        number, price = at.desk.intents + 1, PRICE - side
        wish = Intent(at.now, number, 0, 0, side * lots, PRICE, 500, 0, at.now + HOUR)
        order = Order(
            order_id(at.desk.universe.lineage, number, 0), 0, side, lots, OrderType.LIMIT,
            TimeInForce.GTC, limit=price, post_only=True, intent=number,
        )  # fmt: skip
        at.fold(wish, OrderApproved(at.now, order))
        at.accepted(order)
        return order

    def test_a_purchase_that_rests_is_recalled_with_the_change_of_mode(self):
        at = AtDesk()
        order = self.resting(at, 1, 500)
        stranger = Order("kother-9-0", 0, 1, 5, OrderType.MARKET, TimeInForce.IOC)
        found = at.filled(stranger, 5)
        assert at.desk.mode is Mode.REDUCING
        assert [each.order for each in of_kind(found, CancelAsked)] == [order.id]
        assert not of_kind(at.quote(PRICE, PRICE + 2), CancelAsked)

    def test_one_whose_cancel_was_torn_off_is_recalled_at_the_next_event(self):
        at = AtDesk()
        order = self.resting(at, 1, 500)
        at.fold(ModeSet(at.now, Mode.REDUCING, False, "the rest was torn off"))
        found = at.quote(PRICE, PRICE + 2)
        assert [each.order for each in of_kind(found, CancelAsked)] == [order.id]

    @pytest.mark.parametrize(("lots", "recalled"), [(LOTS, 0), (LOTS + 1, 1)])
    def test_a_sale_stays_while_it_cannot_turn_the_position(self, lots: int, recalled: int):
        at, stop = covered()
        at.ended(stop, 0)
        self.resting(at, -1, lots)
        at.fold(ModeSet(at.now, Mode.REDUCING, False, "a report contradicts us"))
        assert len(of_kind(at.quote(PRICE, PRICE + 2), CancelAsked)) == recalled


class TestFlatten:
    """Everything is closed from this instant."""

    def test_it_closes_in_the_same_event(self):
        at, stop = covered()
        found = at.take(Asked(at.now, Verb.FLATTEN, "somebody", True))
        assert [each.lots for each in of_kind(found, Intent)] == [-LOTS]
        assert [each.order for each in of_kind(found, CancelAsked)] == [stop.id]
        assert [each.lots for each in orders(at.ended(stop, 0))] == [LOTS]

    def test_another_wish_does_not_stand_in_its_way(self):
        at, _ = covered()
        number = at.desk.intents + 1
        more = Intent(at.now, number, 0, 0, LOTS, PRICE, 0, int(Reason.NONE), at.now + HOUR)
        at.fold(more)
        found = at.take(Asked(at.now, Verb.FLATTEN, "somebody", True))
        assert [each.lots for each in of_kind(found, Intent)] == [-LOTS]
        assert not at.desk.works.get(number)


class TestOtherVenues:
    """Venues that take no stops, or none so large."""

    def test_the_quote_is_looked_at_where_no_stop_can_rest(self):
        at = ruled(stops=False)
        at.hold(LOTS, STOP)
        assert at.stop() is None
        assert at.engine.next_deadline() <= at.now + SECOND
        found = at.quote(STOP, STOP + 2, SECOND)
        assert [each.lots for each in orders(found)] == [LOTS]

    def test_what_is_larger_than_the_largest_order_is_protected_and_closed_in_parts(self):
        at = ruled(max_lots=LOTS // 2)
        at.hold(LOTS, STOP)
        stop = at.stop()
        assert stop is not None
        assert stop.order.lots == LOTS // 2
        at.accepted(stop.order)
        assert not of_kind(at.quote(PRICE, PRICE + 2), CancelAsked)


def ruled(**rules: object) -> AtDesk:
    """A desk whose venue has other rules."""
    at = AtDesk()
    way = at.desk.way
    assert way is not None
    other = msgspec.structs.replace(way.rules[0], **rules)
    style = SlicedStyle(STYLES["whole"], (other,), SliceShape(interval_ns=SECOND), 8 * SECOND)
    at.desk.way = way._replace(rules=(other,), style=style)
    return at


def in_doubt(at: AtDesk) -> Order:
    """An order to buy of which nobody knows what became."""
    number = at.desk.intents + 1
    wish = Intent(at.now, number, 0, 0, LOTS, PRICE, 500, int(Reason.NONE), at.now + HOUR)
    order = Order(
        order_id(at.desk.universe.lineage, number, 0), 0, 1, LOTS, OrderType.LIMIT,
        TimeInForce.GTC, limit=PRICE, stop=500, intent=number,
    )  # fmt: skip
    at.fold(wish, OrderApproved(at.now, order))
    at.told(NoAnswer, order, why="timed out")
    assert isinstance(at.desk.orders[order.id], Unknown)
    return order
