"""What tests of the journal share: small journals, on disks that fail on request."""

from random import Random

from kedge.ledger.journal.journal import Journal
from kedge.testing.faulty_disk import FaultyDisk

SMALL = 2048
"""Bytes of a segment: a few dozen records fill several."""


def faulty(seed: int = 0, capacity: int = 1 << 40) -> FaultyDisk:
    return FaultyDisk(Random(seed), capacity)


def opened(disk: FaultyDisk, segment_bytes: int = SMALL) -> Journal:
    return Journal.open(disk, segment_bytes=segment_bytes)


def payload(seq: int) -> bytes:
    """What record ``seq`` of a test's journal holds; lengths vary."""
    return f"record {seq} ".encode() * (1 + seq % 7)


def filled(disk: FaultyDisk, count: int, segment_bytes: int = SMALL) -> Journal:
    """A journal of ``count`` durable records."""
    journal = opened(disk, segment_bytes)
    for seq in range(journal.seq + 1, count + 1):
        journal.append(payload(seq))
    journal.commit()
    return journal


def expected(count: int, first: int = 1) -> list[tuple[int, bytes]]:
    return [(seq, payload(seq)) for seq in range(first, count + 1)]
