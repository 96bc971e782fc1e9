from random import Random
from zlib import crc32

import pytest

from journals import SMALL, faulty, filled, opened, payload
from kedge.domain.errors import JournalError
from kedge.ledger.journal import watermark
from kedge.ledger.journal.journal import Journal
from kedge.ledger.journal.segment import HEADER, SPARE, Segment, first_of, header, name_of, parse
from kedge.ledger.journal.verify import verify
from kedge.testing.faulty_disk import FaultyDisk


def a_journal() -> FaultyDisk:
    disk = faulty()
    filled(disk, 60).close()
    return disk


def test_whole_journal_is_whole() -> None:
    disk = a_journal()
    verdict = verify(disk)
    assert verdict.whole
    assert verdict.records == verdict.durable == 60
    assert verdict.bytes == verdict.segments * SMALL


def test_empty_journal_is_whole() -> None:
    disk = faulty()
    opened(disk).close()
    assert verify(disk).whole
    assert verify(disk).records == 0


def test_journal_that_is_being_written_is_whole() -> None:
    disk = faulty()
    journal = filled(disk, 30)
    journal.append(b"not synced yet")
    journal.write()
    verdict = verify(disk)
    assert verdict.whole
    assert (verdict.records, verdict.durable) == (31, 30)


def test_first_bad_record_is_named() -> None:
    disk = a_journal()
    segment = sorted(name for name in disk.list() if first_of(name))[2]
    disk.flip(segment, HEADER + 3)
    damage = verify(disk).damage
    assert damage is not None
    assert (damage.file, damage.offset, damage.seq) == (segment, HEADER, first_of(segment))
    assert not damage.beyond


def test_torn_tail_is_told_from_damage() -> None:
    disk = faulty()
    journal = filled(disk, 10, 1 << 14)
    end = journal._end
    for seq in range(11, 30):
        journal.append(payload(seq))
    journal.write()
    disk.open(name_of(1)).write(end, bytes(100))
    damage = verify(disk).damage
    assert damage is not None
    assert damage.beyond
    assert damage.seq == 11
    opened(disk, 1 << 14).close()
    assert verify(disk).whole


@pytest.mark.parametrize("place", ["slot", "spare", "unused", "header"])
def test_changed_byte_outside_of_records_is_found(place: str) -> None:
    disk = a_journal()
    name, offset = {
        "slot": (watermark.NAME, 300),
        "spare": (SPARE, SMALL - 1),
        "unused": (sorted(name for name in disk.list() if first_of(name))[-1], SMALL - 1),
        "header": (name_of(1), 50),
    }[place]
    disk.flip(name, offset)
    damage = verify(disk).damage
    assert damage is not None
    assert damage.file == name


@pytest.mark.parametrize("slot", [0, 1])
def test_a_damaged_slot_of_the_watermark_is_named_by_its_place(slot: int) -> None:
    disk = a_journal()
    disk.flip(watermark.NAME, slot * watermark.SLOT + 30)
    damage = verify(disk).damage
    assert damage is not None
    assert (damage.file, damage.offset) == (watermark.NAME, slot * watermark.SLOT)


@pytest.mark.parametrize("place", range(48, 60))
def test_a_header_with_a_sum_and_something_where_zeros_belong_is_none(place: int) -> None:
    data = bytearray(header(Segment(1, bytes(16), SMALL, 1)))
    assert parse(bytes(data)) is not None
    data[place] = 1
    data[60:] = crc32(data[:60]).to_bytes(4, "little")
    assert parse(bytes(data)) is None


@pytest.mark.parametrize("which", [0, 1, -1])
def test_missing_segment_is_found(which: int) -> None:
    disk = a_journal()
    segments = sorted(name for name in disk.list() if first_of(name))
    disk.remove(segments[which])
    assert not verify(disk).whole


def test_what_is_missing_or_wrong_is_named_by_its_first_record() -> None:
    for place in (0, 1):
        disk = a_journal()
        segments = sorted(name for name in disk.list() if first_of(name))
        disk.remove(segments[place])
        damage = verify(disk).damage
        assert damage is not None
        first = first_of(segments[place])
        assert (damage.file, damage.offset, damage.seq) == (segments[place + 1], 0, first)
        assert damage.what == "the segment does not follow the one before"
        disk = a_journal()
        disk.flip(segments[place], 20)
        damage = verify(disk).damage
        assert damage is not None
        assert (damage.file, damage.offset, damage.seq) == (segments[place], 0, first)
        assert damage.what == "the segment's header is wrong"


def test_segment_of_another_journal_is_found() -> None:
    disk, other = a_journal(), faulty()
    journal = opened(other)
    for seq in range(1, 61):
        journal.append(payload(seq).upper())
    journal.close()
    name = sorted(name for name in disk.list() if first_of(name))[1]
    disk.open(name).write(0, other.content(name))
    damage = verify(disk).damage
    assert damage is not None
    assert damage.file == name


def test_older_watermark_put_back_is_found_when_the_records_are_not_its_own() -> None:
    disk, other = a_journal(), faulty()
    journal = opened(other)
    for seq in range(1, 61):
        journal.append(payload(seq).upper())
    journal.close()
    disk.open(watermark.NAME).write(0, other.content(watermark.NAME))
    assert not verify(disk).whole


def test_newer_journal_is_refused_with_one_line() -> None:
    disk = FaultyDisk(Random(0))
    journal = Journal.open(disk, segment_bytes=SMALL, schema=99)
    journal.append(b"x")
    journal.close()
    for act in (lambda: verify(disk), lambda: opened(disk)):
        with pytest.raises(JournalError, match="schema 99 is newer") as refused:
            act()
        assert "\n" not in str(refused.value)


def test_no_journal_is_one_line() -> None:
    with pytest.raises(JournalError, match="there is no journal"):
        verify(faulty())
