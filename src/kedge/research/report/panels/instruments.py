"""What each instrument contributed."""

from kedge.research.report.html import Html
from kedge.research.report.model import InstrumentTotal, ReportInput
from kedge.research.report.numbers import bps, count, money, percent, signed_money
from kedge.research.report.panels.frame import absent, panel
from kedge.research.report.tables import Cell, Column, shown, table


def render(report: ReportInput) -> Html:
    """One sortable row per instrument; a column that nobody knows is left out."""
    if not report.instruments:
        why = "This run kept no totals by instrument."
        return panel("instruments", "Instruments", absent(why))
    heads = [
        Column("Instrument", numeric=False), Column("Profit"), Column("Trades"),
        Column("Win rate"), Column("Turnover"), Column("Fees"), Column("Slippage"),
        Column("Peak weight"), Column("Tradable", hint="Share of rows in which it could trade"),
    ]  # fmt: skip
    caption = f"Totals by instrument, {report.currency}"
    body = [_row(total) for total in report.instruments]
    kept = [k for k in range(len(heads)) if k == 0 or any(row[k].value is not None for row in body)]
    heads, body = [heads[k] for k in kept], [[row[k] for k in kept] for row in body]
    tall = " tall" if len(body) > 25 else ""
    made = table(caption, heads, body, cls=f"sortable{tall}", key="instrument-table")
    return panel("instruments", "Instruments", made)


def _row(total: InstrumentTotal) -> list[Cell]:
    return [
        Cell(total.symbol),
        shown(total.pnl, signed_money, signed=True),
        shown(total.trades, count),
        shown(total.win_rate, percent(0)),
        shown(total.turnover, money),
        shown(total.fees, money),
        shown(total.slippage_bps, bps),
        shown(total.peak_weight, percent(1)),
        shown(total.tradable_share, percent(0)),
    ]
