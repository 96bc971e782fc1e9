"""A session that backs itself up and keeps tables in databases, through the loss of its folder."""

import json
import shutil
import signal
from collections import Counter
from pathlib import Path

import pytest

from databases import database
from e2e.sessions import kedge, records, session, truth
from kedge.domain.control import Mode, Started
from kedge.domain.decided import ModeSet, OrderApproved
from kedge.domain.record import decode, encode
from kedge.domain.report import Filled
from kedge.ledger.journal.backup import backups
from kedge.ledger.projections.database import connected, dumped

CANARY = "canary-9d01f3b7c2aa"
QUICK = ("--plain", "--speed", 20)
EVERY_S = "1"
KEPT = 3


def wanted(where: Path, url: str, **more: str) -> dict[str, str]:
    return {
        "KEDGE_SESSION__BACKUP_EVERY_S": EVERY_S,
        "KEDGE_SESSION__BACKUP_FOLDER": str(where / "backups"),
        "KEDGE_SESSION__BACKUPS_KEPT": str(KEPT),
        "KEDGE_SESSION__DATABASE": url,
        **more,
    }


def tables(url: str) -> dict[str, list[str]]:
    with connected(url) as engine, engine.connect() as connection:
        return dumped(connection)


def rebuilt(where: Path) -> dict[str, list[str]]:
    url = f"sqlite:///{where / 'rebuilt.db'}"
    done = kedge("audit", "project", where / "session/journal", "--to", url, where=where)
    assert done.returncode == 0, done.stderr
    return tables(url)


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a session that was killed with -9 and lost, brought back from its newest
    backup, and ended by Ctrl-C; what was so at each step lies in ``said.json``.
    """
    where = tmp_path_factory.mktemp("backups")
    folder, said = where / "session", {}
    more = wanted(where, str(where / "trades.db"))
    with session(folder, where, *QUICK, **more) as first:
        said["status"] = first.until(
            lambda s: s["counters"]["fills"] >= 3 and len(backups(where / "backups")) == KEPT
        )
        first.end(signal.SIGKILL)
    said["lost"] = [encode(record).hex() for record in records(folder)]
    shutil.rmtree(folder)
    newest = backups(where / "backups")[-1]
    restored = kedge("audit", "restore", newest, folder / "journal", where=where)
    assert restored.returncode == 0, restored.stderr
    said["restored"] = [encode(record).hex() for record in records(folder)]
    said["backup"] = int(newest.name)
    with session(folder, where, *QUICK, **more) as again:
        said["again"] = again.until(lambda s: s["counters"]["fills"] >= 3 and s["mode"] == "ACTIVE")
        said["ended"] = again.end(signal.SIGINT)
        said["log"] = again.log.read_text()
    (where / "said.json").write_text(json.dumps(said))
    return where


@pytest.fixture(scope="module")
def said(told: Path):
    return json.loads((told / "said.json").read_text())


def test_status_says_when_the_last_backup_was_made(said) -> None:
    assert said["status"]["backup"]["at"] > 10**18
    assert said["status"]["backup"]["record"] > 0
    assert not [e for e in said["status"]["events"] if "backup" in e["text"]]


def test_a_backup_is_the_journal_up_to_its_record(said) -> None:
    assert len(said["restored"]) == said["backup"]
    assert said["lost"][: said["backup"]] == said["restored"]
    assert said["backup"] > len(said["lost"]) // 2


def test_the_next_session_goes_on_from_the_backup(told: Path, said) -> None:
    assert (said["again"]["mode"], said["ended"]) == ("ACTIVE", 0)
    kept = records(told / "session")
    assert [encode(record).hex() for record in kept[: said["backup"]]] == said["restored"]
    first = kept[said["backup"]]
    assert isinstance(first, Started)
    assert first.skipped > 0
    assert not (told / "session/journal/restored").exists()
    assert Mode.HALTED not in [each.mode for each in kept if isinstance(each, ModeSet)]


def test_every_order_and_fill_is_accounted_for(told: Path) -> None:
    kept, there = records(told / "session"), truth(told / "session")
    approved = Counter(r.order.id for r in kept if isinstance(r, OrderApproved))
    assert set(approved.values()) == {1}
    assert {known.order.id for known in there.orders} <= set(approved)
    ours = {(r.key, r.trade): r for r in kept if isinstance(r, Filled)}
    assert set(ours) == {(f.key, f.trade) for f in there.fills}
    assert held(list(ours.values())) == {k: n for k, n in there.lots.items() if n}


def held(fills: list[Filled]) -> dict[int, int]:
    lots: Counter[int] = Counter()
    for fill in fills:
        lots[fill.key] += fill.side * fill.lots
    return {key: count for key, count in lots.items() if count}


def test_no_order_id_is_given_again_after_the_restore(told: Path, said) -> None:
    lost = [decode(bytes.fromhex(each)) for each in said["lost"][said["backup"] :]]
    used = {r.order.id for r in lost if isinstance(r, OrderApproved)}
    again = records(told / "session")[said["backup"] :]
    given = {r.order.id for r in again if isinstance(r, OrderApproved)}
    assert given
    assert not given & used


def test_what_was_recorded_after_the_restore_is_whole_and_derived_again(told: Path) -> None:
    for words in (("audit", "verify"), ("replay",)):
        done = kedge(*words, told / "session/journal", where=told)
        assert done.returncode == 0, done.stdout + done.stderr


def test_the_database_is_what_a_projection_rebuilds(told: Path, said) -> None:
    """Its tables stood beyond the backup: they were made anew."""
    assert tables(f"sqlite:///{told / 'trades.db'}") == rebuilt(told)
    assert "database" not in said["log"]


def test_a_server_is_what_a_projection_rebuilds_too(told: Path, tmp_path: Path) -> None:
    with database("postgres", tmp_path) as url:
        secret = {"KEDGE_SESSION__DATABASE_PASSWORD": "TRADES_DB_PASSWORD"}
        more = wanted(told, url, **secret, TRADES_DB_PASSWORD=CANARY)
        for _ in range(2):
            done = kedge(
                "run", *QUICK, "--duration", 2, "--session", told / "session", where=told, **more
            )
            assert done.returncode == 0, done.stderr
            assert "database" not in done.stderr
            assert tables(url) == rebuilt(told)


def test_a_server_that_is_gone_holds_nothing_up(told: Path) -> None:
    pytest.importorskip("psycopg")
    more = wanted(told, "postgresql://127.0.0.1:1/none")
    folder = told / "session"
    before = len(records(folder))
    with session(folder, told, *QUICK, **more) as running:
        status = running.until(lambda s: any("database" in e["text"] for e in s["events"]))
        assert running.end(signal.SIGINT) == 0
    lines = [each for each in status["events"] if "database" in each["text"]]
    assert [each["grave"] for each in lines] == [True]
    assert lines[0]["text"].endswith("it catches up from the journal")
    assert status["mode"] in {"ACTIVE", "REDUCING"}
    assert len(records(folder)) > before


def test_the_password_is_nowhere(told: Path) -> None:
    files = [path for path in told.rglob("*") if path.is_file()]
    assert [path for path in files if CANARY.encode() in path.read_bytes()] == []
