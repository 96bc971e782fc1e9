"""One writer at a time: an advisory lock on a store's folder.

The lock is the kernel's (``flock``) on the file ``.lock`` and ends with the
process that holds it, however that ends; the file stays and holds the pid of
the present writer. Readers never wait: every file is replaced as a whole.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep
from typing import Final

from kedge.domain.errors import DataError, RunError, disk_is_full

FILE: Final = ".lock"
PATIENCE_S: Final = 5.0
"""How long a second writer waits for the first one."""
POLL_S: Final = 0.05


class StoreLock:
    """The lock of one folder; it may be taken again by whoever holds it.

    Args:
        folder: the store; made when it is missing.
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder / FILE
        self._depth = 0

    @contextmanager
    def held(self) -> Iterator[bool]:
        """Hold the lock; gives whether it was taken just now.

        Raises:
            DataError: another process held it for longer than `PATIENCE_S`: which one.
            RunError: the folder cannot be written, or cannot be locked.
        """
        self._depth += 1
        try:
            if self._depth > 1:
                yield False
                return
            with _locked(self.path):
                yield True
        finally:
            self._depth -= 1


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    if os.name != "posix":
        yield  # no flock elsewhere: files stay whole, and the last writer wins
        return
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise RunError(f"{path.parent}: could not be written: {error.strerror}") from error
    try:
        _wait(handle, path)
        _sign(handle, str(os.getpid()))
        try:
            yield
        finally:
            _sign(handle, "")
    finally:
        os.close(handle)  # gives the lock back


def _wait(handle: int, path: Path) -> None:
    import fcntl

    end = monotonic() + PATIENCE_S
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if monotonic() >= end:
                raise _taken(handle, path) from None
            sleep(POLL_S)
        except OSError as error:
            raise RunError(f"{path}: could not be locked: {error.strerror}") from error
        else:
            return


def _taken(handle: int, path: Path) -> DataError:
    holder = os.pread(handle, 32, 0).decode("ascii", "replace").strip()
    who = f"process {holder}" if holder else "another process"
    return DataError(
        f"the store is being written by {who}", str(path.parent), "run again when it has ended"
    )


def _sign(handle: int, pid: str) -> None:
    """Say who writes; a disk too full for that stops nobody."""
    try:
        os.ftruncate(handle, 0)
        os.pwrite(handle, pid.encode(), 0)
    except OSError as error:
        if not disk_is_full(error):
            raise
