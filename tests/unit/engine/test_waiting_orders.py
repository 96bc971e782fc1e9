"""Orders whose exchange is closed in the row they are due: the ring of pending orders."""

from dataclasses import replace

import numpy as np
import pytest

from books import book
from interpreted import interpreted
from kedge.domain import state as o
from kedge.domain.panel import CLOSED
from kedge.engine import row_fills
from kedge.engine.blocks import block_rows
from oracle.tiny import WARM_UP, forecasts, panel

fill_due = interpreted(row_fills.fill_due)


def due_now(orders, flag=CLOSED):
    """Row 0 of a book whose orders (lots, limit, reason, stop) are due in this row and the next."""
    p, s, out = book(latency_rows=len(orders) - 1)
    for slot, order in enumerate(orders):
        s.pend[o.PEND_ * slot : o.PEND_ * (slot + 1), 0] = order
    lots = s.pend[:: o.PEND_, 0]
    s.I[0, o.I_PENDING] = lots.sum()
    s.I[0, o.I_OPEN_ORDERS] = s.K[o.K_PENDING] = np.count_nonzero(lots)
    market = panel(WARM_UP)
    market = replace(market, flags=np.full_like(market.flags, flag))
    fill_due(0, p, s, block_rows(market, forecasts([0.0, 0.0], 1.0), 0, 2), out)
    assert s.I[0, o.I_PENDING] == s.pend[:: o.PEND_, 0].sum()
    assert s.I[0, o.I_OPEN_ORDERS] == s.K[o.K_PENDING] == np.count_nonzero(s.pend[:: o.PEND_, 0])
    assert out.counts[0] == 0
    return [tuple(s.pend[o.PEND_ * slot : o.PEND_ * (slot + 1), 0]) for slot in range(len(orders))]


@pytest.mark.parametrize("lots", [100, -100])
def test_an_order_whose_exchange_is_closed_is_due_in_the_next_row(lots):
    order, none = (lots, 5000, 7, 90), (0, 1, 2, 3)
    assert due_now([order]) == [order]
    assert due_now([order, none])[1] == order
    assert due_now([order, none])[0][o.PEND_LOTS] == 0


def test_a_masked_cell_that_is_not_closed_cancels():
    assert due_now([(100, 5000, 7, 90)], flag=0)[0][o.PEND_LOTS] == 0


@pytest.mark.parametrize("later", [50, -30, -170])
def test_two_orders_become_one_as_the_later_decision_meant_it(later):
    first, second = due_now([(100, 5000, 7, 90), (later, 5100, 9, 80)])
    assert first[o.PEND_LOTS] == 0
    assert second == (100 + later, 5100, 9, 80)


def test_two_orders_that_cancel_out_are_gone():
    left = due_now([(100, 5000, 7, 90), (-100, 5100, 9, 80)])
    assert [order[o.PEND_LOTS] for order in left] == [0, 0]
