"""From target lots to an order: slices, intervals, minimum notional."""

import pytest

from books import book
from interpreted import interpreted
from kedge.domain import state as o
from kedge.domain.reason import Reason
from kedge.execution import intents

within_reach, order = interpreted(intents.within_reach), interpreted(intents.order)
HOUR = 3_600_000_000_000


def _wants(target, held=0, pending=0, **changes):
    p, s, _ = book(**changes)
    s.I[:, o.I_Q], s.I[:, o.I_LOTS], s.I[:, o.I_PENDING] = target, held, pending
    s.I[:, o.I_LAST], s.F[:, o.F_AV], s.K[o.K_ROW] = 1000, 1000.0, 50
    return p, s


def intend(n, ts, p, s):
    """The order that is made on the way to a target, which stays what it is."""
    target, before = int(s.I[n, o.I_Q]), int(s.I[n, o.I_PENDING])
    s.I[n, o.I_Q] = within_reach(n, ts, p, s)
    if s.I[n, o.I_Q] != s.I[n, o.I_LOTS] + before:
        order(n, p, s)
    sent = int(s.I[n, o.I_PENDING]) - before
    s.I[n, [o.I_Q, o.I_PENDING]] = target, before
    return sent


@pytest.mark.parametrize(("target", "sent"), [(80, 50), (-80, -50), (30, 30)])
def test_an_order_takes_at_most_its_share_of_the_average_bar(target, sent):
    p, s = _wants(target, participation=0.05)
    assert intend(0, 0, p, s) == sent
    assert s.bound[Reason.PARTICIPATION] == (abs(sent) < abs(target))


def test_an_hour_has_one_share_for_all_its_orders():
    p, s = _wants(1000, participation=0.05, participation_hour=0.08, min_rows=0)
    orders = [intend(0, at, p, s) for at in (0, 1, HOUR - 1, HOUR)]
    assert orders == [50, 30, 0, 50]


def test_an_order_that_adds_waits_and_a_reduction_does_not():
    p, s = _wants(100, held=50, min_rows=3)
    s.I[:, o.I_LAST_ORDER] = 48
    assert intend(0, 0, p, s) == 0
    assert s.I[:, o.I_REASON] == Reason.INTERVAL
    s.I[:, o.I_Q] = 20
    assert intend(0, 0, p, s) == -30


def test_open_orders_are_counted_for_what_adds():
    p, s = _wants(100, held=50, max_open_orders=2)
    s.I[:, o.I_OPEN_ORDERS] = 2
    assert intend(0, 0, p, s) == 0
    assert s.I[:, o.I_REASON] == Reason.OPEN_ORDERS
    s.I[:, o.I_Q] = 0
    assert intend(0, 0, p, s) == -50


def test_a_flip_is_one_order_and_counts_as_new_risk():
    p, s = _wants(-20, held=50, min_rows=3)
    assert intend(0, 0, p, s) == -70
    assert intend(0, 0, p, s) == 0


def test_whether_an_order_reduces_is_judged_after_slicing():
    p, s = _wants(-200, held=60, participation=0.05, min_rows=3)
    s.I[:, o.I_LAST_ORDER] = 49
    assert intend(0, 0, p, s) == -50


def test_pending_lots_are_already_on_their_way():
    p, s = _wants(100, held=40, pending=35)
    assert intend(0, 0, p, s) == 25


@pytest.mark.parametrize(("target", "sent"), [(51, 0), (0, -50), (150, 100)])
def test_only_closing_may_be_smaller_than_the_minimum_notional(target, sent):
    p, s = _wants(target, held=50)
    p.J[:, o.J_MIN_NOTIONAL] = 800 * 10**6  # 80 lots at 10 USD
    assert intend(0, 0, p, s) == sent
    assert (s.I[0, o.I_REASON] == Reason.NOTIONAL) == (sent == 0)
