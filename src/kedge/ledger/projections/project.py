"""From a journal to a database: from scratch, or on from where the tables stand."""

from collections.abc import Iterator
from typing import Final, NamedTuple

from sqlalchemy import Connection, Engine

from kedge.domain.errors import DataError
from kedge.domain.record import Opened
from kedge.ledger.journal.reader import JournalReader
from kedge.ledger.journal.upcast import records
from kedge.ledger.projections.database import progress, put, rebuild, rows_of
from kedge.ledger.projections.projection import Projection, first_record
from kedge.ledger.projections.rows import Rows
from kedge.ledger.projections.tables import PROGRESS, PROJECTED

BATCH: Final = 10_000
"""Records in one transaction."""


class Projected(NamedTuple):
    """What was done: records ``first`` to ``last`` are in the tables now."""

    first: int
    last: int


def project(journal: JournalReader, engine: Engine, *, resume: bool = False) -> Projected:
    """Bring the tables to the journal's durable end.

    Rows and the place they stand for are committed together, so an interrupted run
    leaves whole tables of an earlier record, from which ``resume`` goes on.

    Args:
        journal: to read.
        engine: of the database.
        resume: go on from the last projected record, instead of anew from the first.

    Raises:
        DataError: the database belongs to another journal, or to another history of it.
    """
    opened = first_record(records(journal))
    with engine.begin() as connection:
        start = _start(connection, journal, opened, resume)
        rows = Rows()
        for table in PROJECTED:
            rows.load(table, rows_of(connection, table))
    projection = Projection(opened, rows)
    for last in _batches(journal, projection, start):
        chain = journal.chain_at(last).hex()
        with engine.begin() as connection:
            put(connection, projection.take())
            mark = {"lineage": opened.lineage, "chain": chain, "seq": last}
            put(connection, {PROGRESS: [mark]})
    return Projected(start, journal.durable)


def _start(connection: Connection, journal: JournalReader, opened: Opened, resume: bool) -> int:
    """The first record to fold, with tables that stand just before it."""
    found = progress(connection)
    for lineage, seq, chain in found:
        if lineage != opened.lineage:
            raise DataError(
                f"the database holds the journal {lineage}, this is {opened.lineage}",
                connection.engine.url.render_as_string(hide_password=True),
                "give each journal a database of its own",
            )
        if resume:
            if seq > journal.durable or journal.chain_at(seq).hex() != chain:
                raise DataError(
                    f"the tables stand at record {seq} of another history",
                    connection.engine.url.render_as_string(hide_password=True),
                    "project again without --resume",
                )
            return seq + 1
    rebuild(connection)
    return 1


def _batches(journal: JournalReader, projection: Projection, first: int) -> Iterator[int]:
    """Fold; gives the last record of each batch."""
    seq = first - 1
    for seq, record in records(journal, first):
        projection.project(seq, record)
        if seq % BATCH == 0:
            yield seq
    if seq >= first and seq % BATCH:
        yield seq
