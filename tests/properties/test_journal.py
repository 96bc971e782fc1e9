"""The journal on a disk that loses, tears and reorders what was not synced."""

import os
from random import Random

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from journals import SMALL, faulty, filled
from kedge.domain.errors import RunError
from kedge.ledger.journal.journal import Journal
from kedge.ledger.journal.verify import verify
from kedge.testing.faulty_disk import FaultyDisk, PowerLostError

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

    @rule(seed=st.integers(0, 2**32))
    def luck(self, seed: int) -> None:
        """What will survive is drawn anew, so that shrinking can choose it."""
        self.disk._random.seed(seed)

    @precondition(lambda self: self.journal is None)
    @rule(fuse=st.one_of(st.just(-1), st.integers(0, 25)))
    def start(self, fuse: int) -> None:
        self.disk.fuse = fuse
        try:
            journal = Journal.open(self.disk, segment_bytes=SMALL)
        except (PowerLostError, RunError):
            return
        finally:
            self.disk.fuse = -1
        found = list(journal.read())
        assert [seq for seq, _ in found] == list(range(1, len(found) + 1))
        assert [data for _, data in found] == self.appended[: len(found)]
        assert len(found) >= self.synced
        assert journal.durable == journal.seq == len(found)
        assert verify(self.disk).whole
        self.journal, self.appended = journal, self.appended[: len(found)]
        self.synced = journal.durable

    @precondition(lambda self: self.journal is not None)
    @rule(payloads=st.lists(st.binary(max_size=400), max_size=8))
    def append(self, payloads: list[bytes]) -> None:
        assert self.journal is not None
        for each in payloads:
            self.appended.append(each)
            assert self.journal.append(each) == len(self.appended)

    @precondition(lambda self: self.journal is not None)
    @rule(fuse=st.one_of(st.just(-1), st.integers(0, 8)))
    def write(self, fuse: int) -> None:
        self._do(fuse, "write")

    @precondition(lambda self: self.journal is not None)
    @rule(fuse=st.one_of(st.just(-1), st.integers(0, 8)), fails=st.booleans())
    def sync(self, fuse: int, fails: bool) -> None:
        self.disk.fail_syncs = int(fails and fuse < 0)
        self._do(fuse, "sync")

    @rule(full=st.booleans())
    def fill_or_free_the_disk(self, full: bool) -> None:
        self.disk.full = full

    @rule()
    def power_fails(self) -> None:
        self.disk.crash()
        self.journal = None

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

    def _do(self, fuse: int, what: str) -> None:
        assert self.journal is not None
        journal, self.disk.fuse = self.journal, fuse
        try:
            getattr(journal, what)()
        except PowerLostError:
            self.journal = None
        except RunError:
            self.synced = journal.durable
            self.process_dies()
        finally:
            self.disk.fuse = -1
            self.synced = max(self.synced, journal.durable)


TestJournalOnAFaultyDisk = JournalOnAFaultyDisk.TestCase
TestJournalOnAFaultyDisk.settings = settings(
    max_examples=120, stateful_step_count=40, deadline=None
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
