"""One session to a folder or an account: a lock of the kernel's that ends with the process."""

import os
from pathlib import Path
from typing import Final, Self

from kedge.domain.errors import InputError, RunError, disk_is_full
from kedge.interfaces.control.place import LOCK

REMEDY: Final = "name another folder with --session, or stop that one"


class SessionLock:
    """Held by the process that runs a session.

    Args:
        folder: that the session has for itself; it must exist.
        where: what it has for itself, for people; empty for the folder.
        remedy: what to do where another process has it.

    Raises:
        InputError: a session runs there already: which process.
        RunError: the lock cannot be made.
    """

    def __init__(self, folder: Path, where: str = "", remedy: str = REMEDY) -> None:
        self._handle = _taken(folder, where or str(folder), remedy)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Give the folder back."""
        if self._handle >= 0:
            os.close(self._handle)
        self._handle = -1


def _taken(folder: Path, where: str, remedy: str) -> int:
    import fcntl

    path = folder / LOCK
    try:
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise RunError(f"{path}: could not be opened: {error.strerror}") from error
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        _sign(handle)
    except OSError as error:
        holder = os.pread(handle, 32, 0).decode("ascii", "replace").strip()
        os.close(handle)
        if isinstance(error, BlockingIOError):
            what = f"a session runs here already, process {holder or 'unknown'}"
            raise InputError(what, where, remedy) from None
        raise RunError(f"{path}: could not be locked: {error.strerror}") from error
    return handle


def _sign(handle: int) -> None:
    """Say who holds it, over who held it before: a disk too full for that stops nobody."""
    try:
        length = os.pwrite(handle, str(os.getpid()).encode(), 0)
    except OSError as error:
        if not disk_is_full(error):
            raise
        length = 0
    os.ftruncate(handle, length)
