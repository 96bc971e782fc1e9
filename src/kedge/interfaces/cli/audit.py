"""``kedge audit``: check, back up, restore and project a journal."""

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(
    help="Check, back up, restore and project a journal.",
    no_args_is_help=True,
    add_completion=False,
)

JournalArgument = Annotated[Path, typer.Argument(help="Folder of the journal.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Write JSON for programs.")]


@app.command()
def verify(journal: JournalArgument, as_json: JsonOption = False) -> None:
    """Check every byte; exit 1 and name the first bad record when something is wrong."""
    from kedge.interfaces.cli.audit_output import checked, write_verdict

    verdict = checked(journal)
    write_verdict(journal, verdict, as_json)
    if not verdict.whole:
        raise typer.Exit(1)


@app.command()
def project(
    journal: JournalArgument,
    to: Annotated[str, typer.Option(help="sqlite:///file.db or postgresql://host/database.")],
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on from the last projected record.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Rebuild the tables of orders, fills, positions, cash, decisions and modes."""
    from kedge.interfaces.cli.audit_output import projected, write_projected

    write_projected(journal, projected(journal, to, resume), as_json)


@app.command()
def backup(
    journal: JournalArgument,
    folder: Annotated[Path, typer.Argument(help="Folder of the backups.")],
    keep: Annotated[int, typer.Option(help="How many backups remain.", min=1)] = 7,
    as_json: JsonOption = False,
) -> None:
    """Copy what is durable, also of a running session; check it, and drop the oldest backups."""
    from kedge.interfaces.cli.audit_output import write_backup
    from kedge.interfaces.venue_backup import venue_beside
    from kedge.ledger.journal.backup import backup as copy

    write_backup(copy(journal, folder, keep, venue_beside(journal)), as_json)


@app.command()
def restore(
    backup: Annotated[Path, typer.Argument(help="One backup.")],
    journal: Annotated[Path, typer.Argument(help="Folder that the journal comes to.")],
    as_json: JsonOption = False,
) -> None:
    """Bring a backup back and check it; the next start asks the venue what happened since."""
    from kedge.interfaces.cli.audit_output import write_backup
    from kedge.interfaces.clock import wall_ns
    from kedge.ledger.journal.backup import restore as bring

    write_backup(bring(backup, journal, wall_ns()), as_json)
