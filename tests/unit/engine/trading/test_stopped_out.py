"""A position that was stopped out is over when nothing of it is left that could be sold."""

import msgspec

from at_desk import HOUR, PRICE, AtDesk, of_kind
from kedge.domain import state as o
from kedge.domain.decided import CancelAsked, Intent, OrderApproved
from kedge.domain.order import Order, OrderType, TimeInForce
from kedge.domain.reason import Reason
from kedge.domain.report import Triggered

STOP = 9_500
LOTS = 4_000
DUST = 30
"""Lots that are worth less than the venue's least order."""


def touched() -> tuple[AtDesk, Order]:
    """A position whose stop was touched and has not filled yet."""
    at = AtDesk()
    at.hold(LOTS, STOP)
    stop = at.stop()
    assert stop is not None
    at.accepted(stop.order)
    at.told(Triggered, stop.order)
    return at, stop.order


def exiting(at: AtDesk) -> bool:
    return bool(at.desk.book.state.I[0, o.I_EXITING])


def locked(at: AtDesk) -> int:
    return int(at.desk.book.state.I[0, o.I_LOCK])


def test_it_is_being_left_until_its_last_lot_has_gone():
    at, stop = touched()
    assert exiting(at)
    at.filled(stop, LOTS - 1_000, STOP)
    assert exiting(at)
    at.filled(stop, 1_000, STOP)
    assert not exiting(at)
    assert locked(at) == 1


def test_dust_that_no_venue_takes_does_not_hold_the_instrument_up():
    at, stop = touched()
    at.filled(stop, LOTS - DUST, STOP)
    assert at.desk.positions == [DUST]
    assert not exiting(at)
    assert locked(at) == 1


def test_dust_that_the_venue_takes_is_still_to_be_sold():
    at, stop = touched()
    rules = msgspec.structs.replace(at.desk.way.rules[0], closes_dust=True)
    at.desk.way = at.desk.way._replace(rules=(rules,))
    at.filled(stop, LOTS - DUST, STOP)
    assert exiting(at)


def test_a_touch_that_is_told_again_when_all_has_filled_is_no_new_one():
    at, stop = touched()
    at.filled(stop, LOTS, STOP)
    at.told(Triggered, stop)
    assert not exiting(at)
    at.hold(LOTS, STOP)
    at.told(Triggered, stop)
    assert not exiting(at)
    assert at.quote(PRICE, PRICE + 2) == []


def test_a_fill_of_the_stop_recalls_what_was_wanted_even_if_nobody_told_of_the_touch():
    at = AtDesk()
    at.hold(LOTS, STOP)
    stop = at.stop()
    assert stop is not None
    at.accepted(stop.order)
    entry = Order("more", 0, 1, 100, OrderType.LIMIT, TimeInForce.GTC, limit=PRICE, intent=9)
    at.fold(
        Intent(at.now, 9, 0, 0, 100, PRICE, 0, int(Reason.NONE), at.now + HOUR),
        OrderApproved(at.now, entry),
    )
    at.accepted(entry)
    found = at.filled(stop.order, 1_000, STOP)
    assert [each.order for each in of_kind(found, CancelAsked)] == ["more"]
    assert at.desk.works[9].refused
