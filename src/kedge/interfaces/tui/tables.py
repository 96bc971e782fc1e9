"""The parts of the view, each a table that is cut to the lines it gets."""

from collections.abc import Sequence
from typing import NamedTuple

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from kedge.domain.status import Status
from kedge.interfaces.tui.words import (
    BAD,
    FAINT,
    GOOD,
    NONE,
    WARN,
    bar,
    instant,
    micros,
    money,
    percent,
    plain,
    price,
    seconds,
    signed,
)

Cell = str | Text
Row = tuple[Cell, ...]

BAR = 12
"""Characters of a limit's bar."""
GAP = 2
"""Between two columns."""


class Column(NamedTuple):
    """One column of a part.

    Attributes:
        title: above it; empty for none.
        right: aligned to the right.
        slack: takes the room that is left.
        drop: left out where the room is short, the highest first; 0 stays.
    """

    title: str
    right: bool = False
    slack: bool = False
    drop: int = 0


class Part(NamedTuple):
    """One part of the view.

    Attributes:
        title: above it.
        columns: what a row consists of.
        rows: everything there is to show.
        empty: said where there are no rows.
        newest_last: whether the last rows are kept when it is cut, else the first ones.
    """

    title: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    empty: str
    newest_last: bool = False

    @property
    def headed(self) -> bool:
        """Whether a line of headings stands above the rows."""
        return bool(self.rows) and any(column.title for column in self.columns)

    @property
    def lines(self) -> int:
        """Lines that it takes uncut."""
        return max(1, len(self.rows)) + self.headed

    def drawn(self, lines: int, width: int) -> RenderableType:
        """The part in at most so many lines and characters."""
        if not self.rows:
            return Text(self.empty, FAINT)
        rows, more = self._cut(lines - self.headed)
        table = self._table(self._kept(rows, width), rows)
        return Group(table, Text(f"… {more} more", FAINT)) if more else table

    def _cut(self, room: int) -> tuple[Sequence[Row], int]:
        """The rows to show, and how many more there are."""
        if len(self.rows) <= room:
            return self.rows, 0
        if self.newest_last:
            return self.rows[len(self.rows) - max(0, room) :], 0
        shown = max(0, room - 1)
        return self.rows[:shown], len(self.rows) - shown

    def _kept(self, rows: Sequence[Row], width: int) -> list[int]:
        """Places of the columns that there is room for."""
        kept = list(range(len(self.columns)))
        wide = [max((_length(row[n]) for row in rows), default=0) for n in kept]
        wide = [max(w, len(c.title)) for w, c in zip(wide, self.columns, strict=True)]
        while sum(wide[n] + GAP for n in kept) - GAP > width:
            worst = max(kept, key=lambda n: self.columns[n].drop)
            if not self.columns[worst].drop:
                break
            kept.remove(worst)
        return kept

    def _table(self, kept: Sequence[int], rows: Sequence[Row]) -> Table:
        table = Table(
            box=None,
            expand=True,
            pad_edge=False,
            show_header=self.headed,
            header_style=FAINT,
            padding=(0, GAP, 0, 0),
        )
        for column in (self.columns[n] for n in kept):
            table.add_column(
                column.title,
                justify="right" if column.right else "left",
                ratio=1 if column.slack else None,
                min_width=6 if column.slack else None,
                no_wrap=True,
                overflow="ellipsis",
            )
        for row in rows:
            cells = (row[n] for n in kept)
            table.add_row(*(Text(cell) if isinstance(cell, str) else cell for cell in cells))
        return table


def _length(cell: Cell) -> int:
    return len(cell) if isinstance(cell, str) else cell.cell_len


def positions(status: Status) -> Part:
    """What is held, and the stop that guards it."""
    rows = (
        (
            Text(each.symbol, "bold"),
            plain(each.quantity),
            price(each.average),
            price(each.price),
            money(each.value),
            signed(each.unrealised),
            _stop(each.stop, each.stop_live),
        )
        for each in status.positions
    )
    columns = (
        Column("symbol", slack=True),
        Column("quantity", right=True),
        Column("average", right=True, drop=2),
        Column("price", right=True, drop=1),
        Column("value", right=True, drop=3),
        Column("unrealised", right=True),
        Column("stop", right=True),
    )
    return Part("positions", columns, tuple(rows), "flat: no positions")


