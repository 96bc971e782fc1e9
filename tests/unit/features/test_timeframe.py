"""Higher frames: completed bars only, whatever is missing."""

import numpy as np
import pytest

from kedge.domain.errors import ExpressionError
from kedge.features.block import DAY_NS, HOUR_NS, BarBlock
from kedge.features.plan import FeaturePlan
from unit.features.worlds import MINUTES_5, START, bars, plan_of, rows_of, run, value


def hourly(block: BarBlock, keep: np.ndarray) -> list[dict]:
    """Bars of whole hours from the kept rows, made the plain way."""
    found: dict[int, dict] = {}
    for i in keep:
        end = -(-int(block.ts[i]) // HOUR_NS) * HOUR_NS
        o, h, low, c, v = (
            getattr(block, k)[0, i] for k in ("open", "high", "low", "close", "volume")
        )
        bar = found.setdefault(end, {"end": end, "open": o, "high": h, "low": low, "volume": 0.0})
        bar["high"], bar["low"] = max(bar["high"], h), min(bar["low"], low)
        bar["close"], bar["volume"] = c, bar["volume"] + v
    return list(found.values())


@pytest.mark.parametrize("name", ["open", "high", "low", "close", "volume"])
def test_a_row_sees_the_last_hour_that_has_ended_by_then(name):
    block = bars(1, 200, 5)
    own, hours = value(f'at("1h", {name})', block), hourly(block, np.arange(200))
    for i, ts in enumerate(block.ts):
        done = [bar[name] for bar in hours if bar["end"] <= ts]
        if done:
            assert own[i] == pytest.approx(done[-1], rel=1e-12)
        else:
            assert np.isnan(own[i])


def test_indicators_count_completed_bars():
    block = bars(1, 400, 6)
    closes = [bar["close"] for bar in hourly(block, np.arange(400))]
    own = value('at("1h", sma(3))', block)
    assert np.isnan(own[:35]).all()
    assert own[35] == pytest.approx(np.mean(closes[:3]), rel=1e-12)
    assert own[46] == own[35]
    assert own[47] == pytest.approx(np.mean(closes[1:4]), rel=1e-12)


def test_a_missing_last_row_is_made_good_by_the_next_which_is_not_in_the_bar():
    block = bars(1, 60, 7)
    kept = np.delete(np.arange(60), [11])  # the row that closes the first hour
    gapped = rows_of(block, kept)
    own = value('at("1h", high)', gapped)
    assert np.isnan(own[:11]).all()
    assert own[11] == block.high[0, :11].max()


def test_two_bars_due_on_one_row_come_one_after_the_other():
    block = bars(1, 60, 8)
    kept = np.delete(np.arange(60), range(11, 23))  # next row after the gap ends hour two
    own = value('at("1h", close)', rows_of(block, kept))
    assert own[11] == block.close[0, 10]
    assert own[12] == block.close[0, 23]


def test_a_masked_last_row_still_completes_the_bar():
    block = bars(1, 30, 9)
    for name in ("open", "high", "low", "close", "volume"):
        getattr(block, name)[0, 11] = np.nan
    own = value('at("1h", close)', block)
    assert np.isnan(own[11])
    assert own[12] == block.close[0, 10]


def test_an_hour_without_a_trade_gives_no_bar():
    block = bars(1, 60, 10)
    for name in ("open", "high", "low", "close", "volume"):
        getattr(block, name)[0, 12:24] = np.nan
    own = value('at("1h", lag(close, 1))', block)
    assert np.isnan(own[:35]).all()
    assert own[35] == block.close[0, 11]


def new_york(days: int, rows: int = 78) -> BarBlock:
    """Regular sessions of ``rows`` five-minute rows from 14:30 UTC; the second is short."""
    counts = [rows if day != 1 else 42 for day in range(days)]
    base = bars(1, sum(counts), 12)
    ts, session, opens, length = [], [], [], []
    for day, count in enumerate(counts):
        opened = START + day * DAY_NS + int(14.5 * HOUR_NS)
        ts += [opened + MINUTES_5 * (i + 1) for i in range(count)]
        session += [day] * count
        opens += [opened] * count
        length += [count * MINUTES_5] * count
    clock = (np.array(x, dtype=np.int64) for x in (ts, session, opens, length))
    prices = (getattr(base, k) for k in ("open", "high", "low", "close", "volume"))
    return BarBlock(*prices, *clock)


def test_hours_count_from_the_opening_and_end_with_the_close():
    block = new_york(3)
    own = value('at("1h", close)', block)
    assert own[11] == block.close[0, 11]  # 15:30
    assert own[77] == block.close[0, 77]  # the last half hour ends at the close
    assert own[78] == own[77]
    assert own[119] == block.close[0, 119]  # the early close ends its bar too


def test_a_session_is_a_day_and_complete_at_its_close():
    block = new_york(3)
    own = value('at("1d", high)', block)
    assert np.isnan(own[:77]).all()
    assert own[77] == block.high[0, :78].max()
    assert own[118] == own[77]
    assert own[119] == block.high[0, 78:120].max()


def test_rows_outside_of_regular_trading_are_no_part_of_a_day():
    block = new_york(2)
    late = rows_of(block, slice(0, 120))
    late.ts[78:81] = late.ts[77] + MINUTES_5 * np.arange(1, 4)  # after hours of day one
    for name in ("session", "session_open", "session_length"):
        getattr(late, name)[78:81] = getattr(late, name)[77]
    own = value('at("1d", close)', late)
    assert (own[77:81] == block.close[0, 77]).all()
    assert own[119] == block.close[0, 119]


def test_a_week_begins_on_monday():
    block = bars(1, 12 * 24 * 8, 13)  # from Tuesday 14 November 2023
    own = value('at("1w", close)', block)
    monday = 6 * 288 - 1
    assert np.isnan(own[:monday]).all()
    assert own[monday] == block.close[0, monday]
    assert own[-1] == own[monday]


def test_weeks_before_1970_are_weeks():
    block = bars(1, 12 * 24 * 8, 13)
    early = rows_of(block, slice(0, block.rows))
    shift = 3000 * 7 * DAY_NS
    for clock in (early.ts, early.session_open):
        clock -= shift
    assert early.ts[-1] < 0
    expression = 'at("1w", close)'
    assert value(expression, early).tobytes() == value(expression, block).tobytes()


def test_a_frame_as_long_as_a_row_is_the_row():
    block = bars(2, 50, 14)
    assert run(plan_of('at("5m", sma(3))', n=2), block).tobytes() == (
        run(plan_of("sma(3)", n=2), block).tobytes()
    )


@pytest.mark.parametrize(
    ("expression", "says"),
    [
        ('at("1m", close)', "cannot be built from rows of 300 s"),
        ('at("8m", close)', "cannot be built from rows of 300 s"),
        ('at("1h", at("4h", close))', "at inside at"),
        ('at("1h", vwap())', "reads the clock of a row"),
        ('at("1h", hour())', "reads the clock of a row"),
        ('of("ZZZ", close)', "ZZZ is unknown"),
    ],
)
def test_what_cannot_be_built_is_refused_by_the_plan(expression, says):
    with pytest.raises(ExpressionError, match=says):
        FeaturePlan.build([expression], 1, MINUTES_5, ("AAA",))
