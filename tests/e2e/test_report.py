"""The report as a reader meets it: in a browser, without a network."""

import math
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from typing import Any

import pytest

from e2e.chromium import Page, browser, executable
from golden.make_session import FOLDER
from kedge.research.report import render
from kedge.research.session.files import write_report
from support import skip_or_fail
from unit.report.synthetic import Shape, report_input

DARK, LIGHT = "rgb(13, 17, 23)", "rgb(255, 255, 255)"
BACKGROUND = "getComputedStyle(document.body).backgroundColor"
CONTRASTS = """
(() => {
  const parse = (c) => {
    const n = c.match(/[\\d.]+/g).map(Number);
    const rgb = c.startsWith("color(") ? n.slice(-3 - (c.includes("/") ? 1 : 0)).slice(0, 3)
      : n.slice(0, 3).map((v) => v / 255);
    return { rgb, solid: c.includes("/") || c.startsWith("rgba") ? n.at(-1) > 0 : true };
  };
  const light = (rgb) => {
    const [r, g, b] = rgb.map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (e) => {
    for (; e; e = e.parentElement) {
      const back = parse(getComputedStyle(e).backgroundColor);
      if (back.solid) return back.rgb;
    }
    return [1, 1, 1];
  };
  const spoken = (e) => [...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim());
  return [...document.querySelectorAll("body *")].filter((e) => spoken(e)
    && !e.closest("script, noscript, .quiet, .skip") && e.getClientRects().length).map((e) => {
    const style = getComputedStyle(e);
    const ink = light(parse(e.closest("svg") ? style.fill : style.color).rgb);
    const paper = light(behind(e));
    const ratio = (Math.max(ink, paper) + 0.05) / (Math.min(ink, paper) + 0.05);
    return [ratio, `${e.tagName} ${e.className.baseVal ?? e.className}`];
  });
})()
"""
SIDEWAYS = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("report") / "report.html"
    shape = Shape(days=600, trades=60, symbols=("<script>document.title='x'</script>", "BBB"))
    target.write_text(render(report_input(7, shape=shape)), encoding="utf-8")
    return target


@pytest.fixture(scope="module")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    if executable() is None:
        skip_or_fail("browser", "no Chromium on this machine (Debian: apt-get install chromium)")
    with browser(tmp_path_factory.mktemp("profile")) as page:
        yield page


@pytest.fixture
def page(chromium: Page, file: Path) -> Page:
    chromium.events.clear()
    chromium.size(1280, 900)
    chromium.prefer("dark")
    chromium.open(file)
    return chromium


def centre(page: Page, selector: str) -> tuple[float, float]:
    box = page.run(
        f"(() => {{ const e = document.querySelector({selector!r});"
        " e.scrollIntoView({block: 'center'}); const b = e.getBoundingClientRect();"
        " return [b.x + b.width / 2, b.y + b.height / 2]; })()"
    )
    return box[0], box[1]


def stamp(page: Page, chart: str) -> str:
    return page.run(f"document.querySelector('#chart-{chart} time').textContent")


def test_it_opens_without_an_error_and_asks_for_nothing_but_itself(page: Page, file: Path) -> None:
    assert page.complaints() == []
    assert page.requests() == [file.as_uri()]
    assert "kedge backtest (simulated)" in page.run("document.title")


def test_every_chart_is_drawn(page: Page) -> None:
    drawn = page.run(
        "[...document.querySelectorAll('figure.chart')].map(f =>"
        " [f.id, [...f.querySelectorAll('path.line')].every(p => p.getAttribute('d').length > 500)"
        " && f.querySelectorAll('.tick.x').length > 2 && f.querySelectorAll('.tick.y').length > 1])"
    )
    assert len(drawn) == 5
    assert [name for name, whole in drawn if not whole] == []


