"""Our orders in recorded queues: behind what stood there, filled by what was traded."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kedge.domain.market import ASK, BID, BookDelta, Quote, Trade
from kedge.domain.order import Order, OrderType, TimeInForce
from kedge.domain.report import Ended, Filled
from kedge.venues.simulated.bars import Ladder, barred, lines_of_bars, path
from kedge.venues.simulated.latency import NONE
from kedge.venues.simulated.matching import Matcher
from kedge.venues.simulated.memory import dump, load
from kedge.venues.simulated.recorded import Recorded
from kedge.venues.simulated.tape import LEVEL, NOTE, PRINT, lines_of, taped
from kedge.venues.simulated.venue import SimulatedVenue
from kedge.venues.simulated.working import Match, Working
from simulated import SECOND, approved, setup
from support import data_path


def book():
    """Bids 100 at 99 and 50 at 98, asks 100 at 101."""
    matcher = Matcher()
    recorded = Recorded(matcher)
    for side, ticks, lots in ((1, 99, 100), (1, 98, 50), (-1, 101, 100)):
        recorded.level(side, ticks, lots)
    return matcher, recorded


def ours(matcher, side=1, ticks=99, lots=10):
    order = Working(1, 1, side, lots, ticks)
    matcher.submit(order)
    return order


def test_an_order_waits_until_the_queue_before_it_is_used_up():
    matcher, recorded = book()
    order = ours(matcher)
    assert matcher.ahead(1) == 100
    recorded.trade(-1, 99, 60)
    assert (matcher.ahead(1), order.filled) == (40, 0)
    recorded.trade(-1, 99, 45)
    assert order.filled == 5


def test_what_leaves_without_a_trade_is_taken_from_behind_us_first():
    matcher, recorded = book()
    order = ours(matcher)
    recorded.level(1, 99, 130)
    assert matcher.ahead(1) == 100
    recorded.level(1, 99, 100)
    assert matcher.ahead(1) == 100
    recorded.level(1, 99, 70)
    assert matcher.ahead(1) == 70
    recorded.level(1, 99, 0)
    assert (matcher.ahead(1), order.filled) == (0, 0)


def test_a_trade_beyond_our_price_fills_us_as_far_as_it_goes():
    matcher, recorded = book()
    order = ours(matcher)
    recorded.trade(-1, 98, 4)
    assert order.filled == 4
    recorded.trade(-1, 98, 20)
    assert order.filled == 10
    assert matcher.halves[1].shown(98) == 36


def test_an_order_that_comes_to_rest_in_our_way_meets_us():
    matcher, recorded = book()
    order = ours(matcher, ticks=100)
    recorded.level(-1, 100, 6)
    assert order.filled == 6
    recorded.level(-1, 100, 30)
    assert order.filled == 10
    assert matcher.halves[-1].best == 100


def test_a_level_that_crosses_stale_ones_replaces_them():
    matcher, recorded = book()
    recorded.level(-1, 98, 20)
    assert matcher.halves[1].best == 0
    assert matcher.halves[-1].best == 98


def test_what_we_take_is_gone_until_the_recording_says_otherwise():
    matcher, recorded = book()
    ours(matcher, ticks=101, lots=30)
    assert matcher.halves[-1].shown(101) == 70
    recorded.level(-1, 101, 90)
    assert matcher.halves[-1].shown(101) == 90


def test_recorded_trades_touch_stops():
    matcher, recorded = book()
    stop = Working(1, 1, -1, 5, kind=OrderType.STOP, trigger=98)
    matcher.submit(stop)
    recorded.trade(-1, 99, 1)
    assert stop.filled == 0
    recorded.trade(-1, 98, 1)
    assert stop.filled == 5


@given(st.lists(st.tuples(st.booleans(), st.sampled_from((1, -1)), st.integers(95, 105),
                          st.integers(0, 60)), max_size=30))  # fmt: skip
def test_every_recorded_trade_is_told_in_full_and_the_book_never_crosses(moves):
    matcher, recorded = book()
    ours(matcher, 1, 97, 25)
    ours2 = Working(2, 1, -1, 25, 103)
    matcher.submit(ours2)
    for is_trade, side, ticks, lots in moves:
        before = len(matcher.happened)
        if is_trade and lots:
            recorded.trade(side, ticks, lots)
            told = sum(e.lots for e in matcher.happened[before:] if isinstance(e, Match))
            assert told == lots
        else:
            recorded.level(side, ticks, lots)
        bid, ask = matcher.halves[1].best, matcher.halves[-1].best
        assert not (bid and ask) or bid < ask


def test_in_one_instant_trades_come_before_levels():
    levels = np.array([[BID, 99, 5], [ASK, 101, 0]], np.int64)
    lines = lines_of([BookDelta(0, 7, 9, 1, 1, 0, levels), Trade(0, 7, 8, 1, 101, 5, 1)])
    assert lines[:, 2].tolist() == [PRINT, LEVEL, LEVEL]
    assert lines[1].tolist() == [7, 0, LEVEL, -1, 101, 0]


@pytest.fixture(scope="module")
def recording():
    """A minute and a half of BTCUSDT: the tape, and its best bid and ask as recorded."""
    spot = pl.col("market") == "spot"
    folder = "micro/btcusdt_"
    levels = pl.read_parquet(data_path(f"{folder}l2_events.parquet")).filter(spot)
    trades = pl.read_parquet(data_path(f"{folder}trades.parquet")).filter(spot)
    quotes = pl.read_parquet(data_path(f"{folder}bbo.parquet")).filter(spot)
    start = levels.filter("is_snapshot")["recv_ns"].min()
    end = start + 90 * SECOND
    levels = levels.filter((pl.col("recv_ns") >= start) & (pl.col("recv_ns") < end))
    trades = trades.filter((pl.col("recv_ns") >= start) & (pl.col("recv_ns") < end))
    events = []
    for (at, snapshot), rows in levels.group_by("recv_ns", "is_snapshot", maintain_order=True):
        cells = zip(rows["side"], rows["price"], rows["qty"], strict=True)
        table = [(ASK if s == "a" else BID, round(p * 100), round(q * 1e5)) for s, p, q in cells]
        events.append(BookDelta(0, at, at, 0, 0, -1, np.array(table, np.int64), snapshot))
    for at, number, price, lots, selling in trades.select(
        "recv_ns", "trade_id", "price", "qty", "buyer_is_maker"
    ).iter_rows():
        side = -1 if selling else 1
        events.append(Trade(0, at, at, number, round(price * 100), round(lots * 1e5), side))
    return start, end, lines_of(events), quotes


def playing(recording):
    start, _, lines, _ = recording
    terms = setup(start=start, latency=NONE, opening={}, cash={"USDT": 10**15})
    return SimulatedVenue(terms, taped(lines))


def test_the_recording_plays_back_to_its_recorded_best_prices(recording):
    start, end, _, quotes = recording
    venue = playing(recording)
    near, seen = [], 0
    for at in range(start + SECOND, end, SECOND):
        venue.advance(at)
        seen += len(venue.market_events())
        told = quotes.filter(pl.col("recv_ns") <= at).tail(1).row(0, named=True)
        matcher = venue.exchange.matchers[0]
        near.append(abs(matcher.halves[1].best - round(told["bid"] * 100)) <= 1_00)
        near.append(abs(matcher.halves[-1].best - round(told["ask"] * 100)) <= 1_00)
    assert seen > 2_000
    assert np.mean(near) > 0.9


def test_an_order_at_the_recorded_touch_fills_after_the_queue_before_it(recording):
    venue = playing(recording)
    start, end, _, _ = recording
    venue.advance(start + 5 * SECOND)
    matcher = venue.exchange.matchers[0]
    touch = matcher.halves[1].best
    venue.submit(approved(Order("k0000abcd-1-0", 0, 1, 100, OrderType.LIMIT, limit=touch)))
    venue.submit(approved(Order("k0000abcd-2-0", 0, 1, 100, OrderType.LIMIT, limit=touch - 50_00)))
    venue.submit(approved(Order("k0000abcd-3-0", 0, 1, 50_000)))
    venue.advance(start + 5 * SECOND + 1)
    assert matcher.ahead(1) > 0
    copy = playing(recording)
    load(copy, dump(venue))
    for played in (venue, copy):
        played.advance(end)
    fills = [r for r in venue.reports() if isinstance(r, Filled)]
    assert sum(f.lots for f in fills if f.order == "k0000abcd-3-0") == 50_000
    made = [f for f in fills if f.maker]
    assert sum(f.lots for f in made if f.order == "k0000abcd-1-0") == 100
    assert {f.ticks for f in made if f.order == "k0000abcd-1-0"} == {touch}
    assert min(f.at for f in made) > start + 5 * SECOND
    assert copy.truth() == venue.truth()


@given(*(st.integers(1, 2_000) for _ in range(4)), st.integers(4, 40))
def test_a_bar_s_path_goes_through_its_prices_and_stays_inside(a, b, c, d, steps):
    low, *inside, high = sorted((a, b, c, d))
    prices = path(inside[0], high, low, inside[1], steps).tolist()
    assert (prices[0], prices[-1]) == (inside[0], inside[1])
    assert (min(prices), max(prices)) == (low, high)


BARS = np.array(
    [
        [0, 60 * SECOND, 1000, 1010, 995, 1005, 50_000],
        [60 * SECOND, 120 * SECOND, 1005, 1006, 980, 985, 80_000],
        [120 * SECOND, 180 * SECOND, 985, 985, 985, 985, 0],
        [180 * SECOND, 240 * SECOND, 990, 1000, 985, 999, 20_000],
    ],
    np.int64,
)


def on_bars(*orders, ladder=None):
    venue = SimulatedVenue(
        setup(latency=NONE, opening={}, cash={"USDT": 10**15}),
        barred({0: BARS}, ladder or Ladder()),
    )
    venue.advance(SECOND)
    for order in orders:
        venue.submit(approved(order))
    venue.advance(300 * SECOND)
    return venue


def test_bars_trade_their_own_volume_inside_their_own_prices():
    venue = on_bars()
    events = venue.market_events()
    for opens, closes, _, high, low, _, lots in BARS.tolist():
        trades = [e for e in events if isinstance(e, Trade) and opens <= e.event_time < closes]
        assert sum(e.lots for e in trades) == lots
        assert all(low <= e.ticks <= high for e in trades)
    quotes = [e for e in events if isinstance(e, Quote) and e.bid and e.ask]
    assert all(e.ask - e.bid == 2 for e in quotes)


def test_a_bar_gives_no_more_than_its_shares_of_volume():
    ladder = Ladder(depth=0.2, meets=0.1)
    limit = Order("k0000abcd-1-0", 0, 1, 900_000, OrderType.LIMIT, TimeInForce.BAR, limit=1_004)
    venue = on_bars(limit, ladder=ladder)
    fills = venue.truth().fills
    lots = sum(fill.lots for fill in fills)
    assert 0 < lots <= 0.3 * 50_000
    assert all(fill.ticks <= 1_004 and fill.at < 60 * SECOND for fill in fills)
    (ended,) = [r for r in venue.reports() if isinstance(r, Ended)]
    assert (ended.at, ended.filled) == (60 * SECOND, lots)


def test_nothing_trades_in_a_bar_without_volume():
    lines = lines_of_bars(0, BARS[2:3], Ladder())
    assert not np.isin(lines[:, 2], (LEVEL, PRINT, NOTE)).any()
