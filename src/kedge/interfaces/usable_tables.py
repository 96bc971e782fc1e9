"""Whether a new session can keep its tables in a database: found out before anything is made."""

from pathlib import Path
from typing import Final

from sqlalchemy import URL, Connection, Engine

from kedge.domain.errors import ConfigError, RunError
from kedge.ledger.projections.database import in_one_line
from kedge.ledger.projections.place import places

WHERE: Final = "session.database"
_TRIED: Final = "CREATE TABLE kedge_tried (one INTEGER)"
_MEMORY: Final = ("", ":memory:")


def refuse_unusable(engine: Engine, folder: Path) -> None:
    """Refuse a database in which a new session could keep no tables; nothing stays in it.

    A session that has begun is not for this: it trades on without its database.

    Args:
        engine: of the database.
        folder: of the session, which need not be there yet.

    Raises:
        ConfigError: it cannot be reached or written to, or holds another session's tables.
    """
    file = _file_of(engine.url)
    if file is not None and not file.exists():
        _refuse_nowhere(file, folder)
        return
    try:
        with in_one_line(engine), engine.connect() as connection:
            _try(connection)
    except RunError as error:
        remedy = "mend the address or the server, or leave it out: tables can be made later"
        raise ConfigError(str(error), WHERE, remedy) from error
    finally:
        engine.dispose()


def _file_of(url: URL) -> Path | None:
    """Of SQLite; None for a server, or where it is kept in memory."""
    if url.drivername != "sqlite" or (url.database or "") in _MEMORY:
        return None
    return Path(str(url.database))


def _refuse_nowhere(file: Path, folder: Path) -> None:
    """A file that is not there is made, in a folder that is there or is made with the session."""
    made = (folder.absolute(), *folder.absolute().parents)
    if not file.parent.is_dir() and file.absolute().parent not in made:
        raise ConfigError(f"{file}: no such folder", WHERE, "make it first, or name another file")


def _try(connection: Connection) -> None:
    """Look whose tables there are, and make one that is taken back."""
    if connection.dialect.name == "sqlite":  # whose driver begins no transaction for this
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    for place in places(connection):
        raise ConfigError(
            f"holds the tables of the journal {place.lineage}",
            WHERE,
            "a new session needs a database of its own: name another",
        )
    connection.exec_driver_sql(_TRIED)
    connection.rollback()
