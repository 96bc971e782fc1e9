"""Rows that warm a session up at a real exchange, made of its candles."""

from decimal import Decimal
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kedge.bootstrap.past import rows_before
from kedge.data.hours import Hours
from kedge.data.intervals import DAY, HOUR, MINUTE, SECOND
from kedge.domain.account import Key
from kedge.domain.errors import ConfigError
from kedge.domain.instrument import AssetClass, Instrument
from kedge.domain.panel import FRESH, TRADABLE
from kedge.engine.trading.desk import NO_QUOTE, Universe
from kedge.engine.trading.market import utc_days
from kedge.venues.ccxt.candles import Candles

WIDTHS = (SECOND, MINUTE, 5 * MINUTE, 15 * MINUTE, HOUR, DAY)
HOURS = Hours("24/7")
START = 20_000 * DAY + 11 * HOUR + 7 * MINUTE + 3 * SECOND


def coin(symbol):
    return Instrument(
        id=symbol, symbol=symbol, asset_class=AssetClass.SPOT, tick=Decimal("0.5"),
        lot=Decimal("0.25"), calendar="24/7",
    )  # fmt: skip


COINS = (coin("A"), coin("B"))


def universe(interval, coins=COINS):
    keys = tuple(Key("main", "there", each.id) for each in coins)
    every = tuple(range(len(keys)))
    return Universe(coins, keys, every, every, interval, "lineage")


def price(symbol, opened):
    """Open, high, low, close and lots of the minute or second that opened then."""
    n = opened // SECOND * 7 + len(symbol)
    return 1_000 + n % 97, 1_200 + n % 89, 900 + n % 83, 1_000 + n % 79, 1 + n % 13


class Past:
    """An exchange on which every second trades, except where it has a hole."""

    name = "there"

    def __init__(self, widths=WIDTHS, since=None, holes=()):
        self.widths = widths
        self.since, self.holes = since or {}, holes
        self.asked = []

    def candles(self, instrument, timeframe_ns, end, count):
        self.asked.append((instrument.symbol, timeframe_ns, end, count))
        end -= end % timeframe_ns
        first = max(end - count * timeframe_ns, self.since.get(instrument.symbol, 0))
        opens = range(first - first % -timeframe_ns, end, timeframe_ns)
        opens = [o for o in opens if not any(a < o + timeframe_ns and o < b for a, b in self.holes)]
        bars = [price(instrument.symbol, opened) for opened in opens]
        table = np.array(bars, np.int64).reshape(-1, 5)
        return Candles(table[:, :4], table[:, 4], np.array(opens, np.int64) + timeframe_ns)


def read(before, n=2):
    return [
        (
            row.at,
            np.frombuffer(row.bars, np.int64).reshape(n, 4),
            np.frombuffer(row.volume),
            np.frombuffer(row.flags, np.uint8),
            np.frombuffer(row.age, np.int64),
        )
        for row in before.rows
    ]


def test_days_come_first_and_then_rows_up_to_the_last_whole_one():
    past = Past()
    before = rows_before(past, universe(10 * MINUTE), HOURS, START, 7, 30)
    ends = [row.at for row in before.rows]
    last = START // (10 * MINUTE) * 10 * MINUTE
    begin = last - 30 * 10 * MINUTE
    assert ends[7:] == [begin + k * 10 * MINUTE for k in range(1, 31)]
    assert ends[:7] == [(20_000 - k) * DAY for k in range(6, -1, -1)]
    assert [row.row for row in before.rows] == list(range(37))
    assert [row.session for row in before.rows] == [utc_days(at) for at in ends]
    # the longest candles that divide ten minutes; one question for the days, one for the rows
    assert past.asked[:2] == [("A", DAY, 20_000 * DAY, 7), ("A", 5 * MINUTE, last, 60)]


def test_a_row_is_what_its_candles_make_together():
    before = rows_before(Past(), universe(15 * SECOND), HOURS, START, 2, 4)
    at, bars, volume, flags, age = read(before)[-1]
    assert at == START // (15 * SECOND) * 15 * SECOND
    parts = [price("A", at - k * SECOND) for k in range(15, 0, -1)]
    assert bars[0].tolist() == [
        parts[0][0], max(p[1] for p in parts), min(p[2] for p in parts), parts[-1][3]
    ]  # fmt: skip
    assert volume[0] == sum(p[4] for p in parts) * 0.25
    assert flags.tolist() == [TRADABLE | FRESH] * 2
    assert age.tolist() == [0, 0]
    assert before.ticks == bars[:, 3].tolist()
    quotes = np.frombuffer(before.rows[-1].quotes, np.int64).reshape(2, -1)
    assert [tuple(each) for each in quotes.tolist()] == [
        (NO_QUOTE.bid, NO_QUOTE.ask, NO_QUOTE.age, *quotes[0, 3:].tolist())
    ] * 2


