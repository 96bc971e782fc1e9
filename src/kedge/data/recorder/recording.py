"""A session's raw market data on the disk: what it is of, its segments in order, playing it back.

market/about.json         whose messages these are, and what is needed to read them
market/segments           names of the closed segments, one a line, the oldest first
market/<name>.frames.zst  see `kedge.data.recorder.segments`
market/open.frames        what came since the last of them
"""

import os
from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Final

import msgspec

from kedge.data.books.keeper import Books
from kedge.data.recorder.segments import OPEN, SUFFIX, Recorded, Recorder, replay, unclosed
from kedge.data.streams.connection import CONNECTED, LOST, STREAM
from kedge.data.wire.listings import Listing, Listings
from kedge.data.wire.messages import Message
from kedge.domain.errors import DataError, RunError

ABOUT: Final = "about.json"
SEGMENTS: Final = "segments"
SEGMENT_BYTES: Final = 16 * 1024 * 1024
"""Closing so much takes a tenth of a second, and that is how long the feed waits for it."""


class About(msgspec.Struct, frozen=True):
    """What a recording is of.

    Attributes:
        protocol: how the venue's messages are read, see `kedge.data.books.keeper`.
        depth: levels a side that were subscribed; 0 where the venue tells of all.
        listings: symbols with the steps of their prices and quantities.
    """

    protocol: str
    depth: int
    listings: tuple[Listing, ...]


class Recording:
    """Takes what a feed hears, in the thread of the feed.

    A disk that takes no more, or a folder that cannot be gone on with, ends the recording, not the
    session: it is said once.

    Args:
        folder: of the recording; one recording at a time.
        about: what it is of.
        named: segments that the journal has named.
        segment_bytes: size at which a segment is closed.
    """

    def __init__(
        self, folder: Path, about: About, named: frozenset[str], segment_bytes: int = SEGMENT_BYTES
    ) -> None:
        self._folder = folder
        self._told: deque[tuple[str, str]] = deque()
        self._recorder: Recorder | None = None
        try:
            _say_what(folder, about)
            _take_up(folder)
            self._recorder = Recorder(folder, segment_bytes)
            self._told.extend((name, "") for name in names(folder) if name not in named)
        except (DataError, RunError, OSError) as error:
            self._told.append(("", str(error)))

    def take(self, received: int, stream: str, message: bytes) -> None:
        """Keep one message: arrival in ns, where it came from, its bytes."""
        if self._recorder is None:
            return
        try:
            name = self._recorder.append(received, stream, message)
            if name:
                self._note(name)
        except (RunError, OSError) as error:
            self.close()
            self._told.append(("", str(error)))

    def told(self) -> list[tuple[str, str]]:
        """(name, "") of what was closed since the last call, ("", why) where it had to end."""
        return [self._told.popleft() for _ in range(len(self._told))]

    def close(self) -> None:
        """Stop; what the open segment holds is gone on with at the next start."""
        recorder, self._recorder = self._recorder, None
        if recorder is not None:
            with suppress(OSError):  # what it had not written yet is lost, and was told
                recorder.leave()

    def _note(self, name: str) -> None:
        try:
            _list(self._folder, name)
        except OSError as error:
            raise RunError(f"{self._folder / SEGMENTS}: could not be written: {error}") from error
        self._told.append((name, ""))


def about(folder: Path) -> About:
    """What a recording is of.

    Raises:
        DataError: there is none, or it cannot be read.
    """
    path = folder / ABOUT
    try:
        return msgspec.json.decode(path.read_bytes(), type=About)
    except OSError as error:
        raise DataError(
            f"holds no recording: {error.strerror}", str(folder),
            "name the folder 'market' of a session with session.record: true",
        ) from error  # fmt: skip
    except msgspec.DecodeError as error:
        raise DataError(f"cannot be read: {error}", str(path), "take it from a backup") from error


def names(folder: Path) -> list[str]:
    """Closed segments in order.

    Raises:
        DataError: they cannot be read.
    """
    path = folder / SEGMENTS
    try:
        return path.read_text().split() if path.exists() else []
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"cannot be read: {error}", str(path)) from error


def play(folder: Path) -> Iterator[Recorded]:
    """Every message of a recording, in order.

    Raises:
        DataError: a segment is missing, or is not what its name says.
    """
    for name in names(folder):
        yield from replay(folder, name)
    yield from unclosed(folder)


def heard(books: Books, message: Recorded) -> tuple[Message, ...]:
    """What books that hear a message again make of it: the same as when it came."""
    if message.stream == STREAM:
        return books.feed(message.message, message.received)
    if message.stream == CONNECTED:
        books.restarted()
        return ()
    if message.stream == LOST:
        books.lose()
        return ()
    kind, _, symbol = message.stream.partition(" ")
    return books.reply(kind, symbol, message.message, message.received)


def books_of(known: About) -> Books:
    """Empty books for a recording."""
    return Books(known.protocol, Listings(known.listings), known.depth)


def _list(folder: Path, name: str) -> None:
    with (folder / SEGMENTS).open("a") as file:
        file.write(f"{name}\n")
        file.flush()
        os.fsync(file.fileno())


def _take_up(folder: Path) -> None:
    """What a crash left closed and not listed is listed, and taken out of the open segment."""
    known, opened = set(names(folder)), folder / OPEN
    for path in sorted(folder.glob(f"*{SUFFIX}")):
        name = path.name.removesuffix(SUFFIX)
        if name not in known:
            if opened.exists() and sha256(opened.read_bytes()).hexdigest() == name:
                opened.write_bytes(b"")
            _list(folder, name)


def _say_what(folder: Path, known: About) -> None:
    path = folder / ABOUT
    if path.exists():
        if about(folder) != known:
            raise DataError(
                "is a recording of something else", str(folder), "move it away, and start again"
            )
        return
    try:
        folder.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(".part")
        part.write_bytes(msgspec.json.encode(known))
        part.replace(path)
    except OSError as error:
        raise RunError(f"{path}: could not be written: {error.strerror}") from error
