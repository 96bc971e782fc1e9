"""A session's token where the disk has no room."""

import errno
import os
from pathlib import Path

import pytest

from kedge.domain.errors import RunError
from kedge.interfaces.control.place import TOKEN
from kedge.interfaces.control.token import read_token, write_token

FIRST, SECOND = bytes(range(32)), bytes(range(32, 64))


def full(*_: object) -> int:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.mark.parametrize("write", [full, lambda handle, data: 7])
def test_on_a_full_disk_it_takes_the_place_of_the_last_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, write: object
) -> None:
    old = write_token(tmp_path, FIRST)
    place = (tmp_path / TOKEN).stat().st_ino
    monkeypatch.setattr(os, "write", write)
    new = write_token(tmp_path, SECOND)
    assert read_token(tmp_path) == new != old
    assert (tmp_path / TOKEN).stat().st_ino == place
    assert [each.name for each in tmp_path.iterdir()] == [TOKEN]


def test_on_a_full_disk_without_one_a_session_does_not_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "write", full)
    with pytest.raises(RunError, match="could not be written: No space"):
        write_token(tmp_path, FIRST)
    assert not list(tmp_path.iterdir())


def opened(path: Path) -> None:
    path.chmod(0o640)


def shortened(path: Path) -> None:
    path.write_text("00")


def linked(path: Path) -> None:
    path.rename(path.with_name("elsewhere"))
    path.symlink_to("elsewhere")


@pytest.mark.parametrize("changed", [opened, shortened, linked])
def test_what_others_may_read_or_is_no_whole_token_is_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, changed: object
) -> None:
    write_token(tmp_path, FIRST)
    changed(tmp_path / TOKEN)  # type: ignore[operator]
    before = (tmp_path / TOKEN).read_bytes()
    monkeypatch.setattr(os, "write", full)
    with pytest.raises(RunError, match="No space"):
        write_token(tmp_path, SECOND)
    assert (tmp_path / TOKEN).read_bytes() == before


def test_one_that_is_cut_short_on_the_way_is_no_session_s(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_token(tmp_path, FIRST)
    whole = os.pwrite
    monkeypatch.setattr(os, "write", full)
    monkeypatch.setattr(os, "pwrite", lambda handle, data, at: whole(handle, data[:9], at))
    with pytest.raises(RunError, match="No space"):
        write_token(tmp_path, SECOND)
    assert read_token(tmp_path) not in (FIRST.hex(), SECOND.hex())


def test_any_other_failure_is_told_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_token(tmp_path, FIRST)

    def failing(*_: object) -> int:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(os, "write", failing)
    with pytest.raises(RunError, match="Input/output error"):
        write_token(tmp_path, SECOND)
    assert read_token(tmp_path) == FIRST.hex()
