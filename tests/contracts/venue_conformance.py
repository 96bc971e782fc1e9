"""The numbered cases that every venue adapter passes.

A case is a function of a `Desk`: an account with cash and no position at a `Stage`,
where time and the rest of the market are in the case's hands. The cases speak to
`kedge.venues.contract.Venue` alone, so that an adapter behind a wire passes the same.
"""

from collections.abc import Callable
from typing import Protocol

import msgspec

from kedge.domain.order import Order, OrderType, TimeInForce
from kedge.domain.report import (
    Accepted,
    Balances,
    CancelRefused,
    End,
    Ended,
    Filled,
    FillsThrough,
    Found,
    Link,
    NoAnswer,
    NotFound,
    OpenOrders,
    Rejected,
    Triggered,
    VenueReport,
)
from kedge.risk.approved import Approved
from kedge.risk.mint import Token
from kedge.venues.contract import Venue

LIMIT, STOP, STOP_LIMIT = OrderType.LIMIT, OrderType.STOP, OrderType.STOP_LIMIT
IOC, FOK = TimeInForce.IOC, TimeInForce.FOK
SECOND = 1_000_000_000


class Stage(Protocol):
    """What a case may do besides trading; each test of an adapter brings its own.

    Attributes:
        venue: under test.
        key: an instrument that nobody else trades unless told to; bids of 100 lots rest at
            every tick from ``bid`` down, asks of 100 from ``ask`` up, ten of each.
        bid, ask: best prices at the start, ticks.
        tick_step, lot_step: the venue's increments, above one, in our ticks and lots.
        cash: (currency, minor units) at the start.
        num, den: minor units per (lot x tick), as a ratio.
    """

    venue: Venue
    key: int
    bid: int
    ask: int
    tick_step: int
    lot_step: int
    cash: tuple[str, int]
    num: int
    den: int

    def pass_time(self, ns: int) -> None:
        """Let time pass, here and at the venue."""

    def trade(self, side: int, ticks: int, lots: int) -> None:
        """Let somebody else take everything better than a price, then ``lots`` at it."""

    def cut(self, ns: int) -> None:
        """Break the stream of reports for a while; what happens meanwhile is not told."""


class Desk:
    """A stage, and everything that was reported on it."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.venue, self.key = stage.venue, stage.key
        self.bid, self.ask = stage.bid, stage.ask
        self.able = stage.venue.able
        self.heard: list[VenueReport] = []
        self.orders = 0

    def order(self, side: int, lots: int, limit: int = 0, **terms: object) -> Order:
        """An order with an id of its own."""
        self.orders += 1
        terms.setdefault("type", LIMIT if limit else OrderType.MARKET)
        name = terms.pop("id", f"kc0ffee00-{self.orders:x}-0")
        return Order(name, self.key, side, lots * self.stage.lot_step, limit=limit, **terms)

    def send(self, order: Order) -> Order:
        """Submit an order."""
        self.venue.submit(Approved(order, Token()))
        return order

    def place(self, side: int, lots: int, limit: int = 0, **terms: object) -> Order:
        """Submit an order and wait until everything that comes of it is told."""
        order = self.send(self.order(side, lots, limit, **terms))
        self.wait()
        return order

    def wait(self, seconds: float = 1.0) -> list[VenueReport]:
        """Let time pass; what was reported meanwhile."""
        news = []
        for _ in range(20):
            self.stage.pass_time(int(seconds * SECOND / 20))
            news += self.venue.reports()
        self.heard += news
        return news

    def of(self, order: Order, *kinds: type) -> list[VenueReport]:
        """What was reported of an order, of some kinds or of any."""
        return [
            r for r in self.heard if r.order == order.id and (not kinds or isinstance(r, kinds))
        ]

    def fills(self, order: Order) -> dict[str, Filled]:
        """Its fills by the venue's id, each once."""
        return {fill.trade: fill for fill in self.of(order, Filled)}

    def filled(self, order: Order) -> int:
        """Lots of it, in the venue's increments."""
        return sum(fill.lots for fill in self.fills(order).values()) // self.stage.lot_step

    def ended(self, order: Order) -> set[End]:
        """Why it is gone; empty while it works."""
        return {report.why for report in self.of(order, Ended)}

    def asked(self, ask: Callable[[], None], kind: type) -> list:
        """What a question was answered with."""
        ask()
        return [report for report in self.wait() if isinstance(report, kind)]

    def found(self, order: Order) -> Found | NotFound:
        """The answer to a query."""
        (answer,) = self.asked(lambda: self.venue.query(self.key, order.id), (Found, NotFound))
        return answer

    def down(self, steps: int) -> int:
        """A price so many increments below the best bid."""
        return self.bid - steps * self.stage.tick_step

    def up(self, steps: int) -> int:
        """A price so many increments above the best ask."""
        return self.ask + steps * self.stage.tick_step

    def trade(self, side: int, ticks: int, lots: int) -> None:
        """Somebody else trades, and it is told."""
        self.stage.trade(side, ticks, lots * self.stage.lot_step)
        self.wait()

    def refused(self, order: Order) -> bool:
        """Whether it never was there, as far as the venue says."""
        return bool(self.of(order, Rejected)) and not self.of(order, Accepted, Filled, Ended)


