"""Complaint 14: fees are taken twice, a rebate counts as a profit, the total does not add up."""

import pytest

from kedge.testing.simulation.scene import CAPITAL, Views
from kedge.venues.simulated.fault_plan import Fault
from stages import assert_whole, bad_line, fills_of, good_line, holding, staged

BOTH_WAYS = Views(edges_bps=(-60.0, 50.0, 120.0), confidences=(1.0,), stops=(0.5, 2.0))
NUM, DEN = 10**8, 10**5
"""A lot of a thousandth at a tick of a hundredth is worth so many minor units, 10^8 to one."""


def worth(lots: int, ticks: int) -> int:
    """Minor units of a fill, rounded half away from zero."""
    return (2 * lots * ticks * NUM + DEN) // (2 * DEN)


def assert_adds_up(world) -> None:
    """Cash, from the venue's fills alone, in whole numbers."""
    fills = fills_of(world)
    assert len(fills) > 20
    cash = CAPITAL * 10**8 - sum(f.side * worth(f.lots, f.ticks) + f.fee for f in fills)
    assert world.desk.book.cash() == {"USDT": cash}
    assert sum(f.fee for f in fills) == world.venue.truth().fees["USDT"]


@pytest.mark.parametrize("style", ["whole", "iceberg", "twap"])
@pytest.mark.parametrize("maker_bps", [1.0, 0.0, -0.5])
def test_every_fee_and_rebate_is_booked_once_to_the_last_unit(style: str, maker_bps: float):
    world = staged(17, views=BOTH_WAYS, style=style, maker_bps=maker_bps, instruments=2)
    assert_whole(world)
    assert_adds_up(world)


@pytest.mark.parametrize("fault", [Fault.REPORT_TWICE, Fault.REPORT_LATE, Fault.ANSWER_LATE])
def test_fills_told_twice_late_or_out_of_order_are_paid_for_once(fault: Fault):
    world = holding(12, views=BOTH_WAYS, maker_bps=-0.5)
    bad_line(world, fault)
    world.go(120)
    good_line(world)
    assert world.venue.counts[fault] > 10
    assert_whole(world)
    assert_adds_up(world)


def test_a_rebate_lowers_what_was_paid_and_is_no_profit_of_the_price():
    worlds = [
        staged(17, views=BOTH_WAYS, style="iceberg", maker_bps=bps).run() for bps in (1.0, -1.0)
    ]
    paid, given = ([f.fee for f in fills_of(world) if f.maker] for world in worlds)
    assert len(paid) > 10
    assert min(paid) > 0 > max(given)
    for world in worlds:
        assert_adds_up(world)
