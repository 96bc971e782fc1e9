"""The rule in vectorbt: two moving averages, ``from_signals``, and its metrics."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import vectorbt as vbt
from benchmarks.peers import measure


def prepare(job: measure.Job, bars: measure.Arrays) -> Callable[[], Any]:
    index = pd.DatetimeIndex(bars["ts"])
    close = pd.DataFrame(bars["close"], index=index)
    opened = pd.DataFrame(bars["open"], index=index)
    if close.shape[1] == 1:
        close, opened = close[0], opened[0]
    allowed = np.arange(len(index)) >= job.first
    shape = (-1,) if close.ndim == 1 and len(job.pairs) == 1 else (-1, 1)
    mask = allowed.reshape(shape)

    def call() -> Any:
        fast, slow = _averages(job, close)
        long = fast > slow
        # Decided at a close, filled at the next open.
        entries = (long & mask).vbt.signals.fshift(1)
        exits = (~long & mask).vbt.signals.fshift(1)
        shared = close.ndim == 2
        portfolio = vbt.Portfolio.from_signals(
            close, entries, exits, price=opened, size=job.weight, size_type="percent",
            fees=job.fee, init_cash=job.capital, freq=f"{job.interval_s}s",
            cash_sharing=shared, group_by=True if shared else None,
        )  # fmt: skip
        figures = (
            portfolio.total_return(),
            portfolio.sharpe_ratio(),
            portfolio.max_drawdown(),
            portfolio.trades.count(),
        )
        return portfolio, figures

    return call


def _averages(job: measure.Job, close: Any) -> tuple[Any, Any]:
    fasts = [fast for fast, _ in job.pairs]
    slows = [slow for _, slow in job.pairs]
    if len(job.pairs) == 1:
        fast, slow = vbt.MA.run(close, fasts[0]).ma, vbt.MA.run(close, slows[0]).ma
        if close.ndim == 2:
            fast.columns = slow.columns = close.columns
        return fast, slow
    # One average per distinct window, shared by the pairs that use it.
    windows = sorted({*fasts, *slows})
    averages = vbt.MA.run(close, windows).ma
    averages.columns = windows
    fast, slow = averages[fasts], averages[slows]
    fast.columns = slow.columns = pd.RangeIndex(len(job.pairs))
    return fast, slow


def answer(found: Any) -> tuple[dict[str, Any], np.ndarray]:
    portfolio, _ = found
    records = portfolio.trades.records
    exits = np.where(records["status"] == 1, records["exit_idx"], -1)
    side = np.where(records["direction"] == 0, 1, -1)
    trades = np.column_stack(
        [records["col"], records["entry_idx"], exits, side, records["size"],
         records["entry_price"], records["exit_price"]]
    )  # fmt: skip
    return {"equity": np.atleast_1d(portfolio.final_value()).tolist()}, trades


if __name__ == "__main__":
    measure.main(prepare, answer)
