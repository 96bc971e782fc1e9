"""What ``kedge audit`` runs and writes."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from kedge.domain.errors import RunError
from kedge.interfaces.cli.output import write_json
from kedge.ledger.journal.disk import SystemDisk
from kedge.ledger.journal.folder import read_journal
from kedge.ledger.journal.verify import Verdict
from kedge.ledger.journal.verify import verify as check

if TYPE_CHECKING:
    from kedge.ledger.journal.backup import Backup
    from kedge.ledger.projections.project import Projected


def checked(journal: Path) -> Verdict:
    """Check a journal that lies in a folder.

    Raises:
        JournalError: there is none, or it is newer.
        RunError: it cannot be read.
    """
    try:
        return check(SystemDisk(journal, read_only=True))
    except OSError as error:
        raise RunError(f"{journal}: could not be read: {error.strerror or error}") from error


def write_verdict(journal: Path, verdict: Verdict, as_json: bool) -> None:
    """Say what was found, and where the first fault lies."""
    if as_json:
        found = msgspec.to_builtins(verdict)
        write_json({"journal": str(journal), "whole": verdict.whole, **found})
        return
    read = f"{verdict.records:,} records in {verdict.segments} segments"
    if verdict.damage is None:
        sys.stdout.write(f"{journal}: whole, {read}, durable up to {verdict.durable:,}\n")
        return
    bad = verdict.damage
    what = f"{bad.what} ({bad.file}, offset {bad.offset})"
    kind = "torn beyond the watermark (the next start wipes it)" if bad.beyond else "damaged"
    sys.stdout.write(f"{journal}: record {bad.seq} is {kind}: {what}; {read} before\n")


def projected(journal: Path, url: str, resume: bool) -> "Projected":
    """Project a journal to the database of a URL.

    Raises:
        InputError: the journal, the URL or what is in the database.
        RunError: the database failed.
    """
    from kedge.ledger.projections.database import connected
    from kedge.ledger.projections.project import project

    reader = read_journal(journal)
    with connected(url) as engine:
        return project(reader, engine, resume=resume)


def write_projected(journal: Path, done: "Projected", as_json: bool) -> None:
    """Say which records are in the tables."""
    if as_json:
        write_json({"journal": str(journal), **done._asdict()})
        return
    count = done.last - done.first + 1
    sys.stdout.write(f"{journal}: {count:,} records projected, up to {done.last:,}\n")


def write_backup(done: "Backup", as_json: bool) -> None:
    """Say where the copy lies, and that it was read back."""
    if as_json:
        write_json({"path": str(done.path), "records": done.verdict.records})
        return
    sys.stdout.write(f"{done.path}: {done.verdict.records:,} records, read back whole\n")
