"""The kill latch: one byte that every send looks at, and a kill survives a crash by.

The byte is the first of a file of one page that every process of the user can map. A
session reads the mapping where it sends, so the latch closes at once from any thread and
even from another process while the session's own threads hang. The page is allocated when
the session is made: closing it needs no room on a full disk.

========  ==================================================================
``0``     open: new risk may be sent
``R``     closed, and somebody asked to resume since it was closed last
else      closed: only cancels, reductions and protective stops may be sent
========  ==================================================================

After the byte stand, as JSON, the requests that closed it. Nothing but the exact ``0``
is open, so a damaged file keeps a session still.
"""

import mmap
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from threading import Lock
from typing import Final

import msgspec

from kedge.domain.control import Asked

PAGE: Final = 4096
"""Bytes of the file."""
KEPT: Final = 8
"""Requests that the page remembers; the first one always stays."""
WHO: Final = 96
"""Longest ``who`` that it remembers, in characters."""

OPEN: Final = ord("0")
OFFERED: Final = ord("R")
CLOSED: Final = ord("1")

_asks = msgspec.json.Decoder(tuple[Asked, ...])


class KillLatch:
    """What stops new risk at the point of sending.

    Safe to use from any thread. Build it with `kedge.engine.latch_file.open_latch`, or
    with `latch_in_memory` where nothing has to outlive the process.

    Args:
        cell: the page.
        sync: makes the page durable.
        alone: keeps other processes from changing the page meanwhile.
    """

    __slots__ = ("__weakref__", "_alone", "_cell", "_lock", "_sync")

    def __init__(
        self,
        cell: bytearray | mmap.mmap,
        sync: Callable[[], None],
        alone: Callable[[], AbstractContextManager[None]] = nullcontext,
    ) -> None:
        self._cell = cell
        self._sync = sync
        self._alone = alone
        self._lock = Lock()

    @property
    def closed(self) -> bool:
        """Whether new risk must not be sent. Costs less than 100 ns: ask before every send."""
        return self._cell[0] != OPEN

    @property
    def asks(self) -> tuple[Asked, ...]:
        """The requests that closed it, oldest first; empty where none can be read."""
        with self._changing():
            return self._read() if self.closed else ()

    def close(self, ask: Asked) -> tuple[Asked, ...]:
        """Stop new risk now, and make that durable before returning.

        Args:
            ask: who closes it, with which verb.

        Returns:
            The requests that keep it closed, oldest first.

        Raises:
            OSError: it is closed, but the file could not be synced.
        """
        self._cell[0] = CLOSED  # before any lock: nothing may hold this up
        with self._changing():
            held = self._read()
            held = (*held[:1], *(*held[1:], _short(ask))[1 - KEPT :])
            self._cell[0] = CLOSED
            self._write(held)
        self._sync()
        return held

    def offer(self) -> None:
        """Somebody asked to resume: `release` may open it unless it is closed again first."""
        with self._changing():
            if self.closed:
                self._cell[0] = OFFERED

    def release(self) -> bool:
        """Open it, once the session has made its resumption durable.

        Returns:
            Whether it is open now; False where nobody asked to resume since it was closed
            last.

        Raises:
            OSError: the file could not be synced; it is closed again.
        """
        with self._changing():
            if self._cell[0] == OFFERED:
                self._write(())
                self._cell[0] = OPEN
        try:
            self._sync()
        except OSError:
            self._cell[0] = CLOSED
            raise
        return not self.closed

    @contextmanager
    def _changing(self) -> Iterator[None]:
        with self._lock, self._alone():
            yield

    def _read(self) -> tuple[Asked, ...]:
        try:
            return _asks.decode(bytes(self._cell[1:PAGE]).strip(b" \n\0"))
        except msgspec.DecodeError:
            return ()

    def _write(self, asks: tuple[Asked, ...]) -> None:
        self._cell[1:PAGE] = _page(asks)


def latch_in_memory() -> KillLatch:
    """A latch that ends with the process, open: for backtests, simulations and tests."""
    return KillLatch(bytearray(blank()), lambda: None)


def blank(*, closed: bool = False) -> bytes:
    """The page of a latch that nobody has closed, or of one closed by nobody knows whom."""
    return bytes((CLOSED if closed else OPEN,)) + _page(())


def _page(asks: tuple[Asked, ...]) -> bytes:
    return (b" " + msgspec.json.encode(asks)).ljust(PAGE - 2) + b"\n"


def _short(ask: Asked) -> Asked:
    return msgspec.structs.replace(ask, who=ask.who.encode("ascii", "replace").decode()[:WHO])
