"""A journal that is followed while it grows."""

from itertools import islice
from pathlib import Path

import pytest

from journals import expected, payload
from kedge.domain.errors import JournalError
from kedge.ledger.journal.disk import SystemDisk
from kedge.ledger.journal.folder import open_journal
from kedge.ledger.journal.journal import Journal
from kedge.ledger.journal.segment import HEADER, name_of
from kedge.ledger.journal.tail import Tail


def fill(journal: Journal, count: int) -> None:
    for seq in range(journal.seq + 1, count + 1):
        journal.append(payload(seq))
    journal.commit()


def tail_of(folder: Path, first: int = 1) -> Tail:
    return Tail(SystemDisk(folder, read_only=True), first)


def test_each_durable_record_comes_once_over_the_ends_of_segments(tmp_path: Path) -> None:
    journal = open_journal(tmp_path, segment_bytes=2048)
    fill(journal, 1)
    tail, found = tail_of(tmp_path), []
    for count in (1, 2, 40, 41, 120, 120):
        fill(journal, count)
        journal.append(b"not durable")
        journal.write()
        found += tail.read()
        assert (tail.seq, tail.chain) == (journal.durable, journal.chain_at(journal.durable))
    journal.close()
    assert [seq for seq, _ in found] == list(range(1, len(found) + 1))
    assert found == [*list(journal_records(tmp_path))][: len(found)]


def journal_records(folder: Path) -> list[tuple[int, bytes]]:
    return list(tail_of(folder).read())


def test_whoever_stops_in_between_goes_on_there(tmp_path: Path) -> None:
    journal = open_journal(tmp_path, segment_bytes=2048)
    fill(journal, 90)
    tail, found = tail_of(tmp_path), []
    while part := list(islice(tail.read(), 7)):
        found += part
        assert tail.seq == found[-1][0]
    journal.close()
    assert found == expected(90)


@pytest.mark.parametrize("first", [1, 2, 37, 90, 91])
def test_it_begins_where_it_is_told(tmp_path: Path, first: int) -> None:
    journal = open_journal(tmp_path, segment_bytes=2048)
    fill(journal, 90)
    journal.close()
    assert list(tail_of(tmp_path, first).read()) == expected(90)[first - 1 :]


def test_damage_and_a_start_that_is_not_there_are_said(tmp_path: Path) -> None:
    journal = open_journal(tmp_path, segment_bytes=2048)
    fill(journal, 90)
    journal.close()
    with pytest.raises(JournalError):
        tail_of(tmp_path, 92)
    path = tmp_path / name_of(1)
    data = bytearray(path.read_bytes())
    data[HEADER + 40] ^= 1
    path.write_bytes(data)
    with pytest.raises(JournalError, match="record 1 is damaged"):
        list(tail_of(tmp_path).read())
