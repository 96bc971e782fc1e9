import pytest

from journals import SMALL, expected, faulty, filled, opened, payload
from kedge.domain.errors import JournalError, RunError
from kedge.domain.record import SCHEMA
from kedge.ledger.journal import watermark
from kedge.ledger.journal.journal import Journal
from kedge.ledger.journal.memory_disk import MemoryDisk
from kedge.ledger.journal.reader import JournalReader
from kedge.ledger.journal.segment import HEADER, SPARE, Segment, first_of, header, name_of
from kedge.ledger.journal.verify import verify
from kedge.testing.faulty_disk import SECTOR, PowerLostError


def test_records_are_numbered_from_one_and_read_back_in_order() -> None:
    journal = filled(faulty(), 100)
    assert journal.seq == journal.durable == journal.written == 100
    assert list(journal.read()) == expected(100)
    assert list(journal.read(57)) == expected(100, 57)


def test_the_same_journal_lives_in_memory() -> None:
    disk = MemoryDisk()
    journal = Journal.open(disk, segment_bytes=SMALL)
    for seq in range(1, 60):
        journal.append(payload(seq))
    journal.close()
    assert list(Journal.open(disk, segment_bytes=SMALL).read()) == expected(59)


def test_append_touches_no_disk() -> None:
    disk = faulty()
    journal = opened(disk)
    disk.read_only = True
    for seq in range(1, 200):
        journal.append(payload(seq))
    assert journal.written == 0
    with pytest.raises(RunError):
        journal.write()


def test_nothing_is_durable_before_the_sync() -> None:
    journal = opened(faulty())
    journal.append(b"x")
    assert (journal.written, journal.durable) == (0, 0)
    journal.write()
    assert (journal.written, journal.durable) == (1, 0)
    journal.sync()
    assert (journal.written, journal.durable) == (1, 1)


def test_sync_covers_what_was_written_and_not_what_was_only_appended() -> None:
    journal = opened(faulty())
    journal.append(b"x")
    journal.write()
    journal.append(b"y")
    journal.sync()
    assert journal.durable == 1
    assert list(journal.read()) == [(1, b"x")]


def test_segments_are_named_by_their_first_record_and_keep_their_size() -> None:
    disk = faulty()
    filled(disk, 100)
    segments = [name for name in disk.list() if first_of(name)]
    assert len(segments) > 3
    assert segments[0] == name_of(1)
    assert {len(disk.content(name)) for name in (*segments, SPARE)} == {SMALL}


def test_next_segment_is_always_there() -> None:
    disk = faulty()
    journal = opened(disk)
    for seq in range(1, 300):
        journal.append(payload(seq))
        journal.commit()
        assert journal.reserve
        assert SPARE in disk.list()


def test_room_for_a_kill_is_left_on_a_full_disk() -> None:
    disk = faulty()
    journal = filled(disk, 20)
    disk.full = True
    assert journal.reserve
    room = SMALL - HEADER
    written = 0
    while written + 200 < room:
        journal.append(b"k" * 160)
        journal.commit()
        written += 192
    assert list(journal.read())[-1] == (journal.durable, b"k" * 160)


def test_a_full_disk_shows_before_it_hurts_and_then_is_one_line() -> None:
    disk = faulty()
    journal = filled(disk, 20)
    disk.full = True
    while journal.reserve:
        journal.append(b"k" * 100)
        journal.commit()
    durable = journal.durable
    with pytest.raises(RunError, match="no space left on the disk") as failed:
        fill(journal)
    assert "\n" not in str(failed.value)
    assert journal.durable >= durable + 10


def fill(journal: Journal) -> None:
    for _ in range(100):
        journal.append(b"k" * 100)
        journal.commit()


def test_room_that_was_made_is_taken_again() -> None:
    disk = faulty()
    journal = filled(disk, 20)
    disk.full = True
    while journal.reserve:
        journal.append(b"k" * 100)
        journal.commit()
    disk.full = False
    journal.prepare()
    assert journal.reserve


