"""What trading cost, and what is left when it costs more."""

import polars as pl

from kedge.research.report.html import Html
from kedge.research.report.lookup import rows
from kedge.research.report.model import ReportInput
from kedge.research.report.numbers import bps, count, money, percent
from kedge.research.report.panels.frame import absent, block, columns, panel
from kedge.research.report.tables import Cell, Column, records, shown, table

NEEDED = frozenset({"quantity", "price", "fee", "slippage_bps", "reason"})


def render(report: ReportInput) -> Html:
    """Cost stress beside costs by the reason of the fill."""
    stress = rows(report.result, "stress")
    signed = frozenset({"cagr", "sharpe", "total_return"})
    stressed = (
        records("Results at multiplied costs", stress, signed)
        if stress
        else absent("No cost stress ran.")
    )
    left = block("Stress", stressed, "The run repeated with every cost multiplied.")
    return panel("costs", "Costs", columns(left, _by_reason(report)))


def _by_reason(report: ReportInput) -> Html:
    title = "Costs by reason of the fill"
    fills = report.fills
    if fills is None or NEEDED - set(fills.columns):
        return block(title, absent("This run kept no fills."))
    if fills.is_empty():
        return block(title, absent("There were no fills."))
    body = [_row(name, part, len(fills)) for name, part in _groups(fills)]
    heads = [
        Column("Reason", numeric=False), Column("Fills"), Column("Share"),
        Column(f"Value, {report.currency}"), Column("Fees"), Column("Slippage"),
    ]  # fmt: skip
    return block(title, table(title, heads, [*body, _row("All", fills, len(fills))], cls="summed"))


def _groups(fills: pl.DataFrame) -> list[tuple[str, pl.DataFrame]]:
    named = [(str(key[0]), part) for key, part in fills.group_by("reason", maintain_order=True)]
    return sorted(named, key=lambda pair: (-len(pair[1]), pair[0]))


def _row(name: str, fills: pl.DataFrame, total: int) -> list[Cell]:
    value = (fills["quantity"].cast(pl.Float64) * fills["price"].cast(pl.Float64)).abs()
    traded = float(value.sum())
    slipped = float((value * fills["slippage_bps"].cast(pl.Float64).fill_null(0.0)).sum())
    return [
        Cell(name),
        shown(len(fills), count),
        shown(len(fills) / total, percent(0)),
        shown(traded, money),
        shown(float(fills["fee"].cast(pl.Float64).sum()), money),
        shown(slipped / traded if traded > 0 else None, bps),
    ]
