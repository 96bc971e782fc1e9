"""The first files of a journal, and the room for its next segment."""

from kedge.ledger.journal import watermark
from kedge.ledger.journal.damage import Damage, damaged
from kedge.ledger.journal.frame import GENESIS, first_set
from kedge.ledger.journal.layout import firsts, whole
from kedge.ledger.journal.segment import HEADER, SPARE, Segment, header, name_of
from kedge.ledger.journal.watermark import Mark
from kedge.ports.disk import Disk, File

PART = "watermark.part"


def create(disk: Disk, segment_bytes: int, schema: int) -> None:
    """Make an empty journal; the watermark comes last, so that there is a whole one or none.

    Raises:
        JournalError: there are records but no watermark.
        OSError: of the disk.
    """
    _refuse_records(disk)
    segment = Segment(1, GENESIS, segment_bytes, schema)
    first = disk.create(segment.name, segment_bytes)
    first.write(0, header(segment))
    _done(first)
    mark = disk.create(PART, 2 * watermark.SLOT)
    mark.write(0, watermark.both(Mark(1, 0, GENESIS, 1, HEADER)))
    _done(mark)
    disk.rename(PART, watermark.NAME)
    disk.sync_folder()


def spare(disk: Disk, segment_bytes: int) -> File:
    """The next segment: zeros, on the disk, with its room taken.

    Raises:
        OSError: of the disk, ``ENOSPC`` when it is full.
    """
    if SPARE in disk.list():
        file = disk.open(SPARE)
        if file.size() == segment_bytes and first_set(file.read(0, segment_bytes), 0) < 0:
            file.sync()
            disk.sync_folder()
            return file
        file.close()
        disk.remove(SPARE)
    file = disk.create(SPARE, segment_bytes)
    file.sync()
    disk.sync_folder()
    return file


def _refuse_records(disk: Disk) -> None:
    """A journal that was never made whole holds nothing; one that holds something lost its mark."""
    for first in firsts(disk):
        if first > 1 or first_set(whole(disk, name_of(first)), HEADER) >= 0:
            raise damaged(disk, Damage(watermark.NAME, 0, 1, "the watermark is missing"))


def _done(file: File) -> None:
    file.sync()
    file.close()
