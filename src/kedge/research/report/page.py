"""The whole page: one file, nothing loaded from anywhere."""

import base64
import hashlib
from collections.abc import Sequence
from importlib import resources
from typing import Final

from kedge.research.report.html import Content, Html, el, join
from kedge.research.report.model import ReportInput
from kedge.research.report.panels import (
    assumptions,
    costs,
    curves,
    data,
    heading,
    instruments,
    limits,
    performance,
    returns,
    robustness,
    strategies,
    trades,
    verdict,
)

SCRIPTS: Final = ("page.js", "scales.js", "chart.js", "axis.js")
STYLES: Final = ("report.css", "panels.css", "print.css")
NAVIGATION: Final = (
    ("verdict", "Verdict"),
    ("figures", "Figures"),
    ("curves", "Equity"),
    ("months", "Returns"),
    ("strategies", "Strategies"),
    ("limits", "Limits"),
    ("costs", "Costs"),
    ("robustness", "Robustness"),
    ("instruments", "Instruments"),
    ("trades", "Trades"),
    ("data", "Data"),
    ("assumptions", "Assumptions"),
)


def render(report: ReportInput) -> str:
    """The report as one self-contained HTML document.

    The page asks no network for anything: its policy forbids every request and
    every script but its own, whose hash it names. The same input gives the same
    bytes.

    Args:
        report: the finished backtest.

    Returns:
        The text of ``report.html``.
    """
    panels = [
        part.render(report)
        for part in (
            heading, verdict, performance, curves, returns, strategies, limits, costs,
            robustness, instruments, trades, data, assumptions,
        )
    ]  # fmt: skip
    title = f"{heading.title(report)} \N{MIDDLE DOT} kedge backtest (simulated)"
    return document(title, "verdict", navigation(NAVIGATION), panels, _footer(report))


def document(title: str, first: str, bar: Html, panels: Content, footer: Html) -> str:
    """A page around panels: styles and scripts inside, nothing loaded from anywhere.

    Args:
        title: of the window.
        first: id of the first panel.
        bar: above everything; see `navigation`.
        panels: the page.
        footer: below everything.
    """
    content = [
        el("a", "Skip to the report", href=f"#{first}", cls="skip"),
        bar,
        el("main", panels, id="report"),
        footer,
    ]
    body = el("body", content)
    return f"<!DOCTYPE html>\n{el('html', [_head(title), body], lang='en')}\n"


def _head(title: str) -> Html:
    parts = "\n".join(_asset(name) for name in SCRIPTS)
    script = f'(() => {{\n"use strict";\n{parts}}})();\n'
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    policy = (
        f"default-src 'none'; script-src 'sha256-{digest}'; style-src 'unsafe-inline'; "
        "base-uri 'none'; form-action 'none'"
    )
    return el(
        "head",
        [
            el("meta", charset="utf-8"),
            el("meta", http_equiv="Content-Security-Policy", content=policy),
            el("meta", name="viewport", content="width=device-width, initial-scale=1"),
            el("meta", name="color-scheme", content="dark light"),
            el("title", title),
            Html(f"<style>{''.join(_asset(name) for name in STYLES)}</style>"),
            Html(f"<script>{script}</script>"),
        ],
    )


def _asset(name: str) -> str:
    return resources.files("kedge.research.report").joinpath("static", name).read_text("utf-8")


def navigation(sections: Sequence[tuple[str, str]], badge: str = "Simulated results") -> Html:
    """The bar above everything.

    Args:
        sections: id and label of each.
        badge: what kind of results these are.
    """
    links = [el("a", label, href=f"#{key}") for key, label in sections]
    return el(
        "div",
        [
            el("strong", "kedge", cls="brand"),
            el("span", badge, cls="simulated"),
            el("nav", links, aria_label="Sections"),
            el("button", "Theme", type="button", id="theme", cls="theme"),
        ],
        cls="bar-top",
    )


def _footer(report: ReportInput) -> Html:
    version = report.result.get("kedge")
    said = ["Simulated results, for education and research; no promise of profit. Made by kedge "]
    return el("footer", join([*said, str(version) if version else "", "."]))
