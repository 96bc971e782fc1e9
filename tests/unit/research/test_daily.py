import numpy as np
import pytest

from kedge.domain.errors import DataError
from kedge.research.daily import (
    DailyEquity,
    daily_equity,
    daily_mean,
    observed_days_per_year,
    session_ends,
    simple_returns,
)

HOUR = 3_600 * 10**9
DAY = 24 * HOUR


def hourly(values: list[float], sessions: list[int], initial: float = 100.0) -> DailyEquity:
    rows = np.arange(len(values), dtype=np.int64)
    return daily_equity(rows * HOUR, np.array(sessions), np.array(values), initial)


def test_daily_equity_is_the_last_value_of_each_session() -> None:
    daily = hourly([101, 99, 110, 108, 121], [0, 0, 1, 1, 4])
    assert daily.equity.tolist() == [99, 108, 121]
    assert daily.ts.tolist() == [1 * HOUR, 3 * HOUR, 4 * HOUR]


def test_first_return_is_measured_from_the_initial_capital() -> None:
    daily = hourly([99, 108.9], [0, 1])
    assert daily.returns == pytest.approx([-0.01, 0.1])


def test_returns_after_ruin_are_zero() -> None:
    assert simple_returns(np.array([50.0, -10.0, -10.0, 5.0]), 100.0).tolist() == [
        -0.5,
        -1.2,
        0.0,
        0.0,
    ]


@pytest.mark.parametrize(("step", "expected"), [(DAY, 365.25), (7 * DAY, 365.25 / 7)])
def test_days_a_year_are_counted_not_assumed(step: int, expected: float) -> None:
    assert observed_days_per_year(np.arange(1000) * step) == pytest.approx(expected)


def test_a_remnant_of_the_capital_earns_no_astronomical_return() -> None:
    assert simple_returns(np.array([1e-200, 100.0]), 100.0).tolist() == [-1.0, 0.0]


def test_days_a_year_of_weekdays_are_five_sevenths() -> None:
    days = np.busday_offset("2020-01-06", np.arange(521)).astype("datetime64[ns]").astype(np.int64)
    assert observed_days_per_year(days) == pytest.approx(365.25 * 5 / 7)


def test_one_session_has_no_days_a_year() -> None:
    assert np.isnan(hourly([100, 101], [0, 0]).per_year)


def test_no_rows_give_no_days() -> None:
    empty = np.empty(0)
    daily = daily_equity(empty.astype(np.int64), empty.astype(np.int64), empty, 1.0)
    assert daily.days == 0
    assert session_ends(empty.astype(np.int64)).tolist() == []


def test_equity_that_is_not_finite_is_refused() -> None:
    with pytest.raises(DataError, match="finite"):
        hourly([100, float("nan")], [0, 1])


def test_equity_without_capital_is_refused() -> None:
    with pytest.raises(DataError, match="positive capital"):
        hourly([100], [0], initial=0.0)


def test_equity_of_another_length_is_refused() -> None:
    with pytest.raises(DataError, match="2 rows for 1"):
        daily_equity(np.zeros(1, np.int64), np.zeros(1, np.int64), np.ones(2), 1.0)


def test_daily_mean_averages_the_rows_of_each_session() -> None:
    means = daily_mean(np.array([1.0, 3.0, 5.0, 0.0, 2.0, 4.0]), np.array([0, 0, 1, 2, 2, 2]))
    assert means == pytest.approx([2.0, 5.0, 2.0])
