"""Trades, flat to flat: the first of them, sortable and filtered."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from kedge.research.report.derive import DAY_NS
from kedge.research.report.html import Html, el
from kedge.research.report.model import ReportInput
from kedge.research.report.numbers import (
    DASH,
    Format,
    count,
    decimal,
    duration,
    known,
    moment,
    percent,
    price,
    quantity,
)
from kedge.research.report.panels.frame import absent, panel
from kedge.research.report.tables import Cell, Column, shown, table

MOST: Final = 500
"""Trades in the page; the rest are in the files beside it."""

SECOND: Final = 1_000_000_000


@dataclass(frozen=True, slots=True)
class _Field:
    column: Column
    needs: tuple[str, ...]
    cell: Callable[..., Cell]


def _text(value: Any) -> Cell:
    return Cell(DASH if value is None else str(value))


def _when(value: Any) -> Cell:
    if value is None:
        return Cell(DASH)
    midnight = int(value) % DAY_NS == 0
    return Cell(moment(int(value), clock=not midnight), float(value))


def _held(entry: Any, leave: Any) -> Cell:
    seconds = None if entry is None or leave is None else (int(leave) - int(entry)) / SECOND
    return shown(seconds, duration)


def _as(form: Format, signed: bool = False) -> Callable[[Any], Cell]:
    return lambda value: shown(known(value), form, signed)


FIELDS: Final = (
    _Field(Column("Entry"), ("entry_ts",), _when),
    _Field(Column("Exit"), ("exit_ts",), _when),
    _Field(Column("Instrument", numeric=False), ("symbol",), _text),
    _Field(Column("Side", numeric=False), ("side",), _text),
    _Field(Column("Held"), ("entry_ts", "exit_ts"), _held),
    _Field(Column("Quantity"), ("quantity",), _as(quantity)),
    _Field(Column("Entry price"), ("entry_price",), _as(price)),
    _Field(Column("Exit price"), ("exit_price",), _as(price)),
    _Field(Column("Profit"), ("pnl",), _as(decimal(2, sign=True), signed=True)),
    _Field(Column("Return"), ("return",), _as(percent(2, sign=True), signed=True)),
    _Field(Column("Fees"), ("fees",), _as(decimal(2))),
    _Field(Column("Exit reason", numeric=False), ("reason",), _text),
)


def render(report: ReportInput) -> Html:
    """The table with its filter, how many there are in all, and where they are."""
    trades = report.trades
    if trades is None:
        return panel("trades", "Trades", absent("This run kept no trades."))
    if trades.is_empty():
        return panel("trades", "Trades", absent("There were no trades."))
    fields = [f for f in FIELDS if set(f.needs) <= set(trades.columns)]
    body = [
        [field.cell(*(row[name] for name in field.needs)) for field in fields]
        for row in trades.head(MOST).iter_rows(named=True)
    ]
    heads = [field.column for field in fields]
    made = table("Trades, flat to flat", heads, body, key="trade-table", cls="sortable tall")
    return panel("trades", "Trades", [_filter(len(body)), made], _lead(len(body), len(trades)))


def _lead(listed: int, total: int) -> list[str | Html | None]:
    size = f"All {count(total)} trades" if listed == total else (
        f"The first {count(listed)} of {count(total)} trades"
    )  # fmt: skip
    link = el("a", "fills.parquet", href="fills.parquet")
    return [f"{size}, flat to flat, times in UTC. Every fill is in ", link, " beside this page."]


def _filter(listed: int) -> Html:
    box = el("input", type="search", id="trade-filter", aria_controls="trade-table",
             data_status="trade-status", placeholder="symbol, side, reason, date",
             autocomplete="off")  # fmt: skip
    return el(
        "p",
        [
            el("label", "Filter ", for_="trade-filter"),
            box,
            el("output", f"{listed} rows", id="trade-status", for_="trade-filter"),
        ],
        cls="filter",
    )