def test_failed_sync_is_fatal_and_never_tried_again() -> None:
    disk = faulty()
    journal = filled(disk, 5)
    journal.append(b"lost")
    disk.fail_syncs = 1
    with pytest.raises(RunError, match="could not be synced"):
        journal.commit()
    assert disk.fail_syncs == 0
    assert journal.durable == 5
    for act in (lambda: journal.append(b"x"), journal.write, journal.sync):
        with pytest.raises(RunError, match="could not be synced"):
            act()
    assert journal.durable == 5
    journal.close()


def test_failed_sync_of_the_watermark_is_fatal_too() -> None:
    disk = faulty()
    journal = filled(disk, 5)
    journal.append(b"x")
    journal.write()
    journal._unsynced.clear()  # only the watermark is left to sync
    disk.fail_syncs = 1
    with pytest.raises(RunError):
        journal.sync()
    assert journal.durable == 5


@pytest.mark.parametrize("seed", range(40))
def test_what_a_failed_sync_dropped_is_not_taken_for_durable_after_a_restart(seed: int) -> None:
    """Readers still see what the system let go; only writing it again puts it on the disk."""
    disk = faulty(seed)
    journal = filled(disk, 5)
    journal.append(payload(6))
    journal.write()
    disk.fail_syncs = 1
    with pytest.raises(RunError):
        journal.sync()
    again = opened(disk)
    durable = again.durable
    disk.crash()
    assert list(opened(disk).read()) == expected(durable)


def test_read_only_disk_is_one_line() -> None:
    disk = faulty()
    filled(disk, 5).close()
    disk.read_only = True
    with pytest.raises(RunError, match="read-only") as failed:
        opened(disk)
    assert "\n" not in str(failed.value)


def test_record_larger_than_a_segment_is_refused_and_the_journal_goes_on() -> None:
    journal = filled(faulty(), 5)
    with pytest.raises(RunError, match="does not fit"):
        journal.append(bytes(SMALL))
    assert journal.append(payload(6)) == 6
    journal.commit()
    assert list(journal.read()) == expected(6)


def test_closed_journal_takes_nothing() -> None:
    journal = filled(faulty(), 5)
    journal.append(payload(6))
    journal.close()
    assert journal.durable == 6
    with pytest.raises(RunError, match="closed"):
        journal.append(b"x")


def test_reader_sees_the_durable_records_of_a_journal_that_is_being_written() -> None:
    disk = faulty()
    journal = filled(disk, 30)
    journal.append(b"not yet")
    journal.write()
    reader = JournalReader(disk)
    assert reader.durable == 30
    assert list(reader.read()) == expected(30)
    assert reader.chain == journal.chain_at(30) == reader.chain_at(30)
    assert journal.chain_at(0) == bytes(16)


def test_process_that_died_loses_nothing_that_it_wrote() -> None:
    disk = faulty()
    journal = filled(disk, 10)
    for seq in range(11, 41):
        journal.append(payload(seq))
    journal.write()
    journal.append(payload(41))
    journal = opened(disk)
    assert (journal.cut, journal.durable) == (0, 40)


