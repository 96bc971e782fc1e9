"""``report.html`` of a session, in the style of a backtest's and just as self-contained."""

from collections.abc import Sequence
from typing import Any, Final

import polars as pl

from kedge.domain.reason import MEANING
from kedge.research.report.charts import Chart, Series, figure
from kedge.research.report.html import Content, Html, el
from kedge.research.report.numbers import (
    DASH,
    Format,
    bps,
    count,
    decimal,
    moment,
    percent,
    price,
    quantity,
    words,
)
from kedge.research.report.page import document, navigation
from kedge.research.report.panels.frame import absent, panel
from kedge.research.report.tables import Cell, Column, shown, table
from kedge.research.session.tables import Tables

MOST: Final = 500
"""Lines of a table in the page; all of them are in the files beside it."""
NAVIGATION: Final = (
    ("session", "Session"),
    ("curves", "Equity"),
    ("positions", "Positions"),
    ("decisions", "Decisions"),
    ("trades", "Trades"),
    ("limits", "Limits"),
    ("orders", "Orders"),
    ("refusals", "Refusals"),
    ("log", "Log"),
)
EMBEDDED: Final = "embedded"
_REASONS: Final = {reason.name.lower(): meaning for reason, meaning in MEANING.items()}
_SIGNED: Final = decimal(2, sign=True)
_EDGE: Final = decimal(1, sign=True)


def render(result: dict[str, Any], tables: Tables) -> str:
    """The report as one self-contained HTML document.

    Args:
        result: content of ``result.json``.
        tables: the files beside it.
    """
    session = result["session"]
    panels = [
        _heading(result), _curves(result, tables), _positions(session),
        _decisions(result), _trades(tables), _limits(result), _orders(tables),
        _refusals(tables), _log(tables),
    ]  # fmt: skip
    title = f"Session {session['lineage']} \N{MIDDLE DOT} kedge (paper)"
    badge = "Paper trading" if session["venue"] == EMBEDDED else session["venue"]
    said = f"For education and research; no promise of profit. Made by kedge {result['kedge']}."
    bar = navigation(NAVIGATION, badge)
    return document(title, "session", bar, panels, el("footer", said))


def _heading(result: dict[str, Any]) -> Html:
    session, metrics, code = result["session"], result["metrics"], result["currency"]
    span = f"{moment(session['from'])} to {moment(session['to'])} UTC" if session["rows"] else DASH
    figures: list[tuple[str, str]] = [
        (f"Equity, {code}", decimal(2)(session["equity"])),
        ("Total return", percent(2, sign=True)(metrics["total_return"])),
        ("Max. drawdown", percent(2)(metrics["max_drawdown"])),
        ("Orders", count(metrics["orders"])),
        ("Fills", count(metrics["fills"])),
        ("Trades", count(metrics["trades"])),
        ("Win rate", percent(0)(metrics["win_rate"])),
        (f"Fees, {code}", decimal(2)(metrics["fees"])),
        (f"Slippage, {code}", decimal(2)(metrics["slippage"])),
        ("Filled as maker", percent(0)(metrics["maker_share"])),
        ("Venue's answer to an order, median, s", decimal(3)(metrics["answer_p50_s"])),
        ("Venue's answer, 99th percentile, s", decimal(3)(metrics["answer_p99_s"])),
        ("Refused by the gate", count(metrics["refused_by_gate"])),
        ("Rejected by the venue", count(metrics["rejected_by_venue"])),
        ("Rows", count(session["rows"])),
        ("Starts", count(session["starts"])),
    ]
    rows = [[Cell(name), Cell(text)] for name, text in figures]
    heads = [Column("Figure", numeric=False), Column("Value")]
    made = table("Figures", heads, rows, cls="pairs said")
    lead = f"{', '.join(session['symbols'])} at {_venue(session)}, {span}."
    note = "A session is short: nothing here says whether there is an edge. A backtest does that."
    return panel("session", "Session", [made, el("p", note, cls="note")], lead)


def _venue(session: dict[str, Any]) -> str:
    return "the embedded venue" if session["venue"] == EMBEDDED else str(session["venue"])


def _curves(result: dict[str, Any], tables: Tables) -> Html:
    frame = tables.equity
    if len(frame) < 2:
        return panel("curves", "Equity and drawdown", absent("Fewer than two rows were decided."))
    ts = frame["ts"].dt.epoch("ns").to_numpy()
    values = {name: frame[name].to_numpy() for name in ("equity", "drawdown", "gross", "net")}
    charts = (
        Chart("equity", f"Equity, {result['currency']}", ts,
              (Series("Equity", values["equity"]),), "money", height=300),
        Chart("drawdown", "Drawdown from the high-water mark", ts,
              (Series("Drawdown", values["drawdown"], kind="area"),), "percent", height=170),
        Chart("exposure", "Exposure, share of equity", ts,
              (Series("Gross", values["gross"]), Series("Net", values["net"], 1)), "percent",
              height=170),
    )  # fmt: skip
    tools = el(
        "div",
        [
            el("div", None, id="spans", cls="spans", role="group", aria_label="Span of time"),
            el("p", "Drag to zoom, double-click to see everything.", id="chart-keys", cls="hint"),
            el("p", None, id="chart-voice", cls="quiet", aria_live="polite"),
        ],
        cls="tools",
    )
    return panel("curves", "Equity and drawdown", [tools, *(figure(chart) for chart in charts)])


