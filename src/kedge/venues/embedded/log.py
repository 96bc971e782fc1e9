"""The venue's log of requests: appended and synced before any of them takes effect.

Each line is its length and CRC32 (``<II``), then a `Sent` as MessagePack. A line that a
crash cut short was never acted on and is dropped at the next start. Zeros follow the last
one: room that is taken ahead of what is written, so that a session on a disk that has become
full can still be flattened.
"""

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from struct import Struct
from typing import Final, NamedTuple
from zlib import crc32

import msgspec

from kedge.domain.errors import RunError
from kedge.venues.simulated.requests import Sent

AHEAD: Final = 1 << 20
"""Bytes of room that are taken at once; at least half of it is left while the disk has some."""

_HEAD: Final = Struct("<II")
_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(Sent)


class Lines(NamedTuple):
    """What a log holds.

    Attributes:
        lines: in order.
        end: bytes of the whole lines from the start of the file.
    """

    lines: list[Sent]
    end: int


class RequestLog:
    """A log that is open for appending.

    Args:
        path: of the file; made when it is missing.
        end: bytes to keep; what lies beyond was cut short.

    Raises:
        RunError: it cannot be opened.
    """

    def __init__(self, path: Path, end: int) -> None:
        self._path = path
        try:
            self._handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            self._room = _cut(self._handle, end)
        except OSError as error:
            raise RunError(f"{path}: could not be opened: {error.strerror}") from error
        self.end = end
        self._take_room()

    def add(self, line: Sent) -> None:
        """Append a line, durably.

        Raises:
            RunError: it could not be written.
        """
        payload = _encoder.encode(line)
        data = _HEAD.pack(len(payload), crc32(payload)) + payload
        try:
            if os.pwrite(self._handle, data, self.end) != len(data):
                raise OSError(28, "no space left on the disk")
            os.fdatasync(self._handle)
        except OSError as error:
            raise RunError(f"{self._path}: could not be written: {error.strerror}") from error
        self.end += len(data)
        self._take_room()

    def close(self) -> None:
        """Give the file back; again does nothing."""
        handle, self._handle = self._handle, -1
        if handle >= 0:
            os.close(handle)

    def _take_room(self) -> None:
        """Where there is none, lines go on into what was taken before."""
        if self._room - self.end >= AHEAD // 2 or not hasattr(os, "posix_fallocate"):
            return
        with suppress(OSError):
            os.posix_fallocate(self._handle, self.end, AHEAD)
            self._room = self.end + AHEAD


def _cut(handle: int, end: int) -> int:
    """Leave zeros after the last whole line, and the room; where the file ends."""
    size = os.fstat(handle).st_size
    if size > end + AHEAD:
        os.ftruncate(handle, size := end + AHEAD)
    tail = os.pread(handle, max(0, size - end), end)
    if any(tail):
        os.pwrite(handle, bytes(len(tail)), end)
        os.fdatasync(handle)
    return size


def read_log(path: Path, start: int = 0) -> Lines:
    """The whole lines of a log from a byte on.

    Args:
        path: of the file; one that is missing is empty.
        start: where a line begins.

    Raises:
        RunError: it cannot be read.
    """
    raw = _raw(path)
    found = list(_walk(raw, start))
    end = found[-1][1] if found else min(start, len(raw))
    return Lines([line for line, _ in found], end)


def log_before(path: Path, until: int) -> bytes:
    """The whole lines of a log from its start that left before an instant.

    Args:
        path: of the file; one that is missing is empty.
        until: the venue's time, ns.

    Raises:
        RunError: it cannot be read.
    """
    raw, end = _raw(path), 0
    for line, after in _walk(raw, 0):
        if line.at >= until:
            break
        end = after
    return raw[:end]


def _raw(path: Path) -> bytes:
    try:
        return path.read_bytes() if path.exists() else b""
    except OSError as error:
        raise RunError(f"{path}: could not be read: {error.strerror}") from error


def _walk(raw: bytes, at: int) -> Iterator[tuple[Sent, int]]:
    """Lines, and where each ends, up to the first that is not whole."""
    while at + _HEAD.size <= len(raw):
        size, checksum = _HEAD.unpack_from(raw, at)
        payload = raw[at + _HEAD.size : at + _HEAD.size + size]
        if len(payload) < size or crc32(payload) != checksum:
            return
        try:
            line = _decoder.decode(payload)
        except msgspec.DecodeError:
            return
        at += _HEAD.size + size
        yield line, at