def vc_01_a_resting_limit_is_accepted_under_a_venue_id(desk: Desk) -> None:
    order = desk.place(1, 5, desk.down(2))
    (accepted,) = desk.of(order)
    assert isinstance(accepted, Accepted)
    assert accepted.venue_id
    assert accepted.at <= accepted.received


def vc_02_a_market_order_takes_the_best_prices_and_ends_filled(desk: Desk) -> None:
    order = desk.place(1, 3)
    assert desk.filled(order) == 3
    assert desk.ended(order) == {End.FILLED}
    for fill in desk.fills(order).values():
        assert (fill.ticks, fill.side, fill.maker) == (desk.ask, 1, False)


def vc_03_a_resting_order_fills_in_parts_as_others_trade(desk: Desk) -> None:
    order = desk.place(1, 5, desk.bid + desk.stage.tick_step)
    for lots in (2, 1):
        desk.trade(-1, order.limit, lots)
    assert desk.filled(order) == 3
    assert not desk.ended(order)
    assert {fill.maker for fill in desk.fills(order).values()} == {True}
    found = desk.found(order)
    assert (found.open, found.filled) == (True, 3 * desk.stage.lot_step)
    desk.trade(-1, order.limit, 2)
    assert desk.filled(order) == 5
    assert desk.ended(order) == {End.FILLED}


def vc_04_a_cancel_ends_a_resting_order(desk: Desk) -> None:
    order = desk.place(1, 5, desk.down(3))
    desk.venue.cancel(desk.key, order.id)
    desk.wait()
    assert desk.ended(order) == {End.CANCELLED}
    assert {ended.filled for ended in desk.of(order, Ended)} <= {0, -1}


def vc_05_a_cancel_keeps_what_was_filled(desk: Desk) -> None:
    order = desk.place(1, 5, desk.bid + desk.stage.tick_step)
    desk.trade(-1, order.limit, 2)
    desk.venue.cancel(desk.key, order.id)
    desk.wait()
    assert desk.ended(order) == {End.CANCELLED}
    assert desk.filled(order) == 2
    assert {ended.filled for ended in desk.of(order, Ended)} <= {2 * desk.stage.lot_step, -1}


def vc_06_a_cancel_of_a_filled_order_is_refused(desk: Desk) -> None:
    order = desk.place(1, 2)
    desk.venue.cancel(desk.key, order.id)
    desk.wait()
    assert len(desk.of(order, CancelRefused)) == 1
    assert desk.ended(order) == {End.FILLED}


def vc_07_a_cancel_of_an_unknown_order_is_refused(desk: Desk) -> None:
    order = desk.order(1, 1, desk.bid)
    desk.venue.cancel(desk.key, order.id)
    desk.wait()
    (refused,) = desk.of(order)
    assert isinstance(refused, CancelRefused)
    assert refused.code


def vc_08_a_query_finds_an_open_order(desk: Desk) -> None:
    order = desk.place(-1, 1, desk.up(4)) if desk.able.short else desk.place(1, 1, desk.down(4))
    found = desk.found(order)
    assert isinstance(found, Found)
    assert (found.open, found.filled, found.rejected) == (True, 0, False)
    assert found.venue_id == desk.of(order, Accepted)[0].venue_id


def vc_09_a_query_tells_the_fills_before_what_became_of_the_order(desk: Desk) -> None:
    order = desk.place(1, 2)
    before = len(desk.heard)
    found = desk.found(order)
    answer = desk.heard[before:]
    assert (found.open, found.filled) == (False, order.lots)
    told = {r.trade: r.lots for r in answer[: answer.index(found)] if isinstance(r, Filled)}
    assert sum(told.values()) == order.lots


