"""A journal as others read it, while a session writes it or after: up to the watermark."""

from collections.abc import Iterator

from kedge.domain.record import SCHEMA
from kedge.ledger.journal import layout
from kedge.ledger.journal.damage import newer
from kedge.ledger.journal.segment import Segment
from kedge.ports.disk import Disk


class JournalReader:
    """The durable records of a journal at one moment; it changes nothing and needs no lease.

    Args:
        disk: the journal's folder; it may be read-only.
        schema: newest schema of records that the caller understands.

    Raises:
        JournalError: no journal, damage, or a newer version.
    """

    def __init__(self, disk: Disk, schema: int = SCHEMA) -> None:
        self._disk = disk
        self._mark = layout.mark_of(disk)
        self.segments: tuple[Segment, ...] = tuple(layout.vouched(disk, self._mark))
        refuse_newer(disk, self.segments, schema)

    @property
    def durable(self) -> int:
        """The last durable record, 0 for none."""
        return self._mark.seq

    @property
    def chain(self) -> bytes:
        """Chain hash at `durable`: a name for all that was recorded up to there."""
        return self._mark.chain

    def read(self, first: int = 1) -> Iterator[tuple[int, bytes]]:
        """Payloads of the durable records from ``first`` on.

        Raises:
            JournalError: one is damaged.
        """
        return layout.read(self._disk, self.segments, first, self._mark.seq)

    def schema_of(self, seq: int) -> int:
        """Schema that a record was written in."""
        return schema_of(self.segments, seq)

    def chain_at(self, seq: int) -> bytes:
        """Chain hash at a durable record."""
        return layout.chain_at(self._disk, self.segments, seq)


def schema_of(segments: tuple[Segment, ...], seq: int) -> int:
    """Schema of the segment that holds a record."""
    return max((each for each in segments if each.first <= seq), key=lambda s: s.first).schema


def refuse_newer(disk: Disk, segments: tuple[Segment, ...], schema: int) -> None:
    """Refuse segments of a schema later than ``schema``.

    Raises:
        JournalError: there is one.
    """
    for segment in segments:
        if segment.schema > schema:
            raise newer(disk, segment.name, segment.schema, schema, "schema")
