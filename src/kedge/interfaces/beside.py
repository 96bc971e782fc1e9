"""What goes on beside a session, in threads of its own: the loop never waits for any of it."""

from collections.abc import Callable, Sequence
from threading import Event, Thread
from time import monotonic
from typing import Final, Protocol

AFTER_A_FAULT_S: Final = 60.0
"""Pause of a chore that failed in a way that it does not know itself."""

Say = Callable[[str, bool], None]
"""Takes a line for the session's log, and whether somebody should look."""


class Chore(Protocol):
    """Something that is done again and again.

    Attributes:
        name: of its thread.
    """

    name: str

    def turn(self) -> float:
        """Do what is due; seconds until it wants its next turn."""

    def finish(self, over: Callable[[], bool]) -> None:
        """Do what is left once nothing is recorded any more, until it is ``over``."""


class Beside:
    """The chores of one session, each in a thread of its own.

    A chore that fails says so and is tried again: it never ends the session. The threads end
    with the process, whatever they are at.

    Args:
        chores: what is done.
        say: told of faults, from the threads.
    """

    def __init__(self, chores: Sequence[Chore], say: Say) -> None:
        self._say, self._ended, self._over = say, Event(), Event()
        self._threads = [
            Thread(target=self._run, args=(each,), name=f"kedge-{each.name}", daemon=True)
            for each in chores
        ]

    def start(self) -> None:
        """Let them begin."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """No further turns; nobody waits for one that is under way."""
        self._over.set()
        self._ended.set()

    def finish(self, patience_s: float) -> list[str]:
        """Let each do what is left; names of the threads that were not done in time.

        Args:
            patience_s: for all of them together.
        """
        self._ended.set()
        end = monotonic() + patience_s
        for thread in self._threads:
            if thread.ident is not None:
                thread.join(max(0.0, end - monotonic()))
        self._over.set()
        return [thread.name for thread in self._threads if thread.is_alive()]

    def _run(self, chore: Chore) -> None:
        pause = 0.0
        while not self._ended.wait(pause):
            try:
                pause = chore.turn()
            except Exception as error:
                self._say(f"{chore.name}: {type(error).__name__}: {error}", True)
                pause = AFTER_A_FAULT_S
        if self._over.is_set():
            return
        try:
            chore.finish(self._over.is_set)
        except Exception as error:
            self._say(f"{chore.name}: {type(error).__name__}: {error}", True)
