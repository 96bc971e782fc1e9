import math
import statistics

import msgspec
import numpy as np
import pandas as pd
import pytest

from kedge.domain.errors import DataError
from kedge.research import metrics
from kedge.research.daily import DailyEquity, daily_equity
from kedge.research.metrics import CostTotals, Metrics, TradeTable, measure

DAY = 86_400 * 10**9


def history(equity: list[float] | np.ndarray, initial: float = 100.0) -> DailyEquity:
    values = np.asarray(equity, float)
    days = np.arange(len(values), dtype=np.int64)
    return daily_equity(days * DAY, days, values, initial)


def random_history(days: int = 700) -> DailyEquity:
    rng = np.random.default_rng(3)
    return history(100.0 * np.cumprod(1.0 + rng.normal(0.0008, 0.012, days)))


def of(daily: DailyEquity, cash: float = 0.0) -> Metrics:
    return measure(daily, cash, TradeTable.empty(), CostTotals())


TRADES = TradeTable(
    open_ts=np.array([0, DAY, 2 * DAY, 3 * DAY]),
    close_ts=np.array([DAY, 3 * DAY, 3 * DAY, 7 * DAY]),
    pnl=np.array([30.0, -10.0, 15.0, 0.0]),
    notional=np.array([1000.0, 500.0, 500.0, 200.0]),
)


def test_total_return_and_growth_follow_from_first_and_last_equity() -> None:
    found = of(history(np.linspace(100, 200, 731)[1:]))
    assert found.total_return == pytest.approx(1.0)
    assert found.cagr == pytest.approx(2.0 ** (365.25 / 730) - 1.0)


def test_volatility_is_pandas_deviation_annualised() -> None:
    daily = random_history()
    curve = pd.Series(np.concatenate(([100.0], daily.equity)))
    expected = curve.pct_change().dropna().std() * math.sqrt(365.25)
    assert of(daily).volatility == pytest.approx(expected)


def test_sharpe_is_in_excess_of_cash() -> None:
    daily, cash = random_history(), 0.0002
    excess = [float(r) - cash for r in daily.returns]
    expected = statistics.mean(excess) / statistics.stdev(excess) * math.sqrt(365.25)
    assert of(daily, cash).sharpe == pytest.approx(expected)
    assert of(daily, cash).sharpe < of(daily, 0.0).sharpe


def test_sortino_divides_by_the_downside_over_all_days() -> None:
    daily, cash = random_history(), 0.0001
    excess = [float(r) - cash for r in daily.returns]
    downside = math.sqrt(sum(e * e for e in excess if e < 0) / len(excess))
    expected = statistics.mean(excess) / downside * math.sqrt(365.25)
    assert of(daily, cash).sortino == pytest.approx(expected)


def test_max_drawdown_is_the_worst_pair_of_peak_and_later_trough() -> None:
    daily = random_history(200)
    curve = [100.0, *daily.equity.tolist()]
    worst = max(1 - curve[j] / curve[i] for i in range(len(curve)) for j in range(i, len(curve)))
    assert of(daily).max_drawdown == pytest.approx(worst)


def test_a_loss_on_the_first_day_is_a_drawdown() -> None:
    assert of(history([80.0, 90.0])).max_drawdown == pytest.approx(0.2)


def test_calmar_is_growth_over_drawdown() -> None:
    found = of(random_history())
    assert found.cagr is not None
    assert found.max_drawdown is not None
    assert found.calmar == pytest.approx(found.cagr / found.max_drawdown)


def test_trade_figures_are_those_of_the_table() -> None:
    found = measure(random_history(), 0.0, TRADES, CostTotals())
    assert found.trades == 4
    assert found.win_rate == pytest.approx(2 / 4)
    assert found.profit_factor == pytest.approx(45 / 10)
    assert found.average_trade == pytest.approx((0.03 - 0.02 + 0.03 + 0.0) / 4)
    assert found.average_trade_duration_s == pytest.approx((1 + 2 + 1 + 4) / 4 * 86_400)


def test_turnover_is_a_year_over_mean_equity() -> None:
    daily = history([100.0] * 731)
    found = measure(daily, 0.0, TRADES, CostTotals(traded=400.0, fees=3.0, slippage=2.0))
    assert found.turnover == pytest.approx(400 / 100 / (731 / 365.25))
    assert (found.fees, found.slippage) == (3.0, 2.0)


