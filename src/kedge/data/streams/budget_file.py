"""A rate budget that every process of a machine shares: one small file under a lock."""

import os
from pathlib import Path
from threading import Lock

import msgspec

from kedge.data.lock import StoreLock
from kedge.data.streams.budget import BudgetState, InProcess, Step
from kedge.domain.errors import KedgeError, RunError


class BudgetFile:
    """State of one host's budget, in a file of its own.

    A state that cannot be read is as good as none: the host's own headers set it right. Where the
    file cannot be kept, this process counts for itself: a cancel does not wait for a disk.

    Args:
        folder: of this host alone; made when it is missing.
    """

    def __init__(self, folder: Path) -> None:
        self._lock, self._path = StoreLock(folder), folder / "budget.json"
        self._turn = Lock()  # the other one keeps out processes, not threads
        self._alone = InProcess()

    def change(self, step: Step) -> int:
        """See `kedge.data.streams.budget.BudgetStore`."""
        with self._turn:
            try:
                return self._change(step)
            except KedgeError:
                return self._alone.change(step)

    def _change(self, step: Step) -> int:
        with self._lock.held():
            state, answer = step(self._read())
            self._write(state)
            return answer

    def _read(self) -> BudgetState | None:
        try:
            return msgspec.json.decode(self._path.read_bytes(), type=BudgetState)
        except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
            return None

    def _write(self, state: BudgetState) -> None:
        fresh = self._path.with_suffix(".new")
        try:
            fresh.write_bytes(msgspec.json.encode(state))
            os.replace(fresh, self._path)
        except OSError as error:
            raise RunError(f"{self._path}: could not be written: {error.strerror}") from error
