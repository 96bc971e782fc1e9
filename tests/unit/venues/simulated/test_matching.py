"""Single rules of matching that a random session seldom meets."""

import pytest

from kedge.domain.order import OrderType, TimeInForce
from kedge.domain.report import End
from kedge.venues.simulated.crossing import cross
from kedge.venues.simulated.matching import Matcher
from kedge.venues.simulated.working import Gone, Match, Refusal, Touched, Working


def book(*orders, positions=None):
    matcher = Matcher()
    matcher.positions = positions or {}
    for order in orders:
        assert matcher.submit(order) is None
    matcher.happened.clear()
    return matcher


def test_lots_of_a_reduce_only_order_are_not_promised_to_fill_or_kill():
    """A fill before them may take away the position that they reduce."""
    matcher = book(
        Working(1, 1, -1, 5, 100), Working(2, 1, -1, 5, 100, reduce_only=True), positions={1: 5}
    )
    kill = Working(3, 2, 1, 10, 100, tif=TimeInForce.FOK)
    assert matcher.submit(kill) is None
    assert matcher.happened == [Gone(3, End.EXPIRED, 0)]
    matcher.submit(Working(4, 2, 1, 10, 100, tif=TimeInForce.IOC))
    assert matcher.positions == {1: 0, 2: 5}
    assert Gone(2, End.EXPIRED, 0) in matcher.happened


def test_the_latest_reduce_only_order_is_cut_first():
    first, second = (Working(n, 1, -1, 5, 110, reduce_only=True) for n in (1, 2))
    matcher = book(first, second, Working(-1, 0, 1, 3, 100), positions={1: 10})
    matcher.submit(Working(3, 1, -1, 3, 100))
    assert (first.left, second.left) == (5, 2)
    assert matcher.halves[-1].shown(110) == 7


def test_an_iceberg_s_next_slice_queues_behind_who_came_meanwhile():
    iceberg = Working(1, 1, 1, 6, 100, display=2)
    matcher = book(iceberg, Working(-1, 0, 1, 4, 100))
    matcher.submit(Working(-2, 0, -1, 3, 100))
    assert [(m.maker, m.lots) for m in matcher.happened] == [(1, 2), (-1, 1)]
    assert matcher.halves[1].shown(100) == 5
    assert matcher.ahead(1) == 3


def test_one_account_does_not_trade_with_itself():
    matcher = book(Working(1, 1, -1, 5, 100), Working(-1, 0, -1, 5, 101))
    matcher.submit(Working(2, 1, 1, 8, 101))
    assert matcher.happened == [Gone(2, End.EXPIRED, 0)]
    assert matcher.orders.keys() == {1, -1}


def test_stops_that_one_trade_touches_work_nearest_first_and_may_touch_more():
    matcher = book(
        *(Working(-n, 0, 1, 5, 100 - n) for n in range(1, 8)),
        Working(1, 1, -1, 5, kind=OrderType.STOP, trigger=97),
        Working(2, 1, -1, 5, kind=OrderType.STOP, trigger=98),
        Working(3, 1, -1, 5, kind=OrderType.STOP, trigger=94),
    )
    matcher.submit(Working(-9, 0, -1, 10, 98))
    assert [e.number for e in matcher.happened if isinstance(e, Touched)] == [2, 1]
    assert [(m.taker, m.ticks) for m in matcher.happened if isinstance(m, Match)][-2:] == [
        (2, 97),
        (1, 96),
    ]
    matcher.submit(Working(-10, 0, -1, 10, 94))
    assert [e.number for e in matcher.happened if isinstance(e, Touched)] == [2, 1, 3]


def test_a_stop_whose_owner_cannot_pay_any_more_expires():
    matcher = book(Working(-1, 0, -1, 5, 100), Working(-2, 0, -1, 5, 101))
    matcher.submit(Working(1, 1, 1, 5, kind=OrderType.STOP, trigger=100))
    matcher.admit = lambda order: False
    matcher.submit(Working(-3, 0, 1, 1, 100))
    assert matcher.happened[1:] == [Touched(1), Gone(1, End.EXPIRED, 0)]


def test_a_halted_book_takes_no_order_and_lets_every_one_go():
    matcher = book(Working(1, 1, 1, 5, 100))
    matcher.halted = True
    assert matcher.submit(Working(2, 1, 1, 5, 100)) is Refusal.HALTED
    assert matcher.cancel(1)
    cross(matcher, 1, 105, 5)
    assert matcher.trades == 0


def test_orders_of_a_day_expire_and_others_stay():
    day = Working(1, 1, 1, 5, 100, tif=TimeInForce.DAY)
    matcher = book(day, Working(2, 1, 1, 5, 100), Working(-1, 0, 1, 5, 99, tif=TimeInForce.DAY))
    matcher.expire(TimeInForce.DAY)
    assert matcher.happened == [Gone(1, End.EXPIRED, 0)]
    assert matcher.orders.keys() == {2, -1}


@pytest.mark.parametrize("side", [1, -1])
def test_an_outsider_trades_through_to_a_price_and_leaves_nothing(side):
    matcher = book(*(Working(-n, 0, -side, 5, 100 + side * n) for n in range(1, 4)))
    cross(matcher, side, 100 + side * 2, 8)
    assert matcher.last == 100 + side * 2
    assert sum(m.lots for m in matcher.happened if m.ticks == 100 + side * 2) == 8
    assert matcher.halves[-side].depth() == [(100 + side * 3, 5)]
    assert matcher.halves[side].depth() == []