def test_no_trades_leave_trade_figures_undefined() -> None:
    found = of(random_history())
    assert found.trades == 0
    assert found.win_rate is None
    assert found.profit_factor is None
    assert found.average_trade is None
    assert found.average_trade_duration_s is None
    assert found.turnover == 0.0


def test_profit_factor_without_a_loss_is_undefined_not_infinite() -> None:
    lucky = TradeTable(np.zeros(1, np.int64), np.ones(1, np.int64), np.ones(1), np.ones(1))
    assert measure(random_history(), 0.0, lucky, CostTotals()).profit_factor is None


def test_flat_equity_has_no_volatility_and_no_ratios() -> None:
    found = of(history([100.0] * 50))
    assert found.volatility == 0.0
    assert found.total_return == 0.0
    assert found.max_drawdown == 0.0
    assert (found.sharpe, found.sortino, found.calmar) == (None, None, None)


def test_constant_growth_has_no_sharpe_ratio_made_of_rounding() -> None:
    assert of(history(100.0 * 1.001 ** np.arange(1, 300))).sharpe is None


def test_one_day_has_a_return_and_nothing_annualised() -> None:
    found = of(history([103.0]))
    assert found.total_return == pytest.approx(0.03)
    assert found.max_drawdown == 0.0
    assert (found.cagr, found.volatility, found.sharpe, found.sortino) == (None,) * 4
    assert (found.calmar, found.turnover) == (None, None)


@pytest.mark.parametrize("days", [2, 89])
def test_growth_of_a_short_record_is_not_annualised(days: int) -> None:
    found = of(history(100.0 - np.sin(np.arange(1, days + 1))))
    assert found.total_return is not None
    assert found.sharpe is not None
    assert found.max_drawdown
    assert (found.cagr, found.calmar) == (None, None)


def test_growth_is_annualised_from_ninety_days_on() -> None:
    found = of(history(np.linspace(100, 101, 91)[1:]))
    assert found.cagr == pytest.approx(1.01 ** (365.25 / 90) - 1.0)


def test_growth_beyond_any_float_is_undefined_not_an_error() -> None:
    assert of(history([100.0] * 89 + [1e82])).cagr is None


def test_no_days_at_all_are_undefined() -> None:
    found = of(history([]))
    assert found.max_drawdown is None
    assert found.sharpe is None


def test_bankruptcy_is_a_total_loss() -> None:
    found = of(history([50.0] + [-5.0] * 99))
    assert found.cagr == -1.0
    assert found.total_return == pytest.approx(-1.05)
    assert found.max_drawdown == pytest.approx(1.05)


def test_undefined_figures_are_null_in_json() -> None:
    written = msgspec.json.decode(msgspec.json.encode(of(history([103.0]))))
    assert written["sharpe"] is None
    assert written["total_return"] == pytest.approx(0.03)
    assert list(written) == [
        "total_return",
        "cagr",
        "volatility",
        "sharpe",
        "sortino",
        "calmar",
        "max_drawdown",
        "win_rate",
        "profit_factor",
        "average_trade",
        "average_trade_duration_s",
        "trades",
        "turnover",
        "fees",
        "slippage",
    ]


def test_cash_of_another_length_is_refused() -> None:
    with pytest.raises(DataError, match="3 days for 2"):
        measure(history([1.0, 2.0]), np.zeros(3), TradeTable.empty(), CostTotals())


def test_cash_that_is_not_finite_is_refused() -> None:
    with pytest.raises(DataError, match="finite"):
        measure(history([1.0, 2.0]), float("nan"), TradeTable.empty(), CostTotals())


def test_trade_table_with_ragged_columns_is_refused() -> None:
    with pytest.raises(DataError, match="different lengths"):
        TradeTable(np.zeros(1, np.int64), np.zeros(1, np.int64), np.zeros(2), np.zeros(1))


def test_drawdowns_are_zero_at_every_new_peak() -> None:
    returns = np.array([0.1, -0.5, 0.5, 1.0])
    assert metrics.drawdowns(returns) == pytest.approx([0.0, 0.5, 0.25, 0.0])
