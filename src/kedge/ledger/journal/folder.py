"""A journal in a folder of the operating system, with everything that belongs to it.

::

    JOURNAL/            segments, spare, watermark, lease
    JOURNAL/contents/   files that the journal names by SHA-256
    JOURNAL/snapshots/  states that can be thrown away
"""

from pathlib import Path
from typing import Final

from kedge.domain.errors import RunError
from kedge.domain.record import SCHEMA
from kedge.ledger.journal.disk import SystemDisk
from kedge.ledger.journal.journal import SEGMENT, Journal
from kedge.ledger.journal.lock import journal_lease
from kedge.ledger.journal.reader import JournalReader

CONTENTS: Final = "contents"
SNAPSHOTS: Final = "snapshots"


def open_journal(path: Path, *, segment_bytes: int = SEGMENT, schema: int = SCHEMA) -> Journal:
    """Open a journal for writing, alone; closing it lets the next one in.

    Raises:
        JournalError: another process has it open, it is damaged, or of a newer version.
        RunError: the disk is full, read-only or failing.
    """
    lease = journal_lease(path)
    try:
        return Journal.open(
            SystemDisk(path), segment_bytes=segment_bytes, schema=schema, lease=lease
        )
    except BaseException:
        lease.release()
        raise


def read_journal(path: Path) -> JournalReader:
    """Read a journal, beside its writer or after it.

    Raises:
        JournalError: there is none, it is damaged, or of a newer version.
        RunError: it cannot be read.
    """
    try:
        return JournalReader(SystemDisk(path, read_only=True))
    except OSError as error:
        raise RunError(f"{path}: could not be read: {error.strerror or error}") from error
