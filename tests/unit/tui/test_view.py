import re
from io import StringIO
from pathlib import Path
from threading import Event
from xml.etree import ElementTree

import pytest
from benchmarks.terminal import equity, example, picture
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from rich.console import Console

from kedge.domain.reason import MEANING, Reason
from kedge.domain.status import BackedUp, Status, last_decision, limit_use
from kedge.interfaces.tui import live
from kedge.interfaces.tui.header import head_lines
from kedge.interfaces.tui.live import History, View, watch
from kedge.interfaces.tui.view import line, render
from kedge.interfaces.tui.words import NONE, bar, micros, plain, price, seconds, spark

ROOT = Path(__file__).parents[3]
BARE = Status(
    session="s", version="0", venue="v", at=0, mode="ACTIVE", equity=0.0, cash=0.0, gross=0.0,
    currency="USD",
)  # fmt: skip


def text(status: Status, width: int, height: int | None, color: str | None = None) -> str:
    file = StringIO()
    screen = Console(
        file=file, width=width, height=height or 60, force_terminal=color is not None,
        color_system=color,  # type: ignore[arg-type]
    )  # fmt: skip
    screen.print(render(status, equity(), width, height))
    return file.getvalue()


@pytest.mark.parametrize("size", [(132, 35), (120, 30), (100, 24), (80, 24), (60, 20), (40, 12)])
def test_view_fills_its_screen_and_never_leaves_it(size: tuple[int, int]) -> None:
    width, height = size
    lines = text(example(), width, height).splitlines()
    assert len(lines) == height
    assert {len(each) for each in lines if each[0] in "╭│╰"} == {width}
    assert max(map(len, lines)) == width


@settings(max_examples=60, deadline=None)
@given(st.integers(10, 200), st.integers(1, 70), st.booleans())
def test_no_size_breaks_the_view(width: int, height: int, empty: bool) -> None:
    lines = text(BARE if empty else example(), width, height).splitlines()
    assert len(lines) <= height
    assert all(len(each) <= width for each in lines)


def test_large_view_shows_everything_there_is() -> None:
    shown, status = text(example(), 140, None), example()
    for part in (
        ["ACTIVE", "binance", "no real money", "60x", "14:03:32", "101,874.32", "1.1 %", "43 %"],
        [each.symbol for each in status.positions],
        [each.state for each in status.orders],
        [each.meaning for each in status.decisions],
        [each.name for each in (*status.limits, *status.feeds, *status.latencies)],
        [each.text for each in status.events],
        ["+105.29", "-141.12", "65,140.00", "none", "300 / 850", "unknown", "612 orders"],
    ):
        assert [word for word in part if word not in shown] == []


def test_what_does_not_fit_is_counted() -> None:
    shown = text(example(), 80, 24)
    assert re.search(r"… \d+ more", shown)


def test_a_small_terminal_says_in_two_lines_what_has_no_room() -> None:
    shown = text(example(), 80, 24).splitlines()
    assert len(shown) == 24
    trusted = sum(each.trusted for each in example().feeds)
    assert f"{trusted} of {len(example().feeds)} streams trusted, oldest" in shown[-2]
    assert f"{example().latencies[0].name} " in shown[-2]
    assert example().events[-1].text[:40] in shown[-1]
    bare = text(BARE, 80, 20).splitlines()
    assert "nothing happened yet" in bare[-1]
    banned = replace(example(), banned_until=example().at + 95 * 10**9)
    assert "banned until 14:05:07" in text(banned, 80, 24).splitlines()[-2]


def test_a_tall_terminal_needs_no_foot() -> None:
    assert "streams trusted" not in text(example(), 80, 80)


def test_newest_lines_of_the_log_are_kept() -> None:
    shown = text(example(), 132, 30)
    assert example().events[-1].text in shown


def test_session_with_nothing_in_it_says_so() -> None:
    shown = text(BARE, 132, 35)
    assert "flat: no positions" in shown
    assert "no orders are out" in shown
    assert "no row was decided yet" in shown


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"mode": "HALTED", "killed": True, "why": "killed by uid 7"}, "● KILLED"),
        ({"mode": "HALTED", "why": "drawdown stop"}, "● HALTED"),
        ({"mode": "REDUCING", "why": "daily loss"}, "● REDUCING"),
        ({"real": True}, "real money"),
    ],
)
def test_what_matters_most_stands_at_the_top(changed: dict[str, object], says: str) -> None:
    shown = text(replace(example(), **changed), 132, 35)
    assert says in shown.splitlines()[1]
    assert str(changed.get("why", "")) in shown


def test_markup_in_a_text_is_shown_as_it_is() -> None:
    hostile = replace(example(), why="[red]not[/] markup [/]", session="[bold]x")
    assert "[red]not[/] markup [/]" in text(hostile, 132, 35)


def test_colours_are_the_terminals_own() -> None:
    """So that they suit a dark terminal and a light one: no fixed shade, no ground."""
    drawn = text(example(), 132, 35, "truecolor")
    codes = {code for found in re.findall(r"\x1b\[([\d;]*)m", drawn) for code in found.split(";")}
    assert codes <= {"0", "1", "2", "31", "32", "33", "36"}
    assert "31" in codes


