"""The journal on a disk that loses, tears and reorders what was not synced."""

import os
from contextlib import suppress
from random import Random

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from journals import SMALL, faulty, filled
from kedge.domain.errors import RunError
from kedge.ledger.journal.journal import Journal
from kedge.ledger.journal.layout import mark_of
from kedge.ledger.journal.verify import verify
from kedge.testing.faulty_disk import FaultyDisk, PowerLostError

PAYLOADS = st.lists(
    st.tuples(st.integers(0, 255), st.integers(0, 400)).map(
        lambda drawn: bytes([drawn[0]]) * drawn[1]
    ),
    min_size=1,
    max_size=12,
)
FLIPS = int(os.environ.get("KEDGE_FLIPS", "200"))
"""Bytes to change, one at a time; 1000 in the full form."""


class JournalOnAFaultyDisk(RuleBasedStateMachine):
    """What was appended, in order, against what the journal says after anything at all."""

    def __init__(self) -> None:
        super().__init__()
        self.disk = FaultyDisk(Random(0))
        self.appended: list[bytes] = []
        self.synced = 0
        self.journal: Journal | None = None

    @precondition(lambda self: self.journal is None)
    @rule()
    def start(self) -> None:
        """However the last life ended: what was durable is there, and nothing out of order."""
        if self.synced:
            assert mark_of(self.disk).seq >= self.synced
        try:
            journal = Journal.open(self.disk, segment_bytes=SMALL)
        except RunError:
            assert self.disk.full
            return
        found = list(journal.read())
        assert [seq for seq, _ in found] == list(range(1, len(found) + 1))
        assert [data for _, data in found] == self.appended[: len(found)]
        assert len(found) >= self.synced
        assert journal.durable == journal.seq == len(found)
        assert verify(self.disk).whole
        self.journal, self.appended = journal, self.appended[: len(found)]
        self.synced = journal.durable

    @precondition(lambda self: self.journal is None)
    @rule(fuse=st.integers(0, 25))
    def start_and_lose_power(self, fuse: int) -> None:
        self.disk.fuse = fuse
        with suppress(PowerLostError, RunError):
            Journal.open(self.disk, segment_bytes=SMALL)
        self.disk.fuse = -1

    @precondition(lambda self: self.journal is not None)
    @rule(payloads=PAYLOADS)
    def append(self, payloads: list[bytes]) -> None:
        for each in payloads:
            self._append(each)

    @precondition(lambda self: self.journal is not None)
    @rule(payloads=PAYLOADS)
    def append_and_write(self, payloads: list[bytes]) -> None:
        """Record by record, so that a sector has several states since the last sync."""
        for each in payloads:
            self._append(each)
            self._do("write")

    @precondition(lambda self: self.journal is not None)
    @rule(payloads=PAYLOADS)
    def commit(self, payloads: list[bytes]) -> None:
        for each in payloads:
            self._append(each)
        self._do("commit")

    @precondition(lambda self: self.journal is not None)
    @rule()
    def sync(self) -> None:
        self._do("sync")

    @precondition(lambda self: self.journal is not None)
    @rule(payloads=PAYLOADS, fuse=st.integers(0, 12))
    def commit_and_lose_power(self, payloads: list[bytes], fuse: int) -> None:
        for each in payloads:
            self._append(each)
        self.disk.fuse = fuse
        self._do("commit")
        self.disk.fuse = -1

    @precondition(lambda self: self.journal is not None)
    @rule(payloads=PAYLOADS)
    def commit_while_the_sync_fails(self, payloads: list[bytes]) -> None:
        for each in payloads:
            self._append(each)
        self.disk.fail_syncs = 1
        self._do("commit")

    @precondition(lambda self: self.journal is not None)
    @rule(full=st.booleans())
    def fill_or_free_the_disk(self, full: bool) -> None:
        self.disk.full = full

    @precondition(lambda self: self.disk.full)
    @rule()
    def free_the_disk(self) -> None:
        self.disk.full = False

    @rule(seed=st.integers(0, 2**32))
    def power_fails(self, seed: int) -> None:
        self.disk.seed(seed)
        self.disk.crash()
        self.journal = None

    @precondition(lambda self: self.journal is not None)
    @rule()
    def process_dies(self) -> None:
        """The system keeps what it was given."""
        self.disk.life += 1
        self.disk.fail_syncs = 0
        self.journal = None

    @invariant()
    def durable_never_runs_ahead_or_back(self) -> None:
        if self.journal is not None:
            assert self.synced <= self.journal.durable <= self.journal.written
            self.synced = self.journal.durable

    @invariant()
    def what_is_read_is_a_prefix(self) -> None:
        if self.journal is not None:
            found = list(self.journal.read())
            assert [data for _, data in found] == self.appended[: len(found)]

    def _append(self, payload: bytes) -> None:
        if self.journal is not None:
            self.appended.append(payload)
            assert self.journal.append(payload) == len(self.appended)

    def _do(self, what: str) -> None:
        if self.journal is None:
            return
        journal = self.journal
        try:
            getattr(journal, what)()
        except PowerLostError:
            self.journal = None
        except RunError:
            with pytest.raises(RunError):
                journal.commit()  # whatever it was, it ends the journal
            self.process_dies()
        self.synced = max(self.synced, journal.durable)


TestJournalOnAFaultyDisk = JournalOnAFaultyDisk.TestCase
TestJournalOnAFaultyDisk.settings = settings(
    max_examples=200, stateful_step_count=40, deadline=None
)


def test_any_one_changed_byte_is_found() -> None:
    """Frame headers, chains, payloads, padding, unused room, spare, both slots of the watermark."""
    disk, random = faulty(), Random(20)
    filled(disk, 60).close()
    assert verify(disk).whole
    places = [(name, at) for name in disk.list() for at in range(len(disk.content(name)))]
    missed = []
    for name, at in random.sample(places, min(FLIPS, len(places))):
        mask = random.randrange(1, 256)
        disk.flip(name, at, mask)
        if verify(disk).whole:
            missed.append((name, at, mask))
        disk.flip(name, at, mask)
    assert missed == []
    assert verify(disk).whole
