"""What the journal needs of a disk: a flat folder of files, and nothing that hides a sync.

Every call raises `OSError` with the system's own number, so that a full disk
(``ENOSPC``), a failed sync (``EIO``) and a read-only folder (``EROFS``) can be told
apart. Nothing survives a loss of power before it was synced: a file's content by
`File.sync`, its name by `Disk.sync_folder`.
"""

from typing import Protocol


class File(Protocol):
    """An open file."""

    def write(self, offset: int, data: bytes) -> None:
        """Put ``data`` at ``offset``, all of it or an error."""

    def read(self, offset: int, size: int) -> bytes:
        """Up to ``size`` bytes from ``offset``; fewer only at the end of the file."""

    def size(self) -> int:
        """Length in bytes."""

    def sync(self) -> None:
        """Make content and length durable. After an error nothing is known of either."""

    def close(self) -> None:
        """Give the handle back; nothing is synced."""


class Disk(Protocol):
    """A folder; ``str`` of it names it in messages."""

    def list(self) -> list[str]:
        """Names of its files, sorted."""

    def open(self, name: str) -> File:
        """A file that is there, else `FileNotFoundError`."""

    def create(self, name: str, size: int) -> File:
        """A file of ``size`` zeros with their room taken, in place of any that was there."""

    def rename(self, old: str, new: str) -> None:
        """Give a file another name, in place of any that had it."""

    def remove(self, name: str) -> None:
        """Take a file away."""

    def sync_folder(self) -> None:
        """Make creations, renames and removals durable."""
