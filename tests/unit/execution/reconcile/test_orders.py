"""Our orders against the venue's list: what is asked, what halts, what is left alone."""

from typing import Any

import pytest

from kedge.domain.report import OpenOrders
from kedge.execution.reconcile.findings import (
    Adopt,
    CancelAgain,
    FetchFills,
    Halt,
    Ignored,
    Query,
    Strangers,
)
from kedge.execution.reconcile.orders import Row, compare_orders
from kedge.execution.tracked import State
from orders import ID, S, accepted, after, cancel, doubt, ended, filled, placed, rejected, unsent

WORKING = after(placed(), accepted())
LINEAGE = "0000000a"
MINE: Row = (ID, "v1", 0, 1, 10, 0)
OTHER: Row = ("web_17", "v9", 0, -1, 3, 1)


def found(
    states: dict[str, State], *rows: Row, policy: Strangers = Strangers.HALT, at: int = 10 * S
) -> list[Any]:
    report = OpenOrders(0, "", at, at, rows)
    return compare_orders(states, report, LINEAGE, policy)


def test_agreement_gives_no_finding() -> None:
    assert found({ID: WORKING}, MINE) == []
    assert found({}) == []
    part = after(WORKING, filled(4))
    assert found({ID: part}, (*MINE[:5], 4)) == []
    assert found({ID: part}, (*MINE[:5], 3)) == []


@pytest.mark.parametrize(
    "state",
    [placed(), after(placed(), doubt()), after(WORKING, cancel()), after(WORKING, ended(3))],
)
def test_what_is_on_its_way_or_asked_about_already_may_be_missing(state: State) -> None:
    assert found({ID: state}) == []


def test_a_working_order_that_does_not_rest_is_asked_for() -> None:
    assert found({ID: WORKING}) == [Query(ID, "it does not rest at the venue")]
    assert found({ID: WORKING}, at=0) == []


def test_fills_that_were_not_seen_are_fetched() -> None:
    assert found({ID: WORKING}, (*MINE[:5], 4)) == [
        FetchFills(0, f"order {ID}: 4 lots were not seen")
    ]


@pytest.mark.parametrize("dead", [after(placed(), rejected()), after(placed(), unsent())])
def test_an_order_that_was_written_off_and_rests_is_asked_for(dead: State) -> None:
    assert isinstance(found({ID: dead}, MINE)[0], Query)
    assert found({ID: dead}) == []


def test_an_order_that_ended_and_rests_is_cancelled_again() -> None:
    assert found({ID: after(WORKING, ended(0))}, MINE) == [CancelAgain(ID, 0)]


@pytest.mark.parametrize(
    "row", [(ID, "v1", 1, 1, 10, 0), (ID, "v1", 0, -1, 10, 0), (ID, "v1", 0, 1, 11, 0)]
)
def test_an_order_of_ours_that_is_another_halts(row: Row) -> None:
    assert isinstance(found({ID: WORKING}, row)[0], Halt)


@pytest.mark.parametrize("row", [OTHER, ("", *OTHER[1:])])
def test_a_strangers_order_follows_the_policy(row: Row) -> None:
    assert found({}, row, policy=Strangers.IGNORE) == [Ignored("v9", 0)]
    assert found({}, row, policy=Strangers.ADOPT) == [Adopt(*row)]
    assert isinstance(found({}, row, policy=Strangers.HALT)[0], Halt)


def test_an_order_of_our_own_making_that_the_journal_lost_is_never_ignored() -> None:
    lost = (f"k{LINEAGE}-7-0", *MINE[1:])
    assert isinstance(found({}, lost, policy=Strangers.IGNORE)[0], Halt)
    assert isinstance(found({}, lost, policy=Strangers.HALT)[0], Halt)
    assert found({}, lost, policy=Strangers.ADOPT) == [Adopt(*lost)]
    foreign = ("k0000000b-7-0", *MINE[1:])
    assert found({}, foreign, policy=Strangers.IGNORE) == [Ignored("v1", 0)]
