"""A database of projections: SQLite in a file, or PostgreSQL, by its URL."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final

from sqlalchemy import URL, Connection, Engine, Table, create_engine, event, select, tuple_
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError

from kedge.domain.errors import ConfigError, RunError
from kedge.ledger.projections.rows import Row
from kedge.ledger.projections.tables import metadata

DRIVERS: Final = {
    "sqlite": "sqlite",
    "postgres": "postgresql+psycopg",
    "postgresql": "postgresql+psycopg",
}
REMEDY: Final = "write sqlite:///file.db or postgresql://user@host/database"
PATIENCE: Final = {
    "connect_timeout": 10,
    "tcp_user_timeout": 30_000,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 4,
}
"""Waits for a server and for a line that went dead, unless its URL says otherwise: seconds, and
ms for ``tcp_user_timeout``.
"""
STATEMENT_MS: Final = 60_000
"""A server gives a statement up after that, unless the ``options`` of its URL say otherwise."""
CHUNK: Final = 500
"""Rows in one statement; SQLite takes 32,766 values."""


@contextmanager
def connected(url: str) -> Iterator[Engine]:
    """An engine for a URL; what the database says comes out as one line, without a password.

    Raises:
        ConfigError: the URL is not one, or its driver is not installed.
        RunError: the database cannot be reached or refused something.
    """
    engine = engine_of(url)
    try:
        with in_one_line(engine):
            yield engine
    finally:
        engine.dispose()


@contextmanager
def in_one_line(engine: Engine) -> Iterator[None]:
    """What a database says, without a password.

    Raises:
        RunError: it cannot be reached or refused something.
    """
    try:
        yield
    except SQLAlchemyError as error:
        where = engine.url.render_as_string(hide_password=True)
        said = " ".join(str(getattr(error, "orig", None) or error).split())
        raise RunError(f"{where}: {said}") from error


def engine_of(url: str, where: str = "--to", password: str | None = None) -> Engine:
    """An engine for a URL; it connects once it is used.

    Args:
        url: of SQLite or PostgreSQL.
        where: what gave it, for the message.
        password: of the user, where it is not in the URL.

    Raises:
        ConfigError: the URL is not one, or its driver is not installed.
    """
    try:
        parsed = make_url(url)
        driver = DRIVERS.get(parsed.drivername)
        if driver is None:
            raise ConfigError(f"{parsed.drivername!r} is no known database", where, REMEDY)
        parsed = parsed.set(drivername=driver)
        parsed = parsed if password is None else parsed.set(password=password)
        engine = create_engine(parsed, **_patience(parsed))
    except (ArgumentError, NoSuchModuleError) as error:
        raise ConfigError("the database's URL is not one", where, REMEDY) from error
    except ModuleNotFoundError as error:
        remedy = "pip install -e '.[postgres]'"
        raise ConfigError(f"{error.name} is not installed", where, remedy) from error
    if driver == "sqlite":
        event.listen(engine, "connect", _write_ahead)
    elif "statement_timeout" not in str(parsed.query.get("options", "")):
        event.listen(engine, "connect", _give_up)
    return engine


def _patience(url: URL) -> dict[str, Any]:
    """A server that does not answer is given up, one that came back is noticed at once."""
    if url.drivername == "sqlite":
        return {}
    waits = {name: wait for name, wait in PATIENCE.items() if name not in url.query}
    return {"connect_args": waits, "pool_pre_ping": True}


def _give_up(connection: Any, _: object) -> None:
    """A statement that waits for somebody else's lock ends too."""
    connection.execute(f"SET statement_timeout = {STATEMENT_MS}")
    connection.commit()


def _write_ahead(connection: Any, _: object) -> None:
    """Readers do not wait for the projection, nor it for them."""
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=NORMAL")


def rebuild(connection: Connection) -> None:
    """Throw the tables away and make them anew, as one."""
    if connection.dialect.name == "sqlite":  # whose driver begins no transaction for this
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    metadata.drop_all(connection)
    metadata.create_all(connection)


def rows_of(connection: Connection, table: Table) -> list[Row]:
    """Every row of a table."""
    return [dict(row) for row in connection.execute(select(table)).mappings()]


def rows_at(connection: Connection, table: Table, keys: Sequence[tuple[Any, ...]]) -> list[Row]:
    """The rows of a table that have one of these primary keys."""
    key, found = tuple_(*table.primary_key.columns), []
    for at in range(0, len(keys), CHUNK):
        wanted = select(table).where(key.in_(keys[at : at + CHUNK]))
        found += [dict(row) for row in connection.execute(wanted).mappings()]
    return found


def put(connection: Connection, changed: Mapping[Table, Sequence[Row]]) -> None:
    """Insert rows, or change those whose key is there."""
    insert: Any = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    for table, rows in changed.items():
        keys = [column.name for column in table.primary_key]
        for at in range(0, len(rows), CHUNK):
            statement = insert(table).values(list(rows[at : at + CHUNK]))
            renewed = {
                column.name: statement.excluded[column.name]
                for column in table.columns
                if column.name not in keys
            }
            connection.execute(statement.on_conflict_do_update(index_elements=keys, set_=renewed))


def dumped(connection: Connection) -> dict[str, list[str]]:
    """All tables as sorted text: equal projections give equal dumps."""
    return {
        table.name: sorted(json.dumps(row, sort_keys=True) for row in rows_of(connection, table))
        for table in metadata.sorted_tables
    }
