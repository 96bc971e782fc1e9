from typing import Any

import msgspec
import pytest

from journals import SMALL, expected, faulty, payload
from kedge.domain.control import Started
from kedge.domain.errors import JournalError
from kedge.domain.record import SCHEMA, Opened, encode
from kedge.ledger.journal import upcast as upcast_
from kedge.ledger.journal.journal import Journal
from kedge.ledger.journal.segment import first_of
from kedge.ledger.journal.upcast import records, upcast
from kedge.ledger.journal.verify import verify


def renamed(fields: list[Any]) -> list[Any]:
    """A step between schemas: the tag moves, a field goes, a field comes."""
    return [fields[0] + 1, *fields[2:], "new"]


def test_registered_upcaster_brings_an_old_record_up(monkeypatch: pytest.MonkeyPatch) -> None:
    old = msgspec.msgpack.encode([21, "gone", 1, "0.1"])
    monkeypatch.setitem(upcast_.UPCASTERS, SCHEMA - 1, lambda fields: [22, *fields[2:], "cpu"])
    journal = Journal.open(faulty(), segment_bytes=SMALL, schema=SCHEMA - 1)
    journal.append(old)
    journal.commit()
    assert list(records(journal)) == [(1, Started(1, "0.1", "cpu"))]


def test_upcasters_are_applied_one_after_the_other() -> None:
    table = {1: renamed, 2: renamed}
    raised = upcast(msgspec.msgpack.encode([5, "a", "b", "c"]), 1, 3, table)
    assert msgspec.msgpack.decode(raised) == [7, "c", "new", "new"]


def test_missing_upcaster_is_one_line() -> None:
    with pytest.raises(JournalError, match="schema 2 cannot be read"):
        upcast(msgspec.msgpack.encode([5, "a"]), 1, 3, {1: renamed})


def test_present_schema_is_not_touched() -> None:
    assert upcast(b"anything", SCHEMA) == b"anything"


@pytest.mark.parametrize("count", [0, 3, 40])
def test_records_of_another_schema_begin_a_segment(count: int) -> None:
    disk = faulty()
    journal = Journal.open(disk, segment_bytes=SMALL, schema=1)
    for seq in range(1, count + 1):
        journal.append(payload(seq))
    journal.close()
    journal = Journal.open(disk, segment_bytes=SMALL, schema=2)
    for seq in range(count + 1, count + 4):
        journal.append(payload(seq))
    journal.commit()
    assert list(journal.read()) == expected(count + 3)
    journal.close()
    again = Journal.open(disk, segment_bytes=SMALL, schema=2)
    assert list(again.read()) == expected(count + 3)
    assert [again.schema_of(seq) for seq in range(1, count + 4)] == [1] * count + [2] * 3
    assert verify(disk, schema=2).whole
    assert count + 1 in [first_of(name) for name in disk.list()]


def test_newer_record_and_no_record_are_refused_with_one_line() -> None:
    opened = Opened(SCHEMA + 1, "0a1b2c3d", 1, "9", "cpu", (), ())
    for bad, why in ((encode(opened), "up to"), (b"\xc1", "not understood")):
        journal = Journal.open(faulty(), segment_bytes=SMALL)
        journal.append(bad)
        journal.commit()
        with pytest.raises(JournalError, match=why) as refused:
            list(records(journal))
        assert "\n" not in str(refused.value)
