"""Key figures with their intervals, and the comparison with benchmarks."""

from typing import Final

from kedge.research.report.html import Html, el
from kedge.research.report.lookup import Node, number, section, span
from kedge.research.report.model import ReportInput
from kedge.research.report.numbers import DASH, Format, money, percent, ratio, words
from kedge.research.report.panels.frame import absent, panel
from kedge.research.report.tables import Cell, Column, field_format, field_title, shown, table

ROWS: Final = (
    "total_return", "cagr", "volatility", "sharpe", "sortino", "calmar", "max_drawdown",
    "win_rate", "profit_factor", "average_trade", "average_trade_duration_s", "trades",
    "turnover", "fees", "slippage",
)  # fmt: skip


def render(report: ReportInput) -> Html:
    """Six headline figures and the full table."""
    metrics = section(report.result, "metrics")
    if not metrics:
        return panel("figures", "Key figures", absent("This result holds no metrics."))
    tiles = el("dl", _tiles(report, metrics), cls="tiles")
    lead = (
        "Annualised from daily equity. Brackets are 95% bootstrap intervals; for the maximum "
        "drawdown they are a resampling range, not a confidence interval."
    )
    return panel("figures", "Key figures", [tiles, _comparison(report, metrics)], lead)


def _tiles(report: ReportInput, metrics: Node) -> list[Html]:
    intervals = section(report.result, "intervals")
    fees, slippage = number(metrics, "fees"), number(metrics, "slippage")
    paid = None if fees is None and slippage is None else (fees or 0.0) + (slippage or 0.0)
    return [
        _tile("Sharpe ratio", number(metrics, "sharpe"), ratio, span(intervals, "sharpe")),
        _tile("CAGR", number(metrics, "cagr"), percent(1), span(intervals, "cagr")),
        _tile(
            "Max. drawdown", number(metrics, "max_drawdown"), percent(1),
            span(intervals, "max_drawdown"),
        ),
        _tile("Volatility", number(metrics, "volatility"), percent(1), None),
        _tile("Total return", number(metrics, "total_return"), percent(1), None),
        _tile(f"Fees and slippage, {report.currency}", paid, money, None),
    ]  # fmt: skip


def _tile(name: str, value: float | None, form: Format, around: tuple[float, float] | None) -> Html:
    interval = None
    if around:
        between = el("small", f"[{form(around[0])}, {form(around[1])}]")
        interval = [between, _whisker(value, around)]
    return el("div", [el("dt", name), el("dd", [el("b", form(value)), interval])])


def _whisker(value: float | None, around: tuple[float, float]) -> Html | None:
    """The interval as a bar with the value and zero marked."""
    low, high = min(around), max(around)
    least, most = min(low, 0.0), max(high, 0.0)
    width = most - least
    if value is None or width <= 0:
        return None

    def place(x: float) -> str:
        return f"{100.0 * (min(max(x, least), most) - least) / width:.1f}%"

    style = f"--low:{place(low)};--high:{place(high)};--at:{place(value)};--zero:{place(0.0)}"
    return el("span", [el("i", cls="zero"), el("i", cls="range"), el("i", cls="at")],
              cls="whisker", style=style, aria_hidden="true")  # fmt: skip


def _comparison(report: ReportInput, metrics: Node) -> Html:
    benchmarks = section(report.result, "benchmark")
    others = [(name, section(benchmarks, name)) for name in benchmarks]
    others = [(name, node) for name, node in others if node]
    intervals = section(report.result, "intervals")
    heads = [Column("Metric", numeric=False), Column("Strategy"), Column("95% interval")]
    heads += [Column(words(name)) for name, _ in others]
    body = []
    for name in (*ROWS, *(key for key in metrics if key not in ROWS)):
        if not any(name in node for node in (metrics, *(node for _, node in others))):
            continue
        form = field_format(name)
        around = span(intervals, name)
        between = f"{form(around[0])} to {form(around[1])}" if around else DASH
        cells = [Cell(field_title(name)), Cell(form(number(metrics, name)), cls="own")]
        cells.append(Cell(between if around else "", cls="soft"))
        body.append([*cells, *(shown(number(node, name), form) for _, node in others)])
    return table("Metrics of the strategy and its benchmarks", heads, body, cls="compare")
