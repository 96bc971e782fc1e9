"""Equity, drawdown, exposure and rolling Sharpe over one axis of time."""

import numpy as np

from kedge.research.report.charts import Chart, Series, figure
from kedge.research.report.derive import align, by_day, rolling_sharpe, underwater, worst_drawdowns
from kedge.research.report.html import Html, el
from kedge.research.report.model import F64, ReportInput
from kedge.research.report.numbers import DASH, duration, moment, percent
from kedge.research.report.panels.frame import absent, block, panel
from kedge.research.report.tables import Cell, Column, shown, table

WORST = 5


def render(report: ReportInput) -> Html:
    """The charts, the table of drawdowns, and how to read them."""
    keys = (
        "Drag to zoom, double-click to see everything; arrow keys move the crosshair, + and "
        "\N{MINUS SIGN} zoom, Esc resets. All charts share one axis of time."
    )
    tools = el(
        "div",
        [
            el("div", None, id="spans", cls="spans", role="group", aria_label="Span of time"),
            el("p", keys, id="chart-keys", cls="hint"),
            el("p", None, id="chart-voice", cls="quiet", aria_live="polite"),
        ],
        cls="tools",
    )
    charts = [figure(_equity(report)), figure(_drawdown(report)), _worst(report)]
    return panel(
        "curves",
        "Equity, drawdown and exposure",
        [tools, *charts, figure(_exposure(report)), _rolling(report)],
    )


def _benchmarks(report: ReportInput) -> list[tuple[str, F64]]:
    return [(curve.name, align(curve, report.equity.ts)) for curve in report.benchmarks]


def _equity(report: ReportInput) -> Chart:
    lines = [Series("Strategy", report.equity.equity)]
    others = enumerate(_benchmarks(report), start=1)
    lines += [Series(name, values, colour) for colour, (name, values) in others]
    title = f"Equity, {report.currency} (simulated)"
    return Chart("equity", title, report.equity.ts, tuple(lines), "money", log=True, height=340)


def _drawdown(report: ReportInput) -> Chart:
    lines = [Series("Strategy", report.equity.drawdown, kind="area")]
    others = enumerate(_benchmarks(report)[:1], start=1)
    lines += [Series(name, underwater(values), colour) for colour, (name, values) in others]
    title = "Drawdown from the high-water mark"
    return Chart("drawdown", title, report.equity.ts, tuple(lines), "percent", height=190)


def _exposure(report: ReportInput) -> Chart:
    equity = report.equity
    net, gross = by_day(equity.ts, equity.net), by_day(equity.ts, equity.gross)
    if 2 * len(net.ts) <= len(equity.ts):
        return Chart(
            "exposure",
            "Exposure, share of equity (mean of the day; bands hold every row)",
            net.ts,
            (
                Series("Gross", gross.mean, 0),
                Series("Net", net.mean, 1),
                Series("Gross, range", gross.low, 0, "band", gross.high),
                Series("Net, range", net.low, 1, "band", net.high),
            ),
            "percent",
            height=180,
        )
    lines = (Series("Net", equity.net, 1), Series("Gross", equity.gross, 0, "area"))
    return Chart("exposure", "Exposure, share of equity", equity.ts, lines, "percent", height=180)


def _rolling(report: ReportInput) -> Html:
    daily = report.daily_returns
    if daily is None:
        return absent("The rolling Sharpe ratio needs daily returns, which this run did not keep.")
    year = round(report.sessions_per_year)
    window = year if len(daily.values) >= 2 * year else max(year // 4, 2)
    sharpe, error = rolling_sharpe(daily.values, window, report.sessions_per_year)
    if not np.isfinite(sharpe).any():
        return absent(f"The rolling Sharpe ratio needs {window} days; there are {len(daily.ts)}.")
    low, high = sharpe - 1.96 * error, sharpe + 1.96 * error
    lines = (
        Series("Sharpe", sharpe),
        Series("95% band", low, 0, "band", high),
    )
    title = f"Rolling Sharpe ratio over {window} days"
    return figure(Chart("sharpe", title, daily.ts, lines, "ratio", height=190))


def _worst(report: ReportInput) -> Html | None:
    episodes = worst_drawdowns(report.equity.ts, report.equity.equity, WORST)
    if not episodes:
        return None
    heads = [Column(name, numeric=False) for name in ("From", "Trough", "Recovered")]
    heads = [Column("Depth"), *heads, Column("To trough"), Column("Under water")]
    last = int(report.equity.ts[-1])
    body = []
    for e in episodes:
        fall, under = (e.trough - e.start) / 1e9, ((e.end or last) - e.start) / 1e9
        body.append([
            shown(e.depth, percent(1), signed=True),
            Cell(moment(e.start, clock=False)),
            Cell(moment(e.trough, clock=False)),
            Cell(moment(e.end, clock=False) if e.end else f"{DASH} not yet"),
            Cell(duration(fall), fall),
            Cell(duration(under), under),
        ])  # fmt: skip
    return block("Deepest drawdowns", table("Deepest drawdowns", heads, body))
