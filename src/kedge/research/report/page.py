"""The whole page: one file, nothing loaded from anywhere."""

import base64
import hashlib
from importlib import resources
from typing import Final

from kedge.research.report.html import Html, el, join
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
    content = [
        el("a", "Skip to the report", href="#verdict", cls="skip"),
        _bar(),
        el("main", panels, id="report"),
        _footer(report),
    ]
    body = el("body", content)
    return f"<!DOCTYPE html>\n{el('html', [_head(report), body], lang='en')}\n"


def _head(report: ReportInput) -> Html:
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
            el("title", f"{heading.title(report)} \N{MIDDLE DOT} kedge backtest (simulated)"),
            Html(f"<style>{''.join(_asset(name) for name in STYLES)}</style>"),
            Html(f"<script>{script}</script>"),
        ],
    )


def _asset(name: str) -> str:
    return resources.files("kedge.research.report").joinpath("static", name).read_text("utf-8")


def _bar() -> Html:
    links = [el("a", label, href=f"#{key}") for key, label in NAVIGATION]
    return el(
        "div",
        [
            el("strong", "kedge", cls="brand"),
            el("span", "Simulated results", cls="simulated"),
            el("nav", links, aria_label="Sections"),
            el("button", "Theme", type="button", id="theme", cls="theme"),
        ],
        cls="bar-top",
    )


def _footer(report: ReportInput) -> Html:
    version = report.result.get("kedge")
    said = ["Simulated results, for education and research; no promise of profit. Made by kedge "]
    return el("footer", join([*said, str(version) if version else "", "."]))