def test_torn_records_are_cut_and_counted() -> None:
    disk = faulty()
    journal = filled(disk, 10, 1 << 14)
    for seq in range(11, 41):
        journal.append(payload(seq))
    journal.write()
    middle = len(disk.content(name_of(1)).rstrip(b"\0")) // 2
    disk.open(name_of(1)).write(middle // SECTOR * SECTOR, bytes(SECTOR))
    journal = opened(disk, 1 << 14)
    assert 10 < journal.durable < 40
    assert journal.cut == 40 - journal.durable
    assert list(journal.read()) == expected(journal.durable)


def test_a_torn_record_whose_number_cannot_be_read_counts_as_one() -> None:
    disk = faulty()
    journal = filled(disk, 10, 1 << 14)
    mark = watermark.newest(watermark.parse(disk.content(watermark.NAME)))
    assert mark is not None
    journal.append(payload(11))
    journal.write()
    disk.flip(name_of(1), mark.offset + 40)
    journal = opened(disk, 1 << 14)
    assert (journal.durable, journal.cut) == (10, 1)


def test_segments_after_a_gap_are_taken_away() -> None:
    disk = faulty()
    journal = filled(disk, 3)
    end = journal._end
    for seq in range(4, 80):
        journal.append(payload(seq))
    journal.write()
    disk.open(name_of(1)).write(end, bytes(64))
    journal = opened(disk)
    assert (journal.durable, journal.cut) == (3, 76)
    assert [name for name in disk.list() if first_of(name)] == [name_of(1)]
    assert list(filled(disk, 100).read()) == expected(100)
    assert verify(disk).whole


def test_nothing_of_the_tail_comes_back_after_a_cut() -> None:
    disk = faulty()
    journal = filled(disk, 10, 1 << 14)
    for seq in range(11, 21):
        journal.append(payload(seq))
    journal.write()
    at = journal._batches[0].offset
    mark = watermark.newest(watermark.parse(disk.content(watermark.NAME)))
    assert mark is not None
    disk.open(name_of(1)).write(mark.offset, bytes(64))  # record 11 is gone, 12 to 20 are not
    assert at > mark.offset
    journal = opened(disk, 1 << 14)
    assert (journal.durable, journal.cut) == (10, 10)
    assert journal.append(payload(11)) == 11
    journal.commit()
    assert list(opened(disk, 1 << 14).read()) == expected(11)


def test_damage_below_the_watermark_halts_and_names_the_record() -> None:
    disk = faulty()
    filled(disk, 100).close()
    before = {name: disk.content(name) for name in disk.list()}
    mark = watermark.newest(watermark.parse(disk.content(watermark.NAME)))
    assert mark is not None
    disk.flip(name_of(mark.segment), HEADER + 40)
    with pytest.raises(JournalError) as halted:
        opened(disk)
    assert f"record {mark.segment} is damaged" in str(halted.value)
    assert f"{name_of(mark.segment)}, offset {HEADER}" in str(halted.value)
    disk.flip(name_of(mark.segment), HEADER + 40)
    assert {name: disk.content(name) for name in disk.list()} == before


@pytest.mark.parametrize("missing", [watermark.NAME, name_of(1)])
def test_missing_file_halts(missing: str) -> None:
    disk = faulty()
    filled(disk, 100).close()
    disk.remove(missing)
    with pytest.raises(JournalError, match="missing"):
        opened(disk)


def test_one_damaged_slot_of_the_watermark_is_mended_by_the_other() -> None:
    for slot in (0, 1):
        disk = faulty()
        filled(disk, 30).close()
        disk.flip(watermark.NAME, slot * watermark.SLOT + 30)
        journal = opened(disk)
        assert journal.durable == 30
        assert None not in watermark.parse(disk.content(watermark.NAME))


def test_two_damaged_slots_halt() -> None:
    disk = faulty()
    filled(disk, 30).close()
    disk.flip(watermark.NAME, 30)
    disk.flip(watermark.NAME, watermark.SLOT + 30)
    with pytest.raises(JournalError, match="neither slot"):
        opened(disk)


def test_start_that_loses_power_at_any_operation_loses_nothing() -> None:
    """Creating a journal, and recovering one with a torn tail, cut off at every operation."""
    for after in range(60):
        disk = faulty(after)
        disk.fuse = after
        try:
            journal = filled(disk, 40)
            durable = journal.durable
        except PowerLostError:
            durable = 0
        disk.fuse = -1
        disk.crash()
        assert opened(disk).durable >= durable


def test_recovery_that_loses_power_again_and_again_keeps_what_was_durable() -> None:
    for seed in range(40):
        disk = faulty(seed)
        journal = filled(disk, 30)
        for seq in range(31, 71):
            journal.append(payload(seq))
        journal.write()
        disk.crash()
        for after in range(12):
            disk.fuse = after
            try:
                opened(disk)
            except PowerLostError:
                continue
            disk.crash()
        disk.fuse = -1
        found = list(opened(disk).read())
        assert len(found) >= 30
        assert found == expected(len(found))


def test_a_segment_of_another_history_beyond_the_end_is_taken_away() -> None:
    disk = faulty()
    journal = filled(disk, 10)
    strange = Segment(11, b"another history.", SMALL, SCHEMA)
    journal.close()
    disk.create(name_of(11), SMALL).write(0, header(strange))
    again = opened(disk)
    assert name_of(11) not in disk.list()
    again.append(payload(11))
    again.close()
    assert list(opened(disk).read()) == expected(11)
    assert verify(disk).whole
