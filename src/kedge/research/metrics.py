"""The figures of a result: return, risk, their ratios, and what its trades did.

Everything annualised derives from daily equity by the observed days a year.
A figure that is not defined for a history (a ratio over nothing, a rate over
one day) is None, which JSON writes as null; it is never an exception, and
never an infinity that looks like success. docs/reference/metrics.md states
each formula with its source.
"""

import math
from dataclasses import dataclass

import msgspec
import numpy as np

from kedge.domain.errors import DataError
from kedge.domain.panel import F64, I64
from kedge.research.daily import DailyEquity

SHORTEST_DAYS = 90.0
"""Calendar days below which a record is not extrapolated to a year's growth."""
SHORTEST_YEARS = SHORTEST_DAYS / 365.25 * (1.0 - 1e-9)  # 90 days by a float's count of them

Figure = float | None
"""A number, or None where it is not defined."""


class Metrics(msgspec.Struct, frozen=True, kw_only=True):
    """The ``metrics`` block of ``result.json``.

    Attributes:
        total_return: final over initial equity, minus one.
        cagr: compound annual growth rate; None below `SHORTEST_DAYS`.
        volatility: standard deviation of daily returns, a year.
        sharpe: mean over deviation of daily returns in excess of cash, a year.
        sortino: the same over the downside deviation from cash.
        calmar: cagr over max_drawdown.
        max_drawdown: largest fall from a peak of daily equity, as a positive fraction.
        win_rate: share of trades with a profit.
        profit_factor: gross profit over gross loss; None without a loss.
        average_trade: mean of profit over entry notional.
        average_trade_duration_s: mean seconds from entry to exit.
        trades: completed trades, flat to flat.
        turnover: traded notional a year over mean daily equity.
        fees, slippage: totals in the reporting currency.
    """

    total_return: Figure
    cagr: Figure
    volatility: Figure
    sharpe: Figure
    sortino: Figure
    calmar: Figure
    max_drawdown: Figure
    win_rate: Figure
    profit_factor: Figure
    average_trade: Figure
    average_trade_duration_s: Figure
    trades: int
    turnover: Figure
    fees: float
    slippage: float


@dataclass(frozen=True, slots=True)
class TradeTable:
    """Completed trades, flat to flat.

    Attributes:
        open_ts, close_ts: (K,) ns UTC.
        pnl: (K,) profit after fees, reporting currency.
        notional: (K,) entry notional, reporting currency, above zero.
    """

    open_ts: I64
    close_ts: I64
    pnl: F64
    notional: F64

    def __post_init__(self) -> None:
        lengths = {len(self.open_ts), len(self.close_ts), len(self.pnl), len(self.notional)}
        if len(lengths) != 1:
            raise DataError(f"trade table: columns of different lengths {sorted(lengths)}")

    @classmethod
    def empty(cls) -> "TradeTable":
        """No trades at all, as of a benchmark."""
        none = np.empty(0)
        return cls(none.astype(np.int64), none.astype(np.int64), none, none)


@dataclass(frozen=True, slots=True)
class CostTotals:
    """What trading moved and cost, in the reporting currency.

    Attributes:
        traded: sum of the absolute notional of every fill.
        fees: fees paid, net of rebates.
        slippage: shortfall of fills against their decision prices.
    """

    traded: float = 0.0
    fees: float = 0.0
    slippage: float = 0.0


def figure(value: float) -> Figure:
    """The number, or None where it is NaN or infinite."""
    return float(value) if math.isfinite(value) else None


def deviation(values: F64) -> float:
    """Sample standard deviation; 0 for equal values and NaN for fewer than two.

    Rounding leaves a deviation near 1e-19 in a constant series, from which a
    ratio would make 1e16; a spread below 1e-12 of the size counts as none.
    """
    if len(values) < 2:
        return float("nan")
    if np.ptp(values) <= 1e-12 * np.abs(values).max():
        return 0.0
    return float(values.std(ddof=1))


def ratio(numerator: float, denominator: float) -> float:
    """Numerator over denominator; NaN over zero."""
    return numerator / denominator if denominator != 0.0 else float("nan")


def total_return(returns: F64) -> float:
    """Compounded return of a (D,) series of simple returns."""
    return float(np.prod(1.0 + returns) - 1.0)


def cagr(returns: F64, per_year: float) -> float:
    """Compound annual growth rate of (D,) returns; NaN for a span below `SHORTEST_DAYS`."""
    return float(annual_growth(np.array(1.0 + total_return(returns)), len(returns) / per_year))


