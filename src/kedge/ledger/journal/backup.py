"""Backups of a journal while it is written, and the way back.

A backup is a folder that is a journal itself: the segments up to the watermark as it
stood, nothing beyond, and the files that were kept by content. Segments that are full
never change again, so one that the backup before holds already is linked, not copied.
Whoever makes a backup may put folders of its own into it, such as that of an exchange that
lives in the session's folder. A running session makes backups by itself
(`kedge.interfaces.backups`).
"""

import os
import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Final, TypeVar

import msgspec

from kedge.domain.errors import JournalError, RunError
from kedge.ledger.journal import watermark
from kedge.ledger.journal.disk import SystemDisk
from kedge.ledger.journal.folder import CONTENTS
from kedge.ledger.journal.layout import chain_at, mark_of, vouched, whole
from kedge.ledger.journal.segment import Segment
from kedge.ledger.journal.verify import Verdict, verify
from kedge.ledger.journal.watermark import Mark
from kedge.ledger.journal.whole_file import PART

_T = TypeVar("_T")

Along = Callable[[Path], None]
"""Given a copy of the journal, puts folders beside its files."""

RESTORED: Final = "restored"
"""File in a journal that was restored and not gone on with: when that was, ns UTC."""
_SINCE: Final = 1_767_225_600
"""Seconds since 1970 at the beginning of 2026."""
_A_SECOND: Final = 16
"""Intents and stops that a session numbers in a second, at the very most."""
KEEP: Final = 7
"""Backups that are kept by default."""


class Backup(msgspec.Struct, frozen=True):
    """A backup that was made or restored.

    Attributes:
        path: its folder.
        verdict: of reading all of it back.
    """

    path: Path
    verdict: Verdict


def backup(journal: Path, folder: Path, keep: int = KEEP, along: Along | None = None) -> Backup:
    """Copy what is durable into ``folder``, under the number of its last record.

    Where that is there already and whole, nothing is copied. The oldest beyond ``keep`` go.

    Args:
        journal: may be written meanwhile.
        folder: of the backups of this journal and no other.
        keep: how many remain, at least 1.
        along: puts more into it; folders only.

    Raises:
        JournalError: no journal, damage, or the folder holds backups of another history.
        RunError: the disk is full or failing; the backups before are whole.
    """
    source = SystemDisk(journal, read_only=True)
    mark = mark_of(source)
    segments = vouched(source, mark)
    older = backups(folder)
    target = folder / f"{mark.seq:020d}"
    if older:
        _same_history(journal, segments, mark, older[-1])
    if target in older:
        verdict = verify(SystemDisk(target, read_only=True))
        if verdict.whole:
            return Backup(target, verdict)
        _say(target, partial(shutil.rmtree, target))
    _say(folder, partial(_clear, folder))

    def fill(part: Path) -> None:
        _copy(journal, part, mark, segments, older[-1:])
        if along is not None:
            along(part)
            SystemDisk(part).sync_folder()

    made = _in_part(target, fill)
    for each in backups(folder)[: -max(keep, 1)]:
        _say(each, partial(shutil.rmtree, each))
    return made


def _same_history(journal: Path, segments: list[Segment], mark: Mark, newest: Path) -> None:
    """A journal that was restored must not push out the backups of the one that was lost."""
    before = mark_of(SystemDisk(newest, read_only=True))
    source = SystemDisk(journal, read_only=True)
    if before.seq > mark.seq or chain_at(source, segments, before.seq) != before.chain:
        raise JournalError(
            "the folder holds backups of another history", str(newest), "give another folder"
        )


def restore(backup_: Path, journal: Path, at: int) -> Backup:
    """Bring a backup to a folder where no journal is yet.

    Folders that went along come to lie beside the journal; one that is there already stays.

    Args:
        backup_: one backup.
        journal: where it comes to.
        at: now, ns UTC; see `numbers_left_out`.

    Raises:
        JournalError: the backup is damaged, or the folder is not empty.
        RunError: the disk is full or failing.
    """
    if journal.exists() and any(journal.iterdir()):
        raise JournalError("the folder is not empty", str(journal), "restore into a new one")
    source = SystemDisk(backup_, read_only=True)
    mark = mark_of(source)
    segments = vouched(source, mark)
    if journal.exists():
        journal.rmdir()
    for each in sorted(backup_.iterdir()):
        if each.is_dir() and each.name != CONTENTS:
            _say(each, partial(_beside, each, journal.parent / each.name))

    def fill(part: Path) -> None:
        _copy(backup_, part, mark, segments, [])
        _write(part / RESTORED, str(at).encode())
        SystemDisk(part).sync_folder()

    return _in_part(journal, fill)


