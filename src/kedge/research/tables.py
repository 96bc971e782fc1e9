"""The records of a run as tables: what the Parquet files beside a report hold.

Prices are in the quote currency, quantities in base units (shares, coins), fees
and profits of fills in the instrument's settlement currency. Each number is the
float64 nearest to the exact decimal. Times are UTC instants in nanoseconds.
"""

from fractions import Fraction

import numpy as np
import polars as pl

from kedge.domain import state as o
from kedge.domain.panel import F64, I64, Panel
from kedge.research.account import minor_units
from kedge.research.exchange import in_units, settle_of
from kedge.research.run import Run
from kedge.research.settlement import dates_of_fills
from kedge.research.slippage import slippage_bps
from kedge.research.words import POSTINGS, reason_name

UTC = pl.Datetime("ns", "UTC")


def instants(ts: I64) -> pl.Series:
    """Nanoseconds since 1970 as UTC instants."""
    return pl.Series("ts", ts, dtype=pl.Int64).cast(pl.Datetime("ns")).dt.replace_time_zone("UTC")


def equity_table(run: Run) -> pl.DataFrame:
    """One row per row of the panel.

    ``equity`` and ``cash`` in reporting currency; ``gross`` and ``net`` exposure as
    fractions of equity; ``drawdown`` from the high-water mark, zero or negative.
    """
    scale = minor_units(run.decision)
    equity = run.equity / scale
    peak = np.maximum.accumulate(np.maximum(equity, run.decision.program.capital / scale))
    return pl.DataFrame(
        {
            "ts": instants(run.panel.ts),
            "equity": equity,
            "cash": run.rows[:, o.ROW_CASH] / scale,
            "gross": gross_exposure(run),
            "net": net_exposure(run),
            "drawdown": equity / peak - 1.0,
        }
    )


def gross_exposure(run: Run) -> F64:
    """(T,) gross exposure as a fraction of equity; 0 where nothing is left of it."""
    return _share(run.rows[:, o.ROW_GROSS], run.equity)


def net_exposure(run: Run) -> F64:
    """(T,) net exposure: what of the equity is not cash; 0 where nothing is left of it."""
    return _share(run.equity - run.rows[:, o.ROW_CASH], run.equity)


def _share(part: I64, equity: I64) -> F64:
    share = np.zeros(len(equity))
    np.divide(part, equity, out=share, where=equity > 0)
    return share


def fills_table(run: Run) -> pl.DataFrame:
    """One row per fill, in the order in which they were booked."""
    fills = run.fills
    traded, settled = dates_of_fills(run)
    who, lots = fills[:, o.FILL_INSTRUMENT], fills[:, o.FILL_LOTS]
    settles = settle_of(run, who)
    codes = [reason_name(int(code)) for code in fills[:, o.FILL_REASON]]
    return pl.DataFrame(
        {
            "fill_id": np.arange(len(fills), dtype=np.int64),
            "ts": instants(run.panel.ts[fills[:, o.FILL_ROW]]),
            "symbol": _symbols(run.panel, who),
            "side": pl.Series(np.where(lots > 0, "buy", "sell"), dtype=pl.String),
            "quantity": quantities(run.panel, who, np.abs(lots)),
            "price": prices(run.panel, who, fills[:, o.FILL_TICKS]),
            "fee": in_units(run, fills[:, o.FILL_FEE], settles),
            "slippage_bps": slippage_bps(fills),
            "reason": pl.Series(codes, dtype=pl.String),
            "profit": in_units(run, fills[:, o.FILL_PROFIT], settles),
            "trade_date": traded,
            "settle_date": settled,
        }
    )


def attribution_table(run: Run) -> pl.DataFrame:
    """One row per fill and strategy with a share in it; quantities are signed."""
    names = [bound.name for bound in run.decision.strategies]
    taken = run.attribution[:, : len(names)]
    fill, strategy = np.nonzero((taken != 0).any(axis=2))
    shares = taken[fill, strategy]
    who = run.fills[fill, o.FILL_INSTRUMENT]
    settles = settle_of(run, who)
    return pl.DataFrame(
        {
            "fill_id": fill.astype(np.int64),
            "strategy": pl.Series([names[s] for s in strategy], dtype=pl.String),
            "quantity": quantities(run.panel, who, shares[:, o.ATTR_QUANTITY]),
            "fee": in_units(run, shares[:, o.ATTR_FEE], settles),
            "pnl": in_units(run, shares[:, o.ATTR_PNL], settles),
        }
    )


def postings_table(run: Run) -> pl.DataFrame:
    """Cash that moved besides fills: dividends, interest, borrow, funding, exchange."""
    posts = run.postings
    codes = run.decision.program.currencies
    who = posts[:, o.POST_INSTRUMENT]
    symbols = [run.panel.symbols[n] if n >= 0 else None for n in who]
    return pl.DataFrame(
        {
            "ts": instants(run.panel.ts[posts[:, o.POST_ROW]]),
            "kind": pl.Series([POSTINGS[int(k)] for k in posts[:, o.POST_KIND]], dtype=pl.String),
            "currency": pl.Series([codes[c] for c in posts[:, o.POST_CURRENCY]], dtype=pl.String),
            "amount": in_units(run, posts[:, o.POST_AMOUNT], posts[:, o.POST_CURRENCY]),
            "symbol": pl.Series(symbols, dtype=pl.String),
        }
    )


def quantities(panel: Panel, who: I64, lots: I64) -> F64:
    """Lots as base units of each instrument number, nearest float64."""
    return _exact(lots, who, [Fraction(i.lot) for i in panel.instruments])


def prices(panel: Panel, who: I64, ticks: I64) -> F64:
    """Ticks as quote currency of each instrument number, nearest float64."""
    return _exact(ticks, who, [Fraction(i.tick) for i in panel.instruments])


def _exact(counts: I64, who: I64, units: list[Fraction]) -> F64:
    """Counts times their units, rounded once: both sides of the division are whole numbers."""
    above = np.array([u.numerator for u in units], dtype=np.float64)
    below = np.array([u.denominator for u in units], dtype=np.float64)
    return np.asarray(counts * above[who] / below[who], np.float64)


def _symbols(panel: Panel, who: I64) -> pl.Series:
    return pl.Series([panel.symbols[n] for n in who], dtype=pl.String)
