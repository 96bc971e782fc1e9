from dataclasses import replace
from typing import Any

import polars as pl
import pytest

from kedge.research.report import ReportInput
from kedge.research.report.panels import (
    costs,
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
from unit.report.markup import Page
from unit.report.synthetic import Shape, report_input

REPORT = report_input(11, shape=Shape(days=260, trades=30))


def with_result(**parts: Any) -> ReportInput:
    return replace(REPORT, result={**REPORT.result, **parts})


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("none", "No evidence of an edge"),
        ("weak", "Weak evidence of an edge"),
        ("strong", "Strong evidence of an edge"),
    ],
)
def test_the_verdict_is_said_in_words_and_marked_without_colour(kind: str, words: str) -> None:
    evidence = {"verdict": kind, "reasons": ["because"], "deflated_sharpe": 0.5, "pbo": None}
    made = verdict.render(with_result(evidence=evidence))
    text = Page(made).text
    assert words in text
    assert f"\N{BLACK CIRCLE} {kind}" in text
    assert text.count("\N{BLACK CIRCLE}") == 1
    assert "because" in text
    assert "no search tried this configuration" in text


def test_a_configuration_of_a_search_says_how_many_were_tried() -> None:
    search = {"candidates": 1_200, "first": "2010-01-04", "last": "2019-12-31", "pbo": 0.43}
    at = {"weak_deflated": 0.95, "strong_deflated": 0.995, "pbo": 0.2}
    evidence = {
        "verdict": "none", "reasons": [], "pbo": 0.43, "search": search, "thresholds": at,
        "stricter": ["evidence.strong_deflated"],
    }  # fmt: skip
    text = Page(verdict.render(with_result(evidence=evidence))).text
    assert "0.43 one of 1,200 in a search; at most 0.2 for strong" in text
    assert "weak from 0.95, strong from 0.995" in text
    assert "Judged more strictly than by default: evidence.strong_deflated" in text


def test_the_required_length_states_its_power_and_denies_no_verdict() -> None:
    evidence = {"verdict": "weak", "reasons": [], "required_years": 43.94}
    text = Page(verdict.render(with_result(evidence=evidence))).text
    assert "Better than chance explains" in text
    assert "would show in 95 of 100 histories of 43.9 years (95% power)" in text
    assert text.count("chance") == 1


def test_a_reason_shows_its_outcome_as_a_mark_and_a_word() -> None:
    reasons = ["fail: 3 trades; strong needs 100", "pass: 9 years", "note: plain"]
    made = verdict.render(with_result(evidence={"verdict": "none", "reasons": reasons}))
    text = Page(made).text
    assert "\N{MULTIPLICATION X} fail 3 trades; strong needs 100" in text
    assert "\N{CHECK MARK} pass 9 years" in text
    assert "note: plain" in text


def test_an_unknown_verdict_is_no_verdict() -> None:
    text = Page(verdict.render(with_result(evidence={"verdict": "great"}))).text
    assert "No verdict" in text
    assert "No reasons were recorded." in text


def limit_text(**limit: Any) -> str:
    return Page(limits.render(with_result(limits=[{"name": "gross", **limit}]))).text


def test_a_limit_that_binds_often_or_never_is_explained() -> None:
    assert "Bound in most cells. Small stops." in limit_text(share=0.51, explanation="Small stops.")
    assert "Never bound. Too wide." in limit_text(bound=0, cells=10, explanation="Too wide.")
    assert "No explanation was recorded." in limit_text(bound=6, cells=10)
    assert "recorded" not in limit_text(bound=5, cells=10)
    assert "recorded" not in limit_text(bound=1, cells=10)


@pytest.mark.parametrize(
    ("setting", "printed"),
    [
        ({"limit": 0.1}, "10%"),
        ({"limit": 0.0125}, "1.25%"),
        ({"limit": 5}, " 5 "),
        ({"limit": 1.5, "unit": "times"}, "1.5\N{MULTIPLICATION SIGN}"),
        ({"limit": 12.5, "unit": "bps"}, "12.5 bps"),
        ({"limit": "10% to 20%"}, "10% to 20%"),
        ({}, "\N{EM DASH}"),
    ],
)
def test_a_limit_is_printed_in_its_unit(setting: dict[str, Any], printed: str) -> None:
    assert printed in limit_text(share=0.1, bound=1, cells=10, **setting)


def test_intervals_stand_beside_their_figures() -> None:
    parts = with_result(metrics={"sharpe": 0.5, "cagr": 0.1}, intervals={"sharpe": [-0.25, 1.25]})
    text = Page(performance.render(parts)).text
    assert "[\N{MINUS SIGN}0.25, 1.25]" in text
    assert "\N{MINUS SIGN}0.25 to 1.25" in text


def test_a_long_universe_is_shortened_in_the_title() -> None:
    data = {"symbols": [f"S{k}" for k in range(9)]}
    assert heading.title(with_result(data=data)) == "S0, S1, S2, S3, S4, S5 and 3 more"
    assert heading.title(replace(REPORT, title="Mine")) == "Mine"


def test_fills_sum_by_reason() -> None:
    fills = pl.DataFrame(
        {
            "quantity": [10.0, -5.0, 1.0],
            "price": [100.0, 100.0, 500.0],
            "fee": [1.0, 2.0, 4.0],
            "slippage_bps": [2.0, 4.0, None],
            "reason": ["target", "target", "stop"],
        }
    )
    text = Page(costs.render(replace(REPORT, fills=fills))).text
    assert "target 2 67% 1,500 3 2.7 bps" in text
    assert "stop 1 33% 500 4 0.0 bps" in text
    assert "All 3 100% 2,000 7 2.0 bps" in text


def test_only_the_first_trades_are_listed_and_the_note_says_how_many_there_are() -> None:
    many = report_input(2, shape=Shape(days=260, trades=1234))
    made = trades.render(many)
    page = Page(made)
    assert "The first 500 of 1,234 trades" in page.text
    assert page.tags.count("tr") == 501
    assert "fills.parquet" in page.links
    assert "All 30 trades" in Page(trades.render(REPORT)).text


def test_columns_that_a_trade_table_lacks_are_left_out() -> None:
    assert REPORT.trades is not None
    text = Page(trades.render(replace(REPORT, trades=REPORT.trades.drop("reason", "fees")))).text
    assert "Exit reason" not in text
    assert "Entry price" in text


def test_sensitivity_shows_the_range_of_each_parameter() -> None:
    found = [
        {"parameter": "a.fast", "change": -0.2, "sharpe": 0.4},
        {"parameter": "a.fast", "change": 0.2, "sharpe": 0.9},
    ]
    text = Page(robustness.render(with_result(robustness={"sensitivity": found}))).text
    assert "a.fast" in text
    assert "0.40 to 0.90" in text
    assert text.count("This check did not run.") == 3


def test_every_strategy_and_instrument_has_its_row() -> None:
    text = Page(strategies.render(REPORT)).text
    assert all(s.name in text for s in REPORT.strategies)
    text = Page(instruments.render(REPORT)).text
    assert all(i.symbol in text for i in REPORT.instruments)


def test_the_histogram_counts_every_day() -> None:
    import re

    counts = [int(n) for n in re.findall(r": (\d+) days", returns.render(REPORT))]
    assert REPORT.daily_returns is not None
    assert sum(counts) == len(REPORT.daily_returns.values)
