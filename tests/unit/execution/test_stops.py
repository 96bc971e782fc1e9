"""Protective stops: placed, moved, made smaller, and never two at once."""

from typing import Any

import pytest

from kedge.domain.order import Order, OrderType
from kedge.execution.stops import (
    Bare,
    Cancel,
    Close,
    Guarded,
    Keep,
    Place,
    Watch,
    level,
    protect,
    reducible,
    touched,
)
from kedge.execution.tracked import Done, Placed, State, Unknown, Why, Working
from orders import ID, accepted, after, cancel, doubt, ended, filled, triggered


def stop(lots: int = 10, side: int = -1, trigger: int = 90) -> Placed:
    order = Order(ID, 0, side, lots, OrderType.STOP, trigger=trigger, reduce_only=True)
    return Placed(order, 0)


def live(lots: int = 10, side: int = -1, trigger: int = 90) -> Working:
    state = after(stop(lots, side, trigger), accepted())
    assert isinstance(state, Working)
    return state


def guarded(position: int = 10, trigger: int = 90, **changes: Any) -> Guarded:
    return Guarded(position=position, trigger=trigger, stop=changes.pop("stop", None), **changes)


def test_a_position_without_a_stop_gets_one_for_the_whole_of_it() -> None:
    assert protect(guarded()) == Place(-1, 10, 90)
    assert protect(guarded(-7, 110)) == Place(1, 7, 110)
    gone = Done(stop().order, "v1", 0, Why.CANCELLED, 0)
    assert protect(guarded(stop=gone)) == Place(-1, 10, 90)


def test_no_position_needs_no_stop_and_a_live_one_is_cancelled() -> None:
    assert isinstance(protect(guarded(0)), Keep)
    assert protect(guarded(0, stop=live())) == Cancel(ID)
    assert protect(guarded(-5, 110, stop=live())) == Cancel(ID)


def test_a_live_stop_of_the_right_size_and_level_is_left_alone() -> None:
    assert isinstance(protect(guarded(stop=live())), Keep)
    assert isinstance(protect(guarded(stop=stop())), Keep)


@pytest.mark.parametrize("position", [6, 14])
def test_a_stop_of_another_size_is_cancelled_before_its_successor_is_placed(position: int) -> None:
    assert protect(guarded(position, stop=live())) == Cancel(ID)
    waiting = after(live(), cancel())
    assert isinstance(protect(guarded(position, stop=waiting)), Keep)
    assert protect(guarded(position, stop=after(waiting, ended(0)))) == Place(-1, position, 90)


def test_a_stop_on_its_way_is_cancelled_only_where_it_covers_too_much() -> None:
    assert protect(guarded(6, stop=stop())) == Cancel(ID)
    assert isinstance(protect(guarded(14, stop=stop())), Keep)
    assert isinstance(protect(guarded(10, 95, stop=stop())), Keep)


@pytest.mark.parametrize(
    ("side", "wanted", "moves"), [(-1, 91, True), (-1, 89, False), (1, 109, True), (1, 111, False)]
)
def test_a_stop_is_tightened_and_never_widened(side: int, wanted: int, moves: bool) -> None:
    there = live(side=side, trigger=90 if side < 0 else 110)
    action = protect(guarded(-10 * side, wanted, stop=there))
    assert (action == Cancel(ID)) == moves
    assert level(side, wanted, there.order.trigger) == (wanted if moves else there.order.trigger)


def test_small_moves_of_the_level_do_not_replace_the_stop() -> None:
    assert isinstance(protect(guarded(10, 94, stop=live(), step=5)), Keep)
    assert protect(guarded(10, 95, stop=live(), step=5)) == Cancel(ID)


@pytest.mark.parametrize(
    "state",
    [
        after(live(), cancel()), after(stop(), doubt()), after(live(), ended(4)),
        after(live(), triggered()), after(live(), filled(2, side=-1), triggered()),
    ],
)  # fmt: skip
def test_while_a_stop_is_not_known_to_be_over_no_second_one_is_placed(state: State) -> None:
    for position in (-3, 0, 5, 10, 20):
        assert isinstance(protect(guarded(position, 95, stop=state)), Keep)


def test_reducing_orders_and_the_stop_share_the_position() -> None:
    assert protect(guarded(reducing=4)) == Place(-1, 6, 90)
    assert protect(guarded(reducing=4, stop=live())) == Cancel(ID)
    assert isinstance(protect(guarded(reducing=10)), Keep)
    assert protect(guarded(reducing=4, reduce_only=True)) == Place(-1, 10, 90)


def test_room_is_made_for_a_reduction_before_it_is_ordered() -> None:
    whole = guarded(stop=live())
    assert reducible(whole) == 0
    assert protect(guarded(stop=live(), asked=4)) == Cancel(ID)
    assert reducible(guarded(stop=after(live(), cancel()), asked=4)) == 0
    gone = after(live(), cancel(), ended(0))
    assert reducible(guarded(stop=gone, asked=4)) == 10
    assert protect(guarded(stop=gone, asked=4)) == Place(-1, 6, 90)
    assert reducible(guarded(stop=live(6), asked=4)) == 4
    assert reducible(guarded(stop=live(6), reducing=4)) == 0


def test_where_the_venue_keeps_orders_from_opening_nothing_waits() -> None:
    assert reducible(guarded(stop=live(), reduce_only=True)) == 10
    assert isinstance(protect(guarded(stop=live(), reduce_only=True, asked=10, reducing=5)), Keep)


def test_a_level_that_the_quote_has_reached_is_closed_at_once() -> None:
    assert protect(guarded(bid=90, ask=91)) == Close(-1, 10)
    assert protect(guarded(bid=91, ask=92)) == Place(-1, 10, 90)
    assert protect(guarded(-10, 110, bid=109, ask=110)) == Close(1, 10)
    assert protect(guarded(bid=80, ask=81, reducing=3)) == Close(-1, 7)
    assert protect(guarded(bid=80, reducing=3, reduce_only=True)) == Close(-1, 7)
    assert protect(guarded(bid=80, reducing=10, reduce_only=True)) == Close(-1, 0)


def test_an_absent_quote_touches_nothing() -> None:
    assert not touched(-1, 90, 0, 0)
    assert not touched(1, 110, 0, 0)
    assert not touched(1, 0, 5, 6)
    assert protect(guarded()) == Place(-1, 10, 90)


def test_where_stops_do_not_rest_the_quote_is_watched() -> None:
    assert protect(guarded(rests=False, bid=95)) == Watch(-1, 10, 90)
    assert protect(guarded(rests=False, bid=90)) == Close(-1, 10)
    assert protect(guarded(put_off=True)) == Watch(-1, 10, 90)
    assert protect(guarded(put_off=False)) == Place(-1, 10, 90)


def test_a_position_of_which_no_level_is_known_is_said_aloud() -> None:
    assert protect(guarded(trigger=0)) == Bare(10)
    assert isinstance(protect(guarded(trigger=0, stop=live())), Keep)


def test_a_partly_filled_stop_covers_what_is_left() -> None:
    part = after(live(), filled(4, side=-1))
    assert isinstance(protect(guarded(6, stop=part)), Keep)
    assert protect(guarded(7, stop=part)) == Cancel(ID)


def test_a_stop_in_doubt_is_asked_for_and_not_replaced() -> None:
    unknown = after(stop(), doubt())
    assert isinstance(unknown, Unknown)
    assert reducible(guarded(stop=unknown)) == 0


def test_level_takes_what_is_known() -> None:
    assert (level(-1, 0, 90), level(-1, 90, 0), level(1, 0, 0)) == (90, 90, 0)