def test_ticks_do_not_overlap(page: Page) -> None:
    for width in (1280, 390):
        page.size(width, 900)
        page.settle()
        overlaps = page.run(
            "[...document.querySelectorAll('svg')].flatMap(s => {"
            " const boxes = [...s.querySelectorAll('.tick.x')].map(t => t.getBoundingClientRect());"
            " return boxes.slice(1).filter((b, k) => b.left < boxes[k].right + 2); }).length"
        )
        assert overlaps == 0


def test_it_follows_the_readers_colours_and_the_button_changes_them(page: Page) -> None:
    assert page.run(BACKGROUND) == DARK
    page.prefer("light")
    assert page.run(BACKGROUND) == LIGHT
    page.run("document.getElementById('theme').click()")
    before = page.run(BACKGROUND)
    page.run("document.getElementById('theme').click()")
    assert {before, page.run(BACKGROUND)} == {DARK, LIGHT}
    page.run("localStorage.clear()")


def test_it_is_light_on_paper(page: Page) -> None:
    page.prefer("dark", media="print")
    assert page.run(BACKGROUND) == LIGHT
    assert page.run("getComputedStyle(document.querySelector('nav')).display") == "none"
    assert page.run("getComputedStyle(document.querySelector('.simulated')).display") != "none"


def test_the_crosshair_reads_values_on_every_chart(page: Page) -> None:
    x, y = centre(page, "#chart-equity .plot")
    last = stamp(page, "equity")
    page.mouse("mouseMoved", x, y)
    here = stamp(page, "equity")
    assert here < last
    assert stamp(page, "drawdown") == stamp(page, "exposure") == here
    index, value = page.run(
        "(() => { const f = document.querySelector('#chart-equity');"
        " const spec = JSON.parse(f.querySelector('script').textContent);"
        " let t = spec.start, k = 0; const day = () => new Date(t).toISOString().slice(0, 10);"
        " while (day() !== f.querySelector('time').textContent) t += spec.steps[k++] * spec.unit;"
        " return [k, spec.series[0].values[k]]; })()"
    )
    assert index > 0
    shown = page.run("document.querySelector('#chart-equity .key b').textContent")
    assert int(shown.replace(",", "")) == round(value)


def test_dragging_zooms_every_chart_and_a_double_click_resets(page: Page) -> None:
    span = (
        "[...document.querySelectorAll('#chart-drawdown .tick.x')].map(t => t.textContent).join()"
    )
    whole = page.run(span)
    x, y = centre(page, "#chart-equity .plot")
    page.mouse("mouseMoved", x - 100, y)
    page.mouse("mousePressed", x - 100, y, pressed=True)
    page.mouse("mouseMoved", x + 60, y, pressed=True)
    width = page.run("document.querySelector('#chart-equity .select').getAttribute('width')")
    assert float(width) == pytest.approx(160)
    page.mouse("mouseReleased", x + 60, y, pressed=True)
    assert page.run(span) != whole
    page.run("document.querySelector('#chart-equity .plot').dispatchEvent(new Event('dblclick'))")
    assert page.run(span) == whole


def test_the_keyboard_moves_the_crosshair_zooms_and_resets(page: Page) -> None:
    page.run("document.querySelector('#chart-equity .plot').focus()")
    last = stamp(page, "equity")
    page.key("ArrowLeft")
    one = stamp(page, "equity")
    page.key("ArrowLeft")
    assert stamp(page, "equity") < one < last
    assert "Strategy" in page.run("document.getElementById('chart-voice').textContent")
    page.key("+")
    assert page.run("document.querySelector('#spans [aria-pressed=true]')") is None
    page.key("Escape")
    assert page.run("document.querySelector('#spans [aria-pressed=true]').textContent") == "All"


def scales(page: Page, expression: str) -> Any:
    """The value of an expression over the page's own functions of numbers and ticks."""
    static = resources.files("kedge.research.report").joinpath("static", "scales.js")
    return page.run(f"(() => {{ {static.read_text('utf-8')}\nreturn {expression}; }})()")


