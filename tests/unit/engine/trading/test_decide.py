"""What follows from an event, for one position and one stop."""

from at_desk import HOUR, PRICE, AtDesk, of_kind
from kedge.domain import state as o
from kedge.domain.control import Asked, Verb
from kedge.domain.decided import CancelAsked, Intent, IntentEnded, OrderApproved
from kedge.domain.order import Order, OrderType
from kedge.domain.reason import Reason
from kedge.domain.report import End, Rejected
from kedge.engine.trading.desk import Pace
from kedge.testing.simulation.scene import SECOND

STOP = 9_500
LOTS = 4_000


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

    def test_a_close_that_got_nowhere_waits_for_the_next_row(self):
        at = bare()
        (name,) = at.desk.orders
        order = at.desk.orders[name].order
        found = at.told(Rejected, order, code="-2010", text="Market is closed.")
        assert of_kind(found, IntentEnded)
        assert not of_kind(found, Intent)
        assert not of_kind(at.quote(STOP - 20, STOP - 10, SECOND), Intent)

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
