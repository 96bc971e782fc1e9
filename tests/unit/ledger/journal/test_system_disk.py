import errno
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event

import pytest

from journals import expected, payload
from kedge.domain.errors import JournalError, RunError
from kedge.ledger.journal import disk as disk_
from kedge.ledger.journal.disk import SystemDisk
from kedge.ledger.journal.folder import open_journal, read_journal
from kedge.ledger.journal.verify import verify


def filled(folder: Path, count: int) -> None:
    journal = open_journal(folder, segment_bytes=2048)
    for seq in range(journal.seq + 1, count + 1):
        journal.append(payload(seq))
    journal.close()


def test_journal_on_a_real_disk_reads_back_and_is_whole(tmp_path: Path) -> None:
    filled(tmp_path / "j", 60)
    filled(tmp_path / "j", 90)
    assert list(read_journal(tmp_path / "j").read()) == expected(90)
    assert verify(SystemDisk(tmp_path / "j", read_only=True)).whole


def test_room_of_a_segment_is_taken_beforehand(tmp_path: Path) -> None:
    filled(tmp_path, 1)
    for path in (*tmp_path.glob("*.segment"), tmp_path / "spare"):
        assert path.stat().st_size == 2048
        assert path.stat().st_blocks * 512 >= 2048


def test_short_writes_are_gone_on_with(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = disk_.os.pwrite
    monkeypatch.setattr(disk_.os, "pwrite", lambda h, data, at: whole(h, data[:7], at))
    file = SystemDisk(tmp_path).create("a", 0)
    file.write(3, b"0123456789" * 3)
    assert file.read(0, 100) == bytes(3) + b"0123456789" * 3
    file.close()


def test_full_disk_leaves_no_half_made_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(disk_.os, "posix_fallocate", full)
    with pytest.raises(OSError, match="No space"):
        SystemDisk(tmp_path).create("a", 100)
    assert SystemDisk(tmp_path).list() == []


def test_sync_is_asked_of_the_system_and_its_error_is_fatal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = open_journal(tmp_path, segment_bytes=2048)
    calls = []

    def fails(handle: int) -> None:
        calls.append(handle)
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(disk_.os, "fdatasync", fails)
    journal.append(b"x")
    for _ in range(3):
        with pytest.raises(RunError, match="Input/output error"):
            journal.commit()
    assert len(calls) == 1
    journal.close()


def test_reading_needs_no_right_to_write_and_leaves_no_trace(tmp_path: Path) -> None:
    filled(tmp_path, 30)
    before = {path.name: path.stat().st_mtime_ns for path in tmp_path.iterdir()}
    assert read_journal(tmp_path).durable == 30
    assert {path.name: path.stat().st_mtime_ns for path in tmp_path.iterdir()} == before


def test_missing_folder_is_one_line_and_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(JournalError, match="there is no journal"):
        read_journal(tmp_path / "none")
    assert not (tmp_path / "none").exists()


def test_one_thread_appends_while_another_syncs(tmp_path: Path) -> None:
    """Segments of a few dozen records, so that many begin while a sync is under way."""
    journal = open_journal(tmp_path, segment_bytes=2048)
    done = Event()
    seen: list[int] = []

    def syncing() -> None:
        while not done.is_set():
            journal.sync()
            seen.append(journal.durable)

    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(syncing)
        for seq in range(1, 1501):
            assert journal.append(payload(seq)) == seq
            if seq % 3 == 0:
                journal.write()
        done.set()
        running.result()
    journal.close()
    assert seen == sorted(seen)
    assert list(read_journal(tmp_path).read()) == expected(1500)
    assert verify(SystemDisk(tmp_path)).whole


def test_short_reads_are_gone_on_with(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = SystemDisk(tmp_path).create("a", 0)
    file.write(0, b"0123456789" * 3)
    whole = disk_.os.pread
    monkeypatch.setattr(disk_.os, "pread", lambda h, size, at: whole(h, min(size, 7), at))
    assert file.read(2, 12) == b"234567890123"
    assert file.read(25, 12) == b"56789"
    file.close()


def test_a_spare_that_is_not_all_zeros_is_made_anew(tmp_path: Path) -> None:
    filled(tmp_path, 1)
    path = tmp_path / "spare"
    path.write_bytes(b"x" + bytes(2047))
    open_journal(tmp_path, segment_bytes=2048).close()
    assert path.read_bytes() == bytes(2048)


def test_a_spare_that_cannot_be_made_for_another_reason_than_room_is_fatal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = open_journal(tmp_path, segment_bytes=2048)
    journal.prepare()

    def fails(*_: object) -> None:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(disk_.os, "posix_fallocate", fails)
    for seq in range(1, 60):
        if journal._spare is not None:  # until the next segment has taken it
            journal.append(payload(seq))
            journal.write()
    with pytest.raises(RunError, match="Input/output error"):
        journal.prepare()
    journal.close()
