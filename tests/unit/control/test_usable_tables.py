"""A database that cannot hold a new session's tables is refused before anything is made."""

from pathlib import Path

import pytest
from sqlalchemy import inspect

from databases import database
from golden.make_journal import golden
from kedge.domain.errors import ConfigError
from kedge.domain.record import encode
from kedge.interfaces.cli.main import main
from kedge.interfaces.cli.run_session import _database
from kedge.interfaces.usable_tables import refuse_unusable
from kedge.ledger.journal.folder import open_journal, read_journal
from kedge.ledger.projections.database import engine_of
from kedge.ledger.projections.project import project
from kedge.settings.session import Session

AWAY = "postgresql://me@127.0.0.1:1/trades"


def refused(url: str, folder: Path) -> str:
    with pytest.raises(ConfigError) as error:
        refuse_unusable(engine_of(url), folder)
    return str(error.value)


def test_a_run_ends_with_one_line_and_makes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "mine.yaml"
    file.write_text("universe: {interval: 10s}\nsession: {database: no/such/trades.db}\n")
    assert main(["run", str(file)]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("kedge: session.database: no/such/trades.db: no such folder (make it")
    assert [each.name for each in tmp_path.iterdir()] == ["mine.yaml"]


def test_a_server_that_is_away_is_one_line(tmp_path: Path) -> None:
    pytest.importorskip("psycopg")
    said = refused(AWAY, tmp_path / "out")
    assert said.startswith("session.database: postgresql+psycopg://me@127.0.0.1:1/trades: ")
    assert "\n" not in said


def test_a_session_that_has_begun_starts_without_its_server(tmp_path: Path) -> None:
    pytest.importorskip("psycopg")
    session = Session(database=AWAY)
    with pytest.raises(ConfigError):
        _database(session, tmp_path)
    (tmp_path / "journal").mkdir()
    assert _database(session, tmp_path) is not None


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.db").write_text("to do: buy milk\n" * 100)
    assert "file is not a database" in refused(f"sqlite:///{tmp_path / 'x.db'}", tmp_path / "out")


def test_another_journals_tables_are_refused(tmp_path: Path) -> None:
    opened = open_journal(tmp_path / "j")
    for record in golden()[:9]:
        opened.append(encode(record))
    opened.close()
    engine = engine_of(f"sqlite:///{tmp_path / 'x.db'}")
    project(read_journal(tmp_path / "j"), engine)
    engine.dispose()
    said = refused(f"sqlite:///{tmp_path / 'x.db'}", tmp_path / "out")
    assert "holds the tables of the journal" in said


@pytest.mark.parametrize("name", ["out/trades.db", "out/session/trades.db", "trades.db"])
def test_a_file_where_the_session_makes_its_folder_is_taken(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    refuse_unusable(engine_of(f"sqlite:///{name}"), Path("out/session"))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_an_empty_database_is_left_empty(kind: str, tmp_path: Path) -> None:
    with database(kind, tmp_path) as url:
        engine = engine_of(url)
        with engine.connect():
            pass
        refuse_unusable(engine, tmp_path / "out")
        assert inspect(engine).get_table_names() == []
        engine.dispose()
