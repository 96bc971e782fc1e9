"""What goes on beside a session: backups and tables that fail and come back."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from threading import Event

import pytest

from golden.make_journal import golden
from kedge.domain.errors import ConfigError
from kedge.domain.record import encode
from kedge.domain.status import BackedUp
from kedge.interfaces.backups import LATE_S, Backups, Wanted
from kedge.interfaces.beside import Beside
from kedge.interfaces.tables import LOOK_S, Tables, engine_for
from kedge.interfaces.venue_backup import last_instant, venue_beside
from kedge.ledger.journal.backup import backup, backups, restore
from kedge.ledger.journal.folder import open_journal
from kedge.ledger.projections.database import engine_of
from kedge.settings import load_settings
from kedge.settings.secrets import Secrets
from kedge.settings.session import Session
from kedge.venues.embedded.log import RequestLog, read_log
from kedge.venues.simulated.requests import AskDepth, Sent

AT = 1_770_000_000 * 10**9

SECOND = 10**9
PASSWORD = "canary-77aa01"


class Log:
    """Lines of a session's log."""

    def __init__(self) -> None:
        self.lines: list[tuple[str, bool]] = []

    def __call__(self, text: str, grave: bool) -> None:
        self.lines.append((text, grave))


class Clock:
    """A wall clock that is set by hand, s."""

    def __init__(self, at: float) -> None:
        self.at = at

    def __call__(self) -> int:
        return round(self.at * SECOND)


def journal(folder: Path, records: int = 9) -> Path:
    opened = open_journal(folder, segment_bytes=2048)
    for record in golden()[opened.seq : records]:
        opened.append(encode(record))
    opened.close()
    return folder


def wanted(tmp_path: Path, every_s: float = 100.0) -> Wanted:
    return Wanted(tmp_path / "j", tmp_path / "b", every_s, 2, venue_beside(tmp_path / "j"))


def test_a_backup_is_made_whenever_the_newest_is_old_enough(tmp_path: Path) -> None:
    journal(tmp_path / "j", 5)
    said, made, clock = Log(), list[BackedUp](), Clock(1_000.0)
    chore = Backups(wanted(tmp_path), clock, said, made.append)
    assert chore.turn() == LATE_S
    clock.at = 1_090.0
    assert (chore.turn(), made) == (pytest.approx(10.0), [])
    clock.at = 1_100.0
    assert (chore.turn(), made) == (LATE_S, [BackedUp(1_100 * SECOND, 5)])
    for at, count in ((1_200.0, 7), (1_300.0, 9)):
        journal(tmp_path / "j", count)
        clock.at = at
        chore.turn()
    assert [each.record for each in made] == [5, 7, 9]
    assert [int(each.name) for each in backups(tmp_path / "b")] == [7, 9]
    assert said.lines == []


def test_a_new_process_knows_the_newest_and_waits_for_its_time(tmp_path: Path) -> None:
    journal(tmp_path / "j", 5)
    path = backup(tmp_path / "j", tmp_path / "b").path
    os.utime(path, ns=(0, 950 * SECOND))
    made, clock = list[BackedUp](), Clock(1_000.0)
    chore = Backups(wanted(tmp_path), clock, Log(), made.append)
    assert made == [BackedUp(950 * SECOND, 5)]
    assert chore.turn() == pytest.approx(50.0)


def test_a_backup_that_fails_is_one_grave_line_and_tried_again(tmp_path: Path) -> None:
    journal(tmp_path / "j", 5)
    (tmp_path / "b").write_text("no folder")
    said, made, clock = Log(), list[BackedUp](), Clock(0.0)
    chore = Backups(wanted(tmp_path), clock, said, made.append)
    clock.at = 100.0
    chore.turn()
    ((text, grave),) = said.lines
    assert grave
    assert text.startswith("no backup: ")
    assert "\n" not in text
    (tmp_path / "b").unlink()
    clock.at = 200.0
    chore.turn()
    assert [each.record for each in made] == [5]


