"""Title, data line and the report's own identity."""

from kedge.research.report.html import Html, el
from kedge.research.report.lookup import Node, number, section, text, texts
from kedge.research.report.model import ReportInput
from kedge.research.report.numbers import DASH, count, moment

MOST_SYMBOLS = 6


def title(report: ReportInput) -> str:
    """The report's headline: its given title, or what was traded."""
    if report.title:
        return report.title
    symbols = texts(section(report.result, "data"), "symbols")
    if not symbols:
        return "Backtest"
    named = ", ".join(symbols[:MOST_SYMBOLS])
    more = len(symbols) - MOST_SYMBOLS
    return f"{named} and {more} more" if more > 0 else named


def render(report: ReportInput) -> Html:
    """The head of the page: what was tested, on what, with which configuration."""
    data = section(report.result, "data")
    notes = texts(data, "notes")
    return el(
        "header",
        [
            el("p", "Backtest report", cls="kicker"),
            el("h1", title(report)),
            el("dl", _facts(report, data), cls="facts"),
            _warnings(texts(data, "warnings")),
            _notes(notes) if notes else None,
        ],
        cls="head",
    )


def _facts(report: ReportInput, data: Node) -> list[Html]:
    first, last = int(report.equity.ts[0]), int(report.equity.ts[-1])
    start = text(data, "from") or moment(first, clock=False)
    end = text(data, "to") or moment(last, clock=False)
    facts = (
        ("Span", f"{start[:10]} to {end[:10]}"),
        ("Interval", text(data, "interval") or DASH),
        ("Rows", count(number(data, "rows") or len(report.equity.ts))),
        ("Instruments", count(len(texts(data, "symbols")) or None)),
        ("Starting equity", f"{count(float(report.equity.equity[0]))} {report.currency}"),
        ("Data", text(data, "fingerprint")[:12] or DASH),
        ("Configuration", text(report.result, "config_hash")[:12] or DASH),
        ("kedge", text(report.result, "kedge") or DASH),
    )
    return [el("div", [el("dt", name), el("dd", value)]) for name, value in facts]


def _warnings(said: tuple[str, ...]) -> Html | None:
    """What no reader should miss; unlike notes it cannot be folded away."""
    if not said:
        return None
    return el("ul", [el("li", [el("b", "Warning: "), one]) for one in said], cls="warnings")


def _notes(notes: tuple[str, ...]) -> Html:
    summary = el("summary", f"Notes on the data ({len(notes)})")
    return el("details", [summary, el("ul", [el("li", note) for note in notes])], cls="notes")
