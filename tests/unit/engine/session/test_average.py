"""The average price of a position is one thing in the book, the view and the report."""

from types import SimpleNamespace
from typing import cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from at_desk import HOUR, PRICE, AtDesk
from kedge.domain import state as o
from kedge.domain.control import Started
from kedge.domain.decided import Adjusted, Adopted, Intent, OrderApproved
from kedge.domain.entry import average_entry
from kedge.domain.order import Order, OrderType, TimeInForce, order_id
from kedge.domain.panel import EventKind
from kedge.domain.reason import Reason
from kedge.domain.record import Record
from kedge.domain.report import Filled
from kedge.domain.row import Dated
from kedge.engine.session.chronicle import Chronicle
from kedge.engine.session.status import Told, Watcher
from kedge.engine.session.timings import Timings
from kedge.engine.trading.market import MarketSide
from kedge.engine.trading.snapshot import dump, load
from kedge.research.session.result import positions_of
from kedge.research.session.story import Story

LAST = 10_300


class Both:
    """A desk and a story that hear the same records."""

    def __init__(self) -> None:
        self.at = AtDesk()
        self.story = Story(self.at.desk.universe.instruments)
        self.story.hear(Started(self.at.now, "simulated", "here", 0))
        self.at.desk.book.state.I[0, o.I_LAST] = self.story.last[0] = LAST
        self.number = 0

    def hear(self, *records: Record) -> None:
        for record in records:
            self.at.fold(record)
            self.story.hear(record)

    def fill(self, lots: int, ticks: int, adopted: bool = False) -> None:
        """Signed lots at a price, of an order of ours or of somebody else's."""
        self.number += 1
        self.at.now += 1
        now, side, number = self.at.now, 1 if lots > 0 else -1, self.number
        name = "theirs" + str(number) if adopted else order_id(self.lineage, number, 0)
        order = Order(name, 0, side, abs(lots), OrderType.MARKET, TimeInForce.IOC,
                      intent=0 if adopted else number)  # fmt: skip
        wish = Intent(now, number, 0, 0, lots, PRICE, 0, int(Reason.NONE), now + HOUR)
        began = (Adopted(now, order, name),) if adopted else (wish, OrderApproved(now, order))
        self.hear(*began, Filled(0, name, now, now, name, str(number), side, abs(lots), ticks, 0,
                                 False, ticks))  # fmt: skip

    @property
    def lineage(self) -> str:
        return self.at.desk.universe.lineage

    def adjust(self, lots: int) -> None:
        self.at.now += 1
        self.hear(Adjusted(self.at.now, 0, lots, "", 0, "as the venue holds it"))

    def viewed(self) -> list[tuple[float, float]]:
        """Quantity and average price in the view."""
        desk, timings = self.at.desk, Timings()
        told = Told("s", "v", False, 1.0, 10**6)
        chronicle = Chronicle(desk.universe.instruments, timings, lambda each: False)
        market = cast(MarketSide, SimpleNamespace(books=[]))
        assert desk.way is not None
        watcher = Watcher(told, desk, market, desk.way.rules, chronicle, timings)
        return [(each.quantity, each.average) for each in watcher.status(self.at.now).positions]

    def reported(self) -> list[tuple[float, float]]:
        return [(each["quantity"], each["average"]) for each in positions_of(self.story)]


@pytest.mark.parametrize(
    ("changes", "average"),
    [
        ([(10, 100), (10, 200)], 150.0),
        ([(10, 100), (10, 200), (-5, 900)], 150.0),
        ([(10, 100), (-5, 900), (5, 200)], 150.0),
        ([(10, 100), (-10, 900), (5, 200)], 200.0),
        ([(10, 100), (-15, 900)], 900.0),
        ([(-10, 100), (-30, 200), (20, 50)], 175.0),
        ([(10, 100), (-10, 900)], 0.0),
    ],
)
def test_what_is_added_counts_and_what_leaves_does_not(
    changes: list[tuple[int, int]], average: float
) -> None:
    held, found = 0, 0.0
    for lots, price in changes:
        held, found = held + lots, average_entry(held, found, lots, price)
    assert found == pytest.approx(average)


def test_the_view_shows_the_entry_and_not_the_last_fill() -> None:
    both = Both()
    each = both.at.desk.universe.instruments[0]
    both.fill(1_000, 10_000)
    both.fill(3_000, 10_400)
    both.fill(-2_000, 12_000)
    held = (float(each.lot * 2_000), pytest.approx(10_300 * float(each.tick)))
    assert both.viewed() == both.reported() == [held]


def test_lots_from_outside_are_counted_at_the_last_price() -> None:
    both = Both()
    each = both.at.desk.universe.instruments[0]
    both.fill(1_000, 10_000)
    both.adjust(1_000)
    held = (float(each.lot * 2_000), pytest.approx((10_000 + LAST) / 2 * float(each.tick)))
    assert both.viewed() == both.reported() == [held]
    both.adjust(-2_000)
    assert both.viewed() == both.reported() == []
    [trip] = both.story.trips.done
    assert trip["reason"] == "ADJUSTED"
    both.fill(500, 9_000, adopted=True)
    held = (float(each.lot * 500), pytest.approx(LAST * float(each.tick)))
    assert both.viewed() == both.reported() == [held]


CHANGES = st.lists(
    st.tuples(st.sampled_from(["fill", "fill", "fill", "adjust", "adopted"]),
              st.integers(-3_000, 3_000).filter(bool), st.integers(9_000, 11_000)),
    min_size=1, max_size=12,
)  # fmt: skip


@settings(max_examples=40, deadline=None)
@given(CHANGES)
def test_view_and_report_agree_whatever_happens(changes: list[tuple[str, int, int]]) -> None:
    both = Both()
    for kind, lots, ticks in changes:
        if kind == "adjust":
            both.adjust(lots)
        else:
            both.fill(lots, ticks, adopted=kind == "adopted")
        assert both.story.lots == both.at.desk.positions
    assert both.viewed() == [(q, pytest.approx(a)) for q, a in both.reported()]


def test_a_restart_keeps_the_average() -> None:
    both = Both()
    both.fill(1_000, 10_000)
    both.fill(3_000, 10_400)
    again = AtDesk()
    assert load(again.desk, dump(both.at.desk))
    assert again.desk.book.entry(0) == both.at.desk.book.entry(0) == 10_300


def test_a_split_keeps_what_the_position_had_cost() -> None:
    at = AtDesk()
    at.hold(4_000, 9_500)
    at.fold(Dated(at.now, int(EventKind.SPLIT), 0, 2, 1, 0.0))
    lots = int(at.desk.book.lots[0])
    assert lots == 8_000
    assert at.desk.book.entry(0) * lots == pytest.approx(PRICE * 4_000)