@pytest.mark.parametrize(
    ("unit", "ticks", "labels"),
    [
        ("money", "[0, 2500, 5000, 7500, 10000]", ["0", "2.5k", "5.0k", "7.5k", "10.0k"]),
        ("money", "[90000, 100000, 110000]", ["90k", "100k", "110k"]),
        ("money", "[99990, 100000, 100010]", ["99,990", "100,000", "100,010"]),
        ("money", "[100000, 100002.5]", ["100,000.0", "100,002.5"]),
        ("money", "[100, 1000, 10000, 100000]", ["0.1k", "1.0k", "10.0k", "100.0k"]),
        ("money", "[-2.5e6, 0, 2.5e6]", ["\u22122.5M", "0", "2.5M"]),
        ("percent", "[-0.05, -0.025, 0]", ["\u22125.0%", "\u22122.5%", "0.0%"]),
        ("percent", "[0, 0.1, 0.2, 0.1 * 3]", ["0%", "10%", "20%", "30%"]),
        ("ratio", "[0, 0.25, 0.5]", ["0.00", "0.25", "0.50"]),
    ],
)
def test_a_label_writes_its_tick_out(page: Page, unit: str, ticks: str, labels: list[str]) -> None:
    assert scales(page, f"FORMATS.{unit}.axis({ticks})") == labels


def test_no_two_ticks_share_a_label_and_every_label_is_its_ticks_value(page: Page) -> None:
    wrong = scales(
        page,
        "[1e-3, 0.02, 1, 37, 2.6e3, 1.1e4, 9.9e4, 1.2e6, 3e9].flatMap(high =>"
        " [0, 0.5, 0.99, 0.9999].flatMap(share => [2, 3, 5, 8].flatMap(most =>"
        " Object.keys(FORMATS).map(unit => {"
        " const ticks = linearTicks(share * high, high, most);"
        " const labels = FORMATS[unit].axis(ticks);"
        " const size = { B: 1e9, M: 1e6, k: 1e3, '%': 0.01 };"
        " const value = (t) => parseFloat(t.replaceAll(',', '')) * (size[t.at(-1)] || 1);"
        " const apart = (v, k) => Math.abs(value(labels[k]) - v) > 1e-9 * high;"
        " return new Set(labels).size !== ticks.length || ticks.some(apart)"
        " ? [unit, high, share, most, labels.join(' ')].join() : null; })))).filter(Boolean)",
    )
    assert wrong == []


def test_labels_stay_inside_the_page(page: Page) -> None:
    cut = page.run(
        "[...document.querySelectorAll('.tick.y')].filter(t => t.getBoundingClientRect().left"
        " < t.closest('svg').getBoundingClientRect().left).map(t => t.textContent)"
    )
    assert cut == []


def test_the_log_switch_spaces_the_axis_by_ratio(page: Page) -> None:
    ticks = (
        "[...document.querySelectorAll('#chart-equity .tick.y')]"
        ".map(t => [parseFloat(t.textContent), +t.getAttribute('y')])"
    )
    (a, ya), *_, (b, yb), (c, yc) = page.run(ticks)
    assert (yb - ya) / (yc - yb) == pytest.approx((b - a) / (c - b), rel=0.05)
    page.run("document.querySelector('#chart-equity .log').click()")
    (a, ya), *_, (b, yb), (c, yc) = page.run(ticks)
    assert (yb - ya) / (yc - yb) == pytest.approx(math.log(b / a) / math.log(c / b), rel=0.05)
    assert (b - a) / (c - b) != pytest.approx(math.log(b / a) / math.log(c / b), rel=0.1)
    assert page.run("document.querySelector('#chart-equity .log').ariaPressed") == "true"


