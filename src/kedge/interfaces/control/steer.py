"""Kill, flatten and resume from outside, and what to do when the session does not answer."""

import os
from collections.abc import Callable
from pathlib import Path
from time import monotonic, sleep
from typing import Final, NamedTuple

from kedge.domain.control import Asked, Verb
from kedge.domain.errors import RunError
from kedge.domain.status import Status
from kedge.engine.latch_file import FILE as LATCH
from kedge.engine.latch_file import open_latch
from kedge.interfaces.clock import wall_ns
from kedge.interfaces.control.client import NoSessionError, ask

CONFIRM_S: Final = 1.5
"""How long a command waits to see the session act."""
POLL_S: Final = 0.05


class Steered(NamedTuple):
    """What came of a request.

    Attributes:
        said: one line.
        by: ``socket``, or ``file`` where the session did not answer.
        held: the requests that keep the latch closed.
        status: the session's afterwards, None where it published none.
    """

    said: str
    by: str
    held: tuple[Asked, ...]
    status: Status | None


def shut(folder: Path, verb: Verb) -> Steered:
    """Kill or flatten: by the socket, else straight in the latch's file.

    Args:
        folder: of the session.
        verb: KILL or FLATTEN.

    Raises:
        RunError: the latch could not be closed for good.
    """
    try:
        answer = ask(folder, verb)
    except RunError as error:
        return _by_file(folder, verb, error)
    if not answer.ok:
        return _by_file(folder, verb, RunError(f"{folder}: {answer.said}"))
    status = _until(folder, lambda each: each.mode != "ACTIVE")
    return Steered(answer.said, "socket", answer.held, status)


def resume(folder: Path) -> Steered:
    """Ask a session to trade again.

    Args:
        folder: of the session.

    Raises:
        RunError: none runs there, or it refused.
    """
    answer = ask(folder, Verb.RESUME)
    if not answer.ok:
        raise RunError(f"{folder}: {answer.said}")
    status = _until(folder, lambda each: each.mode == "ACTIVE")
    return Steered(answer.said, "socket", answer.held, status)


def _by_file(folder: Path, verb: Verb, error: RunError) -> Steered:
    if not (folder / LATCH).is_file():
        raise error
    latch = open_latch(folder)
    who = f"uid {os.getuid()} pid {os.getpid()} by file"
    try:
        held = latch.close(Asked(wall_ns(), verb, who))
    except OSError as failure:
        raise RunError(f"{folder / LATCH}: could not be synced: {failure.strerror}") from failure
    if isinstance(error, NoSessionError):
        said = "no session runs here: its latch is closed, so the next start sends no new risk"
    else:
        said = f"{error}; its latch is closed in the file, which it reads before every send"
    return Steered(said, "file", held, None)


def _until(folder: Path, holds: Callable[[Status], bool]) -> Status | None:
    """The status once something holds of it, or the last one after a while."""
    end = monotonic() + CONFIRM_S
    status = None
    while True:
        try:
            status = ask(folder, Verb.STATUS).status
        except RunError:
            return status
        if status is None or holds(status) or monotonic() >= end:
            return status
        sleep(POLL_S)