def vc_10_a_query_for_nothing_finds_nothing(desk: Desk) -> None:
    order = desk.order(1, 1, desk.bid)
    answer = desk.found(order)
    assert isinstance(answer, NotFound)
    assert answer.asked <= answer.received


def vc_11_not_found_does_not_mean_that_it_will_not_arrive(desk: Desk) -> None:
    for _ in range(6):
        order = desk.send(desk.order(1, 1, desk.down(5)))
        answer = desk.found(order)
        desk.wait()
        if isinstance(answer, NotFound):
            assert answer.asked < min(r.received for r in desk.of(order, Accepted))
        assert isinstance(desk.found(order), Found)


def vc_12_an_id_that_still_works_is_not_taken_again_and_never_said_to_be_refused(
    desk: Desk,
) -> None:
    order = desk.place(1, 1, desk.down(5))
    desk.send(order)
    desk.wait()
    assert len(desk.of(order, Accepted)) == 1
    assert [type(report) for report in desk.of(order, Rejected, NoAnswer)] == [NoAnswer]
    assert desk.found(order).open
    (listed,) = desk.asked(desk.venue.open_orders, OpenOrders)
    assert len(listed.orders) == 1


def vc_13_an_id_that_is_done_is_taken_anew_or_refused_but_never_muddled(desk: Desk) -> None:
    order = desk.place(1, 1)
    desk.send(order)
    desk.wait()
    first, *more = desk.of(order, Accepted)
    assert len(more) + len(desk.of(order, NoAnswer)) == 1
    assert not desk.of(order, Rejected)
    assert all(again.venue_id != first.venue_id for again in more)
    assert {f.venue_id for f in desk.of(order, Filled)} == {
        first.venue_id,
        *(a.venue_id for a in more),
    }


def vc_14_post_only_is_refused_rather_than_filled(desk: Desk) -> None:
    if desk.able.post_only:
        assert desk.refused(desk.place(1, 1, desk.ask, post_only=True))


def vc_15_post_only_rests_and_makes(desk: Desk) -> None:
    if desk.able.post_only:
        order = desk.place(1, 1, desk.ask - desk.stage.tick_step, post_only=True)
        desk.trade(-1, order.limit, 1)
        assert [fill.maker for fill in desk.fills(order).values()] == [True]


def vc_16_immediate_or_cancel_takes_what_is_there(desk: Desk) -> None:
    if desk.able.ioc:
        order = desk.place(1, 120, desk.ask, tif=IOC)
        assert desk.filled(order) == 100
        assert desk.ended(order) <= {End.EXPIRED, End.CANCELLED}
        assert desk.ended(order)


def vc_17_fill_or_kill_does_nothing_where_it_cannot_fill(desk: Desk) -> None:
    if desk.able.fok:
        order = desk.place(1, 120, desk.ask, tif=FOK)
        assert not desk.fills(order)
        assert desk.ended(order) or desk.refused(order)


def vc_18_fill_or_kill_fills_whole_where_it_can(desk: Desk) -> None:
    if desk.able.fok:
        order = desk.place(1, 120, desk.up(1), tif=FOK)
        assert desk.filled(order) == 120
        assert desk.ended(order) == {End.FILLED}


def vc_19_a_stop_rests_until_a_trade_touches_it(desk: Desk) -> None:
    if desk.able.stops:
        desk.place(1, 4)
        stop = desk.place(-1, 4, type=STOP, trigger=desk.down(2))
        desk.trade(-1, desk.down(1), 1)
        assert not desk.fills(stop)
        assert desk.found(stop).open
        desk.trade(-1, desk.down(2), 1)
        assert len(desk.of(stop, Triggered)) <= 1
        assert desk.filled(stop) == 4
        assert desk.ended(stop) == {End.FILLED}
        assert all(fill.ticks <= desk.down(2) for fill in desk.fills(stop).values())


def vc_20_a_stop_limit_rests_at_its_limit_once_touched(desk: Desk) -> None:
    if desk.able.stop_limit:
        desk.place(1, 4)
        terms = {"type": STOP_LIMIT, "trigger": desk.down(2)}
        stop = desk.place(-1, 4, desk.bid, **terms)
        desk.trade(-1, desk.down(2), 1)
        assert not desk.fills(stop)
        assert desk.found(stop).open
        desk.trade(1, desk.bid, 4)
        assert {fill.ticks for fill in desk.fills(stop).values()} == {desk.bid}
        assert desk.ended(stop) == {End.FILLED}


