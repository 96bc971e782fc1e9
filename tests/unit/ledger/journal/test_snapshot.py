from contextlib import suppress

import pytest

from journals import faulty, filled, opened, payload
from kedge.ledger.journal.snapshot import Snapshot, Snapshots
from kedge.testing.faulty_disk import PowerLostError


def test_newest_snapshot_of_this_journal_is_found() -> None:
    journal, snapshots = filled(faulty(), 50), Snapshots(faulty())
    assert snapshots.newest(journal) is None
    for seq in (10, 30):
        snapshots.save(seq, journal.chain_at(seq), b"state %d" % seq)
    assert snapshots.newest(journal) == Snapshot(30, b"state 30")


def test_damaged_snapshot_is_passed_over_for_an_older_one() -> None:
    for at in range(72):
        disk = faulty()
        journal, snapshots = filled(faulty(), 50), Snapshots(disk)
        for seq in (10, 30):
            snapshots.save(seq, journal.chain_at(seq), b"state %d" % seq)
        disk.flip(disk.list()[-1], at)
        assert snapshots.newest(journal) == Snapshot(10, b"state 10")


def test_snapshot_that_is_cut_short_is_passed_over_for_an_older_one() -> None:
    for length in range(64):
        disk = faulty()
        journal, snapshots = filled(faulty(), 50), Snapshots(disk)
        for seq in (10, 30):
            snapshots.save(seq, journal.chain_at(seq), b"state %d" % seq)
        name = disk.list()[-1]
        head = disk.content(name)[:length]
        disk.remove(name)
        disk.create(name, length).write(0, head)
        assert snapshots.newest(journal) == Snapshot(10, b"state 10")


def test_a_state_may_be_empty() -> None:
    journal, snapshots = filled(faulty(), 50), Snapshots(faulty())
    snapshots.save(10, journal.chain_at(10), b"")
    assert snapshots.newest(journal) == Snapshot(10, b"")


def test_snapshot_of_records_that_were_cut_is_none() -> None:
    disk = faulty()
    journal, snapshots = filled(disk, 20), Snapshots(faulty())
    for seq in range(21, 31):
        journal.append(payload(seq))
    snapshots.save(30, journal.chain, b"too early")
    assert snapshots.newest(journal) is None
    again = opened(disk)
    for _ in range(30):
        again.append(b"another history")
    again.commit()
    assert snapshots.newest(again) is None


def test_only_so_many_are_kept() -> None:
    disk = faulty()
    journal, snapshots = filled(faulty(), 50), Snapshots(disk, keep=3)
    for seq in range(1, 11):
        snapshots.save(seq, journal.chain_at(seq), b"s")
    assert [int(name.split(".")[0]) for name in disk.list()] == [8, 9, 10]


@pytest.mark.parametrize("fuse", range(12))
def test_losing_power_while_saving_leaves_the_one_before(fuse: int) -> None:
    for seed in range(10):
        disk = faulty(seed)
        journal, snapshots = filled(faulty(), 50), Snapshots(disk)
        snapshots.save(10, journal.chain_at(10), b"old" * 500)
        disk.fuse = fuse
        with suppress(PowerLostError):
            snapshots.save(30, journal.chain_at(30), b"new" * 500)
        disk.crash()
        found = snapshots.newest(journal)
        assert found in (Snapshot(10, b"old" * 500), Snapshot(30, b"new" * 500))


def test_full_disk_costs_the_snapshot_and_nothing_else() -> None:
    disk = faulty()
    journal, snapshots = filled(faulty(), 50), Snapshots(disk)
    snapshots.save(10, journal.chain_at(10), b"old")
    disk.full = True
    with pytest.raises(OSError, match="no space"):
        snapshots.save(30, journal.chain_at(30), b"new")
    assert snapshots.newest(journal) == Snapshot(10, b"old")
