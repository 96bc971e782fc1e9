"""Monthly returns as a table, daily returns as a distribution."""

from typing import Final

import numpy as np

from kedge.research.report.derive import monthly_returns
from kedge.research.report.html import Html, el
from kedge.research.report.model import F64, ReportInput
from kedge.research.report.numbers import decimal, known, percent
from kedge.research.report.panels.frame import absent, block, columns, panel
from kedge.research.report.tables import Cell, Column, table

MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
BINS: Final = 41
"""Odd, so that one bin is centred on zero."""


def render(report: ReportInput) -> Html:
    """Both panels, or why there are none."""
    daily = report.daily_returns
    known_days = None if daily is None else daily.values[np.isfinite(daily.values)]
    if daily is None or known_days is None or len(known_days) < 2:
        why = (
            "Monthly returns and the distribution need daily returns, which this run did not keep."
        )
        return panel("months", "Returns by month", absent(why))
    parts = [_calendar(report), _distribution(known_days)]
    return panel("months", "Returns by month and by day", parts)


def _calendar(report: ReportInput) -> Html:
    assert report.daily_returns is not None
    calendar = monthly_returns(report.daily_returns)
    size = np.abs(calendar.months[np.isfinite(calendar.months)])
    scale = float(np.quantile(size, 0.95)) if len(size) else 1.0
    heads = [Column("Year", numeric=False), *(Column(m) for m in MONTHS), Column("Year")]
    body = []
    for year, months, total in zip(
        calendar.years.tolist(), calendar.months.tolist(), calendar.totals.tolist(), strict=True
    ):
        body.append([Cell(str(year)), *(_heat(m, scale) for m in months), _heat(total, None)])
    caption = "Returns by calendar month, per cent, compounded from daily returns (UTC)"
    return table(caption, heads, body, cls="heat", hide_caption=False)


def _heat(value: float, scale: float | None) -> Cell:
    number = known(value)
    if number is None:
        return Cell("", None, "empty")
    label = decimal(1)(100.0 * number)
    if scale is None:
        return Cell(label, number, "total " + ("gain" if number > 0 else "loss"))
    strength = min(abs(number) / scale, 1.0) if scale > 0 else 0.0
    tone = "up" if number > 0 else "down" if number < 0 else ""
    return Cell(label, number, tone, f"--s:{100.0 * strength:.0f}%")


def _distribution(returns: F64) -> Html:
    mean, spread = float(returns.mean()), float(returns.std(ddof=1))
    reach = max(float(np.quantile(np.abs(returns), 0.995)), 1e-9)
    edges = np.linspace(-reach, reach, BINS + 1)
    counts = np.bincount(
        np.clip(np.searchsorted(edges, returns, side="right") - 1, 0, BINS - 1), minlength=BINS
    )
    bell = _bell(edges, mean, spread) * len(returns)
    top = max(float(counts.max()), float(bell.max()), 1.0)
    bars = [
        el(
            "i",
            cls="down" if edges[k + 1] <= 0 else "up" if edges[k] >= 0 else "flat",
            style=f"height:{100.0 * counts[k] / top:.2f}%",
            title=f"{percent(2)(edges[k])} to {percent(2)(edges[k + 1])}: {counts[k]} days",
        )
        for k in range(BINS)
    ]
    marks = [
        el("span", percent(1)(share * reach), style=f"left:{50.0 + 50.0 * share:.0f}%")
        for share in (-1.0, -0.5, 0.0, 0.5, 1.0)
    ]
    label = f"Histogram of {len(returns)} daily returns; the table beside it holds the figures."
    picture = el(
        "div",
        [
            el("div", [*bars, _curve(bell / top)], cls="bars", role="img", aria_label=label),
            el("div", marks, cls="axis"),
            el("p", "Line: normal distribution of the same mean and deviation. The outermost bars "
               "hold everything beyond.", cls="note"),
        ],
        cls="histogram",
    )  # fmt: skip
    return block("Distribution of daily returns", columns(picture, _moments(returns)))


def _bell(edges: F64, mean: float, spread: float) -> F64:
    """Normal density times bin width at each bin's centre."""
    if spread <= 0:
        return np.zeros(len(edges) - 1)
    centre = (edges[1:] + edges[:-1]) / 2.0
    width = edges[1] - edges[0]
    density = np.exp(-0.5 * ((centre - mean) / spread) ** 2) / (spread * np.sqrt(2.0 * np.pi))
    return np.asarray(density * width, dtype=np.float64)


def _curve(heights: F64) -> Html:
    step = 100.0 / len(heights)
    points = (f"{(k + 0.5) * step:.2f} {100.0 - 100.0 * h:.2f}" for k, h in enumerate(heights))
    line = el("path", d="M" + "L".join(points))
    return el("svg", line, viewBox="0 0 100 100", preserveAspectRatio="none", aria_hidden="true")


def _moments(returns: F64) -> Html:
    spread = float(returns.std())
    z = (returns - returns.mean()) / spread if spread > 0 else np.full(len(returns), np.nan)
    worst = np.sort(returns)[: max(round(0.05 * len(returns)), 1)]
    facts = (
        ("Days", decimal(0)(len(returns))),
        ("Mean", percent(3)(float(returns.mean()))),
        ("Standard deviation", percent(2)(float(returns.std(ddof=1)))),
        ("Skewness", decimal(2)(float((z**3).mean()))),
        ("Excess kurtosis", decimal(2)(float((z**4).mean()) - 3.0)),
        ("Days with a gain", percent(1)(float((returns > 0).mean()))),
        ("Best day", percent(2)(float(returns.max()))),
        ("Worst day", percent(2)(float(returns.min()))),
        ("5% quantile", percent(2)(float(np.quantile(returns, 0.05)))),
        ("Mean of the worst 5%", percent(2)(float(worst.mean()))),
    )
    body = [[Cell(name), Cell(value)] for name, value in facts]
    heads = [Column("Figure", numeric=False), Column("Value")]
    return table("Figures of the daily returns", heads, body, cls="pairs")
