"""Where a session can be reached: the files of its folder, and the folders there are."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from kedge.domain.errors import InputError, RunError
from kedge.engine.latch_file import FILE as LATCH

DEFAULT: Final = Path("out/session")
"""Folder of a session that names none."""
SOCKET: Final = "control.sock"
TOKEN: Final = "control.token"
LOCK: Final = "control.lock"

LONGEST: Final = 100
"""Bytes of a socket's path that every system takes."""
OPEN_FILES: Final = Path("/proc/self/fd")


def prepare(folder: Path) -> None:
    """Make a session's folder, closed to everybody else.

    Raises:
        RunError: it cannot be made, or belongs to somebody else.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.chmod(0o700)
    except OSError as error:
        raise RunError(f"{folder}: cannot hold a session: {error.strerror}") from error


@contextmanager
def address(folder: Path) -> Iterator[str]:
    """The socket's address, short enough to bind or connect to while the block runs.

    A path longer than sockets take is reached through the folder's open descriptor.

    Raises:
        OSError: the folder cannot be opened.
        InputError: the path is too long and the system offers no way around.
    """
    path = str(folder / SOCKET)
    if len(os.fsencode(path)) <= LONGEST:
        yield path
        return
    if not OPEN_FILES.is_dir():
        remedy = f"choose a session folder of at most {LONGEST - len(SOCKET) - 1} bytes"
        raise InputError("the path is too long for a socket", path, remedy)
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield str(OPEN_FILES / str(handle) / SOCKET)
    finally:
        os.close(handle)


def sessions(near: Path = DEFAULT) -> list[Path]:
    """Folders of sessions, running or not: the default one and those beside it."""
    beside = near.parent.iterdir() if near.parent.is_dir() else ()
    found = {folder for folder in (near, *beside) if (folder / LATCH).is_file()}
    return sorted(found)