def annual_growth(final: F64, years: float) -> F64:
    """Final over initial wealth to the power of 1 / years, less one; -1 after ruin.

    NaN for a span below `SHORTEST_DAYS`: two good days to the power of a year are
    billions of per cent. What exceeds any float is infinite, which no result shows
    (`figure`).
    """
    if not years >= SHORTEST_YEARS:
        return np.full(np.shape(final), np.nan)
    with np.errstate(over="ignore"):
        grown = np.where(final > 0.0, final, 0.0) ** (1.0 / years)
    return np.asarray(grown - 1.0, np.float64)


def volatility(returns: F64, per_year: float) -> float:
    """Annual standard deviation of (D,) daily returns."""
    return deviation(returns) * math.sqrt(per_year)


def sharpe(excess: F64, per_year: float) -> float:
    """Annual Sharpe ratio of (D,) daily returns in excess of cash (Sharpe 1994)."""
    mean = float(excess.mean()) if len(excess) else float("nan")
    return ratio(mean, deviation(excess)) * math.sqrt(per_year)


def sortino(excess: F64, per_year: float) -> float:
    """Annual Sortino ratio with cash as the minimum acceptable return.

    The downside deviation divides by all days, not by the losing ones
    (Sortino and van der Meer 1991).
    """
    if len(excess) < 2:
        return float("nan")
    downside = math.sqrt(float((np.minimum(excess, 0.0) ** 2).mean()))
    return ratio(float(excess.mean()), downside) * math.sqrt(per_year)


def drawdowns(returns: F64) -> F64:
    """(D,) fall from the running peak, which starts at the initial capital."""
    wealth = np.cumprod(1.0 + returns)
    peak = np.maximum.accumulate(np.maximum(wealth, 1.0))
    return np.asarray(1.0 - wealth / peak, np.float64)


def max_drawdown(returns: F64) -> float:
    """Largest fall from a peak of daily wealth; NaN without days."""
    return float(drawdowns(returns).max()) if len(returns) else float("nan")


def _trade_figures(trades: TradeTable) -> tuple[float, float, float, float]:
    if not len(trades.pnl):
        return (float("nan"),) * 4
    gain = float(trades.pnl[trades.pnl > 0.0].sum())
    loss = float(-trades.pnl[trades.pnl < 0.0].sum())
    worth = trades.notional > 0.0
    average = float((trades.pnl[worth] / trades.notional[worth]).mean()) if worth.any() else np.nan
    seconds = float((trades.close_ts - trades.open_ts).mean()) / 1e9
    return float((trades.pnl > 0.0).mean()), ratio(gain, loss), average, seconds


def _cash(cash: F64 | float, days: int) -> F64:
    series = np.broadcast_to(np.asarray(cash, np.float64), (days,))
    if not np.isfinite(series).all():
        raise DataError("cash returns must be finite")
    return series


def measure(
    daily: DailyEquity,
    cash: F64 | float,
    trades: TradeTable,
    costs: CostTotals,
) -> Metrics:
    """Every figure of the ``metrics`` block.

    Args:
        daily: daily equity of the account.
        cash: (D,) or scalar daily return on cash.
        trades: completed trades.
        costs: traded notional, fees and slippage in total.

    Raises:
        DataError: cash is of another length or not finite.
    """
    returns, per_year = daily.returns, daily.per_year
    if np.ndim(cash) and len(np.atleast_1d(cash)) != daily.days:
        raise DataError(f"cash returns of {len(np.atleast_1d(cash))} days for {daily.days}")
    excess = returns - _cash(cash, daily.days)
    growth, fall = cagr(returns, per_year), max_drawdown(returns)
    win_rate, profit_factor, average, seconds = _trade_figures(trades)
    mean_equity = float(daily.equity.mean()) if daily.days else float("nan")
    solvent = mean_equity if mean_equity > 0.0 else float("nan")
    return Metrics(
        total_return=figure(total_return(returns)),
        cagr=figure(growth),
        volatility=figure(volatility(returns, per_year)),
        sharpe=figure(sharpe(excess, per_year)),
        sortino=figure(sortino(excess, per_year)),
        calmar=figure(ratio(growth, fall)),
        max_drawdown=figure(fall),
        win_rate=figure(win_rate),
        profit_factor=figure(profit_factor),
        average_trade=figure(average),
        average_trade_duration_s=figure(seconds),
        trades=len(trades.pnl),
        turnover=figure(ratio(costs.traded, solvent * daily.years)),
        fees=costs.fees,
        slippage=costs.slippage,
    )
