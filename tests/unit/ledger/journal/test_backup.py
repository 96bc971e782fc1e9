import errno
from pathlib import Path

import pytest

from journals import expected, payload
from kedge.domain.errors import JournalError, RunError
from kedge.interfaces.cli.main import main
from kedge.ledger.journal import backup as backup_
from kedge.ledger.journal.backup import RESTORED, backup, backups, numbers_left_out, restore
from kedge.ledger.journal.contents import Contents
from kedge.ledger.journal.disk import SystemDisk
from kedge.ledger.journal.folder import CONTENTS, open_journal, read_journal
from kedge.ledger.journal.journal import Journal
from kedge.ledger.journal.segment import HEADER, name_of
from kedge.ledger.journal.verify import verify

AT = 1_770_000_000 * 10**9


def fill(journal: Journal, count: int) -> None:
    for seq in range(journal.seq + 1, count + 1):
        journal.append(payload(seq))
    journal.commit()


def test_backup_of_a_journal_that_is_being_written_restores_and_goes_on(tmp_path: Path) -> None:
    journal = open_journal(tmp_path / "j", segment_bytes=2048)
    name = Contents(SystemDisk(tmp_path / "j" / CONTENTS)).put(b"a model")
    fill(journal, 60)
    journal.append(b"not durable yet")
    journal.write()
    made = backup(tmp_path / "j", tmp_path / "b")
    assert (made.verdict.whole, made.verdict.records) == (True, 60)
    journal.close()

    restored = restore(backups(tmp_path / "b")[0], tmp_path / "again", AT)
    assert restored.verdict.whole
    assert (tmp_path / "again" / RESTORED).read_text() == str(AT)
    assert verify(SystemDisk(tmp_path / "again", read_only=True)).records == 60
    assert Contents(SystemDisk(tmp_path / "again" / CONTENTS)).get(name) == b"a model"
    again = open_journal(tmp_path / "again", segment_bytes=2048)
    assert again.cut == 0
    fill(again, 80)
    again.close()
    assert list(read_journal(tmp_path / "again").read()) == expected(80)


def test_oldest_backups_go(tmp_path: Path) -> None:
    journal = open_journal(tmp_path / "j", segment_bytes=2048)
    for number in range(1, 8):
        fill(journal, number * 20)
        backup(tmp_path / "j", tmp_path / "b", keep=3)
    journal.close()
    assert [int(path.name) for path in backups(tmp_path / "b")] == [100, 120, 140]
    for number, path in zip((5, 6, 7), backups(tmp_path / "b"), strict=True):
        assert verify(SystemDisk(path, read_only=True)).records == number * 20


def test_what_a_process_left_that_died_in_a_backup_goes(tmp_path: Path) -> None:
    journal = open_journal(tmp_path / "j", segment_bytes=2048)
    fill(journal, 20)
    (tmp_path / "b" / f"{7:020d}.part").mkdir(parents=True)
    backup(tmp_path / "j", tmp_path / "b")
    journal.close()
    assert [path.name for path in (tmp_path / "b").iterdir()] == [f"{20:020d}"]


def test_full_segments_are_kept_once(tmp_path: Path) -> None:
    journal = open_journal(tmp_path / "j", segment_bytes=2048)
    for number in (1, 2):
        fill(journal, number * 60)
        backup(tmp_path / "j", tmp_path / "b")
    journal.close()
    first, second = (path / name_of(1) for path in backups(tmp_path / "b"))
    assert first.samefile(second)
    assert not first.samefile(tmp_path / "j" / name_of(1))


def test_full_segments_are_written_where_there_are_no_links(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object) -> None:
        raise OSError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr("os.link", refused)
    journal = open_journal(tmp_path / "j", segment_bytes=2048)
    for number in (1, 2):
        fill(journal, number * 60)
        assert backup(tmp_path / "j", tmp_path / "b").verdict.whole
    journal.close()
    first, second = (path / name_of(1) for path in backups(tmp_path / "b"))
    assert not first.samefile(second)
    assert first.read_bytes() == second.read_bytes()


def test_damaged_segment_is_not_linked_from_the_backup_before(tmp_path: Path) -> None:
    journal = open_journal(tmp_path / "j", segment_bytes=2048)
    fill(journal, 60)
    backup(tmp_path / "j", tmp_path / "b")
    flip(backups(tmp_path / "b")[0] / name_of(1), HEADER + 5)
    fill(journal, 70)
    assert backup(tmp_path / "j", tmp_path / "b").verdict.whole
    journal.close()


