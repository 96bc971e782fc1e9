"""What the commands about a running session say."""

from pathlib import Path
from threading import Event

import msgspec
import typer

from kedge.domain.control import Asked, Verb
from kedge.domain.errors import RunError
from kedge.domain.short_floats import short_floats
from kedge.domain.status import Status
from kedge.interfaces.cli.output import console, write_json
from kedge.interfaces.control.client import NoSessionError, ask
from kedge.interfaces.control.steer import Steered
from kedge.interfaces.control.wire import Answer
from kedge.interfaces.tui.brief import LINES, brief
from kedge.interfaces.tui.live import watch
from kedge.interfaces.tui.view import render
from kedge.interfaces.tui.words import instant

PLAIN_WIDTH = 120
"""Characters of everything where stdout is no terminal."""
BRIEF_WIDTH = 100
"""Characters of what fits one screen, there."""
_VIEW = ("edge_bps", "confidence")
"""Of a decision; it has none where nothing was expected, or where it is not published."""


def show_status(folder: Path, answer: Answer, everything: bool, as_json: bool) -> None:
    """The last published status.

    Args:
        folder: of the session.
        answer: what it said.
        everything: also what does not fit one screen.
        as_json: for a program.

    Raises:
        RunError: the session refused.
    """
    if not answer.ok:
        raise RunError(f"{folder}: {answer.said}")
    if as_json:
        write_json(
            {
                "session": str(folder),
                "said": answer.said,
                "held": [_ask(each) for each in answer.held],
                "status": _plain(answer.status),
            }
        )
        return
    if answer.status is None:
        typer.echo(f"{folder}: {answer.said}")
        return
    _draw(answer.status, everything, len(answer.held))
    _held(answer.held)


def _plain(status: Status | None) -> object:
    """For a program: without the views that no decision has."""
    if status is None:
        return None
    found = msgspec.to_builtins(status)
    for each in found["decisions"]:
        for name in _VIEW:
            if each[name] is None:
                del each[name]
    return short_floats(found)


def _draw(status: Status, everything: bool, below: int) -> None:
    """On a terminal as large as that is, with so many lines to come below."""
    screen = console()
    if not screen.is_terminal:
        screen.width = PLAIN_WIDTH if everything else BRIEF_WIDTH
    if everything:
        screen.print(render(status, (), screen.width))
    else:
        lines = screen.height - 1 if screen.is_terminal else LINES
        screen.print(brief(status, screen.width, lines - below))


def show_steered(folder: Path, verb: str, steered: Steered, as_json: bool) -> None:
    """What came of a request, and how the session stands afterwards."""
    if as_json:
        write_json(
            {
                "session": str(folder),
                "asked": verb,
                "said": steered.said,
                "by": steered.by,
                "held": [_ask(each) for each in steered.held],
                "mode": steered.status.mode if steered.status else None,
            }
        )
        return
    typer.echo(f"{verb}: {steered.said}")
    if steered.status is not None:
        acted = (steered.status.mode == "ACTIVE") == (verb == "resume")
        late = "" if acted else "; the engine has not acted on it yet"
        typer.echo(_stands(folder, steered.status) + late)


def show_what_is_held(folder: Path, answer: Answer) -> None:
    """What a resumption would end."""
    if answer.status is not None:
        typer.echo(_stands(folder, answer.status))
    _held(answer.held)


def watch_session(folder: Path, plain: bool) -> None:
    """Draw a session until it ends or somebody interrupts.

    Raises:
        RunError: none runs there, or it refused.
    """
    first = ask(folder, Verb.STATUS)
    if not first.ok:
        raise RunError(f"{folder}: {first.said}")
    ended = Event()
    last = first.status

    def read() -> Status | None:
        nonlocal last
        try:
            last = ask(folder, Verb.STATUS).status or last
        except NoSessionError:
            ended.set()
        except RunError:
            return last  # it does not answer just now: the last picture stays
        return last

    try:
        watch(read, console(), ended, plain=plain)
    except KeyboardInterrupt:
        return
    typer.echo(f"{folder}: the session has ended")


def _stands(folder: Path, status: Status) -> str:
    why = f": {status.why}" if status.why else ""
    return (
        f"{folder} is {status.mode}{', killed' if status.killed else ''}{why} "
        f"({len(status.positions)} positions, {len(status.orders)} working orders)"
    )


def _held(asks: tuple[Asked, ...]) -> None:
    for each in asks:
        when = f"{instant(each.at)} UTC of your clock"
        typer.echo(f"{each.verb.name.lower()} since {when}, asked by {each.who}")


def _ask(each: Asked) -> dict[str, object]:
    return {"verb": each.verb.name, "at": each.at, "who": each.who}
