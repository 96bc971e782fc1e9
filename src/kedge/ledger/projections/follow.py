"""Tables that follow a journal while it is written."""

from itertools import islice
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, Engine

from kedge.domain.record import Opened
from kedge.ledger.journal.disk import SystemDisk
from kedge.ledger.journal.folder import read_journal
from kedge.ledger.journal.reader import JournalReader
from kedge.ledger.journal.tail import Tail
from kedge.ledger.journal.upcast import record_of, records
from kedge.ledger.projections.database import in_one_line, rebuild
from kedge.ledger.projections.place import Overtaken, Place, places
from kedge.ledger.projections.project import is_past, keep, loaded, refuse_other
from kedge.ledger.projections.projection import Projection, first_record

BATCH: Final = 1_000
"""Records in one transaction."""


class Follower:
    """Brings the tables of a database after a journal, batch by batch.

    After any error, and where somebody else has written, it begins anew from where the database
    stands, so nothing is written twice and nothing is missed.

    Args:
        journal: its folder.
        engine: of the database.
    """

    def __init__(self, journal: Path, engine: Engine) -> None:
        self._journal, self._engine = journal, engine
        self._at: tuple[str, Tail, Projection] | None = None

    def step(self) -> int:
        """Write one batch of what is durable; gives its records, 0 where nothing is new.

        Raises:
            DataError: the database holds another journal; or this one is damaged.
            RunError: the database cannot be reached or refused something.
            OSError: the journal cannot be read.
        """
        try:
            with in_one_line(self._engine):
                return self._stepped()
        except BaseException:
            self._at = None
            raise

    @property
    def seq(self) -> int:
        """The last record in the tables, 0 where that is not known."""
        return 0 if self._at is None else self._at[1].seq

    def _stepped(self) -> int:
        while True:
            try:
                return self._step(*(self._at or self._attached()))
            except Overtaken:
                self._at = None

    def _step(self, lineage: str, tail: Tail, projection: Projection) -> int:
        before = _place(lineage, tail)
        batch = [
            (seq, record_of(seq, payload, tail.schema))
            for seq, payload in islice(tail.read(), BATCH)
        ]
        if batch:
            keep(self._engine, before, _place(lineage, tail), projection, batch)
        return len(batch)

    def _attached(self) -> tuple[str, Tail, Projection]:
        with self._engine.begin() as connection:
            stood = places(connection)
            journal = read_journal(self._journal)  # after that: who else writes may be beyond it
            opened = first_record(records(journal))
            first = _first(connection, stood, journal, opened)
            projection = loaded(connection, opened)
        tail = Tail(SystemDisk(self._journal, read_only=True), first)
        self._at = opened.lineage, tail, projection
        return self._at


def _place(lineage: str, tail: Tail) -> Place:
    return Place(lineage, tail.seq, tail.chain.hex())


def _first(
    connection: Connection, stood: list[Place], journal: JournalReader, opened: Opened
) -> int:
    """The record to go on with; tables of a history that was lost are made anew."""
    for place in stood:
        refuse_other(connection, place.lineage, opened)
        if is_past(journal, place):
            return place.seq + 1
    rebuild(connection)
    return 1
