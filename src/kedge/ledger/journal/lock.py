"""Leases: one session per journal, and one per account at a venue.

A lease is the kernel's lock (``flock``) on a file and ends with the process that holds
it, however that ends. Nobody waits for one: a second session is a mistake.
"""

import os
import re
from hashlib import sha256
from pathlib import Path
from typing import Final, Self

from kedge.domain.errors import JournalError, RunError, disk_is_full

FILE: Final = "lease"


class Lease:
    """A lease that is held.

    Args:
        path: its file; stays and holds the pid of the present holder.
        what: what it is for, as the message to a second one says it.

    Raises:
        JournalError: another holds it: which process.
        RunError: the file cannot be written or locked.
    """

    def __init__(self, path: Path, what: str) -> None:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise RunError(f"{path}: could not be written: {error.strerror}") from error
        try:
            _lock(self._handle, path, what)
        except BaseException:
            os.close(self._handle)
            raise
        _sign(self._handle)

    def release(self) -> None:
        """Give it back; again does nothing."""
        handle, self._handle = self._handle, -1
        if handle >= 0:
            os.close(handle)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.release()


def journal_lease(folder: Path) -> Lease:
    """The right to write a journal."""
    return Lease(folder / FILE, "the journal")


def account_lease(folder: Path, account: str, venue: str) -> Lease:
    """The right to send orders for an account at a venue.

    Args:
        folder: of all leases of this machine's sessions.
        account, venue: as keys of positions name them; two that differ never share a file.
    """
    readable = re.sub(r"[^A-Za-z0-9]+", "-", f"{venue}-{account}")[:48]
    digest = sha256(f"{account}\0{venue}".encode()).hexdigest()[:16]
    return Lease(folder / f"{readable}-{digest}", f"the account {account!r} at {venue!r}")


def _lock(handle: int, path: Path, what: str) -> None:
    if os.name != "posix":
        return  # no flock elsewhere; the venue's own evidence is what is left
    import fcntl

    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        holder = os.pread(handle, 32, 0).decode("ascii", "replace").strip()
        who = f"process {holder}" if holder else "another process"
        raise JournalError(
            f"{what} is in use by {who}", str(path), "one session at a time: stop that one first"
        ) from None
    except OSError as error:
        raise RunError(f"{path}: could not be locked: {error.strerror}") from error


def _sign(handle: int) -> None:
    """Say who holds it; a disk too full for that stops nobody."""
    try:
        os.ftruncate(handle, 0)
        os.pwrite(handle, str(os.getpid()).encode(), 0)
    except OSError as error:
        if not disk_is_full(error):
            raise
