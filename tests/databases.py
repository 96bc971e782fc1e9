"""Databases for tests: SQLite in a file, and PostgreSQL where there is a server."""

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import create_engine, text
from sqlalchemy.exc import OperationalError

from support import skip_or_fail

SERVER = os.environ.get("KEDGE_TEST_POSTGRES", "postgresql+psycopg://127.0.0.1:5432/postgres")


@contextmanager
def database(kind: str, folder: Path) -> Iterator[str]:
    """The URL of an empty database; of PostgreSQL a schema of its own, dropped afterwards."""
    if kind == "sqlite":
        yield f"sqlite:///{folder / 'projection.db'}"
        return
    name = f"kedge_test_{uuid.uuid4().hex}"
    _run(f"CREATE SCHEMA {name}")
    try:
        yield f"{SERVER.replace('+psycopg', '')}?options=-csearch_path%3D{name}"
    finally:
        _run(f"DROP SCHEMA {name} CASCADE")


def _run(statement: str) -> None:
    try:
        engine = create_engine(SERVER, connect_args={"connect_timeout": 3})
        with engine.begin() as connection:
            connection.execute(text(statement))
        engine.dispose()
    except (OperationalError, ModuleNotFoundError) as error:
        reason = str(error).splitlines()[0]
        skip_or_fail("postgres", f"no PostgreSQL server answers: {reason}")
