"""A status as a picture for a terminal of a given size. Pure: the same in, the same out."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from rich.box import ROUNDED
from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from kedge.domain.status import Status
from kedge.interfaces.tui.foot import LINES as FOOT
from kedge.interfaces.tui.foot import foot
from kedge.interfaces.tui.header import head_lines, header, mode
from kedge.interfaces.tui.tables import (
    Part,
    decisions,
    events,
    feeds,
    latencies,
    limits,
    orders,
    positions,
)
from kedge.interfaces.tui.words import FAINT, instant, money

WIDE: Final = 100
"""Characters from which the view has two columns."""
FRAME: Final = 2
"""Lines of a panel's border."""
LEAST: Final = 5
"""Lines of a panel that still says something."""
LOG: Final = 5
"""Lines that the log gets before the rest may grow."""


class Placed(NamedTuple):
    """A part and the lines it got, its border included.

    Attributes:
        part: to be drawn.
        lines: at most.
    """

    part: Part
    lines: int


def render(
    status: Status, history: Sequence[float], width: int, height: int | None = None
) -> RenderableType:
    """The view.

    Args:
        status: what to show.
        history: equity, oldest first.
        width: characters.
        height: lines that it never exceeds; None: as many as everything takes.
    """
    head = FRAME + head_lines(status, width)
    if height is not None and (height < head or width < 2 * len(status.currency) + 20):
        return Group(Text(line(status), no_wrap=True, overflow="ellipsis"))
    top = _panel(header(status, history, width), "", head)
    room = None if height is None else height - head
    body = _columns(status, room, width) if width >= WIDE else _narrow(status, room, width)
    return Group(top, *body)


def line(status: Status) -> str:
    """A status in one line, for what is no terminal."""
    held, fills = len(status.positions), status.counters.get("fills", 0)
    until = status.banned_until
    ban = f", banned until {instant(until, '%H:%M:%S')}" if until else ""
    return (
        f"{instant(status.at)} row {status.row} {mode(status).plain.removeprefix('● ')} "
        f"equity {money(status.equity)} {status.currency}, positions {held}, "
        f"orders at work {len(status.orders)}, fills so far {fills:,}{ban}"
    )


def _order(status: Status) -> list[Part]:
    """The parts of a narrow terminal, the most important first."""
    return [
        make(status) for make in (positions, orders, decisions, limits, feeds, latencies, events)
    ]


def _narrow(status: Status, room: int | None, width: int) -> list[RenderableType]:
    """One part beneath the other; where not all fit, two lines say what the others would."""
    parts = _order(status)
    if len(allot(parts, room)) == len(parts) or room is None or room < LEAST + FOOT:
        return _stack(parts, room, width)
    return [*_stack(parts, room - FOOT, width), *foot(status)]


def _columns(status: Status, room: int | None, width: int) -> list[RenderableType]:
    """Money on the left, machinery on the right, the log beneath."""
    left = [positions(status), orders(status), decisions(status)]
    right = [limits(status), feeds(status), latencies(status)]
    log = events(status)
    if room is not None and room < LEAST:
        return []
    if room is None:
        beside = _beside(allot(left, None), allot(right, None), width)
        return [beside, *_stack([log], None, width)]
    needed = max(sum(FRAME + part.lines for part in side) for side in (left, right))
    below = max(min(LOG, FRAME + log.lines), room - needed) if room > 2 * LEAST + LOG else 0
    beside = _beside(_filling(left, room - below), _filling(right, room - below), width)
    return [beside, *_drawn([Placed(log, below)] if below else [], width)]


def _beside(left: list[Placed], right: list[Placed], width: int) -> Table:
    first = 3 * width // 5
    grid = Table.grid()
    grid.add_column(width=first)
    grid.add_column(width=width - first)
    grid.add_row(Group(*_drawn(left, first)), Group(*_drawn(right, width - first)))
    return grid


def _stack(parts: Sequence[Part], room: int | None, width: int) -> list[RenderableType]:
    return _drawn(_filling(parts, room), width)


def _filling(parts: Sequence[Part], room: int | None) -> list[Placed]:
    """The parts that fit; the last one takes what is left over."""
    placed = allot(parts, room)
    if room is not None and placed:
        last = placed[-1]
        spare = room - sum(each.lines for each in placed)
        placed[-1] = last._replace(lines=last.lines + spare)
    return placed


def allot(
    parts: Sequence[Part], room: int | None, frame: int = FRAME, least: int = LEAST
) -> list[Placed]:
    """Lines for each part: first what it needs to say something, then in turn.

    Args:
        parts: the most important first.
        room: lines for all of them, None without an end.
        frame: lines of each one's border.
        least: lines with which one still says something.
    """
    wanted = [frame + part.lines for part in parts]
    if room is None:
        return [Placed(part, lines) for part, lines in zip(parts, wanted, strict=True)]
    given: list[int] = []
    for want in wanted:
        if sum(given) + min(want, least) > room:
            break
        given.append(min(want, least))
    while sum(given) < min(room, sum(wanted[: len(given)])):
        hungry = [n for n, lines in enumerate(given) if lines < wanted[n]]
        given[min(hungry, key=given.__getitem__)] += 1
    return [Placed(part, lines) for part, lines in zip(parts, given, strict=False)]


def _drawn(placed: Sequence[Placed], width: int) -> list[RenderableType]:
    return [
        _panel(each.part.drawn(each.lines - FRAME, width - 4), each.part.title, each.lines)
        for each in placed
    ]


def _panel(inside: RenderableType, title: str, lines: int) -> Panel:
    return Panel(
        inside,
        title=Text(title, "bold") if title else None,
        title_align="left",
        box=ROUNDED,
        border_style=FAINT,
        padding=(0, 1),
        height=lines,
    )