def numbers_left_out(restored: Path) -> int:
    """How many numbers of intents and stops the first start after a restore leaves out.

    It grows with the time of the restore, faster than any session uses them up: so what was
    restored twice from one backup gives no id of the first time, either.

    Args:
        restored: the file `RESTORED`; 0 where there is none.
    """
    if not restored.exists():
        return 0
    text = restored.read_text()
    seconds = int(text) // 10**9 - _SINCE if text.isdigit() else 0
    return _A_SECOND * max(1 << 16, seconds)


def backups(folder: Path) -> list[Path]:
    """The whole backups in a folder, oldest first."""
    if not folder.is_dir():
        return []
    return sorted(each for each in folder.iterdir() if each.is_dir() and each.suffix != PART)


def _clear(folder: Path) -> None:
    """Take away what a process that died in a backup has left."""
    for each in folder.glob(f"*{PART}"):
        shutil.rmtree(each)


def _in_part(target: Path, fill: Callable[[Path], None]) -> Backup:
    """Make a folder that appears whole and checked, or not at all."""
    part = target.with_name(target.name + PART)

    def made() -> Verdict:
        if part.exists():
            shutil.rmtree(part)
        part.mkdir(mode=0o700, parents=True)
        fill(part)
        verdict = verify(SystemDisk(part, read_only=True))
        if verdict.damage is None:
            part.rename(target)
            SystemDisk(target.parent).sync_folder()
        return verdict

    verdict = _say(target, made)
    if verdict.damage is not None:
        shutil.rmtree(part)
        what = f"what was copied is damaged at record {verdict.damage.seq}: {verdict.damage.what}"
        raise JournalError(what, str(target), "kedge audit verify says where the source is")
    return Backup(target, verdict)


def _copy(source: Path, part: Path, mark: Mark, segments: list[Segment], older: list[Path]) -> None:
    for segment in segments[:-1]:
        _closed(source / segment.name, part / segment.name, older)
    _tail(source, part, mark, segments[-1])
    if (source / CONTENTS).is_dir():
        (part / CONTENTS).mkdir()
        for path in sorted((source / CONTENTS).iterdir()):
            if path.suffix != PART:
                _closed(path, part / CONTENTS / path.name, [each / CONTENTS for each in older])
        SystemDisk(part / CONTENTS).sync_folder()
    SystemDisk(part).sync_folder()


def _beside(source: Path, target: Path) -> None:
    """A folder that went along comes back whole, unless there is one: it knows more."""
    if target.exists():
        return
    part = target.with_name(target.name + PART)
    if part.exists():
        shutil.rmtree(part)
    part.mkdir(mode=0o700, parents=True)
    for path in sorted(source.iterdir()):
        _write(part / path.name, path.read_bytes())
    SystemDisk(part).sync_folder()
    part.rename(target)


def _closed(source: Path, target: Path, older: list[Path]) -> None:
    """A file that never changes: linked from the backup before where it is the same there."""
    content = source.read_bytes()
    for folder in older:
        before = folder / source.name
        if before.is_file() and before.read_bytes() == content:
            _linked(before, target, content)
            return
    _write(target, content)


def _linked(before: Path, target: Path, content: bytes) -> None:
    """The same file under two names; written where a file system has no such thing (exFAT)."""
    try:
        os.link(before, target)
    except OSError:
        _write(target, content)


def _tail(source: Path, part: Path, mark: Mark, segment: Segment) -> None:
    """The segment that goes on, cut at the watermark."""
    data = whole(SystemDisk(source, read_only=True), segment.name)[: mark.offset]
    _write(part / segment.name, data + bytes(segment.size - len(data)))
    _write(part / watermark.NAME, watermark.both(msgspec.structs.replace(mark, number=1)))


def _write(path: Path, content: bytes) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _say(path: Path, act: Callable[[], _T]) -> _T:
    try:
        return act()
    except OSError as error:
        raise RunError(f"{path}: could not be written: {error.strerror or error}") from error
