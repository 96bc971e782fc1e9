"""What an account tells of itself: when it agrees, when a difference is believed, what resumes."""

import pytest

from at_desk import AtDesk, of_kind
from kedge.domain import state as o
from kedge.domain.control import Asked, Mode, Quoted, Tick, Verb
from kedge.domain.decided import Odd, OrderApproved
from kedge.domain.errors import JournalError
from kedge.domain.order import Order, OrderType, TimeInForce
from kedge.domain.record import SCHEMA, Opened, encode
from kedge.domain.report import Balances, FillsThrough
from kedge.engine.trading.desk import NEVER, NO_QUOTE, REMEMBERED
from kedge.engine.trading.recovery import recover
from kedge.execution.tracked import Done, Ending, Why
from kedge.testing.simulation.scene import SECOND

LOTS, STOP = 4_000, 9_500


def fills_told(at: AtDesk, key: int = 0) -> list[object]:
    at.now += SECOND
    return list(at.take(FillsThrough(key, "", at.now, at.now, "c")))


def balances(at: AtDesk, lots: int = 0, key: int = 0, **cash: int) -> list[object]:
    at.now += SECOND
    told = tuple((cash or at.desk.book.cash()).items())
    return list(at.take(Balances(key, "", at.now, at.now, told, ((key, lots),) if lots else ())))


def test_an_account_agrees_once_all_its_fills_were_told() -> None:
    at = AtDesk()
    assert at.desk.compared == [False]
    balances(at)
    assert at.desk.compared == [False]
    fills_told(at)
    balances(at)
    assert at.desk.compared == [True]


def test_one_that_differs_does_not_agree() -> None:
    for lots, cash in ((7, 0), (0, 7)):
        at = AtDesk()
        fills_told(at)
        balances(at, lots, USDT=at.desk.book.cash()["USDT"] + cash)
        assert at.desk.compared == [False]


def test_a_difference_that_stays_after_all_fills_were_told_stops_new_risk() -> None:
    at = AtDesk()
    fills_told(at)
    assert not of_kind(balances(at, 7), Odd)
    fills_told(at)
    found = of_kind(balances(at, 7), Odd)
    assert len(found) == 1
    assert "differed by 7" in found[0].what
    assert at.desk.mode is Mode.REDUCING


def test_what_fills_at_one_of_two_accounts_moves_the_cash_that_it_told() -> None:
    at = AtDesk(venues=2)
    half = at.desk.book.cash()["USDT"] // 2
    for key in (0, 1):
        fills_told(at, key)
        balances(at, key=key, USDT=half)
    at.hold(LOTS, STOP)
    spent = 2 * half - at.desk.book.cash()["USDT"]
    assert spent > 0
    assert at.desk.cash_told == {0: {"USDT": half - spent}, 1: {"USDT": half}}


def test_an_end_without_a_count_is_complete_once_all_fills_were_told() -> None:
    at = AtDesk()
    order = Order("k-1-0", 0, 1, 5, OrderType.LIMIT, TimeInForce.GTC, limit=9_000, intent=1)
    at.desk.orders[order.id] = Ending(
        order, "9", 0, at.now, False, Why.CANCELLED, -1, at.now, at.now, 0
    )
    at.desk.by_key[0].add(order.id)
    fills_told(at)
    assert order.id not in at.desk.orders
    assert isinstance(at.desk.state_of(order.id), Done)


def test_as_many_orders_that_are_over_are_remembered_as_is_said() -> None:
    at = AtDesk()
    kinds = OrderType.LIMIT, TimeInForce.GTC
    for number in range(REMEMBERED - 1):
        name = f"old-{number}"
        at.desk.done[name] = Done(Order(name, 0, 1, 5, *kinds), "", 0, Why.CANCELLED, at.now)
    for remembered in (REMEMBERED, REMEMBERED):
        order = Order(f"k-{at.now}", 0, 1, 5, *kinds, limit=9_000)
        at.fold(OrderApproved(at.now, order))
        at.ended(order, 0)
        assert len(at.desk.done) == remembered
        assert order.id in at.desk.done
    assert "old-0" not in at.desk.done


def test_a_venue_that_lost_its_quote_is_not_well_until_it_has_one_again() -> None:
    at = AtDesk(venues=2)
    here = Quoted(9_990, 10_000, 0, 10**6, 10**6)
    at.take(Tick(at.now, (here, NO_QUOTE)))
    assert at.desk.healthy_since[1] == NEVER
    at.now += SECOND
    at.take(Tick(at.now, (here, here)))
    assert at.desk.healthy_since[1] == at.now


def test_who_resumes_counts_the_drawdown_from_there() -> None:
    at = AtDesk()
    at.desk.book.state.K[o.K_HALTED] = 1
    at.take(Asked(at.now, Verb.RESUME, "uid 1 pid 2"))
    assert not at.desk.book.halted


def test_a_journal_of_other_instruments_is_refused() -> None:
    at = AtDesk()
    universe = at.desk.universe
    opened = Opened(
        SCHEMA, universe.lineage, at.now, "0", "here", universe.keys, ("DOGEUSDT",)
    )  # fmt: skip
    with pytest.raises(JournalError, match="it trades DOGEUSDT, the configuration"):
        recover(at.desk, [(1, encode(opened))])
