import re
from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from kedge.domain.errors import DataError
from kedge.research.report import (
    Curve,
    EquityCurve,
    InstrumentTotal,
    ReportInput,
    StrategyTotal,
    render,
)
from kedge.research.report.page import NAVIGATION
from unit.report.markup import Page
from unit.report.synthetic import Shape, report_input, times

SMALL = Shape(days=300, trades=40)
HOSTILE = '</script><script>alert(1)</script><img src=x onerror="alert(2)">\'&'


@pytest.fixture(scope="module")
def html() -> str:
    return render(report_input(7, shape=SMALL))


@pytest.fixture(scope="module")
def page(html: str) -> Page:
    return Page(html)


def bare(rows: int = 1) -> ReportInput:
    ts = times(Shape(days=rows))
    flat = np.zeros(rows)
    return ReportInput({}, EquityCurve(ts, flat + 1e5, flat + 1e5, flat, flat, flat))


def test_every_panel_of_the_navigation_is_on_the_page(page: Page) -> None:
    assert [key for key, _ in NAVIGATION if key not in page.ids] == []
    charts = {"equity", "drawdown", "exposure", "sharpe", "strategies"}
    assert {f"chart-{name}" for name in charts} <= set(page.ids)


def test_every_reference_points_at_an_id_that_exists_once(page: Page) -> None:
    assert len(page.ids) == len(set(page.ids))
    inside = [link for link in page.links + page.references if link.startswith("#")]
    assert inside
    assert {link[1:] for link in inside} <= set(page.ids)


def test_the_page_loads_nothing(html: str, page: Page) -> None:
    assert page.loads == []
    assert not {"link", "img", "iframe", "object", "embed", "base"} & set(page.tags)
    assert not re.search(r"https?:|//[a-z]+\.[a-z]", html)
    assert not any("url(" in style or "@import" in style for style in page.styles)
    beside = {link for link in page.links if not link.startswith("#")}
    tables = ("equity", "fills", "attribution", "trades", "postings")
    assert beside == {"result.json", *(f"{name}.parquet" for name in tables)}


def test_the_policy_allows_the_pages_own_script_only(html: str) -> None:
    import base64
    import hashlib

    scripts = re.findall(r"<script>(.*?)</script>", html, re.DOTALL)
    assert len(scripts) == 1
    digest = base64.b64encode(hashlib.sha256(scripts[0].encode()).digest()).decode()
    assert f"script-src &#x27;sha256-{digest}&#x27;" in html
    assert "default-src &#x27;none&#x27;" in html


def test_the_same_input_gives_the_same_bytes(html: str) -> None:
    assert render(report_input(7, shape=SMALL)) == html


def test_text_from_outside_is_escaped_everywhere(html: str) -> None:
    original = report_input(7, shape=SMALL)
    shape = replace(SMALL, symbols=(HOSTILE, "B"), strategies=(HOSTILE, "b"))
    hostile = report_input(7, shape=shape)
    result = dict(hostile.result)
    result["kedge"] = result["config_hash"] = HOSTILE
    result["assumptions"] = [HOSTILE]
    result["data"] = {**result["data"], "notes": [HOSTILE], "interval": HOSTILE, "from": HOSTILE}
    result["evidence"] = {**result["evidence"], "reasons": [HOSTILE]}
    result["limits"] = [
        {"name": HOSTILE, "limit": HOSTILE, "unit": HOSTILE, "explanation": HOSTILE}
    ]
    result["benchmark"] = {HOSTILE: {"sharpe": 1.0, HOSTILE: 2.0}}
    result["metrics"] = {**result["metrics"], HOSTILE: 1.0}
    result["stress"] = [{HOSTILE: 1.0, "note": HOSTILE}]
    result["robustness"] = {
        "sensitivity": [{"parameter": HOSTILE, "change": 0.2, "sharpe": 1.0}],
        "noise": [{HOSTILE: HOSTILE}],
    }
    result["timing"] = {"phases": {HOSTILE: 1.0}}
    assert hostile.trades is not None
    assert hostile.fills is not None
    full = replace(
        hostile,
        result=result,
        title=HOSTILE,
        currency=HOSTILE,
        benchmarks=tuple(replace(c, name=HOSTILE) for c in hostile.benchmarks),
        trades=hostile.trades.with_columns(pl.lit(HOSTILE).alias("reason")),
        fills=hostile.fills.with_columns(pl.lit(HOSTILE).alias("reason")),
    )
    made = render(full)
    page = Page(made)
    assert "<script>alert" not in made
    assert "<img" not in made
    assert page.tags.count("script") == Page(html).tags.count("script")
    assert page.loads == []
    assert HOSTILE in page.text
    assert original.result["kedge"] == "0.1.0"


