"""What each instrument of a run traded, cost and earned."""

import numpy as np

from kedge.domain import state as o
from kedge.domain.panel import FRESH, TRADABLE
from kedge.research.exchange import reporting, settle_of
from kedge.research.report import InstrumentTotal
from kedge.research.run import Run
from kedge.research.slippage import slippage_bps
from kedge.research.totals import trades_of


def instruments_of(run: Run) -> tuple[InstrumentTotal, ...]:
    """One total per instrument; profit is that of completed trades."""
    trades, slip = trades_of(run), slippage_bps(run.fills)
    rows, who = run.fills[:, o.FILL_ROW], run.fills[:, o.FILL_INSTRUMENT]
    settles = settle_of(run, who)
    value = np.abs(reporting(run, run.fills[:, o.FILL_NOTIONAL], settles, rows))
    fees = reporting(run, run.fills[:, o.FILL_FEE], settles, rows)
    usable = (run.panel.flags & (TRADABLE | FRESH)) == (TRADABLE | FRESH)
    found = []
    for n, instrument in enumerate(run.panel.instruments):
        mine, closed = who == n, run.trades[:, o.TRADE_INSTRUMENT] == n
        pnl, traded = trades.pnl[closed], float(value[mine].sum())
        found.append(
            InstrumentTotal(
                symbol=instrument.symbol,
                pnl=float(pnl.sum()),
                trades=len(pnl),
                win_rate=float((pnl > 0).mean()) if len(pnl) else None,
                turnover=traded,
                fees=float(fees[mine].sum()),
                slippage_bps=float((value * slip)[mine].sum()) / traded if traded else None,
                tradable_share=float(usable[:, n].mean()),
            )
        )
    return tuple(found)
