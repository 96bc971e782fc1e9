"""The status that fits one screen: what is asked for first, and nothing wrong left out."""

from io import StringIO

import pytest
from benchmarks.terminal import example
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from rich.console import Console

from kedge.domain.status import Happened, Position, Status, WorkingOrder
from kedge.interfaces.tui.brief import LINES, brief

BARE = Status(
    session="s", version="0", venue="v", at=0, mode="ACTIVE", equity=0.0, cash=0.0, gross=0.0,
    currency="USD",
)  # fmt: skip


def shown(status: Status, width: int = 80, lines: int = LINES) -> list[str]:
    file = StringIO()
    Console(file=file, width=width, color_system=None).print(brief(status, width, lines))
    return file.getvalue().splitlines()


def held(number: int) -> Position:
    return Position(
        symbol=f"COIN{number}USDT", quantity=1.0, average=100.0, price=101.0, value=101.0,
        unrealised=1.0, stop=95.0, stop_live=True,
    )  # fmt: skip


def order(number: int, kind: str, state: str = "working") -> WorkingOrder:
    return WorkingOrder(
        id=str(number), symbol=f"COIN{number}USDT", side="sell", kind=kind, quantity=1.0,
        filled=0.0, price=95.0, state=state, age_s=1.0,
    )  # fmt: skip


@pytest.mark.parametrize("width", [80, 90, 100, 132])
def test_a_usual_session_is_shown_whole_on_one_screen(width: int) -> None:
    status = example()
    lines = shown(status, width)
    said = " ".join(" ".join(lines).split())
    assert len(lines) <= LINES
    assert max(map(len, lines)) <= width
    wanted = ["ACTIVE", "101,874.32", "drawdown 1.1 %", "group 90 %", "daily_loss 2 %"]
    wanted += [each.symbol for each in status.positions]
    wanted += [f"{each.price:,.2f}" for each in status.orders if each.symbol != "ADAUSDT"]
    wanted += ["okx depth not trusted (6.2 s)", "2 trusted, the oldest 310 ms", "unknown"]
    wanted += [each.text for each in status.events if each.grave]
    assert [word for word in wanted if word not in said] == []
    assert not any("more" in line for line in lines)


@settings(max_examples=60, deadline=None)
@given(
    st.integers(0, 12), st.integers(0, 12), st.integers(0, 9), st.integers(80, 140),
    st.booleans(),
)  # fmt: skip
def test_no_session_takes_more_than_a_screen(
    positions: int, orders: int, refusals: int, width: int, killed: bool
) -> None:
    why = "killed by uid 7" if killed else ""
    wordy = "the gate refused: buy (post-only) 0.199 ETHUSDT: price 3.1 % from the other side of "
    status = replace(
        example(),
        why=why, killed=killed,
        positions=tuple(map(held, range(positions))),
        orders=tuple(order(n, "limit") for n in range(orders)),
        events=tuple(Happened(n, f"{wordy}{n}", True) for n in range(refusals)),
    )  # fmt: skip
    lines = shown(status, width)
    assert len(lines) <= LINES
    assert max(map(len, lines)) <= width
    assert any("● KILLED" in line for line in lines) == killed
    if refusals:
        assert f"side of {refusals - 1}" in " ".join(" ".join(lines).split())


def test_what_does_not_fit_is_counted() -> None:
    status = replace(example(), positions=tuple(map(held, range(30))))
    lines = shown(status)
    assert sum("COIN" in line for line in lines) >= 2
    assert any("… " in line and " more" in line for line in lines)


def test_a_stop_at_work_stands_beside_its_position_and_any_other_is_listed() -> None:
    stops = tuple(order(n, "stop") for n in range(3))
    status = replace(BARE, orders=(*stops, order(7, "stop", "unknown")))
    said = "\n".join(shown(status))
    assert "orders (and 3 stops)" in said
    assert "COIN7USDT" in said
    assert "COIN1USDT" not in said
    alone = "\n".join(shown(replace(status, orders=stops[:1])))
    assert "no orders are out beside 1 stop" in alone


def test_an_empty_session_says_so() -> None:
    said = "\n".join(shown(BARE))
    for words in ("flat: no positions", "no orders are out", "none is known yet", "no streams",
                  "nothing was refused and nothing is odd"):  # fmt: skip
        assert words in said


def test_a_ban_is_said() -> None:
    status = replace(example(), banned_until=example().at + 95 * 10**9)
    assert any("feeds   banned until 14:05:07" in line for line in shown(status))


def test_the_last_refusal_is_whole_however_long() -> None:
    text = "the gate refused: " + " ".join(f"word{n}" for n in range(30))
    lines = shown(replace(example(), events=(Happened(0, text, True),)))
    assert text in " ".join(" ".join(lines).split())