def test_a_click_on_a_head_sorts_by_number(page: Page) -> None:
    values = "[...document.querySelectorAll('#trade-table td:nth-child(9)')].map(c => +c.dataset.v)"
    click = "document.querySelector('#trade-table th:nth-child(9) button').click()"
    original = page.run(values)
    page.run(click)
    assert page.run(values) == sorted(original)
    page.run(click)
    assert page.run(values) == sorted(original, reverse=True)


def test_the_filter_hides_rows_and_counts_the_rest(page: Page) -> None:
    kept = page.run(
        "(() => { const i = document.getElementById('trade-filter'); i.value = 'bbb long';"
        " i.dispatchEvent(new Event('input'));"
        " return [...document.querySelectorAll('#trade-table tbody tr')].filter(r => !r.hidden)"
        ".map(r => r.textContent.includes('BBB') && r.textContent.includes('long')); })()"
    )
    assert all(kept)
    assert 0 < len(kept) < 60
    status = page.run("document.getElementById('trade-status').textContent")
    assert status == f"{len(kept)} of 60 rows"


@pytest.mark.parametrize("width", [1280, 768, 390])
def test_the_page_fits_its_screen_and_simulated_stays_in_view(page: Page, width: int) -> None:
    page.size(width, 844, mobile=width < 700)
    page.settle()
    assert page.run(SIDEWAYS) <= 0
    page.run("window.scrollTo(0, document.body.scrollHeight)")
    page.settle()
    top, left, right = page.run(
        "(() => { const b = document.querySelector('.simulated').getBoundingClientRect();"
        " return [b.top, b.left, b.right]; })()"
    )
    assert 0 <= top < 60
    assert left >= 0
    assert right <= width


def test_text_and_background_keep_the_contrast_that_reading_needs(page: Page) -> None:
    """Every visible text of the page against what lies behind it: 4.5 to 1 (WCAG 2.2, AA)."""
    for scheme in ("dark", "light"):
        page.prefer(scheme)
        measured = page.run(CONTRASTS)
        assert len(measured) > 500
        faint = sorted({(round(ratio, 2), where) for ratio, where in measured if ratio < 4.5})
        assert faint == [], scheme


@pytest.mark.parametrize(
    ("ticks", "labels"),
    [
        ("[30, 31, 32].map(m => [Date.UTC(2026, 10, 21, 7, m), MINUTE])",
         ["21 Nov 07:30", "07:31", "07:32"]),
        ("[20, 21].map(d => [Date.UTC(2026, 10, d), DAY])", ["20 Nov 2026", "21 Nov"]),
        ("[2025, 2026].map(y => [Date.UTC(y, 0, 1), 366 * DAY])", ["2025", "2026"]),
    ],
)  # fmt: skip
def test_the_first_time_says_its_day_or_year(page: Page, ticks: str, labels: list[str]) -> None:
    assert scales(page, f"{ticks}.map(([t, step], k) => timeLabel(t, step, k === 0))") == labels


@pytest.fixture
def session(chromium: Page, tmp_path_factory: pytest.TempPathFactory) -> Page:
    folder = tmp_path_factory.mktemp("session") / "report"
    write_report(FOLDER, folder)
    chromium.events.clear()
    chromium.open(folder / "report.html")
    return chromium


@pytest.mark.parametrize("scheme", ["dark", "light"])
@pytest.mark.parametrize("width", [1280, 390])
def test_a_sessions_report_can_be_read(session: Page, width: int, scheme: str) -> None:
    """No error, nothing faint, and what the first lines and the limits say within the screen."""
    session.size(width, 844, mobile=width < 700)
    session.prefer(scheme)
    session.settle()
    assert session.complaints() == []
    assert session.run(SIDEWAYS) <= 0
    assert [where for ratio, where in session.run(CONTRASTS) if ratio < 4.5] == []
    cut = session.run(
        "[...document.querySelectorAll('#session td, #limits td')]"
        ".filter(c => c.getBoundingClientRect().right > innerWidth).length"
    )
    assert cut == 0
