import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from databases import database
from golden.make_journal import A, B, C, golden
from kedge.domain.errors import ConfigError, DataError, RunError
from kedge.domain.record import Opened, Record, encode
from kedge.interfaces.cli.main import main
from kedge.ledger.journal.folder import open_journal, read_journal
from kedge.ledger.projections import database as database_
from kedge.ledger.projections import project as project_
from kedge.ledger.projections.database import connected, dumped, rows_of
from kedge.ledger.projections.project import Projected, project
from kedge.ledger.projections.tables import CASH, FILLS, ORDERS, POSITIONS, metadata


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    with database(request.param, tmp_path) as found:
        yield found


def write(folder: Path, records: Sequence[Record]) -> Path:
    journal = open_journal(folder, segment_bytes=2048)
    for record in records:
        journal.append(encode(record))
    journal.close()
    return folder


def projected(folder: Path, url: str, resume: bool = False) -> tuple[Projected, dict[str, Any]]:
    with connected(url) as engine:
        done = project(read_journal(folder), engine, resume=resume)
        with engine.connect() as connection:
            return done, dumped(connection)


def rows(url: str, table: Any) -> list[dict[str, Any]]:
    with connected(url) as engine, engine.connect() as connection:
        return rows_of(connection, table)


def test_orders_tell_what_became_of_them(tmp_path: Path, url: str) -> None:
    projected(write(tmp_path / "j", golden()), url)
    orders = {row["id"]: row for row in rows(url, ORDERS)}
    assert {name: row["status"] for name, row in orders.items()} == {
        A: "filled", B: "filled", C: "cancelled",
    }  # fmt: skip
    bought = orders[A]
    assert (bought["filled"], bought["fees"], bought["venue_id"]) == (30, 18, "v1")
    assert (bought["type"], bought["limit_ticks"], bought["reason"]) == ("LIMIT", 1001, "EXITING")
    assert orders[B]["reduce_only"] is True


def test_fill_that_is_reported_twice_is_booked_once(tmp_path: Path, url: str) -> None:
    projected(write(tmp_path / "j", golden()), url)
    assert sorted(row["trade"] for row in rows(url, FILLS)) == ["t1", "t2", "t3"]


