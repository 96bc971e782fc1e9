"""Tables with aligned numbers, a caption and, where wanted, sortable columns."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from kedge.research.report.html import Content, Html, el
from kedge.research.report.lookup import Node, number, text
from kedge.research.report.numbers import (
    DASH,
    Format,
    bps,
    count,
    decimal,
    duration,
    known,
    money,
    percent,
    ratio,
    words,
)


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its head, whether it holds numbers, and a longer explanation."""

    title: str
    numeric: bool = True
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell: what is shown, the number it sorts by, its classes and style."""

    content: Content
    value: float | None = None
    cls: str = ""
    style: str | None = None


def shown(value: float | None, form: Format, signed: bool = False) -> Cell:
    """A number as a cell; ``signed`` colours gains and losses that are not printed as zero."""
    printed, number = form(value), known(value)
    visible = signed and number is not None and any(c in "123456789" for c in printed)
    tone = "" if not visible else "gain" if (number or 0.0) > 0 else "loss"
    return Cell(printed, number, tone)


def table(
    caption: str,
    columns: Sequence[Column],
    rows: Iterable[Sequence[Cell]],
    *,
    key: str | None = None,
    cls: str = "",
    hide_caption: bool = True,
) -> Html:
    """A table inside its own scrolling region; the first cell heads its row, left-aligned.

    Args:
        caption: what the table holds, read out by screen readers.
        columns: heads.
        rows: cells, as many as there are columns.
        key: the table's id.
        cls: further classes, such as ``sortable``.
        hide_caption: keeps the caption for screen readers only.
    """
    head = [
        el("th", c.title, scope="col", cls="num" if c.numeric and k else None, title=c.hint or None)
        for k, c in enumerate(columns)
    ]
    body = [el("tr", [_cell(c, columns[k].numeric, k == 0) for k, c in enumerate(r)]) for r in rows]
    inner = el(
        "table",
        [
            el("caption", caption, cls="quiet" if hide_caption else None),
            el("thead", el("tr", head)),
            el("tbody", body),
        ],
        id=key,
        cls=cls or None,
    )
    return el("div", inner, cls="scroll", tabindex=0, role="region", aria_label=caption)


def _cell(cell: Cell, numeric: bool, heads_row: bool) -> Html:
    classes = " ".join(filter(None, ["num" if numeric and not heads_row else "", cell.cls]))
    sort = None if not numeric else "" if cell.value is None else f"{cell.value:.10g}"
    return el(
        "th" if heads_row else "td",
        cell.content,
        scope="row" if heads_row else None,
        cls=classes or None,
        data_v=sort,
        style=cell.style,
    )


FIELDS: Final[dict[str, tuple[str, Format]]] = {
    "total_return": ("Total return", percent(1)),
    "cagr": ("CAGR", percent(1)),
    "volatility": ("Volatility", percent(1)),
    "sharpe": ("Sharpe", ratio),
    "sharpe_low": ("Sharpe, low", ratio),
    "sharpe_high": ("Sharpe, high", ratio),
    "sortino": ("Sortino", ratio),
    "calmar": ("Calmar", ratio),
    "max_drawdown": ("Max. drawdown", percent(1)),
    "win_rate": ("Win rate", percent(1)),
    "profit_factor": ("Profit factor", ratio),
    "average_trade": ("Average trade", percent(2, sign=True)),
    "average_trade_duration_s": ("Average holding time", duration),
    "trades": ("Trades", count),
    "turnover": ("Turnover, yearly", decimal(1, unit="\N{MULTIPLICATION SIGN}")),
    "fees": ("Fees", money),
    "slippage": ("Slippage", money),
    "slippage_bps": ("Slippage", bps),
    "cost": ("Costs", money),
    "multiplier": ("Costs", decimal(1, unit="\N{MULTIPLICATION SIGN}")),
    "change": ("Change", percent(0, sign=True)),
    "rows": ("Rows late", count),
    "noise": ("Noise", percent(2)),
    "seed": ("Seed", count),
    "resamples": ("Resamples", count),
    "p1": ("1%", decimal(3)),
    "p5": ("5%", decimal(3)),
    "p25": ("25%", decimal(3)),
    "p50": ("50%", decimal(3)),
    "p75": ("75%", decimal(3)),
    "p95": ("95%", decimal(3)),
    "p99": ("99%", decimal(3)),
}
"""How fields of ``result.json`` are headed and printed."""


def field_title(name: str) -> str:
    """The head of a field of ``result.json``."""
    return FIELDS[name][0] if name in FIELDS else words(name)


def field_format(name: str) -> Format:
    """The format of a field of ``result.json``; two decimals when unknown."""
    return FIELDS[name][1] if name in FIELDS else decimal(2)


def records(caption: str, rows: Sequence[Node], signed: frozenset[str] = frozenset()) -> Html:
    """Flat mappings as a table: columns are their keys, in order of appearance.

    A column is numeric when no row holds text in it.
    """
    names = list(dict.fromkeys(name for row in rows for name in row))
    textual = {name for name in names if any(isinstance(row.get(name), str) for row in rows)}
    columns = [Column(field_title(name), name not in textual) for name in names]

    def cell(row: Node, name: str) -> Cell:
        if name in textual:
            said = text(row, name)
            return Cell(field_title(said) if said in FIELDS else said or DASH)
        form = _row_format(row) if name in _PERCENTILES else field_format(name)
        return shown(number(row, name), form, name in signed)

    return table(caption, columns, [[cell(row, name) for name in names] for row in rows])


_PERCENTILES: Final = frozenset({"p1", "p5", "p25", "p50", "p75", "p95", "p99"})


def _row_format(row: Node) -> Format:
    """Percentiles are printed like the quantity that their row is about."""
    return field_format(text(row, "quantity"))
