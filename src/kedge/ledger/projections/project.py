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
from kedge.ledger.projections.tables import LOOKED_UP, PROGRESS

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
        projection = loaded(connection, opened)
    for last in _batches(journal, projection, start):
        keep(engine, opened.lineage, last, journal.chain_at(last), projection)
    return Projected(start, journal.durable)


def loaded(connection: Connection, opened: Opened) -> Projection:
    """A projection that goes on from the rows of a database."""
    rows = Rows()
    for table in LOOKED_UP:
        rows.load(table, rows_of(connection, table))
    return Projection(opened, rows)


def keep(engine: Engine, lineage: str, last: int, chain: bytes, projection: Projection) -> None:
    """Write what was changed, and the record up to which it is so, as one."""
    with engine.begin() as connection:
        put(connection, projection.take())
        put(connection, {PROGRESS: [{"lineage": lineage, "chain": chain.hex(), "seq": last}]})


def _start(connection: Connection, journal: JournalReader, opened: Opened, resume: bool) -> int:
    """The first record to fold, with tables that stand just before it."""
    for lineage, seq, chain in progress(connection):
        refuse_other(connection, lineage, opened)
        if resume:
            if not is_past(journal, seq, chain):
                raise DataError(
                    f"the tables stand at record {seq} of another history",
                    connection.engine.url.render_as_string(hide_password=True),
                    "project again without --resume",
                )
            return seq + 1
    rebuild(connection)
    return 1


def refuse_other(connection: Connection, lineage: str, opened: Opened) -> None:
    """Leave another journal's tables alone.

    Raises:
        DataError: they are another's.
    """
    if lineage != opened.lineage:
        raise DataError(
            f"the database holds the journal {lineage}, this is {opened.lineage}",
            connection.engine.url.render_as_string(hide_password=True),
            "give each journal a database of its own",
        )


def is_past(journal: JournalReader, seq: int, chain: str) -> bool:
    """Whether a record that tables stand at is of this journal's history."""
    return seq <= journal.durable and journal.chain_at(seq).hex() == chain


def _batches(journal: JournalReader, projection: Projection, first: int) -> Iterator[int]:
    """Fold; gives the last record of each batch."""
    seq = first - 1
    for seq, record in records(journal, first):
        projection.project(seq, record)
        if seq % BATCH == 0:
            yield seq
    if seq >= first and seq % BATCH:
        yield seq
