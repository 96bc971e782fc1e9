"""Trades, flat to flat, with the prices and quantities of the fills they are made of."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl

from kedge.domain import state as o
from kedge.domain.panel import F64, I64, EventKind
from kedge.research.exactness import before_events, split_lots
from kedge.research.exchange import reporting, settle_of
from kedge.research.run import Run
from kedge.research.tables import instants, prices, quantities
from kedge.research.words import reason_name


@dataclass(slots=True)
class _Open:
    """What a trade has gathered so far, in lots and lot-ticks."""

    entered: int = 0
    entry_value: int = 0
    left: int = 0
    exit_value: int = 0
    reason: int = 0


def trades_table(run: Run) -> pl.DataFrame:
    """One row per completed trade, in the order in which they closed.

    ``quantity`` is what was bought (or sold short) in all, the prices are averages
    over the fills of that side, raw as they were on their day; ``pnl`` is all cash
    since flat, dividends among it, in reporting currency at the rate of the close.
    """
    trades = run.trades
    who, close = trades[:, o.TRADE_INSTRUMENT], trades[:, o.TRADE_CLOSE]
    settles = settle_of(run, who)
    pnl = reporting(run, trades[:, o.TRADE_PROFIT], settles, close)
    notional = reporting(run, trades[:, o.TRADE_NOTIONAL], settles, close)
    made = _executions(run)
    return pl.DataFrame(
        {
            "symbol": pl.Series([run.panel.symbols[n] for n in who], dtype=pl.String),
            "side": pl.Series(
                np.where(trades[:, o.TRADE_SIDE] > 0, "long", "short"), dtype=pl.String
            ),
            "entry_ts": instants(run.panel.ts[trades[:, o.TRADE_OPEN]]),
            "exit_ts": instants(run.panel.ts[close]),
            "quantity": quantities(run.panel, who, np.array([m.entered for m in made], np.int64)),
            "entry_price": _average(run, who, [(m.entry_value, m.entered) for m in made]),
            "exit_price": _average(run, who, [(m.exit_value, m.left) for m in made]),
            "pnl": pnl,
            "return": np.divide(pnl, notional, out=np.zeros(len(pnl)), where=notional > 0),
            "fees": reporting(run, trades[:, o.TRADE_FEES], settles, close),
            "notional": notional,
            "reason": pl.Series([reason_name(m.reason) for m in made], dtype=pl.String),
        }
    )


def _average(run: Run, who: I64, sums: list[tuple[int, int]]) -> F64:
    ticks = np.array([value / lots if lots else np.nan for value, lots in sums], np.float64)
    return prices(run.panel, who, ticks)  # type: ignore[arg-type]  # an average tick is no whole one


def _executions(run: Run) -> list[_Open]:
    """The fills of each trade, in the order of ``run.trades``.

    Trades of an instrument close in the order of its fills, so the n-th completed
    trade of the replay is the n-th record of that instrument.
    """
    replayed = {
        n: list(_replay(run, n)) for n in np.unique(run.trades[:, o.TRADE_INSTRUMENT]).tolist()
    }
    taken = dict.fromkeys(replayed, 0)
    found = []
    for n in run.trades[:, o.TRADE_INSTRUMENT].tolist():
        found.append(replayed[n][taken[n]])
        taken[n] += 1
    return found


def _replay(run: Run, n: int) -> Iterator[_Open]:
    """Completed trades of one instrument from its fills and splits."""
    lots, now = 0, _Open()
    splits = [e for e in run.panel.events if e["kind"] == int(EventKind.SPLIT) and e["index"] == n]
    for fill in run.fills[run.fills[:, o.FILL_INSTRUMENT] == n].tolist():
        while splits and not before_events(fill, int(splits[0]["row"])):
            lots = split_lots(lots, splits.pop(0))
        change, ticks = fill[o.FILL_LOTS], fill[o.FILL_TICKS]
        closing = min(abs(change), abs(lots)) if change * lots < 0 else 0
        if closing:
            now.left += closing
            now.exit_value += closing * ticks
            now.reason = fill[o.FILL_REASON]
        lots += change
        if closing and lots * change >= 0:
            yield now
            now = _Open()
        opening = abs(change) - closing
        now.entered += opening
        now.entry_value += opening * ticks
