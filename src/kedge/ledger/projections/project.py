"""From a journal to a database: from scratch, or on from where the tables stand."""

from collections.abc import Sequence
from functools import partial
from itertools import islice
from typing import Final, NamedTuple

from sqlalchemy import Connection, Engine

from kedge.domain.errors import DataError
from kedge.domain.record import Opened, Record
from kedge.ledger.journal.reader import JournalReader
from kedge.ledger.journal.upcast import records
from kedge.ledger.projections.database import put, rebuild, rows_at, rows_of
from kedge.ledger.projections.place import Overtaken, Place, move, places
from kedge.ledger.projections.projection import Projection, first_record
from kedge.ledger.projections.rows import Rows
from kedge.ledger.projections.tables import STAYING

BATCH: Final = 2_000
"""Records in one transaction."""

Batch = Sequence[tuple[int, Record]]
"""Records that follow each other, with their numbers."""


class Projected(NamedTuple):
    """What was done: records ``first`` to ``last`` are in the tables now."""

    first: int
    last: int


def project(journal: JournalReader, engine: Engine, *, resume: bool = False) -> Projected:
    """Bring the tables to the journal's durable end.

    Rows and the place they stand for are committed together, so an interrupted run
    leaves whole tables of an earlier record, from which ``resume`` goes on. Where somebody else
    has written meanwhile, it goes on from there.

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
    first = start
    while first <= journal.durable:
        try:
            _project(journal, engine, opened, first)
            break
        except Overtaken:
            with engine.begin() as connection:
                first = _overtaken(connection, journal, opened)
    return Projected(start, journal.durable)


def _project(journal: JournalReader, engine: Engine, opened: Opened, first: int) -> None:
    with engine.begin() as connection:
        projection = loaded(connection, opened)
    before = _place(journal, opened, first - 1)
    found = records(journal, first)
    while batch := list(islice(found, BATCH)):
        after = _place(journal, opened, batch[-1][0])
        keep(engine, before, after, projection, batch)
        before = after


def _place(journal: JournalReader, opened: Opened, seq: int) -> Place:
    return Place(opened.lineage, seq, journal.chain_at(seq).hex())


def loaded(connection: Connection, opened: Opened) -> Projection:
    """A projection that goes on from the rows of a database."""
    rows = Rows()
    for table in STAYING:
        rows.load(table, rows_of(connection, table))
    return Projection(opened, rows)


def keep(engine: Engine, before: Place, after: Place, projection: Projection, batch: Batch) -> None:
    """Write what a batch changes, and the record up to which it is so, as one.

    Raises:
        Overtaken: the tables do not stand at ``before``; nothing was written.
    """
    with engine.begin() as connection:
        move(connection, before, after)
        put(connection, projection.fold(batch, partial(rows_at, connection)))


def _start(connection: Connection, journal: JournalReader, opened: Opened, resume: bool) -> int:
    """The first record to fold, with tables that stand just before it."""
    for place in places(connection):
        refuse_other(connection, place.lineage, opened)
        if resume:
            _refuse_lost(connection, journal, place)
            return place.seq + 1
    rebuild(connection)
    return 1


def _overtaken(connection: Connection, journal: JournalReader, opened: Opened) -> int:
    """Where to go on after somebody else has written; perhaps beyond what was read here."""
    for place in places(connection):
        if place.lineage == opened.lineage and place.seq > journal.durable:
            return place.seq + 1
    return _start(connection, journal, opened, resume=True)


def _refuse_lost(connection: Connection, journal: JournalReader, place: Place) -> None:
    """Tables that stand at what this journal does not know are not gone on with."""
    where = connection.engine.url.render_as_string(hide_password=True)
    if place.seq > journal.durable:
        what = f"the tables stand at record {place.seq}, the journal at {journal.durable}"
        remedy = "again, if a session writes both; if it was restored, without --resume"
        raise DataError(what, where, remedy)
    if not is_past(journal, place):
        what = f"the tables stand at record {place.seq} of another history"
        raise DataError(what, where, "project again without --resume")


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


def is_past(journal: JournalReader, place: Place) -> bool:
    """Whether a record that tables stand at is of this journal's history."""
    return place.seq <= journal.durable and journal.chain_at(place.seq).hex() == place.chain
