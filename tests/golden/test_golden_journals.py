"""A journal of every released schema keeps opening, and means what it meant."""

import shutil
from pathlib import Path
from typing import get_args

import pytest

from golden.make_journal import FOLDER, golden
from kedge.domain.record import SCHEMA, Decided, Event, Opened
from kedge.domain.report import VenueReport
from kedge.ledger.journal.disk import SystemDisk
from kedge.ledger.journal.folder import open_journal, read_journal
from kedge.ledger.journal.upcast import records
from kedge.ledger.journal.verify import verify

JOURNALS = sorted(FOLDER.iterdir())


def test_there_is_one_of_every_schema() -> None:
    assert [path.name for path in JOURNALS] == [f"schema-{n}" for n in range(1, SCHEMA + 1)]


def test_the_golden_records_are_of_every_kind() -> None:
    assert {type(record) for record in golden()} == {
        Opened, *get_args(Event), *get_args(VenueReport), *get_args(Decided),
    }  # fmt: skip


@pytest.mark.parametrize("path", JOURNALS, ids=lambda path: path.name)
def test_golden_journal_reads_as_it_was_written(path: Path) -> None:
    assert verify(SystemDisk(path, read_only=True)).whole
    assert [record for _, record in records(read_journal(path))] == golden()


@pytest.mark.parametrize("path", JOURNALS, ids=lambda path: path.name)
def test_golden_journal_opens_and_goes_on(path: Path, tmp_path: Path) -> None:
    shutil.copytree(path, tmp_path / "j")
    journal = open_journal(tmp_path / "j")
    assert journal.cut == 0
    journal.append(b"\x93\x28\x01\x02")
    journal.close()
    assert read_journal(tmp_path / "j").durable == len(golden()) + 1
