"""Time charts: what the page's script draws, as a figure with its data inside."""

import json
from dataclasses import dataclass
from itertools import pairwise
from math import floor, gcd, log10
from typing import Final, Literal

import numpy as np

from kedge.research.report.downsample import extremes
from kedge.research.report.html import Html, el
from kedge.research.report.model import F64, I64
from kedge.research.report.numbers import (
    Format,
    count,
    decimal,
    known,
    moment,
    money,
    percent,
)

MOST_POINTS: Final = 3000
"""Rows a chart draws; ten years of days fit without any being left out."""

Unit = Literal["money", "percent", "ratio"]
Kind = Literal["line", "area", "band"]

FINEST: Final = 6
"""Decimals of a percentage, at most."""

_SHOW: Final = {"money": money, "ratio": decimal(2)}


@dataclass(frozen=True, slots=True)
class Series:
    """One line of a chart.

    Attributes:
        name: shown in the legend.
        values: (T,) in the chart's unit, NaN where there is nothing to draw.
        colour: number of a colour of the palette, 0 for the strategy's own.
        kind: a line, an area down to zero, or a band with ``upper``.
        upper: (T,) upper edge of a band.
    """

    name: str
    values: F64
    colour: int = 0
    kind: Kind = "line"
    upper: F64 | None = None


@dataclass(frozen=True, slots=True)
class Chart:
    """Series over one time axis.

    Attributes:
        key: unique on the page, letters and digits.
        title: the figure's caption.
        ts: (T,) int64 ns UTC.
        series: what is drawn, the first on top.
        unit: how values are printed.
        log: offers a logarithmic axis.
        height: pixels.
    """

    key: str
    title: str
    ts: I64
    series: tuple[Series, ...]
    unit: Unit
    log: bool = False
    height: int = 220


def figure(chart: Chart) -> Html:
    """A chart as a figure: caption, plot, note on sampling, data."""
    every = [s.values for s in chart.series] + [
        s.upper for s in chart.series if s.upper is not None
    ]
    kept = extremes(np.vstack(every), MOST_POINTS)
    label = f"{chart.title}. {_summary(chart)}"
    note = _sampling_note(len(kept), len(chart.ts))
    log = el("button", "Log", type="button", cls="log", aria_pressed="false") if chart.log else None
    return el(
        "figure",
        [
            el("figcaption", [el("span", chart.title, cls="caption"), log]),
            el("div", None, cls="legend"),
            el(
                "div",
                el("svg", None, aria_hidden="true", height=chart.height),
                cls="plot", tabindex=0, role="img", aria_label=label,
                aria_describedby="chart-keys", style=f"min-height:{chart.height}px",
            ),
            el("p", note, cls="note") if note else None,
            el("noscript", el("p", [label, " Charts need JavaScript."], cls="note")),
            Html(f'<script type="application/json">{_payload(chart, kept)}</script>'),
        ],
        cls="chart",
        id=f"chart-{chart.key}",
    )  # fmt: skip


def _sampling_note(drawn: int, total: int) -> str:
    if drawn == total:
        return ""
    return (
        f"Drawn with {count(drawn)} of {count(total)} rows: the lowest and the highest of every "
        "interval, so no peak or trough is lost. Zooming shows the same rows."
    )


def _summary(chart: Chart) -> str:
    show = _shown(chart)
    parts = []
    for series in chart.series:
        values = series.values[np.isfinite(series.values)]
        if series.kind == "band" or not len(values):
            continue
        low, high, last = float(values.min()), float(values.max()), float(values[-1])
        parts.append(f"{series.name}: from {show(low)} to {show(high)}, at the end {show(last)}.")
    first, end = moment(int(chart.ts[0]), clock=False), moment(int(chart.ts[-1]), clock=False)
    return " ".join([f"{first} to {end}.", *parts])


def _shown(chart: Chart) -> Format:
    """Percentages with three digits of the largest, at least one decimal: small falls are some."""
    if chart.unit != "percent":
        return _SHOW[chart.unit]
    every = np.concatenate([series.values for series in chart.series])
    peak = 100.0 * float(np.abs(every[np.isfinite(every)]).max(initial=0.0))
    return percent(min(FINEST, max(1, 2 - floor(log10(peak)))) if peak > 0.0 else 1)


def _payload(chart: Chart, kept: I64) -> str:
    """The data as JSON that cannot close its script element."""
    ms = [int(t) // 1_000_000 for t in chart.ts[kept]]
    steps = [b - a for a, b in pairwise(ms)]
    unit = max(gcd(*steps), 1) if steps else 1
    series = [
        {
            "name": s.name,
            "colour": s.colour,
            "kind": s.kind,
            "values": _rounded(s.values[kept]),
            "upper": None if s.upper is None else _rounded(s.upper[kept]),
        }
        for s in chart.series
    ]
    spec = {
        "start": ms[0],
        "unit": unit,
        "steps": [step // unit for step in steps],
        "format": chart.unit,
        "height": chart.height,
        "series": series,
    }
    return json.dumps(spec, separators=(",", ":"), allow_nan=False).replace("<", "\\u003c")


def _rounded(values: F64) -> list[float | int | None]:
    """Seven significant digits are more than a screen resolves."""
    shown: list[float | int | None] = []
    for value in values.tolist():
        number = known(value)
        short = None if number is None else float(f"{number:.7g}")
        shown.append(int(short) if short is not None and short.is_integer() else short)
    return shown
