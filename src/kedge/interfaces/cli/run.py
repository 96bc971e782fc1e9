"""``kedge run``: a session that trades, on paper unless everything says otherwise."""

import sys
from pathlib import Path
from select import select
from typing import Annotated, Final

import typer

from kedge.domain.errors import InputError

_LOOK_S: Final = 0.1


def command(
    config: Annotated[
        Path | None, typer.Argument(help="Configuration; none: the paper sample that ships.")
    ] = None,
    speed: Annotated[
        float, typer.Option("--speed", help="Seconds of the session in one of ours.")
    ] = 1.0,
    duration: Annotated[
        float | None,
        typer.Option("--duration", help="End gracefully after so many seconds of ours."),
    ] = None,
    session: Annotated[
        Path | None, typer.Option("--session", help="Folder of the session; none: as configured.")
    ] = None,
    plain: Annotated[
        bool, typer.Option("--plain", help="A line for each row, even on a terminal.")
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Write result.json to stdout at the end, nothing else.")
    ] = False,
    live: Annotated[
        bool,
        typer.Option(
            "--live",
            help="Send orders that move real money; asks for a typed confirmation.",
        ),
    ] = False,
) -> None:
    """Trade, watched: a venue, strategies, orders, a report at the end.

    On paper, at a test network, or for real, as the configuration's venues say.

    Ctrl-C ends it gracefully; a second one at once. Whatever ends it, the next start with
    the same folder goes on with every order accounted for.
    """
    from kedge.interfaces.cli.run_choice import choose, confirm
    from kedge.interfaces.cli.run_output import Screen
    from kedge.interfaces.cli.run_session import Options, run_session

    chosen = choose(config, live, speed, duration)
    confirm(chosen, _asked)
    folder = session or chosen.settings.session.folder
    screen = Screen(plain=plain, quiet=as_json)
    options = Options(speed=speed, duration=duration, folder=folder)
    run_session(chosen, options, screen)
    screen.finish(folder)


def _asked(text: str) -> str:
    """Show a question on stderr, since stdout may be a machine's; the line that was typed."""
    if not sys.stdin.isatty():
        raise InputError("a person has to confirm real orders", "--live", "run it in a terminal")
    typer.echo(text, nl=False, err=True)
    while not select([sys.stdin], [], [], _LOOK_S)[0]:
        continue  # a signal may meet another thread, and is heard between two looks
    return sys.stdin.readline()
