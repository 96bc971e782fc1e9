"""What a session is said to have done."""

from math import inf

import pytest

from kedge.data.samplers.row import LeftOut
from kedge.domain.decided import Odd, OrderApproved
from kedge.domain.instrument import Instrument
from kedge.domain.order import Order, OrderType, TimeInForce
from kedge.domain.report import Filled, Rejected
from kedge.domain.status import Happened
from kedge.engine.session.chronicle import LINES, TOLD, Chronicle
from kedge.engine.session.timings import Timings
from kedge.execution.seen import Seen, Sight

COIN = Instrument(id="X", symbol="XUSD")


def fill(trade: str) -> Filled:
    return Filled(
        key=0, order="k-1", at=1, received=2, venue_id="v", trade=trade, side=1, lots=3, ticks=100,
        fee=0, maker=False, base=100,
    )  # fmt: skip


def test_an_execution_that_was_booked_before_is_told_of_once_and_not_counted_again() -> None:
    seen = Seen()
    seen.note(fill("before the restart"))
    chronicle = Chronicle((COIN,), Timings(), lambda each: seen.look(each) is not Sight.NEW)
    chronicle.hear(fill("before the restart"))
    assert (chronicle.counts["fills"], list(chronicle.log)) == (0, [])
    chronicle.hear(fill("new"))
    seen.note(fill("new"))
    chronicle.hear(fill("new"))
    assert chronicle.counts["fills"] == len(chronicle.log) == 1


def approved(name: str, at: int = 1) -> OrderApproved:
    return OrderApproved(at, Order(name, 0, 1, 3, OrderType.LIMIT, TimeInForce.GTC, limit=100))


def test_what_somebody_should_look_at_stays_in_sight() -> None:
    chronicle = Chronicle((COIN,), Timings(), lambda each: False)
    chronicle.hear(Odd(1, "the first"))
    for n in range(2 * LINES):
        chronicle.hear(approved(str(n)))
    told = chronicle.last()
    assert [each.text for each in told if each.grave] == ["the first"]
    assert told[0].text == "the first"
    assert len(told) == TOLD + 1
    chronicle.hear(Odd(2, "the second"))
    assert [each.text for each in chronicle.last() if each.grave] == ["the first", "the second"]


def test_what_the_venue_rejects_is_named_by_what_it_was() -> None:
    chronicle = Chronicle((COIN,), Timings(), lambda each: False)
    chronicle.hear(approved("k-1"))
    for name in ("k-1", "k-2"):
        chronicle.hear(Rejected(0, name, 2, 2, "-2010", "no such price"))
    assert [each.text for each in chronicle.log if each.grave] == [
        "the venue rejected: buy 3 XUSD at 1.00: no such price",
        "the venue rejected: k-2: no such price",
    ]


@pytest.mark.parametrize(
    ("left", "said"),
    [
        (
            LeftOut(0, 1, 1, 1, 94_000.5, 106_000.5),
            "left out 1 print of XUSD at 0.01: "
            "the book and recent rows allow from 940.01 up to 1,060.00",
        ),
        (
            LeftOut(0, 3, 10**7, 10**8, 0, 106_000.5),
            "left out 3 prints of XUSD at 100,000.00 to 1,000,000.00: "
            "the book and recent rows allow up to 1,060.00",
        ),
        (
            LeftOut(0, 2, 5, 5, 94_000, inf),
            "left out 2 prints of XUSD at 0.05: the book and recent rows allow from 940.00",
        ),
    ],
)
def test_prints_that_were_left_out_are_named_and_counted(left: LeftOut, said: str) -> None:
    chronicle = Chronicle((COIN,), Timings(), lambda each: False)
    chronicle.leave_out(7, left)
    assert list(chronicle.log) == [Happened(7, said, True)]
    assert chronicle.counts["implausible prints"] == left.prints
