"""The verdict on the evidence, first and in words."""

from dataclasses import dataclass
from typing import Final

from kedge.research.report.html import Html, el
from kedge.research.report.lookup import Node, number, section, text, texts
from kedge.research.report.model import ReportInput
from kedge.research.report.numbers import DASH, count, decimal, quantity
from kedge.research.words import judged_stricter

STEPS: Final = ("none", "weak", "strong")
MARKS: Final = {"pass": "\N{CHECK MARK}", "fail": "\N{MULTIPLICATION X}"}


@dataclass(frozen=True, slots=True)
class _Wording:
    headline: str
    meaning: str


WORDING: Final = {
    "none": _Wording(
        "No evidence of an edge",
        "What these results show could well be chance. Nothing here supports trading it.",
    ),
    "weak": _Wording(
        "Weak evidence of an edge",
        "Better than chance explains, but short of the proof that promotion asks for.",
    ),
    "strong": _Wording(
        "Strong evidence of an edge",
        "The residual return survives deflation for every trial and doubled costs. "
        "It is still a simulation of the past.",
    ),
}
UNJUDGED: Final = _Wording(
    "No verdict", "This result carries no evidence section, so nothing may be concluded from it."
)


def render(report: ReportInput) -> Html:
    """Headline, meaning, reasons and the figures behind them."""
    evidence = section(report.result, "evidence")
    verdict = text(evidence, "verdict")
    wording = WORDING.get(verdict, UNJUDGED)
    kind = verdict if verdict in WORDING else "none"
    reasons = texts(evidence, "reasons")
    heading = el("h2", wording.headline, id="verdict-title")
    said = [
        el("p", "Verdict on the evidence", cls="kicker"),
        heading,
        _meter(verdict),
        el("p", wording.meaning, cls="lead"),
        el("ul", [_reason(reason) for reason in reasons], cls="reasons")
        if reasons
        else el("p", "No reasons were recorded.", cls="absent"),
    ]
    stricter = judged_stricter(texts(evidence, "stricter"))
    if stricter:
        said.append(el("p", stricter[0].upper() + stricter[1:]))
    figures = el("dl", _figures(report, evidence), cls="evidence")
    inner = el("div", [el("div", said), figures], cls="verdict-grid")
    return el(
        "section", inner, id="verdict", cls=f"panel verdict {kind}", aria_labelledby="verdict-title"
    )


def _reason(reason: str) -> Html:
    """A reason with its outcome, where it states one, as a mark and a word."""
    outcome, colon, rest = reason.partition(": ")
    if not colon or outcome not in MARKS:
        return el("li", reason)
    mark = el("span", MARKS[outcome], aria_hidden="true")
    return el("li", [el("b", [mark, f" {outcome} "]), el("span", rest)], cls=outcome)


def _meter(verdict: str) -> Html:
    steps = []
    for step in STEPS:
        here = step == verdict
        mark = "\N{BLACK CIRCLE}" if here else "\N{WHITE CIRCLE}"
        inner = [el("span", mark, aria_hidden="true"), f" {step}"]
        steps.append(el("li", inner, cls="here" if here else None, aria_current=here and "true"))
    return el("ol", steps, cls="meter", aria_label="Scale of evidence")


def _from(thresholds: Node, key: str) -> str:
    found = number(thresholds, key)
    return DASH if found is None else f"{found:g}"


def _figures(report: ReportInput, evidence: Node) -> list[Html]:
    trials, effective = number(evidence, "trials"), number(evidence, "effective_trials")
    tried = count(trials) + (f" (effective {quantity(effective)})" if effective else "")
    have = float(report.equity.ts[-1] - report.equity.ts[0]) / (365.25 * 86_400e9)
    pbo = number(evidence, "pbo")
    tried_in = number(section(evidence, "search"), "candidates")
    at = section(evidence, "thresholds")
    weak, strong, most = (_from(at, key) for key in ("weak_deflated", "strong_deflated", "pbo"))
    among = f"one of {count(tried_in)} in a search; at most {most} for strong"
    facts = (
        ("Deflated Sharpe", decimal(3)(number(evidence, "deflated_sharpe")),
         f"weak from {weak}, strong from {strong}"),
        ("Probability of overfitting", decimal(2)(pbo),
         among if tried_in else "no search tried this configuration"),
        ("Trials counted", tried, "every distinct configuration on this data"),
        ("History", f"{decimal(1)(have)} years", _required(evidence)),
    )  # fmt: skip
    return [
        el("div", [el("dt", name), el("dd", [el("b", value or DASH), el("small", hint)])])
        for name, value, hint in facts
    ]


def _required(evidence: Node) -> str:
    years = number(evidence, "required_years")
    if years is None:
        return "required length unknown"
    return (
        f"a true edge of this size would show in 95 of 100 histories "
        f"of {decimal(1)(years)} years (95% power)"
    )
