"""The end of a journal as it grows: each durable record once, from where the last look ended."""

from collections.abc import Iterator

from kedge.domain.record import SCHEMA
from kedge.ledger.journal.damage import Damage, damaged
from kedge.ledger.journal.frame import fault, walk
from kedge.ledger.journal.layout import head_of, mark_of, vouched
from kedge.ledger.journal.reader import refuse_newer
from kedge.ledger.journal.segment import HEADER, Segment
from kedge.ledger.journal.watermark import Mark
from kedge.ports.disk import Disk


class Tail:
    """Follows a journal that somebody else writes.

    Args:
        disk: the journal's folder; it may be read-only.
        first: record to begin with.

    Attributes:
        seq: the last record that was given, or the one before ``first``.
        chain: chain hash there.

    Raises:
        JournalError: no journal, damage, or a newer version.
    """

    def __init__(self, disk: Disk, first: int = 1) -> None:
        self._disk = disk
        segments = vouched(disk, mark_of(disk))
        refuse_newer(disk, tuple(segments), SCHEMA)
        self._enter(max((s for s in segments if s.first <= first), key=lambda s: s.first))
        for _ in self._frames(first - 1):
            pass
        if self.seq != first - 1:
            raise damaged(disk, self._fault())

    @property
    def schema(self) -> int:
        """Schema of the record that was given last."""
        return self._segment.schema

    def read(self) -> Iterator[tuple[int, bytes]]:
        """Payloads that have become durable since, with their numbers.

        Whoever stops in between goes on there with the next call.

        Raises:
            JournalError: one is damaged, or of a newer version.
        """
        last = mark_of(self._disk).seq
        while self.seq < last:
            yield from self._frames(last)
            if self.seq < last:
                self._next()

    def _enter(self, segment: Segment) -> None:
        self._segment, self._offset = segment, HEADER
        self.seq, self.chain = segment.first - 1, segment.chain

    def _next(self) -> None:
        """The segment that follows; what ends before the watermark without one is damaged."""
        mark = mark_of(self._disk)
        if mark.segment <= self._segment.first or self.seq < self._segment.first:
            raise damaged(self._disk, self._fault())
        found = head_of(self._disk, self.seq + 1)
        refuse_newer(self._disk, (found,), SCHEMA)
        self._enter(found)

    def _frames(self, last: int) -> Iterator[tuple[int, bytes]]:
        """Records of this segment up to ``last``."""
        start = self._offset
        for frame in walk(self._rest(), 0, self.seq, self.chain):
            if frame.seq > last:
                return
            self.seq, self.chain, self._offset = frame.seq, frame.chain, start + frame.end
            yield frame.seq, frame.payload

    def _rest(self) -> bytes:
        file = self._disk.open(self._segment.name)
        try:
            return file.read(self._offset, self._end(mark_of(self._disk)) - self._offset)
        finally:
            file.close()

    def _end(self, mark: Mark) -> int:
        """Offset up to which the segment is durable."""
        return mark.offset if mark.segment == self._segment.first else self._segment.size

    def _fault(self) -> Damage:
        what = fault(self._rest(), 0, self.seq)
        return Damage(self._segment.name, self._offset, self.seq + 1, what)
