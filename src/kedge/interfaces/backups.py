"""A session's backups, made beside it."""

from collections.abc import Callable
from pathlib import Path
from typing import Final, NamedTuple

from kedge.domain.errors import KedgeError
from kedge.domain.status import BackedUp
from kedge.interfaces.beside import Say
from kedge.ledger.journal.backup import Along, backup, backups

SOON_S: Final = 1.0
"""Least pause between two looks at the clock."""
LATE_S: Final = 60.0
"""Longest pause between two looks: a machine that slept is noticed."""


class Wanted(NamedTuple):
    """Which backups are made.

    Attributes:
        journal: what is copied.
        folder: where to.
        every_s: seconds between two.
        keep: how many remain.
        along: puts into each what else belongs to the session.
    """

    journal: Path
    folder: Path
    every_s: float
    keep: int
    along: Along


class Backups:
    """Makes a backup whenever the newest one is old enough, and says what failed.

    Args:
        wanted: which.
        wall: the machine's clock, ns UTC.
        say: told what failed, once for each attempt.
        made: told of the newest backup, also of one that is there at the start.
    """

    name = "backup"

    def __init__(
        self, wanted: Wanted, wall: Callable[[], int], say: Say, made: Callable[[BackedUp], None]
    ) -> None:
        self._wanted, self._wall, self._say, self._made = wanted, wall, say, made
        newest = newest_in(wanted.folder)
        if newest is not None:
            made(newest)
        self._tried = wall() if newest is None else min(newest.at, wall())

    def turn(self) -> float:
        """Make one where it is due; a clock that was set back delays none for ever."""
        self._tried = min(self._tried, self._wall())
        left = self._tried * 1e-9 + self._wanted.every_s - self._wall() * 1e-9
        if left <= 0:
            self._tried = self._wall()
            self._make()
            left = self._wanted.every_s
        return min(max(left, SOON_S), LATE_S)

    def finish(self, over: Callable[[], bool]) -> None:
        """Nothing is left to do: the journal itself is whole."""

    def _make(self) -> None:
        wanted = self._wanted
        try:
            done = backup(wanted.journal, wanted.folder, wanted.keep, wanted.along)
        except (KedgeError, OSError) as error:
            self._say(f"no backup: {error}", True)
            return
        self._made(BackedUp(self._tried, done.verdict.records))


def newest_in(folder: Path) -> BackedUp | None:
    """The newest backup of a folder; None where it holds none or cannot be read."""
    try:
        found = backups(folder)
        return BackedUp(found[-1].stat().st_mtime_ns, int(found[-1].name)) if found else None
    except (OSError, ValueError):
        return None