def test_cash_and_positions_are_what_the_fills_sum_to(tmp_path: Path, url: str) -> None:
    """By hand: 30 bought at 1000 and 1001, sold at 948, 7/2 minor units per lot and tick."""
    projected(write(tmp_path / "j", golden()), url)
    bought = -(20 * 1000 * 7 // 2) - 12 - (10 * 1001 * 7 // 2) - 6
    sold = 30 * 948 * 7 // 2 - 18
    assert {row["trade"]: row["cash"] for row in rows(url, FILLS)} == {
        "t1": -70_012, "t2": -35_041, "t3": sold,
    }  # fmt: skip
    (cash,) = rows(url, CASH)
    assert cash["booked"] == bought + sold - 40
    assert cash["told"] == 9_843_000
    positions = {row["instrument"]: row for row in rows(url, POSITIONS)}
    assert (positions["crypto:BTCUSDT"]["lots"], positions["crypto:BTCUSDT"]["told"]) == (0, 0)
    assert (positions["crypto:ETHUSDT"]["lots"], positions["crypto:ETHUSDT"]["told"]) == (5, 5)


def test_decisions_and_modes_are_told(tmp_path: Path, url: str) -> None:
    _, dump = projected(write(tmp_path / "j", golden()), url)
    (decision,) = map(json.loads, dump["kedge_decisions"])
    assert (decision["row"], decision["equity"], decision["held"]) == (0, 10_000_000, 2)
    assert json.loads(decision["reasons"]) == {"EXITING": 1, "NONE": 1}
    modes = [json.loads(each) for each in dump["kedge_modes"]]
    assert [(each["mode"], each["killed"]) for each in modes] == [
        ("ACTIVE", False), ("HALTED", True),
    ]  # fmt: skip


def test_two_rebuilds_give_equal_tables(tmp_path: Path, url: str) -> None:
    journal = write(tmp_path / "j", golden())
    first = projected(journal, url)
    with connected(url) as engine, engine.begin() as connection:
        connection.execute(text("UPDATE kedge_positions SET lots = 99"))
    assert projected(journal, url) == first
    assert first[0] == Projected(1, len(golden()))


def test_projection_is_the_same_wherever_it_was_interrupted(
    tmp_path: Path, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(project_, "BATCH", 7)
    whole = projected(write(tmp_path / "whole", golden()), url)[1]
    projected(write(tmp_path / "part", golden()[:1]), url)
    for end in range(2, len(golden()) + 1, 4):
        part = write(tmp_path / "part", golden()[_durable(tmp_path / "part") : end])
        done, _ = projected(part, url, resume=True)
        assert done.last == end
    part = write(tmp_path / "part", golden()[_durable(tmp_path / "part") :])
    assert projected(part, url, resume=True)[1] == whole
    assert projected(part, url, resume=True)[0] == Projected(len(golden()) + 1, len(golden()))


def _durable(folder: Path) -> int:
    return read_journal(folder).durable


def test_another_journal_is_refused(tmp_path: Path, url: str) -> None:
    projected(write(tmp_path / "j", golden()), url)
    opened = golden()[0]
    assert isinstance(opened, Opened)
    other = Opened(1, "ffffffff", *(getattr(opened, name) for name in opened.__struct_fields__[2:]))
    with pytest.raises(DataError, match="database holds the journal 0a1b2c3d"):
        projected(write(tmp_path / "other", [other]), url)


def test_tables_of_another_history_are_not_gone_on_with(tmp_path: Path, url: str) -> None:
    projected(write(tmp_path / "j", golden()), url)
    changed = [*golden()[:-1], golden()[-3]]
    with pytest.raises(DataError, match="another history"):
        projected(write(tmp_path / "other", changed), url, resume=True)
    assert projected(tmp_path / "other", url)[0].first == 1


def test_sqlite_writes_ahead(tmp_path: Path) -> None:
    with database("sqlite", tmp_path) as url:
        projected(write(tmp_path / "j", golden()), url)
        with connected(url) as engine, engine.connect() as connection:
            assert connection.execute(text("PRAGMA journal_mode")).scalar() == "wal"


@pytest.mark.parametrize("bad", ["", "nonsense", "mysql://x/y", "oracle+zz://x"])
def test_bad_url_is_one_line(tmp_path: Path, bad: str) -> None:
    with pytest.raises(ConfigError) as refused, connected(bad):
        pass
    assert "\n" not in str(refused.value)


def test_failing_database_is_one_line_without_the_password(tmp_path: Path) -> None:
    folder = write(tmp_path / "j", golden())
    pytest.importorskip("psycopg")
    for bad in (
        "postgresql://me:hunter2@127.0.0.1:1/none", f"sqlite:///{tmp_path}/no/folder/x.db",
    ):  # fmt: skip
        with pytest.raises(RunError) as failed:
            projected(folder, bad)
        assert "\n" not in str(failed.value)
        assert "hunter2" not in str(failed.value)


def test_server_that_does_not_answer_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database_, "STATEMENT_MS", 50)
    with database("postgres", tmp_path) as url, connected(url) as engine:
        with engine.connect() as connection:
            told = connection.connection.driver_connection.info.get_parameters()  # type: ignore[union-attr]
        assert {name: int(told[name]) for name in database_.PATIENCE} == database_.PATIENCE
        with (
            pytest.raises(RunError, match="statement timeout"),
            database_.in_one_line(engine),
            engine.begin() as connection,
        ):
            connection.execute(text("SELECT pg_sleep(10)"))


def test_patience_of_the_url_goes_first(tmp_path: Path) -> None:
    with database("postgres", tmp_path) as url:
        own = f"{url}%20-cstatement_timeout%3D7000&tcp_user_timeout=9000"
        with connected(own) as engine, engine.connect() as connection:
            told = connection.connection.driver_connection.info.get_parameters()  # type: ignore[union-attr]
            assert (told["tcp_user_timeout"], told["keepalives_idle"]) == ("9000", "10")
            assert connection.execute(text("SHOW statement_timeout")).scalar() == "7s"


def test_command_projects_and_goes_on(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    journal, url = str(write(tmp_path / "j", golden())), f"sqlite:///{tmp_path / 'p.db'}"
    assert main(["audit", "project", journal, "--to", url]) == 0
    assert f"{len(golden())} records projected" in capsys.readouterr().out
    assert main(["audit", "project", journal, "--to", url, "--resume", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["last"] == len(golden())
    assert main(["audit", "project", journal, "--to", "mysql://x"]) == 2


def test_every_table_has_a_name_of_its_own_kind() -> None:
    assert all(name.startswith("kedge_") for name in metadata.tables)
