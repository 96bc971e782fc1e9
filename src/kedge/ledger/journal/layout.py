"""What lies where in a journal's folder, as far as the synced watermark vouches for it."""

from collections.abc import Iterator, Sequence

from kedge.domain.errors import JournalError
from kedge.ledger.journal import segment as segments_
from kedge.ledger.journal import watermark
from kedge.ledger.journal.damage import Damage, damaged, newer
from kedge.ledger.journal.frame import fault, walk
from kedge.ledger.journal.segment import FORMAT, HEADER, Segment, first_of, name_of
from kedge.ledger.journal.watermark import Mark
from kedge.ports.disk import Disk


def whole(disk: Disk, name: str) -> bytes:
    """Everything in a file."""
    file = disk.open(name)
    try:
        return file.read(0, file.size())
    finally:
        file.close()


def firsts(disk: Disk) -> list[int]:
    """The first records of the segments that are there, in order."""
    return sorted(first for name in disk.list() if (first := first_of(name)))


def mark_of(disk: Disk) -> Mark:
    """The newest watermark.

    Raises:
        JournalError: there is no journal, or neither slot is right, or it is newer.
    """
    if watermark.NAME not in disk.list():
        raise JournalError("there is no journal", str(disk), "name the folder of one")
    mark = watermark.newest(watermark.parse(whole(disk, watermark.NAME)))
    if mark is None:
        raise damaged(disk, Damage(watermark.NAME, 0, 1, "neither slot is right"))
    if mark.format > FORMAT:
        raise newer(disk, watermark.NAME, mark.format, FORMAT, "format")
    return mark


def head_of(disk: Disk, first: int) -> Segment:
    """The header of a segment that the watermark vouches for.

    Raises:
        JournalError: it is damaged, or of a newer format.
    """
    file = disk.open(name_of(first))
    try:
        found = segments_.parse(file.read(0, HEADER))
        size = file.size()
    finally:
        file.close()
    if found is None or found.first != first or found.size != size:
        raise damaged(disk, Damage(name_of(first), 0, first, "the segment's header is wrong"))
    if found.format > FORMAT:
        raise newer(disk, found.name, found.format, FORMAT, "format")
    return found


def vouched(disk: Disk, mark: Mark) -> list[Segment]:
    """The segments up to the watermark.

    Raises:
        JournalError: one is missing or its header is damaged.
    """
    found = [first for first in firsts(disk) if first <= mark.segment]
    for expected in (1, mark.segment):
        if expected not in found:
            missing = Damage(name_of(expected), 0, expected, "the segment is missing")
            raise damaged(disk, missing)
    return [head_of(disk, first) for first in found]


def read(
    disk: Disk, segments: Sequence[Segment], first: int, last: int
) -> Iterator[tuple[int, bytes]]:
    """Payloads of the records ``first`` to ``last``, each with its number, checked as they come.

    Raises:
        JournalError: one of them is damaged or missing.
    """
    seq = 0
    for place, segment in enumerate(segments):
        following = segments[place + 1].first if place + 1 < len(segments) else last + 1
        if following <= first:
            continue
        data = whole(disk, segment.name)
        seq, at = segment.first - 1, HEADER
        for frame in walk(data, HEADER, seq, segment.chain):
            if frame.seq > last:
                return
            seq, at = frame.seq, frame.end
            if seq >= first:
                yield seq, frame.payload
        if seq + 1 != following:
            raise damaged(disk, Damage(segment.name, at, seq + 1, fault(data, at, seq)))


def chain_at(disk: Disk, segments: Sequence[Segment], seq: int) -> bytes:
    """The chain hash at a record that is there; 0 is before the first."""
    segment = max((each for each in segments if each.first <= seq + 1), key=lambda s: s.first)
    chain = segment.chain
    for frame in walk(whole(disk, segment.name), HEADER, segment.first - 1, chain):
        if frame.seq > seq:
            break
        chain = frame.chain
    return chain
