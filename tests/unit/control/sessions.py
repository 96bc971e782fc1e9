"""A session at a control socket: real folder, real latch, real socket; the rest is a list."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from kedge.domain.control import Asked
from kedge.domain.status import Status
from kedge.engine.latch import KillLatch
from kedge.engine.latch_file import open_latch
from kedge.interfaces.clock import wall_ns
from kedge.interfaces.control.desk import Desk
from kedge.interfaces.control.lock import SessionLock
from kedge.interfaces.control.peer import Peer, peer_of
from kedge.interfaces.control.place import prepare
from kedge.interfaces.control.server import ControlServer
from kedge.interfaces.control.token import write_token

STATUS = Status(
    session="test",
    version="0",
    venue="simulated",
    at=1_700_000_000_000_000_000,
    mode="ACTIVE",
    equity=100_000.0,
    cash=60_000.0,
    gross=40_000.0,
    currency="USD",
)


class Session:
    """What a test sees of a session that listens.

    Attributes:
        folder: where it listens.
        latch: its latch.
        token: that opens it.
        heard: what was handed to it, in order.
        status: what it publishes.
        stage: of its start.
    """

    def __init__(self, folder: Path) -> None:
        prepare(folder)
        self.folder = folder
        self.latch: KillLatch = open_latch(folder)
        self.token = write_token(folder, os.urandom(32))
        self.heard: list[Asked] = []
        self.status: Status | None = STATUS
        self.stage = "getting ready"
        self.desk = Desk(
            self.token, os.getuid(), self.latch, self.heard.append, lambda: self.status, wall_ns,
            lambda: self.stage,
        )  # fmt: skip


@contextmanager
def running(folder: Path, peer: Callable[..., Peer] = peer_of) -> Iterator[Session]:
    prepare(folder)
    with SessionLock(folder):
        session = Session(folder)
        with ControlServer(folder, session.desk, peer):
            yield session
