"""A folder in memory does what a folder of files does."""

import pytest

from kedge.ledger.journal.memory_disk import MemoryDisk


def test_a_gap_before_what_is_written_is_zeros() -> None:
    disk = MemoryDisk()
    file = disk.create("a", 2)
    file.write(5, b"xy")
    assert (file.size(), file.read(0, 99)) == (7, b"\0\0\0\0\0xy")
    file.write(7, b"z")
    file.write(0, b"ab")
    assert disk.open("a").read(0, 99) == b"ab\0\0\0xyz"
    assert disk.open("a").read(5, 2) == b"xy"


def test_files_are_named_renamed_and_taken_away() -> None:
    disk = MemoryDisk()
    disk.create("b", 1).write(0, b"1")
    disk.create("a", 1)
    assert disk.list() == ["a", "b"]
    disk.rename("b", "c")
    assert disk.open("c").read(0, 1) == b"1"
    disk.remove("a")
    assert disk.list() == ["c"]
    with pytest.raises(FileNotFoundError, match="no such file"):
        disk.open("b")
