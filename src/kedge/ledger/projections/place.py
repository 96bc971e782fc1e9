"""Where tables stand, and the move from one record to a later one that only one writer makes."""

from typing import Any, Final, NamedTuple

from sqlalchemy import Connection, insert, inspect, select, update
from sqlalchemy.exc import IntegrityError

from kedge.ledger.projections.tables import PROGRESS

NOWHERE: Final = 0
"""Record that empty tables stand at."""


class Place(NamedTuple):
    """A record of a journal.

    Attributes:
        lineage: of the journal.
        seq: number of the record.
        chain: its chain hash, in hexadecimal digits.
    """

    lineage: str
    seq: int
    chain: str


class Overtaken(Exception):  # noqa: N818 - it is no error: the tables are true, and further
    """Somebody else has moved the tables since they were looked at."""


def places(connection: Connection) -> list[Place]:
    """Lineage, last record and its chain hash of every journal that was projected here."""
    if not inspect(connection).has_table(PROGRESS.name):
        return []
    found = connection.execute(select(PROGRESS.c.lineage, PROGRESS.c.seq, PROGRESS.c.chain))
    return [Place(*row) for row in found]


def move(connection: Connection, before: Place, after: Place) -> None:
    """Say that the tables stand at a later record, if they stand where they are thought to.

    The first statement of a transaction: whoever moves them too waits for its end, and is
    overtaken by then.

    Raises:
        Overtaken: they stand elsewhere; nothing was changed.
    """
    if before.seq == NOWHERE:
        _begin(connection, after)
        return
    here = [PROGRESS.c[name] == value for name, value in before._asdict().items()]
    if connection.execute(update(PROGRESS).where(*here).values(after._asdict())).rowcount != 1:
        raise Overtaken


def _begin(connection: Connection, after: Place) -> None:
    first: Any = after._asdict()
    try:
        connection.execute(insert(PROGRESS).values(first))
    except IntegrityError as error:
        raise Overtaken from error