def test_damaged_backup_is_made_again(tmp_path: Path) -> None:
    journal = open_journal(tmp_path / "j", segment_bytes=2048)
    fill(journal, 60)
    journal.close()
    made = backup(tmp_path / "j", tmp_path / "b")
    assert backup(tmp_path / "j", tmp_path / "b") == made
    flip(made.path / name_of(1), HEADER + 5)
    assert backup(tmp_path / "j", tmp_path / "b") == made
    assert verify(SystemDisk(made.path, read_only=True)).whole


def test_restored_journal_does_not_push_out_later_backups(tmp_path: Path) -> None:
    journal = open_journal(tmp_path / "j", segment_bytes=2048)
    fill(journal, 20)
    early = backup(tmp_path / "j", tmp_path / "b").path
    fill(journal, 60)
    journal.close()
    backup(tmp_path / "j", tmp_path / "b")
    restore(early, tmp_path / "again", AT)
    for count in (20, 90):
        again = open_journal(tmp_path / "again", segment_bytes=2048)
        for _ in range(again.seq, count):
            again.append(b"another history")
        again.close()
        with pytest.raises(JournalError, match="another history"):
            backup(tmp_path / "again", tmp_path / "b")


def flip(path: Path, offset: int) -> None:
    data = bytearray(path.read_bytes())
    data[offset] ^= 1
    path.write_bytes(data)


def test_damaged_backup_is_not_restored(tmp_path: Path) -> None:
    journal = open_journal(tmp_path / "j", segment_bytes=2048)
    fill(journal, 60)
    journal.close()
    backup(tmp_path / "j", tmp_path / "b")
    flip(backups(tmp_path / "b")[0] / name_of(1), HEADER + 5)
    with pytest.raises(JournalError, match="damaged at record 1"):
        restore(backups(tmp_path / "b")[0], tmp_path / "again", AT)
    assert not (tmp_path / "again").exists()


def test_nothing_is_written_over(tmp_path: Path) -> None:
    journal = open_journal(tmp_path / "j", segment_bytes=2048)
    fill(journal, 5)
    journal.close()
    backup(tmp_path / "j", tmp_path / "b")
    with pytest.raises(JournalError, match="not empty"):
        restore(backups(tmp_path / "b")[0], tmp_path / "j", AT)
    with pytest.raises(JournalError, match="there is no journal"):
        restore(tmp_path / "b", tmp_path / "again", AT)


def test_full_disk_leaves_the_backups_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    journal = open_journal(tmp_path / "j", segment_bytes=2048)
    fill(journal, 60)
    backup(tmp_path / "j", tmp_path / "b")
    with monkeypatch.context() as patch:
        fill(journal, 70)
        patch.setattr(backup_, "_write", full)
        with pytest.raises(RunError, match="No space"):
            backup(tmp_path / "j", tmp_path / "b")
    assert [int(path.name) for path in backups(tmp_path / "b")] == [60]
    assert backup(tmp_path / "j", tmp_path / "b").verdict.whole
    journal.close()


def test_commands_back_up_and_restore(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    journal = open_journal(tmp_path / "j", segment_bytes=2048)
    fill(journal, 60)
    journal.close()
    assert main(["audit", "backup", str(tmp_path / "j"), str(tmp_path / "b")]) == 0
    (made,) = backups(tmp_path / "b")
    assert main(["audit", "restore", str(made), str(tmp_path / "again"), "--json"]) == 0
    assert '"records": 60' in capsys.readouterr().out
    assert main(["audit", "verify", str(tmp_path / "again")]) == 0
    assert main(["audit", "restore", str(made), str(tmp_path / "again")]) == 2


def test_what_was_restored_later_leaves_out_more_numbers(tmp_path: Path) -> None:
    left_out = []
    for seconds in (0, 60, 3_600, 30 * 86_400):
        (tmp_path / RESTORED).write_text(str(AT + seconds * 10**9))
        left_out.append(numbers_left_out(tmp_path / RESTORED))
    assert [more - left_out[0] for more in left_out[1:]] == [960, 57_600, 41_472_000]
    (tmp_path / RESTORED).write_text("")
    assert 0 < numbers_left_out(tmp_path / RESTORED) < left_out[0]
    (tmp_path / RESTORED).unlink()
    assert numbers_left_out(tmp_path / RESTORED) == 0
