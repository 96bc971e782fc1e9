"""Tables that follow a journal: what they hold is what a projection from scratch makes."""

import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from databases import database
from golden.make_journal import golden
from kedge.domain.errors import DataError, RunError
from kedge.domain.record import Opened, Record, encode
from kedge.ledger.journal.folder import open_journal, read_journal
from kedge.ledger.projections import follow
from kedge.ledger.projections import project as project_
from kedge.ledger.projections.database import connected, dumped, rows_at, rows_of
from kedge.ledger.projections.follow import Follower
from kedge.ledger.projections.project import project
from kedge.ledger.projections.tables import FILLS, ORDERS, POSITIONS


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    with database(request.param, tmp_path) as found:
        yield found


def write(folder: Path, records: list[Record]) -> Path:
    journal = open_journal(folder, segment_bytes=2048)
    for record in records:
        journal.append(encode(record))
    journal.close()
    return folder


def tables(url: str) -> dict[str, Any]:
    with connected(url) as engine, engine.connect() as connection:
        return dumped(connection)


def rebuilt(journal: Path, folder: Path) -> dict[str, Any]:
    url = f"sqlite:///{folder / 'rebuilt.db'}"
    with connected(url) as engine:
        project(read_journal(journal), engine)
    return tables(url)


def test_tables_follow_a_journal_and_a_new_process_goes_on(
    tmp_path: Path, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(follow, "BATCH", 3)
    folder, said = tmp_path / "j", golden()
    for start in range(0, len(said), 8):
        write(folder, said[start : start + 8])
        with connected(url) as engine:
            follower, steps = Follower(folder, engine), []
            while done := follower.step():
                steps.append(done)
            assert follower.seq == sum(steps) + start == min(start + 8, len(said))
            assert max(steps) <= 3
    assert tables(url) == rebuilt(folder, tmp_path)


def test_orders_and_fills_do_not_stay_in_memory(tmp_path: Path, url: str) -> None:
    folder = write(tmp_path / "j", golden()[:-1])
    with connected(url) as engine:
        follower = Follower(folder, engine)
        follower.step()
        assert follower._at is not None
        rows = follower._at[2]._rows
        assert {table: len(rows.all(table)) for table in (ORDERS, FILLS)} == {ORDERS: 0, FILLS: 0}
        assert rows.all(POSITIONS)


def test_rows_are_fetched_by_their_keys(tmp_path: Path, url: str) -> None:
    folder = write(tmp_path / "j", golden())
    with connected(url) as engine:
        Follower(folder, engine).step()
        with engine.begin() as connection:
            for table in (ORDERS, FILLS, POSITIONS):
                keys = [column.name for column in table.primary_key]
                for row in rows_of(connection, table):
                    key = tuple(row[name] for name in keys)
                    nobody = ("",) * len(keys)
                    assert rows_at(connection, table, [nobody, key]) == [row]
            assert rows_at(connection, ORDERS, []) == []


def test_of_two_followers_the_one_behind_goes_on_from_the_other(
    tmp_path: Path, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(follow, "BATCH", 2)
    said = golden()
    folder = write(tmp_path / "j", said[:5])
    with connected(url) as engine:
        old, new = Follower(folder, engine), Follower(folder, engine)
        old.step()
        while new.step():
            pass
        write(folder, said[5:])
        while new.step():
            pass
        assert old.step() == 0
        assert (old.seq, new.seq) == (len(said), len(said))
    assert tables(url) == rebuilt(folder, tmp_path)


def test_of_two_followers_that_begin_together_one_begins(tmp_path: Path, url: str) -> None:
    folder = write(tmp_path / "j", golden()[:9])
    with connected(url) as engine:
        followers = [Follower(folder, engine) for _ in range(2)]
        for each in followers:
            each._attached()
        assert [each.step() for each in followers] == [9, 0]
    assert tables(url) == rebuilt(folder, tmp_path)


def test_many_followers_at_once_write_what_one_does(
    tmp_path: Path, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(follow, "BATCH", 1)
    folder = write(tmp_path / "j", golden())
    with connected(url) as engine:
        assert Follower(folder, engine).step() == 1
        with ThreadPoolExecutor(3) as pool:
            done = pool.map(_followed, [folder] * 3, [url] * 3)
        assert sum(done) == len(golden()) - 1
    assert tables(url) == rebuilt(folder, tmp_path)


def _followed(folder: Path, url: str) -> int:
    """Records that this one wrote."""
    with connected(url) as engine:
        return sum(iter(Follower(folder, engine).step, 0))


def test_a_projection_that_is_overtaken_goes_on_from_there(
    tmp_path: Path, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = write(tmp_path / "j", golden())
    monkeypatch.setattr(project_, "BATCH", 7)
    monkeypatch.setattr(follow, "BATCH", 3)
    with connected(url) as engine:
        Follower(folder, engine).step()
        beside, moves = Follower(folder, engine), iter(range(2))
        real = project_.keep

        def beaten(*given: Any) -> None:
            for _ in islice(moves, 1):
                beside.step()
            real(*given)

        monkeypatch.setattr(project_, "keep", beaten)
        done = project(read_journal(folder), engine, resume=True)
        assert (done.first, done.last) == (4, len(golden()))
    assert tables(url) == rebuilt(folder, tmp_path)


def test_tables_beyond_the_journal_that_was_read_are_left(tmp_path: Path, url: str) -> None:
    folder = write(tmp_path / "j", golden()[:9])
    early = read_journal(folder)
    write(folder, golden()[9:])
    with connected(url) as engine:
        Follower(folder, engine).step()
        with pytest.raises(DataError, match="the journal at 9"):
            project(early, engine, resume=True)
    assert tables(url) == rebuilt(folder, tmp_path)


def test_a_database_that_failed_in_between_misses_nothing(tmp_path: Path, url: str) -> None:
    folder, said = write(tmp_path / "j", golden()[:9]), golden()
    with connected(url) as engine:
        follower = Follower(folder, engine)
        follower.step()
        with engine.begin() as connection:
            connection.execute(text("ALTER TABLE kedge_orders RENAME TO elsewhere"))
        write(folder, said[9:])
        with pytest.raises(RunError):
            follower.step()
        with engine.begin() as connection:
            connection.execute(text("ALTER TABLE elsewhere RENAME TO kedge_orders"))
        assert follower.step() == len(said) - 9
    assert tables(url) == rebuilt(folder, tmp_path)


def test_a_server_that_closed_its_connections_misses_nothing(tmp_path: Path) -> None:
    folder, said = write(tmp_path / "j", golden()[:9]), golden()
    with database("postgres", tmp_path) as url:
        with connected(url) as engine:
            follower = Follower(folder, engine)
            assert follower.step() == 9
            with engine.connect() as connection:
                mine = connection.execute(text("SELECT pg_backend_pid()")).scalar()
            with connected(url) as other, other.begin() as connection:
                connection.execute(text(f"SELECT pg_terminate_backend({mine})"))
            write(folder, said[9:])
            assert follower.step() == len(said) - 9
        assert tables(url) == rebuilt(folder, tmp_path)


def test_tables_of_what_a_restored_backup_does_not_know_are_made_anew(
    tmp_path: Path, url: str
) -> None:
    said = golden()
    whole, back = write(tmp_path / "j", said), write(tmp_path / "back", [*said[:-4], said[-1]])
    with connected(url) as engine:
        Follower(whole, engine).step()
        assert Follower(back, engine).step() == len(said) - 3
    assert tables(url) == rebuilt(back, tmp_path)


def test_another_journal_is_left_alone(tmp_path: Path, url: str) -> None:
    folder = write(tmp_path / "j", golden())
    opened = golden()[0]
    assert isinstance(opened, Opened)
    other = Opened(1, "ffffffff", *(getattr(opened, name) for name in opened.__struct_fields__[2:]))
    with connected(url) as engine:
        Follower(folder, engine).step()
        with pytest.raises(DataError, match="database holds the journal 0a1b2c3d"):
            Follower(write(tmp_path / "other", [other]), engine).step()
    assert tables(url) == rebuilt(folder, tmp_path)


def test_a_journal_that_is_gone_for_a_while_is_found_again(tmp_path: Path) -> None:
    folder = write(tmp_path / "j", golden()[:9])
    with connected(f"sqlite:///{tmp_path / 'x.db'}") as engine:
        follower = Follower(folder, engine)
        shutil.move(folder, tmp_path / "away")
        with pytest.raises(DataError):
            follower.step()
        shutil.move(tmp_path / "away", folder)
        assert follower.step() == 9
