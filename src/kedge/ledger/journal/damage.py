"""What is wrong with a journal, and where."""

import msgspec

from kedge.domain.errors import JournalError
from kedge.ports.disk import Disk


class Damage(msgspec.Struct, frozen=True):
    """The first thing that is wrong.

    Attributes:
        file: name of the file.
        offset: of the record or the byte, bytes from the file's start.
        seq: first record that cannot be trusted.
        what: one line.
        beyond: it lies beyond the synced watermark, as what a loss of power leaves does.
    """

    file: str
    offset: int
    seq: int
    what: str
    beyond: bool = False


def damaged(disk: Disk, damage: Damage) -> JournalError:
    """The error for a journal that must not be gone on with."""
    return JournalError(
        f"record {damage.seq} is damaged: {damage.what}",
        f"{disk}: {damage.file}, offset {damage.offset}",
        "kedge audit restore brings a backup back",
    )


def newer(disk: Disk, name: str, found: int, known: int, what: str) -> JournalError:
    """The error for a journal of a later version of kedge."""
    return JournalError(
        f"{what} {found} is newer than {known}, the newest that this version reads",
        f"{disk}: {name}",
        "install the kedge that wrote it, or a later one",
    )