def _stop(stop: float | None, live: bool) -> Text:
    if stop is None:
        return Text("none", WARN)
    return Text(price(stop), "" if live else WARN)


def orders(status: Status) -> Part:
    """What works at the venue or is on its way."""
    rows = (
        (
            Text(each.symbol, "bold"),
            Text(each.side, GOOD if each.side == "buy" else BAD),
            each.kind,
            f"{plain(each.filled)} / {plain(each.quantity)}",
            price(each.price),
            Text(each.state, BAD if each.state == "unknown" else ""),
            seconds(each.age_s),
        )
        for each in status.orders
    )
    columns = (
        Column("symbol", slack=True),
        Column("side"),
        Column("kind", drop=1),
        Column("filled", right=True),
        Column("price", right=True),
        Column("state"),
        Column("age", right=True, drop=2),
    )
    return Part("working orders", columns, tuple(rows), "no orders are out")


def decisions(status: Status) -> Part:
    """What the last row wanted, and what held it back."""
    rows = (
        (
            Text(each.symbol, "bold"),
            NONE if each.edge_bps is None else f"{each.edge_bps:+.1f}",
            NONE if each.confidence is None else f"{each.confidence:.2f}",
            plain(each.target),
            Text(each.meaning, FAINT if each.reason == "NONE" else ""),
        )
        for each in status.decisions
    )
    columns = (
        Column("symbol"),
        Column("edge bp", right=True, drop=1),
        Column("conf.", right=True, drop=2),
        Column("target", right=True),
        Column("what bound it", slack=True),
    )
    return Part("last decisions", columns, tuple(rows), "no row was decided yet")


def limits(status: Status) -> Part:
    """How much of each limit is used, the fullest first."""
    ordered = sorted(status.limits, key=lambda each: -each.share)
    columns = Column("", slack=True), Column("", drop=1), Column("", right=True)
    rows = tuple((each.name, bar(each.share, BAR), percent(each.share, 0)) for each in ordered)
    return Part("limits in use", columns, rows, "none is known yet")


def feeds(status: Status) -> Part:
    """Which streams may be believed."""
    rows = (
        (
            Text.assemble(("● ", GOOD if each.trusted else BAD), each.name),
            seconds(each.age_s),
            NONE if each.per_second is None else f"{each.per_second:,.0f}/s",
            NONE if each.skew_ms is None else f"{each.skew_ms:+.0f} ms",
            Text(str(each.resyncs), WARN if each.resyncs else ""),
        )
        for each in status.feeds
    )
    columns = (
        Column("stream", slack=True),
        Column("age", right=True),
        Column("rate", right=True, drop=2),
        Column("skew", right=True, drop=3),
        Column("resyncs", right=True, drop=1),
    )
    return Part("feeds", columns, (*_ban(status), *rows), "no streams")


def _ban(status: Status) -> tuple[Row, ...]:
    """Said first: while it lasts nothing can be sent or asked."""
    if not status.banned_until:
        return ()
    until, left = instant(status.banned_until, "%H:%M:%S"), status.banned_until - status.at
    name = Text(f"● banned until {until}", BAD)
    return ((name, Text(seconds(left * 1e-9), BAD), NONE, NONE, NONE),)


def latencies(status: Status) -> Part:
    """How long things take."""
    rows = ((each.name, micros(each.p50_us), micros(each.p99_us)) for each in status.latencies)
    columns = Column("", slack=True), Column("p50", right=True), Column("p99", right=True)
    return Part("latency", columns, tuple(rows), "nothing measured yet")


def events(status: Status) -> Part:
    """The last lines of the log."""
    rows = (
        (Text(instant(each.at, "%H:%M:%S"), FAINT), Text(each.text, BAD if each.grave else ""))
        for each in status.events
    )
    columns = Column(""), Column("", slack=True)
    return Part("log", columns, tuple(rows), "nothing happened yet", newest_last=True)
