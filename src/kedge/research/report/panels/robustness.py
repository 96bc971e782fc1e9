"""Does the result survive small changes?"""

from collections.abc import Sequence

from kedge.research.report.html import Html, el
from kedge.research.report.lookup import Node, number, rows, section, text
from kedge.research.report.model import ReportInput
from kedge.research.report.numbers import percent, ratio
from kedge.research.report.panels.frame import absent, block, columns, panel
from kedge.research.report.tables import records

SIGNED = frozenset({"cagr", "sharpe", "total_return"})


def render(report: ReportInput) -> Html:
    """Sensitivity, delay, noise and bootstrap, each with why it is missing."""
    node = section(report.result, "robustness")
    if not node:
        return panel("robustness", "Robustness", absent("No robustness checks ran."))
    base = number(section(report.result, "metrics"), "sharpe")
    lead = "A result that only holds at its exact settings is not an edge but a coincidence."
    return panel(
        "robustness",
        "Robustness",
        [
            columns(_sensitivity(rows(node, "sensitivity"), base), _delay(node)),
            columns(_simple(node, "noise", "Price noise", "Prices disturbed at random."),
                    _simple(node, "bootstrap", "Bootstrap",
                            "Percentiles over resampled equity curves.")),
        ],
        lead,
    )  # fmt: skip


def _delay(node: Node) -> Html:
    return _simple(node, "delay", "Late entry", "Orders reach the market some rows later.")


def _simple(node: Node, key: str, title: str, lead: str) -> Html:
    found = rows(node, key)
    if not found:
        return block(title, absent("This check did not run."))
    return block(title, records(title, found, SIGNED), lead)


def _sensitivity(found: Sequence[Node], base: float | None) -> Html:
    title = "Parameter sensitivity"
    sharpes = [s for row in found if (s := number(row, "sharpe")) is not None]
    if not sharpes:
        return block(title, absent("This check did not run."))
    shown = [*sharpes, 0.0] if base is None else [*sharpes, 0.0, base]
    low, high = min(shown), max(shown)
    width = (high - low) or 1.0
    names = list(dict.fromkeys(text(row, "parameter") for row in found))
    lines = [_line(name, found, low, width) for name in names]
    marks = [el("i", cls="zero", style=f"--x:{_at(0.0, low, width)}")]
    if base is not None:
        marks.append(el("i", cls="base", style=f"--x:{_at(base, low, width)}"))
    head = el("div", [el("span", "Parameter"), el("span", "Sharpe ratio"), el("span", "Range")],
              cls="dot-row dot-head", aria_hidden="true")  # fmt: skip
    plot = el("div", [head, *lines, el("div", el("div", marks), cls="dot-marks")], cls="dots")
    lead = f"Each parameter moved alone. Solid line: as configured, {ratio(base)}; dashed: zero."
    return block(title, plot, lead)


def _at(value: float, low: float, width: float) -> str:
    return f"{100.0 * (value - low) / width:.2f}%"


def _line(name: str, found: Sequence[Node], low: float, width: float) -> Html:
    own = [row for row in found if text(row, "parameter") == name]
    points = [(number(row, "change"), s) for row in own if (s := number(row, "sharpe")) is not None]
    values = [s for _, s in points] or [0.0]
    ends = f"--a:{_at(min(values), low, width)};--b:{_at(max(values), low, width)}"
    dots = [
        el("b", "+" if (change or 0.0) > 0 else "\N{MINUS SIGN}", style=f"--x:{_at(s, low, width)}",
           title=f"{percent(0, sign=True)(change)}: {ratio(s)}")
        for change, s in points
    ]  # fmt: skip
    spoken = ", ".join(f"{percent(0, sign=True)(change)}: {ratio(s)}" for change, s in points)
    track = el("div", [el("i", style=ends), *dots], cls="track", role="img",
               aria_label=f"Sharpe ratio at {spoken}")  # fmt: skip
    between = f"{ratio(min(values))} to {ratio(max(values))}"
    label = el("span", name, title=name)
    return el("div", [label, track, el("span", between, cls="num")], cls="dot-row")
