import math

import msgspec
import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from kedge.research.bootstrap import intervals
from kedge.research.daily import daily_equity
from kedge.research.deflated import (
    Moments,
    expected_maximum,
    expected_maximum_sharpe,
    probabilistic_sharpe,
)
from kedge.research.metrics import CostTotals, TradeTable, drawdowns, measure

DAY = 86_400 * 10**9
equities = hnp.arrays(np.float64, st.integers(0, 40), elements=st.floats(-50.0, 1e9))
growing = hnp.arrays(np.float64, st.integers(2, 40), elements=st.floats(1.0, 1e6))


def figures(equity: np.ndarray, initial: float = 100.0) -> dict[str, float | None]:
    days = np.arange(len(equity), dtype=np.int64)
    daily = daily_equity(days * DAY, days, equity, initial)
    return msgspec.to_builtins(measure(daily, 0.0, TradeTable.empty(), CostTotals()))


@given(equities)
def test_every_history_has_figures_that_are_finite_or_undefined(equity: np.ndarray) -> None:
    assert all(value is None or math.isfinite(value) for value in figures(equity).values())


@given(growing, st.floats(0.01, 1e4))
def test_figures_do_not_depend_on_the_currency_unit(equity: np.ndarray, scale: float) -> None:
    here, there = figures(equity), figures(equity * scale, 100.0 * scale)
    for name, value in here.items():
        if value is not None and there[name] is not None:
            assert there[name] == pytest.approx(value, rel=1e-6, abs=1e-7)


@given(growing)
def test_drawdown_is_a_fraction_while_equity_is_positive(equity: np.ndarray) -> None:
    falls = drawdowns(np.diff(equity) / equity[:-1])
    assert (falls >= 0.0).all()
    assert (falls < 1.0).all()


@given(growing, st.lists(st.integers(1, 4), min_size=40, max_size=40))
def test_the_path_inside_a_session_does_not_matter(equity: np.ndarray, rows: list[int]) -> None:
    repeats = rows[: len(equity)]
    session = np.repeat(np.arange(len(equity)), repeats)
    path = np.repeat(equity, repeats)
    last = np.cumsum(repeats) - 1
    inside = np.setdiff1d(np.arange(len(path)), last)
    path[inside] = 7.0
    ts = np.arange(len(path), dtype=np.int64)
    found = daily_equity(ts, session, path, 100.0)
    assert found.equity.tolist() == equity.tolist()


@given(hnp.arrays(np.float64, st.integers(2, 60), elements=st.floats(-0.5, 0.5)), st.integers(0))
@example(np.array([1e-90] + [0.0] * 8), 0)  # the square of its variance is below any float
@settings(deadline=None)  # the first resample compiles
def test_intervals_are_ordered_and_repeatable(returns: np.ndarray, seed: int) -> None:
    cash = np.zeros(len(returns))
    found = intervals(returns, cash, 252.0, seed, resamples=40)
    assert found == intervals(returns, cash, 252.0, seed, resamples=40)
    for interval in (found.sharpe, found.cagr, found.max_drawdown):
        if interval.low is not None and interval.high is not None:
            assert interval.low <= interval.high


@given(st.floats(0.0, 0.3), st.integers(10, 5_000), st.floats(1.0, 500.0), st.floats(1.0, 10.0))
def test_more_trials_never_make_a_result_more_credible(
    sharpe: float, observations: int, trials: float, factor: float
) -> None:
    observed = Moments(sharpe=sharpe, skew=0.0, kurtosis=3.0, observations=observations)
    variance = 1.0 / observations
    few = probabilistic_sharpe(observed, expected_maximum_sharpe(trials, variance))
    many = probabilistic_sharpe(observed, expected_maximum_sharpe(trials * factor, variance))
    assert 0.0 <= many <= few <= 1.0
    assert expected_maximum(trials) <= expected_maximum(trials * factor)
