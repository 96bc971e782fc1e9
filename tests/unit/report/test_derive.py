import math
import statistics
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from kedge.research.report.derive import (
    align,
    by_day,
    monthly_returns,
    rolling_sharpe,
    underwater,
    worst_drawdowns,
)
from kedge.research.report.downsample import extremes
from kedge.research.report.model import Curve
from unit.report.synthetic import DAY_NS, START

finite = st.floats(-1e6, 1e6, allow_nan=False)


def test_standard_error_of_the_sharpe_ratio_is_that_of_lo_table_1() -> None:
    """Lo (2002), table 1: a ratio of 0.50 has error 0.306 at 12 and 0.137 at 60 observations."""
    for size, expected in ((12, 0.306), (60, 0.137)):
        swing = np.tile([1.0, -1.0], size // 2)
        returns = 0.5 * swing.std(ddof=1) + swing
        sharpe, error = rolling_sharpe(returns, size, 1.0)
        assert sharpe[-1] == pytest.approx(0.5, abs=1e-12)
        assert error[-1] == pytest.approx(expected, abs=5e-4)


def test_rolling_sharpe_is_the_ratio_of_each_window() -> None:
    returns = np.random.default_rng(1).normal(0.001, 0.01, 50)
    sharpe, _ = rolling_sharpe(returns, 20, 252.0)
    assert np.isnan(sharpe[:19]).all()
    for k in (19, 33, 49):
        window = returns[k - 19 : k + 1].tolist()
        expected = statistics.fmean(window) / statistics.stdev(window) * math.sqrt(252.0)
        assert sharpe[k] == pytest.approx(expected, rel=1e-12)


def test_a_flat_window_has_no_sharpe_ratio() -> None:
    sharpe, error = rolling_sharpe(np.zeros(10), 5, 252.0)
    assert np.isnan(sharpe).all()
    assert np.isnan(error).all()
    assert np.isnan(rolling_sharpe(np.zeros(3), 5, 252.0)[0]).all()


@given(st.lists(st.floats(-0.2, 0.2), min_size=1, max_size=800))
def test_months_compound_to_their_year(values: list[float]) -> None:
    ts = START + np.arange(len(values), dtype=np.int64) * DAY_NS
    calendar = monthly_returns(Curve("s", ts, np.array(values)))
    expected: dict[tuple[int, int], float] = {}
    for k, value in enumerate(values):
        day = datetime.fromtimestamp(START / 1e9, UTC) + timedelta(days=k)
        expected[day.year, day.month] = expected.get((day.year, day.month), 1.0) * (1.0 + value)
    for row, year in enumerate(calendar.years.tolist()):
        for month in range(12):
            cell = calendar.months[row, month]
            if (year, month + 1) in expected:
                assert cell == pytest.approx(expected[year, month + 1] - 1.0, abs=1e-9)
            else:
                assert math.isnan(cell)
        whole = math.prod(g for (y, _), g in expected.items() if y == year)
        assert calendar.totals[row] == pytest.approx(whole - 1.0, rel=1e-9, abs=1e-9)


def test_drawdowns_name_their_mark_trough_and_recovery() -> None:
    equity = np.array([100.0, 110.0, 99.0, 88.0, 104.0, 110.0, 121.0, 115.0])
    ts = np.arange(8, dtype=np.int64)
    deepest, open_ = worst_drawdowns(ts, equity, 5)
    assert (deepest.start, deepest.trough, deepest.end) == (1, 3, 5)
    assert deepest.depth == pytest.approx(-0.2)
    assert (open_.start, open_.trough, open_.end) == (6, 7, None)
    assert len(worst_drawdowns(ts, equity, 1)) == 1
    assert worst_drawdowns(ts, np.arange(8.0) + 1.0, 5) == ()


@given(arrays(np.float64, st.integers(1, 60), elements=st.floats(1.0, 1e6)))
def test_value_under_water_is_never_positive_and_zero_at_the_mark(values: np.ndarray) -> None:
    under = underwater(values)
    assert (under <= 0).all()
    assert under[int(values.argmax())] == 0.0


def test_alignment_takes_the_last_known_value_and_none_before_the_first() -> None:
    curve = Curve("c", np.array([10, 20]), np.array([1.0, 2.0]))
    aligned = align(curve, np.array([5, 10, 15, 20, 99]))
    np.testing.assert_array_equal(aligned, [np.nan, 1.0, 1.0, 2.0, 2.0])
    nothing = Curve("c", np.empty(0, np.int64), np.empty(0))
    assert np.isnan(align(nothing, np.array([5]))).all()


def test_a_day_gathers_its_rows() -> None:
    ts = START + np.array([0, DAY_NS // 2, DAY_NS, 3 * DAY_NS, 3 * DAY_NS + 1])
    days = by_day(ts, np.array([1.0, 3.0, 5.0, -1.0, 0.0]))
    assert days.ts.tolist() == [ts[0], ts[2], ts[3]]
    assert days.mean.tolist() == [2.0, 5.0, -0.5]
    assert days.low.tolist() == [1.0, 5.0, -1.0]
    assert days.high.tolist() == [3.0, 5.0, 0.0]


@given(
    arrays(
        np.float64,
        st.tuples(st.integers(1, 3), st.integers(1, 300)),
        elements=st.one_of(finite, st.just(math.nan)),
    ),
    st.integers(8, 60),
)
def test_thinning_keeps_both_ends_and_every_extreme(series: np.ndarray, most: int) -> None:
    kept = extremes(series, most)
    total = series.shape[1]
    assert len(kept) <= max(most, 2)
    assert (np.diff(kept) > 0).all()
    assert kept[0] == 0
    assert kept[-1] == total - 1
    for row in series:
        if np.isfinite(row).any():
            assert np.nanmin(row[kept]) == np.nanmin(row)
            assert np.nanmax(row[kept]) == np.nanmax(row)
