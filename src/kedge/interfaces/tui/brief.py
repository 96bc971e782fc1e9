"""A status on one screen: what a person asks for first. Pure: the same in, the same out."""

from collections.abc import Iterator, Sequence
from typing import Final

from msgspec.structs import replace
from rich.console import Group, RenderableType
from rich.text import Text

from kedge.domain.status import Happened, Status, WorkingOrder
from kedge.domain.wording import counted
from kedge.interfaces.tui.header import head_lines, header
from kedge.interfaces.tui.tables import Part, orders, positions
from kedge.interfaces.tui.view import allot
from kedge.interfaces.tui.words import (
    BAD,
    FAINT,
    GOOD,
    NEAR,
    WARN,
    instant,
    percent,
    seconds,
)

LINES: Final = 23
"""Of a terminal of 24, beside the prompt."""
WARNINGS: Final = 5
"""Lines for the last refusals and warnings."""
LEAST: Final = 3
"""Lines of a table that still says something."""


def brief(status: Status, width: int, lines: int = LINES) -> RenderableType:
    """Mode, money, positions, working orders, limits, feeds, and what went wrong last.

    Args:
        status: what to show.
        width: characters.
        lines: that it takes at most, from a dozen on.
    """
    rest = [*_limits(status, width), *_feeds(status, width), *_warnings(status, width)]
    room = lines - head_lines(status, width) - len(rest)
    tables = allot([_titled(positions(status)), _titled(_orders(status))], room, 0, LEAST)
    drawn = [each.part.drawn(each.lines, width) for each in tables]
    return Group(header(status, (), width), *drawn, *rest)


def _titled(part: Part) -> Part:
    """Its title in the place of its first column's, which saves a line."""
    first, *others = part.columns
    return part._replace(columns=(first._replace(title=part.title), *others))


def _orders(status: Status) -> Part:
    """Without the stops that stand beside their positions."""
    listed = tuple(each for each in status.orders if not _is_live_stop(each))
    stops = len(status.orders) - len(listed)
    part = orders(replace(status, orders=listed))
    if not stops:
        return part
    beside = counted(stops, "stop")
    empty = f"no orders are out beside {beside}"
    return part._replace(title=f"orders (and {beside})", empty=empty)


def _is_live_stop(order: WorkingOrder) -> bool:
    return order.kind.startswith("stop") and order.state == "working"


def _limits(status: Status, width: int) -> list[Text]:
    """The fullest first."""
    fullest = sorted(status.limits, key=lambda each: -each.share)
    pieces = [Text(f"{each.name} {percent(each.share, 0)}", _use(each.share)) for each in fullest]
    return _flow("limits  ", pieces or [Text("none is known yet", FAINT)], ", ", width)


def _use(share: float) -> str:
    return BAD if share > 1 else WARN if share >= NEAR else ""


def _feeds(status: Status, width: int) -> list[Text]:
    return _flow("feeds   ", list(_health(status)), ", ", width)


def _health(status: Status) -> Iterator[Text]:
    """Whatever is wrong by name, the others counted."""
    if status.banned_until:
        yield Text(f"banned until {instant(status.banned_until, '%H:%M:%S')}", BAD)
    trusted = [each for each in status.feeds if each.trusted]
    for each in status.feeds:
        if not each.trusted:
            yield Text(f"{each.name} not trusted ({seconds(each.age_s)})", BAD)
    if trusted:
        oldest = max((each.age_s for each in trusted if each.age_s is not None), default=None)
        yield Text(f"{len(trusted)} trusted, the oldest {seconds(oldest)}", GOOD)
    if not status.feeds:
        yield Text("no streams", FAINT)


def _warnings(status: Status, width: int) -> list[Text]:
    """The last lines of the log that somebody should look at, whole ones, oldest first."""
    shown: list[Text] = []
    for each in reversed(status.events):
        more = _warning(each, width) if each.grave else []
        if len(shown) + len(more) > WARNINGS:
            break
        shown = [*more, *shown]
    if not shown:
        return [Text("nothing was refused and nothing is odd", FAINT)]
    return [Text("last refusals and warnings", FAINT), *shown]


def _warning(event: Happened, width: int) -> list[Text]:
    words = [Text(word) for word in event.text.split(" ")]
    return _flow(f"{instant(event.at, '%H:%M:%S')}  ", words, " ", width)


def _flow(label: str, pieces: Sequence[Text], between: str, width: int) -> list[Text]:
    """Pieces beside each other in as many lines as that takes, indented by the label."""
    lines: list[Text] = []
    line = Text(label, FAINT)
    for number, piece in enumerate(pieces):
        ending = between if number + 1 < len(pieces) else ""
        whole = Text.assemble(piece, ending.rstrip())
        if len(line) > len(label) and len(line) + len(whole) > width:
            lines, line = [*lines, line], Text(" " * len(label))
        line = Text.assemble(line, whole, " " if ending else "")
    for each in (*lines, line):
        each.rstrip()
    return [*lines, line]
