"""What was assumed, what this is not, and where the numbers lie."""

from typing import Final

from kedge.research.report.html import Html, el
from kedge.research.report.lookup import Node, number, section, texts
from kedge.research.report.model import ReportInput
from kedge.research.report.numbers import count, decimal, words
from kedge.research.report.panels.frame import absent, block, columns, panel
from kedge.research.report.tables import Cell, Column, shown, table

DISCLAIMERS: Final = (
    "These results are simulated. No money was traded, and past or simulated results promise no "
    "profit.",
    "This page is for education and research. It is not investment advice.",
    "Trade on paper first, and for long enough to compare it with this simulation.",
    "Comply with the law where you live: licences, taxes and trading rules are your own duty.",
    "It cannot predict black swans, guarantee a profit, replace your judgement of risk, work well "
    "below 10,000 in capital, or handle a change of regulation.",
)
SIMULATION: Final = (
    "Decisions are made at the close of a row and filled at a later one; nothing sees the future.",
    "Fills pay spread, impact and fees; the size of an order is capped by the bar's volume.",
    "Inside a bar the worse order of events is assumed.",
    "Where an instrument cannot trade it is masked: prices are never filled forward silently.",
    "Other traders do not react to the simulated orders beyond the modelled impact.",
)
FILES: Final = (
    ("result.json", "every figure on this page"),
    ("equity.parquet", "the account, row by row"),
    ("fills.parquet", "every fill"),
    ("attribution.parquet", "every strategy's share in every fill"),
    ("trades.parquet", "every trade, flat to flat"),
    ("postings.parquet", "cash that moved besides fills: dividends, interest, fees of carry"),
)


def render(report: ReportInput) -> Html:
    """Disclaimers first, then assumptions, files and timing."""
    assumed = [*SIMULATION, *texts(report.result, "assumptions")]
    files = [
        el("li", [el("a", name, href=name), f": {holds}"]) for name, holds in FILES
    ]  # fmt: skip
    return panel(
        "assumptions",
        "Assumptions and disclaimers",
        columns(
            block("Disclaimers", el("ul", [el("li", d) for d in DISCLAIMERS])),
            block("Files beside this page", el("ul", files)),
            block("Assumptions", el("ul", [el("li", a) for a in assumed])),
            block("Timing", _timing(section(report.result, "timing"))),
        ),
    )


def _timing(timing: Node) -> Html:
    if not timing:
        return absent("This result holds no timing.")
    facts = [
        ("Rows", shown(number(timing, "rows"), count)),
        ("Seconds", shown(number(timing, "seconds"), decimal(3))),
        ("Rows per second", shown(number(timing, "rows_per_second"), count)),
    ]
    phases = section(timing, "phases")
    facts += [(f"{words(n)}, seconds", shown(number(phases, n), decimal(3))) for n in phases]
    heads = [Column("Phase", numeric=False), Column("Value")]
    body = [[Cell(name), value] for name, value in facts]
    return table("Timing of the run", heads, body, cls="pairs")
