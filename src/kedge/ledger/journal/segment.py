"""Segments: files of frames with their room taken beforehand, named by their first record.

::

    0   8 B  "kedgeseg"
    8   u32  format of segments and frames
    12  u32  schema of the records in it
    16  u64  sequence number of its first record
    24  16 B chain before that record
    40  u64  length of the file
    48  12 B zeros
    60  u32  CRC32 of the 60 bytes before
    64  ...  frames, then zeros
"""

import struct
from typing import Final
from zlib import crc32

import msgspec

MAGIC: Final = b"kedgeseg"
FORMAT: Final = 1
"""Version of the bytes of segments, frames and watermark; a later one is refused."""
HEADER: Final = 64
SUFFIX: Final = ".segment"
SPARE: Final = "spare"
"""The next segment before it has a first record."""

_body = struct.Struct("<8sIIQ16sQ12x")
_sum = struct.Struct("<I")


class Segment(msgspec.Struct, frozen=True):
    """What a segment's header says.

    Attributes:
        first: sequence number of its first record.
        chain: chain hash before that record.
        size: bytes of the file.
        schema: of its records.
        format: of its bytes.
    """

    first: int
    chain: bytes
    size: int
    schema: int
    format: int = FORMAT

    @property
    def name(self) -> str:
        """Of its file."""
        return name_of(self.first)


def name_of(first: int) -> str:
    """Name of the file whose first record is ``first``; names sort as numbers do."""
    return f"{first:020d}{SUFFIX}"


def first_of(name: str) -> int:
    """The inverse of `name_of`; 0 for the name of anything else."""
    stem = name.removesuffix(SUFFIX)
    return int(stem) if stem != name and len(stem) == 20 and stem.isdecimal() else 0


def header(segment: Segment) -> bytes:
    """The 64 bytes at a segment's start."""
    body = _body.pack(
        MAGIC, segment.format, segment.schema, segment.first, segment.chain, segment.size
    )
    return body + _sum.pack(crc32(body))


def parse(data: bytes) -> Segment | None:
    """The header at the start of ``data``, or None where there is no right one."""
    if len(data) < HEADER:
        return None
    body = data[: _body.size]
    magic, format_, schema, first, chain, size = _body.unpack(body)
    if magic != MAGIC or _sum.unpack_from(data, _body.size)[0] != crc32(body):
        return None
    if any(body[48:]):
        return None
    return Segment(first, chain, size, schema, format_)
