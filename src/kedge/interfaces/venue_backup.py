"""The embedded venue in a backup: as of the instant that the journal's copy knows.

The venue is its setup and its log of requests. What left before the last instant in the copy
is known there, since nothing leaves before it is durable; what left then or later is cut, and
no answer to it can be in the copy, since each takes time. So venue and journal are of one
piece: orders at the cut are as after a crash just before they were sent.
"""

from collections import deque
from pathlib import Path
from typing import Final

from kedge.data.files import write_atomic
from kedge.domain.record import Record
from kedge.domain.report import Report
from kedge.ledger.journal.backup import Along
from kedge.ledger.journal.folder import read_journal
from kedge.ledger.journal.upcast import records
from kedge.venues.embedded.files import REQUESTS, SETUP, VENUE_FOLDER
from kedge.venues.embedded.log import log_before

LAST: Final = 2_000
"""Records at the end of a journal that are looked at for its last instant: more than a turn's."""


def venue_beside(journal: Path) -> Along:
    """Puts the venue that lives beside a journal into backups of it, where there is one."""
    folder = journal.parent / VENUE_FOLDER

    def along(copy: Path) -> None:
        if (folder / SETUP).is_file():
            write_atomic(copy / VENUE_FOLDER / SETUP, (folder / SETUP).read_bytes())
            requests = log_before(folder / REQUESTS, last_instant(copy))
            write_atomic(copy / VENUE_FOLDER / REQUESTS, requests)

    return along


def last_instant(journal: Path) -> int:
    """The latest that a journal's last records know of, ns; 0 where it is empty."""
    reader = read_journal(journal)
    last = deque(records(reader, max(1, reader.durable - LAST + 1)), LAST)
    return max((_instant(record) for _, record in last), default=0)


def _instant(record: Record) -> int:
    return record.received if isinstance(record, Report) else record.at
