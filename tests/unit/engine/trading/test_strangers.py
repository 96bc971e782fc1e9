"""Orders at the venue that are not ours: halt, ignore, or adopt, as the parameters say."""

import msgspec
import pytest

from at_desk import PRICE, AtDesk, of_kind
from kedge.domain.control import Asked, Mode, Verb
from kedge.domain.decided import Adopted, CancelAsked, Odd
from kedge.domain.report import End, OpenOrders
from kedge.execution.reconcile.findings import Strangers
from kedge.execution.tracked import Working

HAND = ("by-hand", "77", 0, 1, 1_000, 0)
"""Somebody buys 1,000 lots."""


def at_desk(policy: Strangers) -> AtDesk:
    at = AtDesk()
    at.desk.universe = msgspec.structs.replace(at.desk.universe, strangers=policy)
    return at


def seen(at: AtDesk, *orders: tuple[str, str, int, int, int, int]) -> list[object]:
    """The venue tells everything that rests there."""
    at.now += 1_000_000
    return at.take(OpenOrders(0, "", at.now, at.now, orders))


def test_it_halts_new_risk() -> None:
    at = at_desk(Strangers.HALT)
    found = seen(at, HAND)
    assert [odd.what for odd in of_kind(found, Odd)] == [
        "order by-hand of 1000 lots rests there and is not ours"
    ]
    assert at.desk.mode is Mode.REDUCING


def test_it_is_ignored() -> None:
    at = at_desk(Strangers.IGNORE)
    assert seen(at, HAND) == []
    assert at.desk.mode is Mode.ACTIVE
    assert at.desk.orders == {}


class TestAdopted:
    """It is tracked and booked as if it were ours."""

    def test_it_is_adopted_once_and_counts_as_working(self) -> None:
        at = at_desk(Strangers.ADOPT)
        (adopted,) = of_kind(seen(at, HAND), Adopted)
        assert (adopted.order.id, adopted.venue_id) == ("by-hand", "77")
        assert at.desk.working(0, 1) == 1_000
        assert isinstance(at.desk.orders["by-hand"], Working)
        assert not of_kind(seen(at, HAND), Adopted)
        assert at.desk.mode is Mode.ACTIVE

    def test_its_fills_are_booked_and_its_end_is_known(self) -> None:
        at = at_desk(Strangers.ADOPT)
        (adopted,) = of_kind(seen(at, HAND), Adopted)
        at.filled(adopted.order, 400, venue_id="77")
        assert at.desk.positions == [400]
        assert int(at.desk.book.lots[0]) == 400
        at.ended(adopted.order, 400, End.CANCELLED)
        assert "by-hand" not in at.desk.orders

    @pytest.mark.parametrize("verb", [Verb.KILL, Verb.STOP])
    def test_it_is_cancelled_with_ours(self, verb: Verb) -> None:
        at = at_desk(Strangers.ADOPT)
        seen(at, HAND)
        found = at.take(Asked(at.now, verb, "somebody", True))
        assert [each.order for each in of_kind(found, CancelAsked)] == ["by-hand"]

    @pytest.mark.parametrize(
        ("order", "why"),
        [
            (("", "77", 0, 1, 1_000, 0), "it has no client id"),
            (("by-hand", "77", 0, 1, 1_000, 300), "it has filled in part"),
        ],
    )
    def test_what_cannot_be_told_apart_halts(
        self, order: tuple[str, str, int, int, int, int], why: str
    ) -> None:
        at = at_desk(Strangers.ADOPT)
        (odd,) = of_kind(seen(at, order), Odd)
        assert odd.what.endswith(why)
        assert at.desk.mode is Mode.REDUCING

    def test_a_desk_recovered_from_the_records_has_it(self) -> None:
        at, other = at_desk(Strangers.ADOPT), at_desk(Strangers.ADOPT)
        (adopted,) = of_kind(seen(at, HAND), Adopted)
        other.fold(adopted)
        assert other.desk.orders == at.desk.orders
        assert other.desk.by_key == at.desk.by_key
        assert at.quote(PRICE, PRICE + 2) == []
