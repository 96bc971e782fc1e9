"""Reads every byte of a journal and says whether it is what was written.

Checked are: headers and order of segments, each record's checksum, number and chain,
zeros in padding and in all room that is not used yet, both slots of the watermark, and
that it lies on the end of a record. One changed byte anywhere is found. What a loss of
power left beyond the watermark is reported too, as such: the next start wipes it.
"""

from typing import Final

import msgspec

from kedge.domain.record import SCHEMA
from kedge.ledger.journal import segment as segments_
from kedge.ledger.journal import watermark
from kedge.ledger.journal.damage import Damage, newer
from kedge.ledger.journal.frame import GENESIS, fault, first_set, walk
from kedge.ledger.journal.layout import firsts, mark_of, whole
from kedge.ledger.journal.segment import FORMAT, HEADER, SPARE, Segment, name_of
from kedge.ledger.journal.watermark import Mark
from kedge.ports.disk import Disk

OLD_SLOT: Final = "one of the two slots is wrong"


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """What was found.

    Attributes:
        records: that follow each other from the first on without a fault.
        durable: the last one below the synced watermark.
        segments: files that were read.
        bytes: in them.
        damage: the first fault, None where there is none.
    """

    records: int
    durable: int
    segments: int
    bytes: int
    damage: Damage | None

    @property
    def whole(self) -> bool:
        """Whether nothing is wrong."""
        return self.damage is None


class _Walk:
    """How far the chain was followed."""

    def __init__(self, mark: Mark) -> None:
        self.mark = mark
        self.seq, self.chain = 0, GENESIS
        self.bytes = self.segments = 0
        self.met = False  # the mark was found on the end of a record


def verify(disk: Disk, schema: int = SCHEMA) -> Verdict:
    """Check a journal from its first byte to its last.

    Raises:
        JournalError: there is no journal, or it is newer.
        OSError: it cannot be read.
    """
    lost = _no_mark(disk)
    if lost is not None:
        return Verdict(records=0, durable=0, segments=0, bytes=0, damage=lost)
    walk_ = _Walk(mark_of(disk))
    damage = _segments(disk, walk_, schema)
    # Beyond the mark lies what a crash leaves; damage elsewhere is the worse news.
    if damage is None or damage.beyond:
        damage = _mark(walk_) or _slots(disk, walk_) or damage or _spare(disk, walk_)
    return Verdict(
        records=walk_.seq,
        durable=walk_.mark.seq,
        segments=walk_.segments,
        bytes=walk_.bytes,
        damage=damage,
    )


def _no_mark(disk: Disk) -> Damage | None:
    """Records without a watermark to tell how many of them there were."""
    what = ""
    if watermark.NAME not in disk.list():
        what = "the watermark is missing" if firsts(disk) else ""
    elif watermark.newest(watermark.parse(whole(disk, watermark.NAME))) is None:
        what = "neither slot is right"
    return Damage(watermark.NAME, 0, 1, what) if what else None


def _segments(disk: Disk, at: _Walk, schema: int) -> Damage | None:
    for first in firsts(disk):
        name, data = name_of(first), whole(disk, name_of(first))
        beyond = at.met
        at.segments += 1
        at.bytes += len(data)
        if first != at.seq + 1:
            what = "the segment does not follow the one before"
            return Damage(name, 0, at.seq + 1, what, beyond)
        head = segments_.parse(data)
        if head is None and beyond and first_set(data, 0) < 0:
            continue  # named, and the power failed before anything was written
        if head is None or (head.first, head.chain, head.size) != (first, at.chain, len(data)):
            return Damage(name, 0, first, "the segment's header is wrong", beyond)
        _refuse_newer(disk, head, schema)
        damage = _frames(name, data, at)
        if damage is not None:
            return damage
    return None


def _frames(name: str, data: bytes, at: _Walk) -> Damage | None:
    end = HEADER
    first = at.seq + 1
    at.met = at.met or _is_mark(at, first, name, end)
    for frame in walk(data, HEADER, at.seq, at.chain):
        at.seq, at.chain, end = frame.seq, frame.chain, frame.end
        at.met = at.met or _is_mark(at, first, name, end)
    found = first_set(data, end)
    if found < 0:
        return None
    what = fault(data, end, at.seq) if found < end + 8 else "a byte after it is not zero"
    return Damage(name, end if found < end + 8 else found, at.seq + 1, what, at.met)


def _is_mark(at: _Walk, first: int, name: str, end: int) -> bool:
    mark = at.mark
    here = (name_of(mark.segment), mark.offset, mark.seq, mark.chain)
    return here == (name, end, at.seq, at.chain) and mark.segment == first


def _mark(at: _Walk) -> Damage | None:
    if at.met:
        return None
    what = "the records end before the watermark, or it does not lie on the end of one"
    return Damage(watermark.NAME, 0, min(at.seq, at.mark.seq) + 1, what)


def _slots(disk: Disk, at: _Walk) -> Damage | None:
    data = whole(disk, watermark.NAME)
    first, second = watermark.parse(data)
    if first is None or second is None:
        offset = 0 if first is None else watermark.SLOT
        return Damage(watermark.NAME, offset, at.mark.seq + 1, OLD_SLOT)
    if abs(first.number - second.number) != 1 or len(data) != 2 * watermark.SLOT:
        return Damage(watermark.NAME, 0, at.mark.seq + 1, "the slots are not of one journal")
    return None


def _spare(disk: Disk, at: _Walk) -> Damage | None:
    if SPARE not in disk.list():
        return None
    found = first_set(whole(disk, SPARE), 0)
    return None if found < 0 else Damage(SPARE, found, at.seq + 1, "a byte is not zero")


def _refuse_newer(disk: Disk, head: Segment, schema: int) -> None:
    if head.format > FORMAT:
        raise newer(disk, head.name, head.format, FORMAT, "format")
    if head.schema > schema:
        raise newer(disk, head.name, head.schema, schema, "schema")
