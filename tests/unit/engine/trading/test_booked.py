"""What a book has booked is there when it is asked for, however much of it there is."""

from at_desk import PRICE, AtDesk
from kedge.domain import state as o


def test_every_fill_is_told_once_and_in_order_however_late_somebody_asks():
    book = AtDesk().desk.book
    for number in range(1, 101):
        book.fill(0, number, PRICE, PRICE, 0, 0, 0)
    booked = book.taken()
    assert [lots for each in booked for lots in each.fills[:, o.FILL_LOTS]] == [*range(1, 101)]
    assert [len(each.attribution) for each in booked] == [len(each.fills) for each in booked]
    assert book.taken() == []


def test_what_closes_with_a_session_comes_after_the_fills_before_it():
    book = AtDesk().desk.book
    book.fill(0, 5, PRICE, PRICE, 0, 0, 0)
    book.fill(0, -5, PRICE, PRICE, 0, 0, 0)
    (booked,) = book.taken()
    assert len(booked.fills) == 2
    assert len(booked.trades) == 1