def _positions(session: dict[str, Any]) -> Html:
    held = session["positions"]
    if not held:
        return panel("positions", "Positions at the end", absent("Nothing is held."))
    heads = [Column("Instrument", numeric=False), *map(Column, ("Quantity", "Average", "Price"))]
    rows = [
        [Cell(each["symbol"]), shown(each["quantity"], quantity), shown(each["average"], price),
         shown(each["price"], price)]
        for each in held
    ]  # fmt: skip
    return panel("positions", "Positions at the end", table("Positions", heads, rows))


def _decisions(result: dict[str, Any]) -> Html:
    """What the last row wanted of every instrument, and what bound it."""
    found, title = result["decisions"], "Last decisions"
    if not found:
        return panel("decisions", title, absent("No row was decided."))
    heads = [
        Column("Instrument", numeric=False), Column("What bound it", numeric=False),
        Column("Target"), Column("Held"), Column("Reason", numeric=False),
        *(Column(f"{view['strategy']}, bps") for view in found[0]["forecasts"]),
    ]  # fmt: skip
    rows = [
        [
            *(Cell(text) for text in (each["symbol"], words(each["meaning"]))),
            *(shown(each[name], quantity) for name in ("target", "held")),
            Cell(each["reason"]),
            *(shown(view["edge_bps"], _EDGE, True) for view in each["forecasts"]),
        ]
        for each in found
    ]
    when = moment(result["session"]["decided"])
    lead = f"Of the last row, {when} UTC, with the edge that each strategy forecast in it."
    return panel("decisions", title, table(title, heads, rows), lead)


_Field = tuple[str, str, Format | None, bool]
"""Title, column, format (None for text), signed."""


def _listed(
    key: str, title: str, frame: pl.DataFrame, fields: Sequence[_Field], file: str, none: str
) -> Html:
    """A table of the last rows of a frame."""
    if frame.is_empty():
        return panel(key, title, absent(none))
    heads = [Column(head, form is not None) for head, _, form, _ in fields]
    rows = [
        [_cell(row[column], form, signed) for _, column, form, signed in fields]
        for row in frame.tail(MOST).iter_rows(named=True)
    ]
    size = f"All {count(len(frame))}" if len(frame) <= MOST else (
        f"The last {count(MOST)} of {count(len(frame))}"
    )  # fmt: skip
    lead: Content = [f"{size}, times in UTC; see ", el("a", file, href=file), "."]
    made = table(title, heads, rows, key=f"{key}-table", cls="sortable tall")
    return panel(key, title, made, lead)


def _cell(value: Any, form: Format | None, signed: bool) -> Cell:
    if form is None:
        return Cell(DASH if value is None else str(value))
    if hasattr(value, "isoformat"):
        return Cell(f"{value:%Y-%m-%d %H:%M:%S}", value.timestamp())
    return shown(value, form, signed)


def _trades(tables: Tables) -> Html:
    fields: list[_Field] = [
        ("Entry", "entry_ts", count, False), ("Exit", "exit_ts", count, False),
        ("Instrument", "symbol", None, False), ("Side", "side", None, False),
        ("Quantity", "quantity", quantity, False), ("Entry price", "entry_price", price, False),
        ("Exit price", "exit_price", price, False), ("Profit", "pnl", _SIGNED, True),
        ("Return", "return", percent(2, sign=True), True), ("Fees", "fees", decimal(2), False),
        ("Exit reason", "reason", None, False),
    ]  # fmt: skip
    none = "No position was closed."
    said = tables.trades.with_columns(pl.col("reason").replace(_REASONS))
    return _listed("trades", "Trades, flat to flat", said, fields, "trades.parquet", none)


def _limits(result: dict[str, Any]) -> Html:
    heads = [Column("Last word", numeric=False), Column("Cells"), Column("Share")]
    rows = [
        [
            Cell(words(each["meaning"])),
            shown(each["bound"], count),
            shown(each["share"], percent(1)),
        ]
        for each in result["limits"]
    ]
    lead = "Every cell (one instrument in one row) has one final reason for the size of its target."
    if not rows:
        return panel("limits", "Limits", absent("No row was decided."))
    return panel("limits", "Limits", table("What decided", heads, rows, cls="said"), lead)


def _orders(tables: Tables) -> Html:
    fields: list[_Field] = [
        ("Sent", "ts", count, False), ("Id", "id", None, False),
        ("Instrument", "symbol", None, False), ("Side", "side", None, False),
        ("Type", "type", None, False), ("Quantity", "quantity", quantity, False),
        ("Price", "price", price, False), ("Filled", "filled", quantity, False),
        ("Average", "average", price, False), ("State", "state", None, False),
        ("Answer after, s", "wait_s", decimal(3), False),
        ("Slippage", "slippage_bps", bps, True), ("Shortfall", "shortfall_bps", bps, True),
        ("Fee", "fee", decimal(4), False), ("Reason", "reason", None, False),
    ]  # fmt: skip
    none = "No order was sent."
    return _listed("orders", "Orders", tables.orders, fields, "orders.parquet", none)


def _refusals(tables: Tables) -> Html:
    fields: list[_Field] = [
        ("Time", "ts", count, False), ("By", "by", None, False),
        ("Instrument", "symbol", None, False), ("Side", "side", None, False),
        ("Quantity", "quantity", quantity, False), ("Why", "words", None, False),
    ]  # fmt: skip
    none = "Nothing was refused."
    return _listed("refusals", "Refusals", tables.refusals, fields, "refusals.parquet", none)


def _log(tables: Tables) -> Html:
    fields: list[_Field] = [
        ("Time", "ts", count, False), ("What", "kind", None, False), ("Text", "text", None, False),
    ]  # fmt: skip
    return _listed("log", "Log", tables.notes, fields, "notes.parquet", "Nothing happened.")
