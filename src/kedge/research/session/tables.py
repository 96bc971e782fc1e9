"""A session's story as tables; times are UTC instants, amounts in the reporting currency."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import polars as pl

from kedge.domain.money import currency
from kedge.research.session.story import Story
from kedge.research.tables import UTC

_TEXT, _REAL, _WHOLE = pl.String, pl.Float64, pl.Int64

FILLS = {
    "fill_id": _WHOLE, "ts": _WHOLE, "symbol": _TEXT, "side": _TEXT, "quantity": _REAL,
    "price": _REAL, "fee": _REAL, "slippage_bps": _REAL, "reason": _TEXT, "maker": pl.Boolean,
    "order": _TEXT, "trade": _TEXT,
}  # fmt: skip
ORDERS = {
    "id": _TEXT, "ts": _WHOLE, "symbol": _TEXT, "side": _TEXT, "type": _TEXT, "quantity": _REAL,
    "price": _REAL, "filled": _REAL, "average": _REAL, "state": _TEXT, "wait_s": _REAL,
    "slippage_bps": _REAL, "shortfall_bps": _REAL, "fee": _REAL, "reason": _TEXT, "intent": _WHOLE,
}  # fmt: skip
REFUSALS = {
    "ts": _WHOLE, "by": _TEXT, "symbol": _TEXT, "side": _TEXT, "quantity": _REAL, "why": _TEXT,
    "limit": _REAL, "value": _REAL, "words": _TEXT,
}  # fmt: skip
TRADES = {
    "entry_ts": _WHOLE, "exit_ts": _WHOLE, "symbol": _TEXT, "side": _TEXT, "quantity": _REAL,
    "entry_price": _REAL, "exit_price": _REAL, "pnl": _REAL, "return": _REAL, "fees": _REAL,
    "reason": _TEXT,
}  # fmt: skip
NOTES = {"ts": _WHOLE, "kind": _TEXT, "text": _TEXT}


class Tables(NamedTuple):
    """The Parquet files beside a report, by name."""

    equity: pl.DataFrame
    fills: pl.DataFrame
    orders: pl.DataFrame
    trades: pl.DataFrame
    refusals: pl.DataFrame
    notes: pl.DataFrame


def tables_of(story: Story, code: str, capital: float) -> Tables:
    """Every table.

    Args:
        story: of the session.
        code: reporting currency.
        capital: equity before the first row.
    """
    return Tables(
        equity_of(story, code, capital),
        _frame(story.fills, FILLS, "ts"),
        _frame(list(story.orders.values()), ORDERS, "ts"),
        _frame(story.trips.done, TRADES, "entry_ts", "exit_ts"),
        _frame(story.refusals, REFUSALS, "ts"),
        _frame(story.notes, NOTES, "ts"),
    )


def equity_of(story: Story, code: str, capital: float) -> pl.DataFrame:
    """One line a decided row: ``ts, equity, cash, gross, net, drawdown``, as a backtest's."""
    table = np.array(story.rows, np.int64).reshape(-1, 4)
    unit = 10.0 ** -currency(code).digits
    equity, cash, gross = (table[:, k] * unit for k in (1, 2, 3))
    peak = np.maximum.accumulate(np.maximum(equity, capital))
    whole = np.where(equity > 0, equity, np.nan)
    return pl.DataFrame(
        {
            "ts": pl.Series(table[:, 0], dtype=pl.Int64),
            "equity": equity,
            "cash": cash,
            "gross": np.nan_to_num(gross / whole),
            "net": np.nan_to_num((equity - cash) / whole),
            "drawdown": equity / peak - 1.0,
        }
    ).with_columns(_instant("ts"))


def _frame(rows: Sequence[dict[str, Any]], columns: dict[str, Any], *times: str) -> pl.DataFrame:
    found = {name: [row[name] for row in rows] for name in columns}
    frame = pl.DataFrame(found, schema=columns)
    return frame.with_columns(*(_instant(name) for name in times))


def _instant(name: str) -> pl.Expr:
    return pl.col(name).cast(pl.Datetime("ns")).dt.replace_time_zone("UTC").cast(UTC)
