"""Sums over the records of a run, in the reporting currency."""

from typing import Any

import numpy as np

from kedge.domain import state as o
from kedge.research.account import minor_units
from kedge.research.exchange import reporting, settle_of
from kedge.research.metrics import CostTotals, TradeTable
from kedge.research.run import Run
from kedge.research.slippage import slippage_bps
from kedge.research.strategy_rows import StrategyUse


def trades_of(run: Run) -> TradeTable:
    """Completed trades as the metrics need them; a profit counts at the rate of its close."""
    trades, ts = run.trades, run.panel.ts
    settles, close = settle_of(run, trades[:, o.TRADE_INSTRUMENT]), trades[:, o.TRADE_CLOSE]
    return TradeTable(
        open_ts=ts[trades[:, o.TRADE_OPEN]],
        close_ts=ts[close],
        pnl=reporting(run, trades[:, o.TRADE_PROFIT], settles, close),
        notional=reporting(run, trades[:, o.TRADE_NOTIONAL], settles, close),
    )


def costs_of(run: Run) -> CostTotals:
    """Value traded, fees and slippage of every fill."""
    fills = run.fills
    rows, settles = fills[:, o.FILL_ROW], settle_of(run, fills[:, o.FILL_INSTRUMENT])
    value = np.abs(reporting(run, fills[:, o.FILL_NOTIONAL], settles, rows))
    slip = slippage_bps(fills) * 1e-4
    ratio = fills[:, o.FILL_BASE] / np.maximum(fills[:, o.FILL_TICKS], 1)
    return CostTotals(
        traded=float(value.sum()),
        fees=float(reporting(run, fills[:, o.FILL_FEE], settles, rows).sum()),
        # slippage is a share of the bar's price, the value is at the fill's
        slippage=float((value * ratio * slip).sum()),
    )


def attribution_of(run: Run, uses: tuple[StrategyUse, ...]) -> dict[str, Any]:
    """The ``attribution`` block: where the change of equity came from."""
    fills, posts = run.fills, run.postings
    settles, rows = settle_of(run, fills[:, o.FILL_INSTRUMENT]), fills[:, o.FILL_ROW]
    profit = float(reporting(run, fills[:, o.FILL_PROFIT], settles, rows).sum())
    fees = float(reporting(run, fills[:, o.FILL_FEE], settles, rows).sum())
    posted = float(
        reporting(
            run, posts[:, o.POST_AMOUNT], posts[:, o.POST_CURRENCY], posts[:, o.POST_ROW]
        ).sum()
    )
    change = (int(run.equity[-1]) - run.decision.program.capital) / minor_units(run.decision)
    return {
        "fills": len(fills),
        "profit": profit,
        "fees": fees,
        "postings": posted,
        "since_last_fills": change - (profit - fees) - posted,
        "total": change,
        "by_strategy": {use.name: use.pnl for use in uses},
    }