def test_a_ban_is_said_with_its_end_and_what_is_left_of_it() -> None:
    status = replace(example(), banned_until=example().at + 95 * 10**9)
    for width in (132, 80):
        shown = [row for row in text(status, width, 60).splitlines() if "banned" in row]
        assert len(shown) == 1
        assert re.search(r"● banned until 14:05:07\s+1 m 35 s", shown[0])
    assert line(status).endswith("fills so far 548, banned until 14:05:07")
    assert "banned" not in text(example(), 132, None)


def test_the_last_backup_is_said_in_a_line_of_the_head() -> None:
    made = BackedUp(example().at - 60 * 10**9, 16_385)
    for width in (132, 80):
        status = replace(example(), backup=made)
        shown = [row for row in text(status, width, 60).splitlines() if "backup" in row]
        assert [row.strip("│ ") for row in shown] == [
            "last backup 2026-02-27 14:02:32 UTC of your clock, up to record 16,385"
        ]
        assert head_lines(status, width) == head_lines(example(), width) + 1
    assert "backup" not in text(example(), 132, None)


def test_status_in_one_line() -> None:
    assert line(example()) == (
        "2026-02-27 14:03:32 row 1482 ACTIVE equity 101,874.32 USDT, positions 4, "
        "orders at work 4, fills so far 548"
    )


def test_decision_speaks_the_words_of_its_reason() -> None:
    for reason in Reason:
        assert last_decision("X", 0.0, 0.0, reason).meaning == MEANING[reason]


@pytest.mark.parametrize(("used", "limit", "share"), [(1, 4, 0.25), (0, 0, 0.0), (1, 0, 1.0)])
def test_share_of_a_limit(used: float, limit: float, share: float) -> None:
    assert limit_use("x", used, limit).share == share


@given(st.lists(st.floats(-1e9, 1e9), max_size=200), st.integers(0, 40))
def test_small_chart_is_never_wider_than_asked(values: list[float], width: int) -> None:
    drawn = spark(values, width)
    assert len(drawn) == min(width, len(values))
    assert set(drawn) <= set("▁▂▃▄▅▆▇█")


def test_small_chart_rises_with_its_values() -> None:
    assert spark([1, 2, 3, 4, 5, 6, 7, 8], 8) == "▁▂▃▄▅▆▇█"
    assert spark([3, 3, 3], 8) == "▁▁▁"


@pytest.mark.parametrize(
    ("share", "drawn", "style"),
    [
        (0.0, "──────────", "cyan"),
        (0.01, "━─────────", "cyan"),
        (0.5, "━━━━━─────", "cyan"),
        (0.85, "━━━━━━━━──", "yellow"),
        (1.0, "━━━━━━━━━━", "yellow"),
        (1.2, "━━━━━━━━━━", "red"),
    ],
)
def test_bar_fills_and_warns(share: float, drawn: str, style: str) -> None:
    found = bar(share, 10)
    assert found.plain == drawn
    assert style in {str(span.style) for span in found.spans} or share == 0.0


def test_numbers_are_said_as_traders_read_them() -> None:
    assert [plain(x) for x in (0.0, 1.5, 4310.0, 0.00001234, 12.34567, 1e12, None)] == [
        "0", "1.5", "4,310", "0.00001234", "12.3457", "1e+12", NONE,
    ]  # fmt: skip
    assert [price(x) for x in (100.0, 0.5102, 66910.5, None)] == [
        "100.00", "0.5102", "66,910.50", NONE,
    ]  # fmt: skip
    assert [seconds(x) for x in (0.04, 3.4, 75.0, 7260.0, None)] == [
        "40 ms", "3.4 s", "1 m 15 s", "2 h 01 m", NONE,
    ]  # fmt: skip
    assert [micros(x) for x in (3.1, 1930.0, 2e6, None)] == ["3.1 µs", "1.9 ms", "2.00 s", NONE]


def test_history_takes_each_instant_once() -> None:
    history = History()
    for at, amount in ((1, 5.0), (1, 5.0), (2, 6.0)):
        history.add(replace(BARE, at=at, equity=amount))
    assert list(history.equity) == [5.0, 6.0]


def test_without_a_terminal_each_row_is_a_line() -> None:
    file, ended = StringIO(), Event()
    rows = iter([1, 1, 2, 3])

    def read() -> Status | None:
        row = next(rows, None)
        if row is None:
            ended.set()
            return replace(BARE, row=3)
        return replace(BARE, row=row)

    watch(read, Console(file=file, width=20), ended)
    assert [found.split(" row ")[1][0] for found in file.getvalue().splitlines()] == list("123")


def test_terminal_gets_pictures_and_is_given_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "EVERY_S", 0.01)
    file = StringIO()
    screen = Console(file=file, width=100, height=24, force_terminal=True)
    with View(example, screen):
        Event().wait(0.2)
    drawn = file.getvalue()
    assert "\x1b[?1049h" in drawn  # the other screen, and back
    assert drawn.rstrip().endswith("\x1b[?1049l") or "\x1b[?1049l" in drawn
    assert "BTCUSDT" in drawn


def test_picture_of_the_documentation_is_current_and_stands_alone() -> None:
    written = (ROOT / "docs/img/terminal.svg").read_text(encoding="utf-8")
    assert written == picture(), "run `make docs`"
    root = ElementTree.fromstring(written)
    assert root.tag.endswith("svg")
    links = [value for each in root.iter() for value in each.attrib.values() if "://" in value]
    assert [link for link in links if "w3.org" not in link] == []
    assert "url(http" not in written
