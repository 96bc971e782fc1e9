"""Orders of an intent that only reduces say so, where the venue then keeps them from more."""

import msgspec
import pytest

from at_desk import PRICE, AtDesk, of_kind
from kedge.domain.control import Asked, Verb
from kedge.domain.decided import CancelAsked, Intent, OrderApproved, OrderRefused
from kedge.domain.order import Order
from kedge.domain.reason import Reason
from kedge.domain.record import Record
from kedge.engine.trading.snapshot import dump, load
from kedge.engine.trading.styles import SlicedStyle, SliceShape
from kedge.execution.slicing.catalogue import STYLES
from kedge.testing.simulation.scene import SECOND

LOTS, STOP = 4_000, 9_500


def long(able: bool = True, style: str = "whole") -> AtDesk:
    """A position with a live stop, at a venue that has reduce-only orders or not."""
    at = AtDesk()
    way = at.desk.way
    assert way is not None
    rules = (msgspec.structs.replace(way.rules[0], reduce_only=able, short=True),)
    shape = SliceShape(interval_ns=SECOND, gap_ns=SECOND, span_ns=4 * SECOND)
    at.desk.way = way._replace(
        rules=rules, style=SlicedStyle(STYLES[style], rules, shape, 8 * SECOND)
    )
    at.hold(LOTS, STOP)
    stop = at.stop()
    assert stop is not None
    at.accepted(stop.order)
    at.quote(PRICE, PRICE + 2, SECOND)  # the next order is as far from the first as any two are
    return at


def wish(at: AtDesk, lots: int) -> None:
    style, number = at.engine.way.style, at.desk.intents + 1
    bare = Intent(at.now, number, 0, 0, lots, PRICE, 0, int(Reason.NONE), style.until(at.now))
    at.fold(msgspec.structs.replace(bare, plan=style.plan(at.desk, bare)))


def tried(found: list[Record]) -> list[Order]:
    """Orders that are no stops, whether the gate let them pass or not."""
    made = [each for each in found if isinstance(each, OrderApproved | OrderRefused)]
    return [each.order for each in made if not each.order.protective]


def sent(found: list[Record]) -> list[Order]:
    assert not of_kind(found, OrderRefused)
    return tried(found)


@pytest.mark.parametrize("lots", [-500, -LOTS // 2, -LOTS])
def test_a_reduction_is_reduce_only_and_the_stop_stays_as_it_is(lots: int) -> None:
    at = long()
    wish(at, lots)
    found = at.quote(PRICE, PRICE + 2)
    assert [(each.lots, each.reduce_only) for each in sent(found)] == [(-lots, True)]
    assert not of_kind(found, CancelAsked)


@pytest.mark.parametrize("lots", [1_000, -LOTS - 1, -2 * LOTS])
def test_what_adds_or_turns_is_not(lots: int) -> None:
    at = long()
    wish(at, lots)
    assert [each.reduce_only for each in tried(at.quote(PRICE, PRICE + 2))] == [False]


def test_a_venue_without_them_gets_none() -> None:
    at = long(able=False)
    stop = at.stop()
    assert stop is not None
    wish(at, -LOTS)
    at.quote(PRICE, PRICE + 2)
    found = at.ended(stop.order, 0)  # which had to make room
    assert [(each.lots, each.reduce_only) for each in sent(found)] == [(LOTS, False)]


def test_every_slice_is_also_when_the_position_is_gone_meanwhile() -> None:
    """A slice that arrives after the stop has filled would open a position otherwise."""
    at = long(style="twap")
    wish(at, -LOTS)
    (first,) = sent(at.quote(PRICE, PRICE + 2))
    assert 0 < first.lots < LOTS
    assert first.reduce_only
    at.filled(first, first.lots)
    at.desk.positions[0] = 0
    (second,) = tried(at.quote(PRICE, PRICE + 2, SECOND))
    assert second.reduce_only


def test_what_closes_at_once_is_reduce_only() -> None:
    at = long()
    found = at.take(Asked(at.now, Verb.FLATTEN, "somebody"))
    assert [(each.lots, each.reduce_only) for each in sent(found)] == [(LOTS, True)]


def test_a_snapshot_remembers_what_only_reduces() -> None:
    at, after = long(style="twap"), long(style="twap")
    wish(at, -LOTS)
    assert load(after.desk, dump(at.desk))
    assert [work.reduces for work in after.desk.works.values()] == [True]
