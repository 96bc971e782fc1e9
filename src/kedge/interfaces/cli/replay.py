"""``kedge replay``: derive every decision of a journal again, and compare bit for bit."""

from pathlib import Path
from typing import Annotated

import typer


def command(
    journal: Annotated[Path, typer.Argument(help="Folder of the journal; it is only read.")],
    start: Annotated[
        int, typer.Option("--from", help="First record to derive; those before are folded.", min=1)
    ] = 1,
    files: Annotated[
        Path,
        typer.Option(help="Where paths of user files start that the journal has not kept."),
    ] = Path(),
    as_json: Annotated[bool, typer.Option("--json", help="Write JSON for programs.")] = False,
) -> None:
    """Derive a journal's decisions again; exit 1 and name the first record that differs."""
    from kedge.interfaces.cli.replay_output import replayed, write_replayed

    verdict = replayed(journal, start, files, as_json)
    write_replayed(journal, verdict, as_json)
    if not verdict.equal:
        raise typer.Exit(1)
