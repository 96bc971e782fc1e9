import json
import math
from html import unescape

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kedge.research.report import numbers
from kedge.research.report.charts import MOST_POINTS, Chart, Series, figure
from kedge.research.report.html import Html, el, join
from kedge.research.report.lookup import number, rows, span, texts
from kedge.research.report.tables import Cell, Column, records, shown, table
from unit.report.markup import Page
from unit.report.synthetic import DAY_NS, START

DASH = "\N{EM DASH}"


@given(st.text())
def test_text_survives_escaping_unless_it_is_a_control_character(text: str) -> None:
    made = el("p", text, title=text)
    page = Page(made)
    assert page.tags == ["p"]
    legal = "".join(c for c in text if c >= " " or c in "\t\n")
    assert unescape(made[made.index(">") + 1 : -4]) == unescape(legal)


def test_markup_is_kept_and_text_is_escaped() -> None:
    assert join(["<b>", Html("<i></i>"), None, ["&"]]) == "&lt;b&gt;<i></i>&amp;"
    assert el("input", type="text", disabled=True, hidden=False) == '<input type="text" disabled>'


@pytest.mark.parametrize(
    ("form", "value", "text"),
    [
        (numbers.percent(1), 0.1234, "12.3%"),
        (numbers.percent(1), -0.1234, "\N{MINUS SIGN}12.3%"),
        (numbers.percent(1, sign=True), 0.02, "+2.0%"),
        (numbers.percent(1), -0.0001, "0.0%"),
        (numbers.ratio, 1.005, "1.00"),
        (numbers.money, 1234567.4, "1,234,567"),
        (numbers.price, 101.5, "101.50"),
        (numbers.price, 0.00001234, "0.00001234"),
        (numbers.quantity, 0.5, "0.5"),
        (numbers.quantity, 1200.0, "1,200"),
        (numbers.duration, 45.0, "45\N{NARROW NO-BREAK SPACE}s"),
        (numbers.duration, 90_000.0, "1\N{NARROW NO-BREAK SPACE}d 1\N{NARROW NO-BREAK SPACE}h"),
    ],
)
def test_numbers_read_as_people_write_them(form: numbers.Format, value: float, text: str) -> None:
    assert form(value) == text


@pytest.mark.parametrize(
    "form",
    [numbers.percent(), numbers.ratio, numbers.money, numbers.price, numbers.quantity,
     numbers.duration, numbers.bps, numbers.times],
)  # fmt: skip
@pytest.mark.parametrize("value", [None, math.nan, math.inf, -math.inf])
def test_an_unknown_number_is_a_dash(form: numbers.Format, value: float | None) -> None:
    assert form(value) == DASH


def test_a_result_of_the_wrong_shape_reads_as_unknown() -> None:
    node = {"a": "x", "b": [1, 2], "c": [0.1, math.nan], "d": True, "e": 3}
    assert number(node, "a") is None
    assert number(node, "d") is None
    assert number(node, "e") == 3.0
    assert texts(node, "b") == ()
    assert rows(node, "b") == ()
    assert span(node, "b") == (1.0, 2.0)
    assert span(node, "c") is None
    assert span({"s": {"low": 1, "high": 2}}, "s") == (1.0, 2.0)
    assert span({"s": {"low": None, "high": 2}}, "s") is None


def test_cells_carry_the_number_they_sort_by() -> None:
    made = table("T", [Column("a", numeric=False), Column("b")],
                 [[Cell("x"), shown(-0.5, numbers.percent(), signed=True)],
                  [Cell("y"), shown(None, numbers.percent())]])  # fmt: skip
    assert 'class="num loss" data-v="-0.5"' in made
    assert 'data-v=""' in made


def test_a_number_that_prints_as_zero_is_neither_gain_nor_loss() -> None:
    assert shown(-0.003, numbers.ratio, signed=True) == Cell("0.00", -0.003, "")
    assert shown(0.006, numbers.ratio, signed=True).cls == "gain"
    assert shown(float("nan"), numbers.ratio, signed=True) == Cell(DASH, None, "")


def test_percentiles_are_printed_like_their_quantity() -> None:
    made = records("B", [{"quantity": "cagr", "p5": -0.1}, {"quantity": "sharpe", "p5": 0.25}])
    text = Page(made).text
    assert "\N{MINUS SIGN}10.0%" in text
    assert "0.25" in text


@pytest.mark.parametrize(
    ("deepest", "says"),
    [
        (-0.25, "from \N{MINUS SIGN}25.0% to 0.0%"),
        (-0.0312, "from \N{MINUS SIGN}3.12% to 0.00%"),
        (-0.000042, "from \N{MINUS SIGN}0.00420% to 0.00000%"),
        (-1e-12, "from 0.000000% to 0.000000%"),
        (0.0, "from 0.0% to 0.0%"),
    ],
)
def test_the_text_of_a_chart_tells_a_small_fall_from_none(deepest: float, says: str) -> None:
    values = np.array([0.0, deepest, math.nan, 0.0])
    ts = START + np.arange(4, dtype=np.int64) * DAY_NS
    made = figure(Chart("d", "Drawdown", ts, (Series("Drawdown", values, kind="area"),), "percent"))
    assert says in made


def _data(made: str) -> dict[str, object]:
    return json.loads(made.split('application/json">')[1].split("</script>")[0])


def test_a_chart_carries_its_data_and_says_it_in_words() -> None:
    ts = START + np.arange(4, dtype=np.int64) * DAY_NS
    values = np.array([1.0, 3.0, np.nan, 2.0])
    chart = Chart("k", "Ratio", ts, (Series("</script>", values),), "ratio")
    made = figure(chart)
    data = _data(made)
    assert data["steps"] == [1, 1, 1]
    assert data["unit"] == 86_400_000
    assert data["start"] == START // 1_000_000
    assert data["series"][0]["values"] == [1, 3, None, 2]
    assert "from 1.00 to 3.00, at the end 2.00" in made
    assert "Drawn with" not in made
    assert made.count("</script>") == 1


def test_a_chart_of_many_rows_says_that_it_was_thinned() -> None:
    count = MOST_POINTS * 4
    ts = START + np.arange(count, dtype=np.int64) * 60_000_000_000
    values = np.sin(np.arange(count) / 50.0)
    values[1234] = 9.0
    made = figure(Chart("k", "R", ts, (Series("s", values),), "ratio"))
    drawn = _data(made)["series"][0]["values"]
    assert len(drawn) <= MOST_POINTS
    assert 9 in drawn
    assert f"of {count:,} rows" in made