def vc_21_a_stop_that_is_past_its_trigger_is_refused_or_works_at_once(desk: Desk) -> None:
    if desk.able.stops:
        desk.place(1, 4)
        stop = desk.place(-1, 4, type=STOP, trigger=desk.up(3))
        assert desk.refused(stop) or desk.filled(stop) == 4


def vc_22_reduce_only_never_opens_a_position(desk: Desk) -> None:
    if desk.able.reduce_only:
        order = desk.place(-1, 2, reduce_only=True)
        assert not desk.fills(order)
        assert desk.refused(order) or desk.ended(order)


def vc_23_reduce_only_never_turns_a_position(desk: Desk) -> None:
    if desk.able.reduce_only:
        desk.place(1, 2)
        order = desk.place(-1, 5, reduce_only=True)
        assert desk.filled(order) in (0, 2)
        (told,) = desk.asked(desk.venue.balances, Balances)
        assert all(lots >= 0 for _, lots in told.positions)


def vc_24_less_than_the_minimum_notional_is_refused(desk: Desk) -> None:
    price = desk.stage.tick_step * (desk.bid // 2 // desk.stage.tick_step + 3)
    order = desk.order(1, 1, price)
    assert desk.refused(desk.send(order)) or (desk.wait() and desk.refused(order))


def vc_25_a_price_off_the_tick_is_refused(desk: Desk) -> None:
    assert desk.refused(desk.place(1, 5, desk.bid - 1))


def vc_26_a_quantity_off_the_lot_is_refused(desk: Desk) -> None:
    order = msgspec.structs.replace(desk.order(1, 5, desk.bid), lots=5 * desk.stage.lot_step + 1)
    desk.send(order)
    desk.wait()
    assert desk.refused(order)


def vc_27_absurd_prices_and_quantities_are_refused(desk: Desk) -> None:
    for lots, limit in ((5, 2**61), (2**55, desk.bid), (5, desk.stage.tick_step)):
        assert desk.refused(desk.place(1, lots, limit))


def vc_28_a_buy_that_cannot_be_paid_is_refused(desk: Desk) -> None:
    unit = desk.bid * desk.stage.lot_step * desk.stage.num // desk.stage.den
    assert desk.refused(desk.place(1, desk.stage.cash[1] // unit + 1, desk.bid))


def vc_29_what_is_not_held_is_not_sold(desk: Desk) -> None:
    if not desk.able.short:
        desk.place(1, 2)
        assert desk.refused(desk.place(-1, 3))
        assert desk.filled(desk.place(-1, 2)) == 2


def vc_30_resting_orders_lock_what_they_need(desk: Desk) -> None:
    unit = desk.bid * desk.stage.lot_step * desk.stage.num // desk.stage.den
    most = int(desk.stage.cash[1] / unit * 0.9)
    first = desk.place(1, most, desk.bid)
    assert desk.refused(desk.place(1, most, desk.bid))
    desk.venue.cancel(desk.key, first.id)
    desk.wait()
    assert desk.of(desk.place(1, most, desk.bid), Accepted)


def vc_31_open_orders_are_exactly_those_that_work(desk: Desk) -> None:
    resting = desk.place(1, 5, desk.bid + desk.stage.tick_step)
    desk.trade(-1, resting.limit, 2)
    gone = desk.place(1, 1, desk.down(6))
    desk.venue.cancel(desk.key, gone.id)
    desk.place(1, 1)
    desk.wait()
    (listed,) = desk.asked(desk.venue.open_orders, OpenOrders)
    ((client, number, key, side, lots, filled),) = listed.orders
    assert client in (resting.id, "")
    assert number == desk.of(resting, Accepted)[0].venue_id
    assert (key, side, lots) == (desk.key, 1, resting.lots)
    assert filled == 2 * desk.stage.lot_step


def vc_32_fills_since_a_cursor_are_the_later_ones_and_none_is_missing(desk: Desk) -> None:
    first = desk.place(1, 3)
    early = desk.asked(lambda: desk.venue.fills_since(""), (Filled, FillsThrough))
    through = early[-1]
    assert isinstance(through, FillsThrough)
    assert {r.trade for r in early[:-1]} == set(desk.fills(first))
    second = desk.place(1, 2)
    late = desk.asked(lambda: desk.venue.fills_since(through.cursor), (Filled, FillsThrough))
    assert {r.trade for r in late if isinstance(r, Filled)} == set(desk.fills(second))
    nothing = desk.asked(lambda: desk.venue.fills_since(late[-1].cursor), (Filled, FillsThrough))
    assert [type(r) for r in nothing] == [FillsThrough]


def vc_33_balances_are_the_start_and_what_the_fills_moved(desk: Desk) -> None:
    orders = [desk.place(1, 7), desk.place(-1, 2)]
    fills = [fill for order in orders for fill in desk.fills(order).values()]
    stage, moved = desk.stage, 0
    for fill in fills:
        scaled = fill.lots * fill.ticks * stage.num
        moved -= fill.side * ((2 * scaled + stage.den) // (2 * stage.den)) + fill.fee
    (told,) = desk.asked(desk.venue.balances, Balances)
    currency, start = stage.cash
    assert dict(told.cash)[currency] == start + moved
    assert dict(told.positions) == {desk.key: 5 * stage.lot_step}
    assert any(fill.fee for fill in fills)


def vc_34_what_happened_while_the_stream_was_broken_can_be_caught_up(desk: Desk) -> None:
    order = desk.place(1, 4, desk.bid + desk.stage.tick_step)
    desk.stage.cut(5 * SECOND)
    desk.trade(-1, order.limit, 4)
    assert not desk.fills(order)
    desk.wait(8.0)
    links = [report.up for report in desk.heard if isinstance(report, Link)]
    assert links == [False, True]
    desk.asked(lambda: desk.venue.fills_since(""), FillsThrough)
    assert desk.filled(order) == 4
    assert not desk.found(order).open


def vc_35_a_trade_id_always_tells_the_same_fill(desk: Desk) -> None:
    order = desk.place(1, 150)
    desk.found(order)
    desk.asked(lambda: desk.venue.fills_since(""), FillsThrough)
    seen: dict[str, set] = {}
    for fill in desk.of(order, Filled):
        told = fill.venue_id, fill.side, fill.lots, fill.ticks, fill.fee, fill.maker, fill.at
        seen.setdefault(fill.trade, set()).add(told)
    assert len(desk.of(order, Filled)) > len(seen) > 1
    assert all(len(told) == 1 for told in seen.values())


def vc_36_reports_come_in_order_of_arrival_and_the_end_after_its_fills(desk: Desk) -> None:
    orders = [desk.send(desk.order(1, 120)) for _ in range(4)]
    desk.wait(2.0)
    assert [r.received for r in desk.heard] == sorted(r.received for r in desk.heard)
    for order in orders:
        kinds = [type(r) for r in desk.of(order, Filled, Ended)]
        assert kinds == [Filled] * (len(kinds) - 1) + [Ended]
        assert desk.of(order, Ended)[0].filled in (-1, desk.filled(order) * desk.stage.lot_step)


def vc_37_every_call_is_answered(desk: Desk) -> None:
    order = desk.place(1, 1, desk.down(1))
    calls = (
        lambda: desk.send(desk.order(1, 1, desk.down(1))),
        lambda: desk.venue.query(desk.key, order.id),
        lambda: desk.venue.cancel(desk.key, order.id),
        lambda: desk.venue.cancel(desk.key, order.id),
        desk.venue.open_orders,
        lambda: desk.venue.fills_since(""),
        desk.venue.balances,
    )
    for call in calls:
        call()
        assert desk.wait()


def vc_38_an_iceberg_shows_a_part_and_fills_whole(desk: Desk) -> None:
    if desk.able.iceberg:
        order = desk.place(1, 6, desk.bid + desk.stage.tick_step, display=2 * desk.stage.lot_step)
        for _ in range(3):
            desk.trade(-1, order.limit, 2)
        assert desk.filled(order) == 6
        assert desk.ended(order) == {End.FILLED}


def vc_39_a_day_of_orders_is_the_same_in_every_account_of_it(desk: Desk) -> None:
    for i in range(6):
        order = desk.place(1, 1 + i, desk.bid + desk.stage.tick_step if i % 2 else 0)
        if order.limit:
            desk.trade(-1, order.limit, 1 + i)
    desk.place(-1, 10)
    streamed = {r.trade: r.side * r.lots for r in desk.heard if isinstance(r, Filled)}
    (told,) = desk.asked(desk.venue.balances, Balances)
    listed = desk.asked(lambda: desk.venue.fills_since(""), Filled)
    assert {r.trade: r.side * r.lots for r in listed} == streamed
    assert dict(told.positions) == {desk.key: sum(streamed.values())}


CASES = [case for name, case in sorted(globals().items()) if name.startswith("vc_")]
