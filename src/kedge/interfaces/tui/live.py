"""The view, drawn again and again: on a terminal the whole screen, elsewhere a line a row."""

from collections import deque
from collections.abc import Callable
from threading import Event, Thread
from typing import Final, Self

from rich.console import Console
from rich.live import Live

from kedge.domain.refusal import REFUSED
from kedge.domain.status import Happened, Status
from kedge.interfaces.tui.view import line, render
from kedge.interfaces.tui.words import instant

EVERY_S: Final = 0.25
"""Seconds between two pictures."""
REMEMBERED: Final = 960
"""Points of equity that the small chart is made of."""


class History:
    """The equity of the pictures so far, one point for each time of the engine."""

    def __init__(self) -> None:
        self._at = -1
        self.equity: deque[float] = deque(maxlen=REMEMBERED)

    def add(self, status: Status) -> None:
        """Remember a status; one that was seen already adds nothing."""
        if status.at != self._at:
            self._at = status.at
            self.equity.append(status.equity)


def watch(
    read: Callable[[], Status | None],
    console: Console,
    ended: Event,
    *,
    plain: bool = False,
) -> None:
    """Show a session until it ends.

    Args:
        read: the last status, None while there is none.
        console: where to draw.
        ended: set by whoever wants the view to leave; one last picture is drawn then.
        plain: lines even on a terminal.
    """
    if plain or not console.is_terminal:
        _lines(read, console, ended)
    else:
        _screen(read, console, ended)


def _screen(read: Callable[[], Status | None], console: Console, ended: Event) -> None:
    history = History()
    with Live(console=console, screen=True, auto_refresh=False) as live:
        while not ended.is_set():
            status = read()
            if status is not None:
                history.add(status)
                picture = render(status, tuple(history.equity), console.width, console.height)
                live.update(picture, refresh=True)
            ended.wait(EVERY_S)


def _lines(read: Callable[[], Status | None], console: Console, ended: Event) -> None:
    """A line for each row that was decided; of rows between two looks, the last one.

    What somebody should look at goes to stderr between them; that the gate refuses is usual.
    """
    shown, told = -1, frozenset[Happened]()
    errors = Console(stderr=True, highlight=False)
    last = False
    while not last:
        last = ended.is_set()
        status = read()
        for each in status.events if status is not None else ():
            if each.grave and each not in told and not each.text.startswith(REFUSED):
                said = f"{instant(each.at, '%H:%M:%S')} {each.text}"
                errors.print(said, markup=False, soft_wrap=True)
        told = frozenset(status.events) if status is not None else told
        if status is not None and status.row != shown:
            shown = status.row
            console.print(line(status), markup=False, highlight=False, soft_wrap=True)
        if not last:
            ended.wait(EVERY_S)


class View:
    """`watch` in a thread of its own, so that drawing never holds a session up.

    Args:
        read: the last status, None while there is none; called from the thread.
        console: where to draw.
        plain: lines even on a terminal.
    """

    def __init__(
        self, read: Callable[[], Status | None], console: Console, *, plain: bool = False
    ) -> None:
        self._ended = Event()
        self._thread = Thread(
            target=watch,
            args=(read, console, self._ended),
            kwargs={"plain": plain},
            name="kedge-view",
            daemon=True,
        )

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()
