"""One record on the disk: its length, checksum, sequence number, chain hash, payload.

::

    0   u32  length of what follows the checksum, padding left out: 24 + payload
    4   u32  CRC32 of it and of the padding, started from the length
    8   u64  sequence number, from 1
    16  16 B chain: BLAKE2b of the previous chain, the sequence number and the payload
    32  ...  payload, then zeros up to a multiple of 8

Little-endian. The checksum finds accidents, the chain binds each record to all before
it. A length is never zero, so zeros are where a segment has not been written yet.
"""

import struct
from collections.abc import Iterator
from hashlib import blake2b
from typing import Final, NamedTuple
from zlib import crc32

HASH: Final = 16
"""Bytes of a chain hash."""
GENESIS: Final = bytes(HASH)
"""The chain before the first record."""
OVERHEAD: Final = 32
"""Bytes of a frame besides its payload and padding."""
ALIGN: Final = 8

_head = struct.Struct("<II")
_number = struct.Struct("<Q")
_pads = tuple(bytes(-n % ALIGN) for n in range(ALIGN))
_FIXED: Final = OVERHEAD - _head.size


class Frame(NamedTuple):
    """A record as read.

    Attributes:
        seq: sequence number.
        chain: its chain hash.
        payload: what was appended.
        end: offset of the next frame.
    """

    seq: int
    chain: bytes
    payload: bytes
    end: int


def pack(seq: int, chain: bytes, payload: bytes) -> tuple[bytes, bytes]:
    """The frame of record ``seq`` after ``chain``, and the chain with it in."""
    number = _number.pack(seq)
    linked = blake2b(chain + number + payload, digest_size=HASH).digest()
    length = _FIXED + len(payload)
    rest = number + linked + payload + _pads[length % ALIGN]
    return _head.pack(length, crc32(rest, length)) + rest, linked


def framed(payload: int) -> int:
    """Bytes of the frame of a payload of so many bytes."""
    return OVERHEAD + payload + -payload % ALIGN


def unpack(data: bytes, at: int) -> Frame | None:
    """The frame at ``at``, or None where there is no whole one with a right checksum."""
    if at + OVERHEAD > len(data):
        return None
    length, sum_ = _head.unpack_from(data, at)
    start = at + _head.size
    end = start + length + -length % ALIGN
    if length < _FIXED or end > len(data) or crc32(data[start:end], length) != sum_:
        return None
    payload = start + _FIXED
    (seq,) = _number.unpack_from(data, start)
    chain = data[start + _number.size : payload]
    return Frame(seq, chain, data[payload : start + length], end)


def follows(frame: Frame, seq: int, chain: bytes) -> bool:
    """Whether a frame is the one after record ``seq`` whose chain is ``chain``."""
    if frame.seq != seq + 1:
        return False
    linked = blake2b(chain + _number.pack(frame.seq) + frame.payload, digest_size=HASH)
    return linked.digest() == frame.chain


def walk(data: bytes, at: int, seq: int, chain: bytes) -> Iterator[Frame]:
    """Frames from ``at`` on, each following the one before, up to the first that does not."""
    while (frame := unpack(data, at)) is not None and follows(frame, seq, chain):
        yield frame
        seq, chain, _, at = frame


def fault(data: bytes, at: int, seq: int) -> str:
    """Why there is no record after ``seq`` at ``at``, in words."""
    frame = unpack(data, at)
    if frame is None:
        return "its checksum or its length is wrong"
    if frame.seq != seq + 1:
        return f"it says that it is record {frame.seq}"
    return "its chain hash does not follow from the record before"


def first_set(data: bytes, at: int) -> int:
    """Offset of the first byte from ``at`` on that is not zero, -1 where all are."""
    rest = data[at:]
    if rest.count(0) == len(rest):
        return -1
    return at + len(rest) - len(rest.lstrip(b"\0"))
