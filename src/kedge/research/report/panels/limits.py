"""How often each risk limit bound, and why where that is remarkable."""

from kedge.research.report.html import Html, el
from kedge.research.report.lookup import Node, number, rows, text
from kedge.research.report.model import ReportInput
from kedge.research.report.numbers import DASH, Format, bps, count, decimal, percent, times, words
from kedge.research.report.panels.frame import absent, block, panel
from kedge.research.report.tables import Cell, Column, shown, table

OFTEN = 0.5
"""Above this share of cells a limit shapes the result more than the strategies do."""


def render(report: ReportInput) -> Html:
    """One row per limit, a bar of its share, and explanations."""
    limits = rows(report.result, "limits")
    if not limits:
        return panel("limits", "Limits", absent("This result counts no limits."))
    lead = (
        "A limit binds in a cell (one instrument in one row), a limit of the whole book in a row, "
        "when it made a target smaller; counted are those with a forecast to act on. "
        "A limit that binds in more than half of them, or never, is explained."
    )
    heads = [
        Column("Limit", numeric=False), Column("Set at"), Column("Bound in"),
        Column("of"), Column("Share"), Column("Peak utilisation"),
    ]  # fmt: skip
    body = [_row(limit) for limit in limits]
    made = table("Risk limits", heads, body, cls="limits")
    return panel("limits", "Limits", [made, _decisions(report)], lead)


def _decisions(report: ReportInput) -> Html | None:
    """What decided each tradable cell in the end: why most of them hold nothing new."""
    found = rows(report.result, "decisions")
    if not found:
        return None
    heads = [Column("Last word", numeric=False), Column("Cells"), Column("Share of cells")]
    body = [
        [
            Cell(words(text(row, "meaning"))),
            shown(number(row, "cells"), count),
            Cell(_bar(number(row, "share"), percent(1), ""), number(row, "share")),
        ]
        for row in found
    ]
    lead = "Every tradable cell has one final reason for the size of its target."
    return block("What decided", table("What decided", heads, body, cls="said"), lead)


def share_bound(limit: Node) -> float | None:
    """The share of cells a limit bound in, from its own field or its counts."""
    share, bound, cells = (number(limit, key) for key in ("share", "bound", "cells"))
    if share is None and bound is not None and cells:
        return bound / cells
    return share


def _row(limit: Node) -> list[Cell]:
    share = share_bound(limit)
    return [
        Cell([text(limit, "name") and words(text(limit, "name")), _explanation(limit, share)]),
        Cell(_setting(limit), number(limit, "limit")),
        shown(number(limit, "bound"), count),
        _counted(limit),
        Cell(_bar(share, percent(1), "often" if (share or 0.0) > OFTEN else ""), share),
        Cell(_bar(number(limit, "peak_utilisation"), percent(0), "peak"),
             number(limit, "peak_utilisation")),
    ]  # fmt: skip


def _counted(limit: Node) -> Cell:
    """What a limit's count is out of: cells, or rows for a limit of the whole book."""
    cells = number(limit, "cells")
    return Cell(f"{count(cells)} {text(limit, 'counted_in') or 'cells'}", cells)


def _explanation(limit: Node, share: float | None) -> Html | None:
    said = text(limit, "explanation")
    remarkable = share is not None and (share > OFTEN or share == 0.0)
    if not said and not remarkable:
        return None
    lead = "Never bound. " if share == 0.0 else "Bound in most cells. " if remarkable else ""
    return el("small", lead + (said or "No explanation was recorded."))


def _setting(limit: Node) -> str:
    spoken = text(limit, "limit")
    if spoken:
        return spoken
    value = number(limit, "limit")
    if value is None:
        return DASH
    unit = text(limit, "unit") or ("count" if isinstance(limit.get("limit"), int) else "share")
    return _UNITS.get(unit, decimal(2))(value)


def _whole_percent(value: float | None) -> str:
    whole = value is not None and abs(100.0 * value - round(100.0 * value)) < 1e-9
    return percent(0 if whole else 2)(value)


_UNITS: dict[str, Format] = {
    "share": _whole_percent,
    "times": times,
    "count": count,
    "bps": bps,
}


def _bar(value: float | None, form: Format, cls: str) -> Html:
    if value is None:
        return el("span", DASH)
    width = f"--w:{100.0 * min(max(value, 0.0), 1.0):.1f}%"
    return el(
        "span",
        [el("i", style=width, aria_hidden="true"), el("span", form(value))],
        cls=f"bar {cls}",
    )
