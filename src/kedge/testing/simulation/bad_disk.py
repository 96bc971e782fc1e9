"""A journal's disk that is wrong for a while: a sync fails, it is full, or nothing may be written.

Losses of power are the world's own (see `world`): they end a process, these three may.
"""

from random import Random
from typing import Final

from kedge.testing.faulty_disk import FaultyDisk

FAILED_SYNC: Final = "failed sync"
FULL: Final = "full"
READ_ONLY: Final = "read-only"
_SECOND: Final = 1_000_000_000
KINDS: Final = (FAILED_SYNC, FULL, READ_ONLY)


class BadDisk:
    """One spell of one kind.

    Args:
        disk: that it comes over.
        kind: one of `KINDS`, empty for none.
        random: of this spell alone.
        start, until: ns UTC between which it begins.
    """

    def __init__(self, disk: FaultyDisk, kind: str, random: Random, start: int, until: int) -> None:
        self._disk, self._kind = disk, kind
        self._from = start + int(random.random() * 0.7 * (until - start))
        self._over = until if kind == FULL else self._from + random.choice((5, 20, 60)) * _SECOND

    def turn(self, now: int) -> None:
        """Begin or end what is due by ``now``, ns UTC."""
        if self._kind and now >= self._from:
            if now >= self._over:
                self.mend()
            elif self._kind == FAILED_SYNC:
                self._disk.fail_syncs, self._kind = 1, ""
            else:
                self._disk.full = self._kind == FULL
                self._disk.read_only = self._kind == READ_ONLY

    def restarted(self) -> None:
        """A process can start on a full disk, and not on one that nothing may be written to."""
        if self._disk.read_only:
            self.mend()

    def mend(self) -> None:
        """Somebody sees to the disk, and it stays well."""
        if self._disk.full or self._disk.read_only:
            self._kind = ""
        self._disk.full = self._disk.read_only = False
