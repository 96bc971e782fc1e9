"""What each strategy contributed."""

from kedge.research.report.charts import Chart, Series, figure
from kedge.research.report.derive import align
from kedge.research.report.html import Content, Html
from kedge.research.report.model import ReportInput, StrategyTotal
from kedge.research.report.numbers import bps, count, money, percent, signed_money
from kedge.research.report.panels.frame import absent, panel
from kedge.research.report.tables import Cell, Column, shown, table

MOST_CURVES = 8


def render(report: ReportInput) -> Html:
    """Cumulative profit by strategy, and totals that sum to the fills'."""
    if not report.strategies:
        why = "This run kept no attribution by strategy."
        return panel("strategies", "Strategies", absent(why))
    lead = (
        "Orders are netted, so a fill belongs to several strategies: each one's share is its "
        "signed contribution to the change of the target. Shares sum to the fills exactly."
    )
    return panel("strategies", "Strategies", [_chart(report), _totals(report)], lead)


def _chart(report: ReportInput) -> Content:
    kept = [s for s in report.strategies if s.curve is not None]
    lines = [
        Series(s.name, align(s.curve, report.equity.ts), k)
        for k, s in enumerate(kept[:MOST_CURVES])
        if s.curve is not None
    ]
    if not lines:
        return absent("This run kept no profit curve by strategy.")
    title = f"Cumulative profit after fees, {report.currency} (simulated)"
    if len(kept) > MOST_CURVES:
        title += f": the first {MOST_CURVES} of {len(kept)}"
    return figure(Chart("strategies", title, report.equity.ts, tuple(lines), "money", height=240))


def _totals(report: ReportInput) -> Html:
    earned = sum(s.pnl for s in report.strategies)
    heads = [
        Column("Strategy", numeric=False), Column("Profit"), Column("Share of profit"),
        Column("Fees"), Column("Turnover"), Column("Fills"), Column("Profit per turnover"),
    ]  # fmt: skip
    body = [_row(s, earned) for s in report.strategies]
    caption = f"Attribution by strategy, {report.currency}"
    return table(caption, heads, body, cls="sortable", key="strategy-table")


def _row(strategy: StrategyTotal, earned: float) -> list[Cell]:
    share = strategy.pnl / earned if earned > 0 else None
    yielded = 1e4 * strategy.pnl / strategy.turnover if strategy.turnover > 0 else None
    return [
        Cell(strategy.name),
        shown(strategy.pnl, signed_money, signed=True),
        shown(share, percent(0)),
        shown(strategy.fees, money),
        shown(strategy.turnover, money),
        shown(strategy.fills, count),
        shown(yielded, bps),
    ]
