"""What the report is made from: a frozen picture of one finished backtest.

``ReportInput.result`` is the content of ``result.json``. Beyond what every
result holds, the report reads these keys where they are present:

- ``data.notes``: list of sentences about the data.
- ``benchmark``: one mapping of metrics per benchmark name.
- ``intervals``: ``[low, high]`` or ``{low, high}`` per metric name.
- ``evidence``: ``trials, effective_trials, deflated_sharpe, pbo, verdict,
  reasons, required_years``; a reason may begin with ``pass:`` or ``fail:``.
- ``limits``: rows ``name, limit, unit, bound, cells, share, peak_utilisation,
  explanation``; ``unit`` is ``share`` (the default for a fraction), ``times``,
  ``count`` or ``bps``; a ``limit`` given as text is printed as it stands;
  ``counted_in`` says what ``cells`` counts: ``cells`` or ``rows``.
- ``decisions``: rows ``meaning, cells, share``: the final reason of every cell.
- ``stress``: rows ``multiplier, sharpe, cagr, max_drawdown, ...``.
- ``robustness``: ``sensitivity`` (rows ``parameter, change, sharpe, cagr``),
  ``delay`` (``rows, sharpe, cagr``), ``noise`` and ``bootstrap`` (rows whose
  first column names the row), each a list of flat mappings.
- ``timing``: ``rows, seconds, rows_per_second, phases`` (seconds by name).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from kedge.domain.errors import DataError

I64 = npt.NDArray[np.int64]
F64 = npt.NDArray[np.float64]


def _same_length(owner: str, ts: I64, **columns: F64) -> None:
    for name, values in columns.items():
        if values.shape != ts.shape:
            raise DataError(f"report: {owner}.{name} has shape {values.shape}, not {ts.shape}")


@dataclass(frozen=True, slots=True)
class Curve:
    """A named series over time.

    Attributes:
        name: what it is called in legends.
        ts: (T,) int64 ns UTC, increasing.
        values: (T,) in the unit of its place of use; NaN where unknown.
    """

    name: str
    ts: I64
    values: F64

    def __post_init__(self) -> None:
        _same_length(f"curve {self.name!r}", self.ts, values=self.values)


@dataclass(frozen=True, slots=True)
class EquityCurve:
    """The account, row by row.

    Attributes:
        ts: (T,) int64 ns UTC, increasing.
        equity: (T,) reporting currency.
        cash: (T,) reporting currency.
        gross: (T,) sum of absolute position values over equity.
        net: (T,) sum of signed position values over equity.
        drawdown: (T,) equity over its running maximum minus one, never positive.
    """

    ts: I64
    equity: F64
    cash: F64
    gross: F64
    net: F64
    drawdown: F64

    def __post_init__(self) -> None:
        _same_length(
            "equity", self.ts, equity=self.equity, cash=self.cash,
            gross=self.gross, net=self.net, drawdown=self.drawdown,
        )  # fmt: skip
        if not len(self.ts):
            raise DataError("report: the equity curve has no rows")


@dataclass(frozen=True, slots=True)
class StrategyTotal:
    """One strategy's share of the result.

    Attributes:
        name: the strategy.
        pnl: profit after fees, reporting currency.
        fees: fees borne, reporting currency.
        fills: number of fills it had a share in.
        turnover: value traded, reporting currency.
        curve: cumulative profit, reporting currency; None when not kept.
    """

    name: str
    pnl: float
    fees: float
    fills: int
    turnover: float
    curve: Curve | None = None


@dataclass(frozen=True, slots=True)
class InstrumentTotal:
    """One instrument's share of the result; unknown figures are None.

    Attributes:
        symbol: the venue's symbol.
        pnl: profit after fees, reporting currency.
        trades: number of trades, flat to flat.
        win_rate: share of trades with a profit.
        turnover, fees: reporting currency.
        slippage_bps: average slippage, weighted by value.
        peak_weight: largest absolute position over equity.
        tradable_share: share of rows in which it could trade.
    """

    symbol: str
    pnl: float
    trades: int
    win_rate: float | None = None
    turnover: float | None = None
    fees: float | None = None
    slippage_bps: float | None = None
    peak_weight: float | None = None
    tradable_share: float | None = None


@dataclass(frozen=True, slots=True)
class ReportInput:
    """Everything the report may show; only ``result`` and ``equity`` are required.

    Attributes:
        result: content of ``result.json`` (see the module's page).
        equity: the account, row by row.
        benchmarks: equity of each benchmark from the same starting capital.
        daily_returns: (D,) simple returns per UTC day or session.
        fills: columns ``fill_id, ts, symbol, side, quantity, price, fee,
            slippage_bps, reason``.
        trades: flat to flat, columns ``symbol, side, entry_ts, exit_ts, quantity,
            entry_price, exit_price, pnl, return, fees, reason`` (ts in ns UTC);
            further columns are ignored and missing ones are left out.
        strategies: attribution, in the order of the configuration.
        instruments: totals, in the order of the universe.
        sessions_per_year: observed sessions a year, for annualising.
        currency: reporting currency.
        title: headline; the universe's symbols when empty.
    """

    result: Mapping[str, Any]
    equity: EquityCurve
    benchmarks: tuple[Curve, ...] = ()
    daily_returns: Curve | None = None
    fills: pl.DataFrame | None = None
    trades: pl.DataFrame | None = None
    strategies: tuple[StrategyTotal, ...] = ()
    instruments: tuple[InstrumentTotal, ...] = ()
    sessions_per_year: float = 252.0
    currency: str = "USD"
    title: str = field(default="")
