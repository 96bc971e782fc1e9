"""A search as one self-contained page: the verdict, a map of the candidates, the best of them."""

from importlib import resources
from typing import Final

import numpy as np

from kedge.research.report.html import Content, Html, el
from kedge.research.report.numbers import decimal, known, percent, ratio
from kedge.research.report.panels.frame import absent, panel
from kedge.research.report.tables import Cell, Column, shown, table
from kedge.research.search import CandidateRow, Search
from kedge.research.words import judged_stricter

STYLES: Final = ("report.css", "panels.css", "print.css")
LISTED: Final = 25
HEADLINES: Final = {
    "none": "No evidence of an edge",
    "weak": "Weak evidence of an edge",
    "strong": "Strong evidence of an edge",
}
_plain = decimal(2)


def render(search: Search) -> str:
    """The page as one HTML document that asks no network for anything."""
    title = f"Sweep of {search.result.grid.strategy}"
    content = [_verdict(search, title), _map(search), _list(search)]
    body = el("body", [_bar(), el("main", content)])
    return f"<!DOCTYPE html>\n{el('html', [_head(title), body], lang='en')}\n"


def _head(title: str) -> Html:
    folder = resources.files("kedge.research.report").joinpath("static")
    styles = "".join(folder.joinpath(name).read_text("utf-8") for name in STYLES)
    # Cells carry their own strength as an inline style, hence unsafe-inline; nothing is loaded.
    policy = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
    return el(
        "head",
        [
            el("meta", charset="utf-8"),
            el("meta", http_equiv="Content-Security-Policy", content=policy),
            el("meta", name="viewport", content="width=device-width, initial-scale=1"),
            el("meta", name="color-scheme", content="dark light"),
            el("title", f"{title} \N{MIDDLE DOT} kedge research (simulated)"),
            Html(f"<style>{styles}</style>"),
        ],
    )


def _bar() -> Html:
    parts = [el("strong", "kedge", cls="brand"), el("span", "Simulated results", cls="simulated")]
    return el("div", parts, cls="bar-top")


def _verdict(search: Search, title: str) -> Html:
    evidence, result = search.evidence, search.result
    counted = f"{result.candidates:,} candidates"
    if result.skipped:
        counted += f", {result.skipped:,} combinations skipped as invalid"
    best = ", ".join(f"{k} = {v:g}" for k, v in search.rows[search.best].params.items())
    said: list[Content] = [
        el("p", f"{counted}. Best by residual Sharpe ratio: {best}.", cls="lead"),
        el("ul", [el("li", reason) for reason in evidence.reasons], cls="reasons"),
    ]
    if evidence.stricter:
        said.append(el("p", judged_stricter(evidence.stricter)))
    return el(
        "section",
        [
            el("h1", title),
            el("h2", f"{HEADLINES[evidence.verdict.value]} (simulated)"),
            *said,
        ],
        cls="panel",
        id="verdict",
    )


def _map(search: Search) -> Html:
    """Residual Sharpe ratio over the two parameters that vary."""
    varied = [(name, values) for name, values in search.result.grid.axes if len(values) > 1]
    heading = "Residual Sharpe ratio, a year"
    if len(varied) != 2:
        why = "A map needs exactly two parameters that vary; see the table."
        return panel("map", heading, absent(why))
    (down, rows), (across, columns) = varied
    found = {(row.params[down], row.params[across]): row.residual_sharpe for row in search.rows}
    sizes = [abs(value) for value in found.values() if value is not None]
    scale = float(np.quantile(sizes, 0.95)) if sizes else 1.0
    best = search.rows[search.best].params
    heads = [Column(f"{down} \\ {across}", numeric=False), *(Column(f"{v:g}") for v in columns)]
    body = [
        [
            Cell(f"{r:g}"),
            *(
                _heat(found.get((r, c)), scale, (r, c) == (best[down], best[across]))
                for c in columns
            ),
        ]
        for r in rows
    ]
    caption = f"{down} downwards, {across} across; the best is marked, invalid ones are empty"
    lead = "An edge is a plateau. A single bright cell among dark ones is luck."
    return panel("map", heading, table(caption, heads, body, cls="heat", hide_caption=False), lead)


def _heat(value: float | None, scale: float, best: bool) -> Cell:
    number = known(value)
    if number is None:
        return Cell("", None, "empty")
    strength = min(abs(number) / scale, 1.0) if scale > 0 else 0.0
    tone = "up" if number > 0 else "down" if number < 0 else ""
    label = f"{_plain(number)} \N{BLACK STAR}" if best else _plain(number)
    return Cell(label, number, tone, f"--s:{100.0 * strength:.0f}%")


def _list(search: Search) -> Html:
    names = [name for name, _ in search.result.grid.axes]
    heads = [Column(name) for name in (*names, "Residual Sharpe", "Sharpe", "CAGR", "Trades")]
    ordered = sorted(
        search.rows,
        key=lambda row: -(-np.inf if row.residual_sharpe is None else row.residual_sharpe),
    )
    body = [_cells(row, names) for row in ordered[:LISTED]]
    title = f"The best {min(LISTED, len(ordered))} of {len(ordered):,}"
    return panel("best", title, table(title, heads, body))


def _cells(row: CandidateRow, names: list[str]) -> list[Cell]:
    return [
        *(Cell(f"{row.params[name]:g}", row.params[name]) for name in names),
        shown(row.residual_sharpe, ratio, signed=True),
        shown(row.sharpe, ratio, signed=True),
        shown(row.cagr, percent(1), signed=True),
        Cell(f"{row.trades:,}", row.trades),
    ]
