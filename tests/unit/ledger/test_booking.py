"""Fills into positions, cash, stops and trades, by hand."""

import pytest

from books import book
from interpreted import interpreted
from kedge.domain import state as o
from kedge.domain.compiled import plain
from kedge.ledger.booking import book_fill as compiled_book_fill
from kedge.ledger.booking import booking
from oracle.tiny import CAPITAL, CENT

book_fill = interpreted(compiled_book_fill)


def _booked(*fills, distance=500):
    """Fills of (lots, ticks, fee) one row apart, each decided with the same stop distance."""
    p, s, out = book()
    for lots, ticks, fee in fills:
        s.I[:, o.I_ORDER_STOP] = distance
        book_fill(0, lots, ticks, fee, plain(booking)(p, s, out))
        s.K[o.K_ROW] += 1
    return s, out.trades[: out.counts[2]].tolist()


def test_cash_falls_by_notional_and_fee():
    s, trades = _booked((100, 10_000, 7))
    assert s.K[o.K_] == CAPITAL - 100 * 10_000 * CENT - 7
    assert trades == []


def test_a_flip_closes_one_trade_and_opens_another_with_its_part_of_the_fee():
    s, trades = _booked((100, 10_000, 10), (-300, 10_100, 31), (200, 10_050, 5))
    first = 100 * 100 * CENT - 10 - 10  # a third of 31, cut
    second = 200 * 50 * CENT - 21 - 5
    assert [t[:5] for t in trades] == [[0, 0, 1, 1, first], [0, 1, 2, -1, second]]
    assert s.K[o.K_] == CAPITAL + first + second
    assert [t[o.TRADE_FEES] for t in trades] == [20, 26]
    assert [t[o.TRADE_NOTIONAL] for t in trades] == [100 * 10_000 * CENT, 200 * 10_100 * CENT]


def test_only_losses_in_a_row_are_counted():
    loss, gain = ((1, 100, 0), (-1, 90, 0)), ((1, 100, 0), (-1, 100, 0))
    assert _booked(*loss, *loss)[0].K[o.K_LOSSES] == 2
    assert _booked(*loss, *gain)[0].K[o.K_LOSSES] == 0
    assert _booked(*loss, *gain, *loss)[0].K[o.K_LOSSES] == 1


@pytest.mark.parametrize("side", [1, -1])
def test_a_stop_is_placed_by_opening_tightened_by_adding_and_left_by_reducing(side):
    s, _ = _booked((side * 10, 10_000, 0))
    assert s.I[0, o.I_STOP] == 10_000 - side * 500
    s, _ = _booked((side * 10, 10_000, 0), (side * 10, 10_000 - side * 100, 0))
    assert s.I[0, o.I_STOP] == 10_000 - side * 500
    s, _ = _booked((side * 10, 10_000, 0), (side * 10, 10_000 + side * 100, 0))
    assert s.I[0, o.I_STOP] == 10_000 - side * 400
    s, _ = _booked((side * 10, 10_000, 0), (-side * 5, 10_000 + side * 300, 0))
    assert s.I[0, o.I_STOP] == 10_000 - side * 500


def test_a_flip_places_a_new_stop_and_flat_has_none():
    s, _ = _booked((10, 10_000, 0), (-30, 10_200, 0))
    assert s.I[0, [o.I_STOP, o.I_STOP_DIST]].tolist() == [10_700, 500]
    s, _ = _booked((10, 10_000, 0), (-10, 10_200, 0))
    assert s.I[0, [o.I_STOP, o.I_STOP_DIST]].tolist() == [0, 0]


def test_a_stop_is_at_least_one_tick():
    assert _booked((10, 300, 0))[0].I[0, o.I_STOP] == 1
