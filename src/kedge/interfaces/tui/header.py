"""The head of the view: which session, in which mode, when, and how the money stands."""

from collections.abc import Sequence

from rich.console import Group
from rich.table import Table
from rich.text import Text

from kedge.domain.status import BackedUp, Status
from kedge.interfaces.tui.words import (
    BAD,
    CALM,
    FAINT,
    GOOD,
    WARN,
    instant,
    money,
    percent,
    signed,
    spark,
)

MODES = {"ACTIVE": GOOD, "REDUCING": WARN, "HALTED": BAD}
SPARK = 24
GAP = "   "


def header(status: Status, history: Sequence[float], width: int) -> Group:
    """The head, in the lines of `head_lines`.

    Args:
        status: of the session.
        history: equity, oldest first.
        width: characters of the whole view.
    """
    wide = width >= ROOMY
    lines = [_sides(_who(status), _when(status, wide))]
    lines += [_sides(_equity(status, history, wide), _fall(status))]
    lines += [] if wide else [_sides(_profit(status))]
    lines += [_sides(_rest(status), _counts(status) if wide else Text())]
    lines += [_sides(Text(status.why, MODES.get(status.mode, WARN)))] if status.why else []
    lines += [_sides(_backup(status.backup))] if status.backup else []
    return Group(*lines)


ROOMY = 120
"""Characters from which profit and counts stand beside the rest."""


def head_lines(status: Status, width: int) -> int:
    """Lines of the head."""
    return 3 + (width < ROOMY) + bool(status.why) + (status.backup is not None)


def _sides(left: Text, right: Text | None = None) -> Table:
    grid = Table.grid(padding=(0, 1, 0, 0), expand=True)
    grid.add_column(no_wrap=True, overflow="ellipsis", ratio=1)
    grid.add_column(no_wrap=True, justify="right")
    grid.add_row(left, right or Text())
    return grid


def mode(status: Status) -> Text:
    """The mode as a coloured word."""
    word = "KILLED" if status.killed else status.mode
    return Text(f"● {word}", f"bold {MODES.get(status.mode, WARN)}")


def _who(status: Status) -> Text:
    where = Text.assemble(
        status.venue, (" real money" if status.real else " no real money", _tone(status))
    )
    return Text.assemble(
        mode(status), "  ", ("kedge ", "bold"), (status.session, FAINT), "  ", where
    )


def _tone(status: Status) -> str:
    return f"bold {BAD}" if status.real else FAINT


def _when(status: Status, wide: bool) -> Text:
    form = "%Y-%m-%d %H:%M:%S" if wide else "%H:%M:%S"
    speed = f"  {status.speed:g}x" if status.speed != 1 else ""
    return Text.assemble(instant(status.at, form), (" UTC", FAINT), (speed, CALM))


def _equity(status: Status, history: Sequence[float], wide: bool) -> Text:
    amount = Text.assemble((money(status.equity), "bold"), (f" {status.currency} ", FAINT))
    line = Text(spark(history, SPARK), CALM)
    if not wide:
        return Text.assemble(amount, " ", line)
    return Text.assemble(amount, " ", line, GAP, _profit(status))


def _profit(status: Status) -> Text:
    return Text.assemble(
        ("P&L ", FAINT),
        signed(status.profit),
        GAP,
        ("this session ", FAINT),
        signed(status.profit_session),
    )


def _fall(status: Status) -> Text:
    return Text.assemble(("drawdown ", FAINT), percent(status.drawdown))


def _rest(status: Status) -> Text:
    share = status.gross / status.equity if status.equity > 0 else 0.0
    return Text.assemble(
        ("cash ", FAINT),
        money(status.cash),
        GAP,
        ("gross ", FAINT),
        f"{money(status.gross)} ({percent(share, 0)})",
    )


def _counts(status: Status) -> Text:
    counted = {"rows": status.row, **status.counters}
    said = [f"{number:,} {name}" for name, number in counted.items()]
    return Text(" · ".join(said), FAINT)


def _backup(made: BackedUp) -> Text:
    return Text(
        f"last backup {instant(made.at)} UTC of your clock, up to record {made.record:,}", FAINT
    )
