"""The watermark: how far the journal is known to be on the disk.

It lies in a file of its own, as two slots of one sector each that are written in
turn, so that the last but one stays whole whatever becomes of the last. Below it a
torn record cannot be explained by a crash: it is damage, and halts.

::

    0   8 B  "kedgemrk"
    8   u32  format
    12  u32  zeros
    16  u64  number of the mark, from 0; even ones lie in the first slot
    24  u64  sequence number of the last durable record
    32  16 B its chain hash
    48  u64  first record of the segment that it lies in
    56  u64  offset in that file at which it ends
    ...      zeros
    508 u32  CRC32 of the 508 bytes before
"""

import struct
from typing import Final
from zlib import crc32

import msgspec

from kedge.ledger.journal.segment import FORMAT

NAME: Final = "watermark"
MAGIC: Final = b"kedgemrk"
SLOT: Final = 512

_body = struct.Struct("<8sI4xQQ16sQQ")
_filled = struct.Struct(f"{_body.format}{SLOT - 4 - _body.size}x")
_sum = struct.Struct("<I")


class Mark(msgspec.Struct, frozen=True):
    """One state of the watermark.

    Attributes:
        number: counts the marks.
        seq: last durable record, 0 for none.
        chain: chain hash there.
        segment: first record of the segment in which it ends.
        offset: bytes in that file up to its end.
        format: of the bytes of journal and watermark.
    """

    number: int
    seq: int
    chain: bytes
    segment: int
    offset: int
    format: int = FORMAT


def slot(mark: Mark) -> tuple[int, bytes]:
    """Where a mark is written, and its bytes."""
    body = _filled.pack(
        MAGIC, mark.format, mark.number, mark.seq, mark.chain, mark.segment, mark.offset
    )
    return (mark.number % 2) * SLOT, body + _sum.pack(crc32(body))


def both(mark: Mark) -> bytes:
    """The whole file with ``mark`` as the last and the same place as the one before."""
    older = msgspec.structs.replace(mark, number=mark.number - 1)
    return b"".join(data for _, data in sorted((slot(mark), slot(older))))


def parse(data: bytes) -> tuple[Mark | None, Mark | None]:
    """What the two slots say; None for one that is not right."""
    return _parse(data, 0), _parse(data, 1)


def newest(marks: tuple[Mark | None, Mark | None]) -> Mark | None:
    """The later of two marks that are right."""
    found = [mark for mark in marks if mark is not None]
    return max(found, key=lambda mark: mark.number, default=None)


def _parse(data: bytes, place: int) -> Mark | None:
    part = data[place * SLOT : (place + 1) * SLOT]
    if len(part) != SLOT or crc32(part[:-4]) != _sum.unpack_from(part, SLOT - 4)[0]:
        return None
    magic, format_, number, seq, chain, segment, offset = _body.unpack_from(part)
    if magic != MAGIC or number % 2 != place:
        return None
    return Mark(number, seq, chain, segment, offset, format_)
