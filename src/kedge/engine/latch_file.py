"""Where a session's kill latch lies, and how it is opened: see `kedge.engine.latch`."""

import mmap
import os
import weakref
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from time import monotonic, sleep
from typing import Final

from kedge.domain.errors import RunError
from kedge.engine.latch import OPEN, PAGE, KillLatch, blank

FILE: Final = "latch"
"""Name of the file in a session's folder."""
PATIENCE_S: Final = 0.5
"""How long a change waits for another process; a kill is then written regardless."""
POLL_S: Final = 0.005


def open_latch(folder: Path) -> KillLatch:
    """The latch of a session's folder; made open where there is none.

    A file that exists and does not start with the one byte that means open is closed, an
    empty one too: ``touch latch`` in the folder of a session at rest keeps it still.

    Args:
        folder: of the session; it must exist.

    Raises:
        RunError: the file cannot be made, read or mapped.
    """
    path = folder / FILE
    try:
        if not path.exists():
            _put(path, blank())
        elif path.stat().st_size != PAGE:
            with path.open("rb") as file:
                first = file.read(1)
            _put(path, blank(closed=first != bytes((OPEN,))))
        return _mapped(path)
    except OSError as error:
        raise RunError(f"{path}: no kill latch: {error.strerror or error}") from error


def _mapped(path: Path) -> KillLatch:
    handle = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    cell = mmap.mmap(handle, PAGE)  # keeps its own descriptor

    def sync() -> None:
        cell.flush()

    latch = KillLatch(cell, sync, _alone(handle))
    weakref.finalize(latch, os.close, handle)
    return latch


def _alone(handle: int) -> Callable[[], AbstractContextManager[None]]:
    """Hold the file's lock, but never wait long: a stopped process must not stop a kill."""

    @contextmanager
    def held() -> Iterator[None]:
        import fcntl

        end = monotonic() + PATIENCE_S
        while monotonic() < end:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                sleep(POLL_S)
            except OSError:
                break  # a file system without locks
            else:
                break
        try:
            yield
        finally:
            with suppress(OSError):
                fcntl.flock(handle, fcntl.LOCK_UN)

    return held


def _put(path: Path, page: bytes) -> None:
    """Write the page whole and durably, readable by nobody else."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    part.unlink(missing_ok=True)
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        os.write(handle, page)
        os.fsync(handle)
    finally:
        os.close(handle)
    part.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
