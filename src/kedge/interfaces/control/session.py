"""What a session opens before anything else: its folder, its latch, its socket."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from os import getuid
from pathlib import Path
from typing import NamedTuple

from kedge.domain.control import Asked
from kedge.domain.status import Status
from kedge.engine.latch import KillLatch
from kedge.engine.latch_file import open_latch
from kedge.interfaces.clock import wall_ns
from kedge.interfaces.control.desk import Desk, getting_ready
from kedge.interfaces.control.lock import SessionLock
from kedge.interfaces.control.place import prepare
from kedge.interfaces.control.server import ControlServer
from kedge.interfaces.control.token import write_token


class Control(NamedTuple):
    """How a running session is steered.

    Attributes:
        latch: to look at before every send, and to release once a resumption is journaled.
        held: the requests that keep it closed from before this start, for the session to take
            up as if they came now; empty and yet closed where the file does not say who.
        server: its ``failure`` is the last unexpected one, for the session's log.
    """

    latch: KillLatch
    held: tuple[Asked, ...]
    server: ControlServer


@contextmanager
def controlled(
    folder: Path,
    randomness: bytes,
    hear: Callable[[Asked], None],
    status: Callable[[], Status | None],
    now: Callable[[], int] = wall_ns,
    stage: Callable[[], str] = getting_ready,
) -> Iterator[Control]:
    """Hold a session's folder and listen there while the block runs.

    Args:
        folder: of the session; made when it is missing, closed to others.
        randomness: 32 bytes from the operating system.
        hear: takes what the session must journal and act on, refusals too; called from the
            socket's thread, so a queue's ``put``.
        status: the last published status, None before the first; called from that thread too.
        now: ns UTC.
        stage: of getting ready, in words, until there is a status.

    Raises:
        RunError: a session runs there already, or a file cannot be made.
    """
    prepare(folder)
    with SessionLock(folder):
        latch = open_latch(folder)
        held = latch.asks
        desk = Desk(write_token(folder, randomness), getuid(), latch, hear, status, now, stage)
        with ControlServer(folder, desk) as server:
            yield Control(latch, held, server)
