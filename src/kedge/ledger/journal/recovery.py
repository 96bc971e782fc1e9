"""Every start is a recovery: find the end of the journal, and cut what a crash tore.

Up to the synced watermark everything must be whole, else nothing is opened. Beyond it
the records that follow each other without a gap are kept, what comes after the first
gap is wiped: it was never durable, so nothing was sent because of it.

What is kept is written and synced again before anybody sees it. A system that failed
to sync may have dropped the content from its queue and still show it to readers, so
seeing a record is no proof that it is on the disk.
"""

import re
from typing import NamedTuple

import msgspec

from kedge.ledger.journal import segment as segments_
from kedge.ledger.journal import watermark
from kedge.ledger.journal.damage import Damage, damaged
from kedge.ledger.journal.frame import ALIGN, fault, first_set, unpack, walk
from kedge.ledger.journal.layout import firsts, mark_of, vouched, whole
from kedge.ledger.journal.reader import refuse_newer
from kedge.ledger.journal.segment import HEADER, Segment, name_of
from kedge.ledger.journal.watermark import Mark
from kedge.ports.disk import Disk

_not_zero = re.compile(rb"[^\0]")


class Recovered(NamedTuple):
    """Where a journal goes on.

    Attributes:
        segments: in order; the last is the one that goes on.
        mark: the watermark, now at the journal's end.
        cut: records that were found beyond it and dropped, as far as they could be counted.
    """

    segments: list[Segment]
    mark: Mark
    cut: int


class _Kept(NamedTuple):
    """What is kept of a segment beyond the watermark, and what is wiped after it."""

    segment: Segment
    start: int
    end: int
    data: bytes


def recover(disk: Disk, schema: int) -> Recovered:
    """Bring a journal to a state in which everything in it is durable and follows.

    Raises:
        JournalError: damage below the watermark, or a newer version: nothing was changed.
        OSError: of the disk.
    """
    mark = mark_of(disk)
    segments = vouched(disk, mark)
    refuse_newer(disk, tuple(segments), schema)
    data = whole(disk, segments[-1].name)
    _check_below(disk, data, segments[-1], mark)
    kept, seq, chain = _follow(disk, _Kept(segments[-1], mark.offset, 0, data), mark)
    refuse_newer(disk, tuple(each.segment for each in kept), schema)
    kept[-1] = last = _renewed(kept[-1], schema)
    segments[-1:] = [each.segment for each in kept]
    beyond = [first for first in firsts(disk) if first > last.segment.first]
    cut = _count(disk, last, beyond, seq)
    _wipe(disk, kept, beyond)
    end = Mark(mark.number + 1, seq, chain, last.segment.first, last.end)
    file = disk.open(watermark.NAME)
    try:
        file.write(0, watermark.both(end))
        file.sync()
    finally:
        file.close()
    return Recovered(segments, end, cut)


def _check_below(disk: Disk, data: bytes, segment: Segment, mark: Mark) -> None:
    """The segment of the watermark must be whole up to it, and end there in the same chain."""
    seq, chain, at = segment.first - 1, segment.chain, HEADER
    for frame in walk(data, at, seq, chain):
        if frame.end > mark.offset:
            break
        seq, chain, at = frame.seq, frame.chain, frame.end
    if (at, seq, chain) == (mark.offset, mark.seq, mark.chain):
        return
    why = fault(data, at, seq) if at < mark.offset else "it does not fit the watermark"
    raise damaged(disk, Damage(segment.name, at, min(seq, mark.seq) + 1, why))


def _follow(disk: Disk, at: _Kept, mark: Mark) -> tuple[list[_Kept], int, bytes]:
    """All that follows the watermark without a gap, segment by segment."""
    seq, chain, kept = mark.seq, mark.chain, []
    segment, start, _, data = at
    while True:
        end = max(start, HEADER)
        for frame in walk(data, end, seq, chain):
            seq, chain, end = frame.seq, frame.chain, frame.end
        kept.append(_Kept(segment, start, end, data))
        following = _next(disk, seq, chain) if first_set(data, end) < 0 else None
        if following is None or following[0].first == segment.first:
            return kept, seq, chain
        segment, data = following
        start = 0


def _next(disk: Disk, seq: int, chain: bytes) -> tuple[Segment, bytes] | None:
    name = name_of(seq + 1)
    if name not in disk.list():
        return None
    data = whole(disk, name)
    head = segments_.parse(data)
    fits = head is not None and (head.first, head.chain, head.size) == (seq + 1, chain, len(data))
    return (head, data) if head is not None and fits else None


def _renewed(last: _Kept, schema: int) -> _Kept:
    """A segment without records takes the schema of those that will come."""
    if last.end > HEADER or last.segment.schema == schema:
        return last
    segment = msgspec.structs.replace(last.segment, schema=schema)
    return _Kept(segment, 0, last.end, segments_.header(segment) + last.data[HEADER:])


def _count(disk: Disk, last: _Kept, beyond: list[int], seq: int) -> int:
    """Records beyond the end; a torn one without a readable number counts as one."""
    datas = [(last.data, last.end)]
    datas += [(whole(disk, name_of(first)), HEADER) for first in beyond]
    highest = seq
    for data, at in datas:
        if first_set(data, at) >= 0:
            highest = max(highest, seq + 1, _highest(data, at))
    return highest - seq


def _highest(data: bytes, at: int) -> int:
    """The highest number of a whole frame anywhere from ``at`` on, 0 without one."""
    highest = 0
    while found := _not_zero.search(data, at):
        at = found.start() - found.start() % ALIGN
        frame = unpack(data, at)
        highest = max(highest, frame.seq if frame else 0)
        at = frame.end if frame else at + ALIGN
    return highest


def _wipe(disk: Disk, kept: list[_Kept], beyond: list[int]) -> None:
    """Write again what is kept, zeros after it, and take away the segments beyond."""
    for first in reversed(beyond):
        disk.remove(name_of(first))
    if beyond:
        disk.sync_folder()
    for each in kept:
        file = disk.open(each.segment.name)
        try:
            torn = len(each.data.rstrip(b"\0")) - each.end
            file.write(each.start, each.data[each.start : each.end] + bytes(max(torn, 0)))
            file.sync()
        finally:
            file.close()
