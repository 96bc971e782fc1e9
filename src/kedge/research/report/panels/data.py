"""What the quality checks found in the bars of the run."""

from typing import Final

from kedge.research.report.html import Html
from kedge.research.report.lookup import Node, number, rows, section, text, texts
from kedge.research.report.model import ReportInput
from kedge.research.report.numbers import count, words
from kedge.research.report.panels.frame import absent, block, panel
from kedge.research.report.tables import Cell, Column, shown, table

MOST_SYMBOLS: Final = 8


def render(report: ReportInput) -> Html:
    """Counts of each kind of finding, then the worst findings."""
    quality = section(section(report.result, "data"), "quality")
    if not quality:
        return panel("data", "Data quality", absent("The data of this run was not checked."))
    checked = count(number(quality, "bars"))
    counts = rows(quality, "counts")
    if not counts:
        return panel("data", "Data quality", absent(f"Nothing was found in {checked} bars."))
    lead = f"Checked were the {checked} bars that the run used. An error distorts results."
    return panel("data", "Data quality", [_kinds(counts), _worst(quality)], lead)


def _kinds(counts: tuple[Node, ...]) -> Html:
    heads = [
        Column("Finding", numeric=False), Column("Severity", numeric=False), Column("Bars"),
        Column("Instruments", numeric=False),
    ]  # fmt: skip
    body = [
        [
            Cell(words(text(row, "check"))),
            Cell(text(row, "severity"), None, _tone(row)),
            shown(number(row, "bars"), count),
            Cell(_names(texts(row, "symbols"))),
        ]
        for row in counts
    ]
    return block("Findings by kind", table("Findings by kind", heads, body))


def _worst(quality: Node) -> Html:
    heads = [
        Column("When", numeric=False), Column("Instrument", numeric=False),
        Column("Found", numeric=False), Column("Remedy", numeric=False),
    ]  # fmt: skip
    body = [
        [
            Cell(text(row, "ts").removesuffix("T00:00:00Z")),
            Cell(text(row, "symbol")),
            Cell(f"{words(text(row, 'check'))}: {text(row, 'what')}", None, _tone(row)),
            Cell(text(row, "remedy")),
        ]
        for row in rows(quality, "worst")
    ]
    return block("The worst", table("The worst findings", heads, body))


def _tone(row: Node) -> str:
    return "loss" if text(row, "severity") == "error" else ""


def _names(symbols: tuple[str, ...]) -> str:
    more = len(symbols) - MOST_SYMBOLS
    return ", ".join(symbols[:MOST_SYMBOLS]) + (f" and {more} more" if more > 0 else "")
