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
FIRST = 45
"""Records of the first one."""


def test_there_is_one_of_every_schema() -> None:
    schemas = {int(path.name.split("-")[1]) for path in JOURNALS}
    assert schemas == set(range(1, SCHEMA + 1))


def test_the_golden_records_are_of_every_kind() -> None:
    assert {type(record) for record in golden()} == {
        Opened, *get_args(Event), *get_args(VenueReport), *get_args(Decided),
    }  # fmt: skip


@pytest.mark.parametrize("path", JOURNALS, ids=lambda path: path.name)
def test_golden_journal_reads_as_it_was_written(path: Path) -> None:
    assert verify(SystemDisk(path, read_only=True)).whole
    read = [record for _, record in records(read_journal(path))]
    assert read == golden()[: len(read)]
    assert len(read) >= FIRST


def test_the_last_golden_journal_holds_every_kind() -> None:
    assert sum(1 for _ in records(read_journal(JOURNALS[-1]))) == len(golden())


@pytest.mark.parametrize("path", JOURNALS, ids=lambda path: path.name)
def test_golden_journal_opens_and_goes_on(path: Path, tmp_path: Path) -> None:
    shutil.copytree(path, tmp_path / "j")
    journal = open_journal(tmp_path / "j")
    assert journal.cut == 0
    before = journal.seq
    journal.append(b"\x93\x28\x01\x02")
    journal.close()
    assert read_journal(tmp_path / "j").durable == before + 1
