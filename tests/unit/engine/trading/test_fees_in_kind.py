"""Fees that a venue takes in a coin: whatever they are, the ledger is what the account holds."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from at_desk import HOUR, PRICE, AtDesk
from kedge.domain import state as o
from kedge.domain.decided import Intent, OrderApproved
from kedge.domain.instrument import lots_begun
from kedge.domain.order import Order, OrderType, TimeInForce, order_id
from kedge.domain.reason import Reason
from kedge.domain.report import Balances, Filled, FillsThrough
from kedge.engine.trading.snapshot import dump, load
from kedge.risk.gate_checks import worth


class Account:
    """What the venue holds, exactly."""

    def __init__(self, at: AtDesk) -> None:
        self.at, self.instrument = at, at.desk.universe.instruments[0]
        self.coins, self.cash = Decimal(0), at.desk.book.cash()[self.instrument.settle]
        self.other = Decimal(0)

    def buy(self, lots: int, ticks: int, share: Decimal, coin: str) -> None:
        """An order of one fill whose fee is a share of it, taken in a coin."""
        at, each = self.at, self.instrument
        number = at.desk.intents + 1
        until = at.now + HOUR
        intent = Intent(at.now, number, 0, 0, lots, PRICE, 0, int(Reason.NONE), until)
        name = order_id(at.desk.universe.lineage, number, 0)
        order = Order(name, 0, 1, lots, OrderType.MARKET, TimeInForce.IOC, intent=number)
        at.fold(intent, OrderApproved(at.now, order))
        ratio = each.value_ratio
        paid = worth(lots, ticks, ratio.numerator, ratio.denominator)
        amount = lots * each.lot * share
        at.trades += 1
        at.told(
            Filled, order, venue_id=name, trade=str(at.trades), side=1, lots=lots, ticks=ticks,
            fee=int(paid * share), maker=False, base=ticks, paid_in=coin, paid=amount,
        )  # fmt: skip
        self.cash -= paid
        self.coins += lots * each.lot
        if coin == each.base:
            self.coins -= amount
        else:
            self.other -= amount

    def told(self) -> None:
        """The comparison: what the account holds, after all fills."""
        at, each = self.at, self.instrument
        lots = int(self.coins / each.lot)
        for _ in range(2):
            at.now += 10**9
            at.take(FillsThrough(0, "", at.now, at.now, "1"))
            at.take(Balances(0, "", at.now, at.now, ((each.settle, self.cash),), ((0, lots),)))


SHARES = st.decimals(0, Decimal("0.02"), places=6)
BUYS = st.lists(
    st.tuples(st.integers(60, 4_000), st.integers(9_000, 11_000), SHARES), min_size=1, max_size=6
)


@settings(max_examples=40, deadline=None)
@given(BUYS, st.sampled_from(["base", "OWN"]))
def test_the_ledger_is_what_the_account_holds(buys, coin) -> None:
    at = AtDesk()
    account = Account(at)
    for lots, ticks, share in buys:
        account.buy(lots, ticks, share, account.instrument.base if coin == "base" else coin)
    account.told()
    assert at.desk.positions[0] == int(account.coins / account.instrument.lot)
    assert at.desk.book.lots[0] == at.desk.positions[0]
    owed = at.desk.owed.get(account.instrument.settle, 0)
    assert at.desk.book.cash()[account.instrument.settle] == account.cash - owed
    assert (at.desk.findings, at.desk.doubts, at.desk.cash_doubts) == ([], {}, {})
    assert at.desk.compared == [True]


def test_a_fee_out_of_what_was_bought_makes_the_position_smaller() -> None:
    at = AtDesk()
    account = Account(at)
    account.buy(1_000, PRICE, Decimal("0.0015"), account.instrument.base)  # a lot and a half
    assert at.desk.positions == [998]
    assert at.desk.owed == {}
    account.buy(1_000, PRICE, Decimal("0.0005"), account.instrument.base)  # the other half
    assert at.desk.positions == [1_998]
    assert at.desk.paid == [2 * account.instrument.lot]


def test_a_trade_bears_a_fee_out_of_its_coin_once() -> None:
    at = AtDesk()
    account = Account(at)
    before = account.cash
    account.buy(1_000, PRICE, Decimal("0.1"), account.instrument.base)
    ints = at.desk.book.state.I[0]
    assert ints[o.I_LOTS] == 900
    assert ints[o.I_TRADE_CASH] == account.cash - before  # the price of all, no fee beside it
    assert ints[o.I_VALUE] == pytest.approx((before - account.cash) * 0.9, rel=1e-9)


def test_a_fee_out_of_another_coin_is_owed_to_who_holds_it() -> None:
    at = AtDesk()
    account = Account(at)
    before = at.desk.book.cash()[account.instrument.settle]
    account.buy(1_000, PRICE, Decimal("0.001"), "OWN")
    spent = before - at.desk.book.cash()[account.instrument.settle]
    owed = at.desk.owed[account.instrument.settle]
    assert at.desk.positions == [1_000]
    assert owed > 0
    assert spent == before - account.cash + owed  # the session bears the fee


def test_a_repeated_fill_pays_once() -> None:
    at = AtDesk()
    account = Account(at)
    account.buy(1_000, PRICE, Decimal("0.0015"), account.instrument.base)
    fill = at.records[0]
    at.take(fill)
    assert at.desk.positions == [998]


def test_what_was_paid_survives_a_snapshot() -> None:
    at = AtDesk()
    account = Account(at)
    account.buy(1_000, PRICE, Decimal("0.0015"), account.instrument.base)
    account.buy(1_000, PRICE, Decimal("0.0015"), "OWN")
    after = AtDesk().desk
    assert load(after, dump(at.desk))
    assert (after.paid, after.owed, after.positions) == (
        at.desk.paid, at.desk.owed, at.desk.positions
    )  # fmt: skip


@pytest.mark.parametrize(
    ("amount", "lots"), [("0", 0), ("0.1", 1), ("1", 1), ("1.000001", 2), ("-0.5", 0), ("-1", -1)]
)
def test_a_lot_is_begun_by_any_part_of_it(amount: str, lots: int) -> None:
    assert lots_begun(Decimal(amount), Decimal(1)) == lots
