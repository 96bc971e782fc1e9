"""Raw messages as they came, in append-only segments that are named by what is in them.

A frame is a header (length of the message, length of the stream's name, ns) and both. The
open segment is plain and named ``open``; a closed one is compressed with zstd and named by
the SHA-256 of its frames, so whoever wrote the name down can prove what was received. A
torn last frame, as a crash leaves it, ends a segment; anything else wrong is an error.
"""

import hashlib
import os
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import msgspec
import zstandard

from kedge.domain.errors import DataError, RunError

OPEN: Final = "open.frames"
SUFFIX: Final = ".frames.zst"
_HEADER: Final = struct.Struct("<IHq")
_MOST: Final = 2**26


class Recorded(msgspec.Struct, frozen=True):
    """One message: arrival in ns by our clock, the stream it came from, its bytes."""

    received: int
    stream: str
    message: bytes


class Recorder:
    """Appends messages; a full segment is closed and the next begun.

    Args:
        folder: of the segments; made when it is missing. One recorder at a time.
        segment_bytes: size at which a segment is closed, before compression.
    """

    def __init__(self, folder: Path, segment_bytes: int = 64 * 1024 * 1024) -> None:
        self._folder, self._limit = folder, segment_bytes
        self._path = folder / OPEN
        try:
            folder.mkdir(parents=True, exist_ok=True)
            whole = _whole(self._path.read_bytes()) if self._path.exists() else 0
            self._file = self._path.open("ab")
            self._file.truncate(whole)
        except OSError as error:
            raise _unwritten(self._path, error) from error
        self._size = whole

    def append(self, received: int, stream: str, message: bytes) -> str:
        """Take one message; gives the name of the segment that it closed, or nothing.

        Raises:
            RunError: it could not be written.
        """
        name = stream.encode()
        try:
            self._file.write(_HEADER.pack(len(message), len(name), received) + name + message)
        except OSError as error:
            raise _unwritten(self._path, error) from error
        self._size += _HEADER.size + len(name) + len(message)
        return self.close_segment() if self._size >= self._limit else ""

    def close_segment(self) -> str:
        """Close the open segment and give its name; nothing when it is empty.

        Raises:
            RunError: it could not be written.
        """
        if not self._size:
            return ""
        try:
            self._file.flush()
            content = self._path.read_bytes()
            name = hashlib.sha256(content).hexdigest()
            _keep(self._folder / (name + SUFFIX), content)
            self._file.truncate(0)
        except OSError as error:
            raise _unwritten(self._path, error) from error
        self._size = 0
        return name

    def close(self) -> str:
        """Close the segment and the file; gives the segment's name."""
        name = self.close_segment()
        self._file.close()
        return name

    def leave(self) -> None:
        """Close the file alone: the next recorder goes on with the segment."""
        self._file.close()


def replay(folder: Path, name: str) -> Iterator[Recorded]:
    """Messages of a closed segment, in order.

    Raises:
        DataError: it is missing, or is not what its name says.
    """
    path = folder / (name + SUFFIX)
    try:
        content = zstandard.ZstdDecompressor().decompress(path.read_bytes())
    except (OSError, zstandard.ZstdError) as error:
        raise DataError(f"cannot be read: {error}", str(path)) from error
    if hashlib.sha256(content).hexdigest() != name:
        raise DataError("is not what its name says", str(path), "take it from a backup")
    yield from _frames(content)


def unclosed(folder: Path) -> Iterator[Recorded]:
    """Messages of the open segment, as far as they are whole.

    Raises:
        DataError: it cannot be read.
    """
    path = folder / OPEN
    try:
        content = path.read_bytes() if path.exists() else b""
    except OSError as error:
        raise DataError(f"cannot be read: {error}", str(path)) from error
    yield from _frames(content)


def _keep(path: Path, content: bytes) -> None:
    fresh = path.with_suffix(".new")
    with fresh.open("wb") as file:
        file.write(zstandard.ZstdCompressor(level=3).compress(content))
        file.flush()
        os.fsync(file.fileno())
    os.replace(fresh, path)


def _frames(content: bytes) -> Iterator[Recorded]:
    at = 0
    while (end := _end(content, at)) > 0:
        size, named, received = _HEADER.unpack_from(content, at)
        start = at + _HEADER.size
        stream = content[start : start + named].decode("utf-8", "replace")
        yield Recorded(received, stream, content[end - size : end])
        at = end


def _end(content: bytes, at: int) -> int:
    """Where a whole frame ends, or 0."""
    if at + _HEADER.size > len(content):
        return 0
    size, named, _ = _HEADER.unpack_from(content, at)
    end = at + _HEADER.size + int(named) + int(size)
    return end if size <= _MOST and end <= len(content) else 0


def _whole(content: bytes) -> int:
    """Bytes of whole frames at the beginning."""
    at = 0
    while (end := _end(content, at)) > 0:
        at = end
    return at


def _unwritten(path: Path, error: OSError) -> RunError:
    return RunError(f"{path}: could not be written: {error.strerror}")
