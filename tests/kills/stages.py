"""Where a session dies: what it says when it is there, and parts that stop it exactly there."""

import signal
from collections.abc import Callable
from enum import StrEnum
from typing import NamedTuple, NoReturn

from kedge.domain.decided import OrderApproved
from kedge.domain.record import Record
from kedge.domain.report import VenueReport
from kedge.ledger.journal.journal import Journal
from kedge.ports.disk import Disk, File
from kedge.risk.approved import Approved
from kedge.venues.ccxt.adapter import CcxtVenue


class Stage(StrEnum):
    """Where it dies."""

    APPENDED = "appended, not synced"
    SYNCED = "synced, not sent"
    SENT = "sent, not acknowledged"
    PARTLY = "partly filled"
    SNAPSHOT = "in a snapshot"
    ANY = "at any moment"
    STARTING = "while it starts"


class Wish(NamedTuple):
    """Where exactly.

    Attributes:
        stage: where.
        skip: how often it comes there before.
        variant: which of the ways to be there.
        after_s: seconds that it has, where nothing else says when.
    """

    stage: Stage
    skip: int
    variant: int
    after_s: float


class There(NamedTuple):
    """What a session says once it is where it dies.

    Attributes:
        order: that is on its way; empty for a snapshot.
        number: record that approved it; of a snapshot, the operation on the disk.
        state: digest of all that it remembers.
    """

    order: str
    number: int
    state: str = ""


class Halt:
    """Says that the session is there, and waits for its end.

    Args:
        wish: where that is.
        say: to whoever kills.

    Attributes:
        armed: whether it may be there already.
        state: gives a digest of all that the session remembers.
    """

    def __init__(self, wish: Wish, say: Callable[[There], None]) -> None:
        self.wish, self._say, self._skip = wish, say, wish.skip
        self.armed = False
        self.state: Callable[[], str] = str

    def at(self, stage: Stage, variant: int, there: There) -> None:
        """Stop here for ever, if this is the place."""
        if not self.armed or (stage, variant) != (self.wish.stage, self.wish.variant):
            return
        self._skip -= 1
        if self._skip < 0:
            self._say(there._replace(state=self.state()))
            _wait()


def _wait() -> NoReturn:
    while True:
        signal.pause()


class HaltingJournal:
    """A journal at which a session dies with an approval appended, or written and not synced."""

    def __init__(self, journal: Journal, halt: Halt) -> None:
        self.inner, self._halt = journal, halt
        self.approved: dict[str, int] = {}

    @property
    def durable(self) -> int:
        return self.inner.durable

    def append(self, payload: bytes) -> int:
        return self.inner.append(payload)

    def seen(self, record: Record) -> None:
        """Told of each record once it is appended."""
        if isinstance(record, OrderApproved):
            self.approved[record.order.id] = self.inner.seq

    def commit(self) -> int:
        fresh = [There(*each) for each in self.approved.items() if each[1] > self.durable]
        if fresh:
            self._halt.at(Stage.APPENDED, 0, fresh[0])
        self.inner.write()
        if fresh:
            self._halt.at(Stage.APPENDED, 1, fresh[0])
        self.inner.sync()
        return self.durable


class HaltingLine:
    """A venue before which a session dies with an order that is durable, or just on its way."""

    def __init__(self, venue: CcxtVenue, journal: HaltingJournal, halt: Halt) -> None:
        self.inner, self._journal, self._halt = venue, journal, halt
        self.able = venue.able

    def submit(self, approved: Approved) -> None:
        there = There(approved.order.id, self._journal.approved[approved.order.id])
        self._halt.at(Stage.SYNCED, 0, there)
        self.inner.submit(approved)
        self._halt.at(Stage.SENT, 1, there)

    def cancel(self, key: int, order: str) -> None:
        self.inner.cancel(key, order)

    def query(self, key: int, order: str) -> None:
        self.inner.query(key, order)

    def open_orders(self) -> None:
        self.inner.open_orders()

    def fills_since(self, cursor: str) -> None:
        self.inner.fills_since(cursor)

    def balances(self) -> None:
        self.inner.balances()

    def reports(self) -> list[VenueReport]:
        return self.inner.reports()


class HaltingDisk:
    """A disk of snapshots on which a session dies before any of its changes."""

    def __init__(self, disk: Disk, halt: Halt) -> None:
        self._disk, self._halt = disk, halt
        self.changes = 0

    def step(self) -> None:
        """A change of the disk comes."""
        self._halt.at(Stage.SNAPSHOT, self.changes, There("", self.changes))
        self.changes += 1

    def list(self) -> list[str]:
        return self._disk.list()

    def open(self, name: str) -> File:
        return self._disk.open(name)

    def create(self, name: str, size: int) -> File:
        self.changes = 0  # of this snapshot
        return _HaltingFile(self._disk.create(name, size), self.step)

    def rename(self, old: str, new: str) -> None:
        self.step()
        self._disk.rename(old, new)

    def remove(self, name: str) -> None:
        self.step()
        self._disk.remove(name)

    def sync_folder(self) -> None:
        self.step()
        self._disk.sync_folder()


class _HaltingFile:
    def __init__(self, file: File, step: Callable[[], None]) -> None:
        self._file, self._step = file, step

    def write(self, offset: int, data: bytes) -> None:
        self._step()
        self._file.write(offset, data)

    def read(self, offset: int, size: int) -> bytes:
        return self._file.read(offset, size)

    def size(self) -> int:
        return self._file.size()

    def sync(self) -> None:
        self._step()
        self._file.sync()

    def close(self) -> None:
        self._file.close()
