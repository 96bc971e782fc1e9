"""Files that the journal names by their SHA-256: models, user files, configurations.

A name is what is in it, so a file is written once, never changed, and checked by
reading it. They are kept as long as the journal names them.
"""

from collections.abc import Collection
from hashlib import sha256
from typing import Final

from kedge.domain.control import Parameters
from kedge.domain.errors import JournalError
from kedge.domain.record import Record
from kedge.domain.row import RowDecided
from kedge.ledger.journal.whole_file import forget, put_whole
from kedge.ports.disk import Disk

LENGTH: Final = 64
"""Digits of a SHA-256."""


class Contents:
    """Files by their content.

    Args:
        disk: a folder of their own.
    """

    def __init__(self, disk: Disk) -> None:
        self._disk = disk

    def put(self, content: bytes) -> str:
        """Keep a file, durable when this returns; gives its SHA-256.

        Raises:
            OSError: of the disk.
        """
        name = sha256(content).hexdigest()
        if name not in self._disk.list() or self._read(name) != content:
            put_whole(self._disk, name, content)
        return name

    def get(self, name: str) -> bytes:
        """What is in a file.

        Raises:
            JournalError: it is missing, or not what its name says.
        """
        if name not in self._disk.list():
            raise JournalError(
                f"the file {name} that the journal names is missing",
                str(self._disk),
                "kedge audit restore brings a backup back",
            )
        content = self._read(name)
        if sha256(content).hexdigest() != name:
            raise JournalError(
                f"the file {name} is damaged: its content has another hash",
                str(self._disk),
                "kedge audit restore brings a backup back",
            )
        return content

    def names(self) -> list[str]:
        """Everything that is kept."""
        return [name for name in self._disk.list() if len(name) == LENGTH]

    def keep(self, named: Collection[str]) -> None:
        """Forget every file but those."""
        forget(self._disk, [name for name in self._disk.list() if name not in named])

    def _read(self, name: str) -> bytes:
        file = self._disk.open(name)
        try:
            return file.read(0, file.size())
        finally:
            file.close()


def named_by(record: Record) -> tuple[str, ...]:
    """SHA-256 of the files that a record names."""
    match record:
        case Parameters(files=files):
            return tuple(digest for _, digest in files)
        case RowDecided(artifacts=artifacts):
            # The last one names the numbers of the parameters and is no file.
            return tuple(each for each in artifacts if len(each) == LENGTH)
        case _:
            return ()