def test_simulated_is_said_in_the_bar_the_title_and_the_footer(html: str, page: Page) -> None:
    assert '<span class="simulated">Simulated results</span>' in html
    assert re.search(r"<title>[^<]*simulated", html)
    assert "no promise of profit" in page.text


def test_disclaimers_are_printed(page: Page) -> None:
    for phrase in (
        "results are simulated",
        "education and research",
        "Trade on paper first",
        "Comply with the law",
        "black swans",
    ):
        assert phrase in page.text


def test_required_parts_alone_make_a_page_that_says_what_is_missing() -> None:
    page = Page(render(bare()))
    assert "No verdict" in page.text
    assert [key for key, _ in NAVIGATION if key not in page.ids] == []
    for absence in (
        "holds no metrics",
        "needs daily returns",
        "kept no attribution",
        "counts no limits",
        "No cost stress ran",
        "No robustness checks ran",
        "kept no totals by instrument",
        "kept no trades",
    ):
        assert absence in page.text


def _poisoned(value: object) -> object:
    if isinstance(value, dict):
        return {key: _poisoned(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_poisoned(item) for item in value]
    return float("nan") if isinstance(value, int | float) else value


def test_a_missing_number_prints_as_a_dash_and_never_as_nan() -> None:
    whole = report_input(7, shape=SMALL)
    assert whole.daily_returns is not None
    assert whole.trades is not None
    gone = np.full(len(whole.equity.ts), np.nan)
    made = render(
        replace(
            whole,
            result=_poisoned(dict(whole.result)),
            equity=EquityCurve(whole.equity.ts, gone, gone, gone, gone, gone),
            benchmarks=(Curve("B", whole.equity.ts, gone),),
            daily_returns=Curve("S", whole.daily_returns.ts, gone[: len(whole.daily_returns.ts)]),
            trades=whole.trades.with_columns(
                pl.lit(float("nan")).alias("pnl"), pl.lit(None, pl.Int64).alias("exit_ts")
            ),
            strategies=(StrategyTotal("s", float("nan"), float("inf"), 0, float("nan")),),
            instruments=(InstrumentTotal("A", float("nan"), 0),),
        )
    )
    page = Page(made)
    assert not re.search(r"\b(nan|NaN|inf|None|null|undefined)\b", page.text)
    assert "NaN" not in re.sub(r"<script>.*?</script>", "", made, flags=re.DOTALL)
    assert page.text.count("\N{EM DASH}") > 40


def test_a_world_of_two_rows_and_no_trades_renders() -> None:
    small = replace(bare(2), trades=pl.DataFrame({"symbol": []}), fills=pl.DataFrame())
    assert "There were no trades." in Page(render(small)).text


@pytest.mark.parametrize(
    "shape",
    [Shape(days=2520), Shape(days=313, rows_per_day=288, trades=5000)],
    ids=["ten years of days", "90k rows of five minutes"],
)
def test_the_file_stays_small(shape: Shape) -> None:
    made = render(report_input(3, shape=shape))
    assert len(made.encode()) < 1_500_000


def test_columns_of_different_length_are_refused() -> None:
    ts = times(Shape(days=3))
    with pytest.raises(DataError, match="cash"):
        EquityCurve(ts, np.ones(3), np.ones(2), np.ones(3), np.ones(3), np.ones(3))
    with pytest.raises(DataError, match="values"):
        Curve("x", ts, np.ones(2))
    with pytest.raises(DataError, match="no rows"):
        EquityCurve(ts[:0], *(np.ones(0) for _ in range(5)))
