"""Round trips in a session's report where the exchange takes the fee out of what was bought."""

from decimal import Decimal
from typing import Any

import pytest

from kedge.domain.decided import OrderApproved
from kedge.domain.instrument import Instrument
from kedge.domain.money import currency
from kedge.domain.order import Order, OrderType, TimeInForce
from kedge.domain.report import Filled
from kedge.research.session.result import positions_of
from kedge.research.session.story import Story

COIN = Instrument(id="C", symbol="CUSD", base="C", tick=Decimal("0.01"), lot=Decimal("0.1"))
CENT = 10 ** (currency("USD").digits - 2)


class Told:
    """A story of one coin, told fill by fill; prices in ticks, fees in cents."""

    def __init__(self) -> None:
        self.story, self.cash, self.number = Story((COIN,)), 0, 0

    def fill(self, lots: int, ticks: int, fee: int, paid: str = "", coin: str = "C") -> None:
        """Signed lots of 0.1 coin, the fee as cash unless an amount of a coin is given."""
        self.number += 1
        at, side, name = self.number, 1 if lots > 0 else -1, str(self.number)
        order = Order(name, 0, side, abs(lots), OrderType.MARKET, TimeInForce.IOC)
        self.story.hear(OrderApproved(at, order))
        told = Filled(
            0, name, at, at, name, name, side, abs(lots), ticks, fee * CENT, False, ticks,
            coin if paid else "", Decimal(paid or 0),
        )  # fmt: skip
        self.story.hear(told)
        self.story.hear(told)  # repeated, as every start does
        self.cash -= lots * ticks // 10 + (0 if paid and coin == "C" else fee)

    def cents(self, what: str) -> list[int]:
        """A column of the finished trips in cents."""
        found = [each[what] * 100 for each in self.story.trips.done]
        assert found == pytest.approx([round(each) for each in found], abs=1e-6)
        return [round(each) for each in found]

    def held(self) -> list[Any]:
        """Quantity and average price of what the report says is held."""
        return [(each["quantity"], each["average"]) for each in positions_of(self.story)]


def test_selling_what_a_fee_left_ends_the_trip() -> None:
    told = Told()
    told.fill(10, 10_000, 1_000, "0.1")  # one coin at 100.00, a tenth of it for the fee
    assert told.held() == [(pytest.approx(0.9), pytest.approx(100.0))]
    told.fill(-9, 11_000, 99)
    assert told.held() == []
    assert told.cents("pnl") == [told.cash] == [9_900 - 99 - 10_000]
    assert told.cents("fees") == [1_099]
    [trip] = told.story.trips.done
    assert [trip[name] for name in ("quantity", "entry_price", "exit_price", "return")] == (
        pytest.approx([0.9, 100.0, 110.0, -1.99 / 100])
    )


def test_the_next_entry_has_its_own_average() -> None:
    told = Told()
    told.fill(10, 10_000, 1_000, "0.1")
    told.fill(-9, 11_000, 99)
    told.fill(10, 20_000, 2_000, "0.1")
    assert told.held() == [(pytest.approx(0.9), pytest.approx(200.0))]
    told.fill(-9, 30_000, 0)
    assert sum(told.cents("pnl")) == told.cash
    assert told.cents("pnl")[1] == 7_000


def test_parts_of_a_lot_are_taken_as_the_ledger_takes_them() -> None:
    told = Told()
    told.fill(10, 10_000, 500, "0.05")  # half a lot: one is begun
    told.fill(10, 10_000, 500, "0.05")  # the other half of it
    assert told.held() == [(pytest.approx(1.9), pytest.approx(100.0))]
    told.fill(-19, 10_000, 0)
    assert told.cents("pnl") == [told.cash] == [-1_000]


def test_a_fee_out_of_another_coin_is_cash() -> None:
    told = Told()
    told.fill(10, 10_000, 1_000, "3", "OWN")
    told.fill(-10, 11_000, 0)
    assert told.cents("pnl") == [told.cash] == [0]


def test_a_purchase_that_its_fee_took_whole_is_over() -> None:
    told = Told()
    told.fill(1, 10_000, 10, "0.001")
    assert told.held() == []
    assert told.cents("pnl") == [told.cash] == [-1_000]


def test_lots_that_a_sale_owes_are_paid_by_the_next_purchase() -> None:
    told = Told()
    told.fill(10, 10_000, 0)
    told.fill(-10, 11_000, 100, "0.01")  # out of the coin itself, and none of it is left
    assert told.held() == [(pytest.approx(-0.1), pytest.approx(110.0))]
    told.fill(11, 12_000, 0)
    assert told.held() == [(pytest.approx(1.0), pytest.approx(120.0))]
    told.fill(-10, 12_000, 0)
    assert told.cents("pnl") == [1_000, -1_200, 0]
    assert sum(told.cents("pnl")) == told.cash