def test_the_venue_beside_a_journal_comes_back_as_of_then_unless_it_is_there(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "session"
    journal(folder / "journal", 5)
    (folder / "venue").mkdir()
    (folder / "venue/setup").write_text("setup")
    at = last_instant(folder / "journal")
    log = RequestLog(folder / "venue/requests", 0)
    for number, left in enumerate((at - 2, at - 1, at, at + 1)):
        log.add(Sent(left, left, AskDepth(number)))
    log.close()
    along = venue_beside(folder / "journal")
    path = backup(folder / "journal", tmp_path / "b", 7, along).path
    shutil.rmtree(folder)
    restore(path, folder / "journal", AT)
    assert sorted(each.name for each in (folder / "venue").iterdir()) == ["requests", "setup"]
    assert (folder / "venue/setup").read_text() == "setup"
    assert [line.at for line in read_log(folder / "venue/requests").lines] == [at - 2, at - 1]
    shutil.rmtree(folder / "journal")
    (folder / "venue/setup").write_text("another")
    restore(path, folder / "journal", AT)
    assert (folder / "venue/setup").read_text() == "another"


def test_a_session_elsewhere_has_no_venue_to_take_along(tmp_path: Path) -> None:
    path = backup(journal(tmp_path / "j"), tmp_path / "b", 7, venue_beside(tmp_path / "j")).path
    restore(path, tmp_path / "again/journal", AT)
    assert [each.name for each in (tmp_path / "again").iterdir()] == ["journal"]


def test_a_database_that_is_gone_is_one_line_and_caught_up_with(tmp_path: Path) -> None:
    said, gone = Log(), tmp_path / "gone"
    engine = engine_of(f"sqlite:///{gone / 'x.db'}")
    chore = Tables(journal(tmp_path / "j"), engine, said)
    assert [chore.turn() for _ in range(7)] == [2.0, 4.0, 8.0, 16.0, 32.0, 60.0, 60.0]
    ((text, grave),) = said.lines
    assert grave
    assert "it catches up from the journal" in text
    gone.mkdir()
    assert chore.turn() < LOOK_S
    assert chore.turn() == LOOK_S
    assert said.lines[1:] == [("the database is back, up to record 9", False)]
    journal(tmp_path / "j", 12)
    chore.finish(lambda: False)
    assert len(said.lines) == 2


class Once:
    """A chore that fails, then says that it had another turn."""

    name = "once"

    def __init__(self) -> None:
        self.finished = Event()

    def turn(self) -> float:
        raise ZeroDivisionError("a defect")

    def finish(self, over: Callable[[], bool]) -> None:
        self.finished.set()


class Held:
    """A chore that never comes back."""

    name = "held"

    def turn(self) -> float:
        Event().wait(30.0)
        return 0.0

    def finish(self, over: Callable[[], bool]) -> None:
        pass


def test_a_defect_is_said_and_ends_nothing() -> None:
    said, chore = Log(), Once()
    beside = Beside([chore], said)
    beside.start()
    while not said.lines:
        Event().wait(0.01)
    assert beside.finish(5.0) == []
    assert chore.finished.is_set()
    assert said.lines == [("once: ZeroDivisionError: a defect", True)]


def test_nobody_waits_for_one_that_does_not_come_back() -> None:
    beside = Beside([Held()], Log())
    beside.start()
    assert beside.finish(0.05) == ["kedge-held"]


def test_what_was_never_started_is_done() -> None:
    assert Beside([Once()], Log()).finish(5.0) == []


@pytest.mark.parametrize(
    "url",
    [
        f"postgresql://me:{PASSWORD}@127.0.0.1/x",
        f"postgresql://127.0.0.1/x?password={PASSWORD}",
        f"mysql://{PASSWORD}@127.0.0.1/x",
        f"postgresql://[{PASSWORD}/x",
        f"me:{PASSWORD}@127.0.0.1/x",
    ],
)
def test_no_message_repeats_what_may_be_a_password(url: str) -> None:
    with pytest.raises(ConfigError, match=r"session\.database") as refused:
        load_settings(overrides={"session.database": url}, environment={})
    assert PASSWORD not in str(refused.value)


def test_a_password_is_named_and_never_held(tmp_path: Path) -> None:
    secrets = Secrets({"TRADES_PASSWORD": PASSWORD}, tmp_path / "none")
    session = Session(database="postgresql://me@127.0.0.1/x", database_password="TRADES_PASSWORD")
    pytest.importorskip("psycopg")
    engine = engine_for(session, lambda: secrets)
    assert engine is not None
    assert engine.url.password == PASSWORD
    assert PASSWORD not in str(engine.url)
    assert PASSWORD not in session.model_dump_json()
    with pytest.raises(ValueError, match="not the name of a secret"):
        Session(database="postgresql://127.0.0.1/x", database_password=PASSWORD)
    with pytest.raises(ValueError, match="no server"):
        Session(database="trades.db", database_password="TRADES_PASSWORD")
    with pytest.raises(ConfigError, match="there is no secret OTHER_PASSWORD"):
        engine_for(
            Session(database="postgresql:///x", database_password="OTHER_PASSWORD"),
            lambda: secrets,
        )


def test_no_database_is_no_engine_and_a_path_is_a_file() -> None:
    assert engine_for(Session(), lambda: Secrets({})) is None
    engine = engine_for(Session(database="out/trades.db"), lambda: Secrets({}))
    assert engine is not None
    assert str(engine.url) == "sqlite:///out/trades.db"