def test_a_hole_is_masked_and_grows_old_as_the_sampler_has_it():
    end = START // MINUTE * MINUTE
    past = Past(holes=[(end - 5 * MINUTE, end - 2 * MINUTE)])
    rows = read(rows_before(past, universe(MINUTE), HOURS, START, 3, 10))
    fresh = [flags.tolist() for _, _, _, flags, _ in rows[-6:]]
    assert fresh == [[3, 3], [0, 0], [0, 0], [0, 0], [3, 3], [3, 3]]
    assert [age[0] for *_, age in rows[-6:]] == [0, MINUTE, 2 * MINUTE, 3 * MINUTE, 0, 0]
    for _, bars, volume, _, _ in rows[-5:-2]:
        assert not bars.any()
        assert not volume.any()


def test_a_hole_at_the_end_carries_the_last_price_on():
    end = START // MINUTE * MINUTE
    before = rows_before(
        Past(holes=[(end - 2 * MINUTE, end)]), universe(MINUTE), HOURS, START, 3, 10
    )
    assert before.ticks[0] == price("A", end - 3 * MINUTE)[3]


@given(
    start=st.integers(20_000 * DAY, 20_003 * DAY),
    interval=st.sampled_from([10 * SECOND, MINUTE, 7 * MINUTE, 15 * MINUTE, HOUR, 4 * HOUR, DAY]),
    days=st.integers(2, 6),
    rows=st.integers(2, 12),
)
@settings(max_examples=60, deadline=None)
def test_rows_rise_in_time_and_none_is_after_the_start(start, interval, days, rows):
    before = rows_before(Past(), universe(interval), HOURS, start, days, rows)
    ends = [row.at for row in before.rows]
    assert all(a < b for a, b in pairwise(ends))
    assert start - interval < ends[-1] <= start
    assert len(ends) == days + rows
    assert ends[days] - ends[days - 1] < DAY + interval
    sessions = [row.session for row in before.rows]
    assert sessions == sorted(sessions)
    assert len(set(sessions)) >= days
    # whatever a row tells had been traded by its end, and nothing is told twice
    assert all(HOURS.session(at) == session for at, session in zip(ends, sessions, strict=True))
    assert ends[days] - interval >= ends[days - 1]


def test_a_short_past_is_what_there_is():
    past = Past(since=dict.fromkeys("AB", 19_997 * DAY))
    before = rows_before(past, universe(MINUTE), HOURS, START, 25, 10)
    assert [row.at for row in before.rows][:4] == [(19_998 + k) * DAY for k in range(3)] + [
        START // MINUTE * MINUTE - 9 * MINUTE
    ]
    assert [row.row for row in before.rows] == list(range(13))


def test_one_that_came_later_is_masked_until_then():
    past = Past(since={"B": 19_998 * DAY})
    rows = read(rows_before(past, universe(MINUTE), HOURS, START, 5, 10))
    assert [flags.tolist() for _, _, _, flags, _ in rows[:4]] == [[3, 0], [3, 0], [3, 0], [3, 3]]
    assert [age.tolist() for *_, age in rows[:4]] == [[0, -1], [0, -1], [0, -1], [0, 0]]


@pytest.mark.parametrize(("since", "known"), [(20_000 * DAY, 1), (20_001 * DAY, 0)])
def test_fewer_than_two_sessions_are_too_few(since, known):
    past = Past(since={"B": since})
    with pytest.raises(ConfigError) as caught:
        rows_before(past, universe(MINUTE), HOURS, START, 5, 10)
    assert str(caught.value) == (
        f"limits.min_sessions: there knows {known} sessions of B, fewer than 2 "
        "(take a symbol that has traded for longer)"
    )


def test_rows_that_no_candles_make_are_refused():
    past = Past(widths=(MINUTE, HOUR, DAY))
    with pytest.raises(ConfigError, match=r"universe\.interval: .* rows of 10 s .*last 60 s"):
        rows_before(past, universe(10 * SECOND), HOURS, START, 5, 10)
