"""A folder of the operating system, as the journal uses it."""

import os
from contextlib import suppress
from pathlib import Path

from kedge.ports.disk import File


class SystemFile:
    """An open file of the operating system.

    Args:
        handle: its descriptor, owned from here on.
    """

    __slots__ = ("_handle",)

    def __init__(self, handle: int) -> None:
        self._handle = handle

    def write(self, offset: int, data: bytes) -> None:
        """Put ``data`` at ``offset``; a short write is gone on with."""
        done = os.pwrite(self._handle, data, offset)
        while done < len(data):
            done += os.pwrite(self._handle, data[done:], offset + done)

    def read(self, offset: int, size: int) -> bytes:
        """Up to ``size`` bytes; fewer only at the end of the file."""
        found = os.pread(self._handle, size, offset)
        while found and len(found) < size:
            more = os.pread(self._handle, size - len(found), offset + len(found))
            if not more:
                break
            found += more
        return found

    def size(self) -> int:
        """Length in bytes."""
        return os.fstat(self._handle).st_size

    def sync(self) -> None:
        """Content and length; not the times, which would cost a second write."""
        _datasync(self._handle)

    def close(self) -> None:
        """Give the descriptor back."""
        os.close(self._handle)


class SystemDisk:
    """A folder of the operating system.

    Args:
        folder: made when it is missing, unless it is only read.
        read_only: files are opened for reading; anything else fails.
    """

    def __init__(self, folder: Path, *, read_only: bool = False) -> None:
        self.folder = folder
        self._flags = os.O_RDONLY if read_only else os.O_RDWR
        if not read_only:
            folder.mkdir(parents=True, exist_ok=True)

    def __str__(self) -> str:
        return str(self.folder)

    def list(self) -> list[str]:
        """Names of its files; folders inside are others' affair."""
        if not self.folder.is_dir():
            return []
        return sorted(each.name for each in os.scandir(self.folder) if each.is_file())

    def open(self, name: str) -> File:
        """A file that is there."""
        return SystemFile(os.open(self.folder / name, self._flags))

    def create(self, name: str, size: int) -> File:
        """A file of zeros; on a full disk it is removed again."""
        path = self.folder / name
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600)
        try:
            _allocate(handle, size)
        except OSError:
            os.close(handle)
            with suppress(OSError):
                path.unlink()
            raise
        return SystemFile(handle)

    def rename(self, old: str, new: str) -> None:
        """Give a file another name."""
        os.replace(self.folder / old, self.folder / new)

    def remove(self, name: str) -> None:
        """Take a file away."""
        (self.folder / name).unlink()

    def sync_folder(self) -> None:
        """Make names durable; where folders cannot be opened, the system does it itself."""
        if os.name != "posix":
            return
        handle = os.open(self.folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _datasync(handle: int) -> None:
    getattr(os, "fdatasync", os.fsync)(handle)


def _allocate(handle: int, size: int) -> None:
    """Take the room now, so that a write into it cannot find the disk full."""
    if not size:
        return
    if hasattr(os, "posix_fallocate"):
        os.posix_fallocate(handle, 0, size)
    else:
        os.pwrite(handle, bytes(size), 0)
