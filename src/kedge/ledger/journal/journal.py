"""The journal: append-only, numbered, chained, durable before anything is done about it.

`Journal.append` only packs and keeps in memory, `Journal.write` hands all of it to the
system in one call per segment, `Journal.sync` makes it durable and moves the watermark.
Only `Journal.durable` says what may have effects. One thread appends and writes;
another may sync. The first error of the disk ends the journal: a sync that failed once
may "succeed" the second time without having written anything.
"""

from collections.abc import Iterator
from threading import Lock
from typing import Final, Self

from kedge.domain.errors import RunError, disk_is_full
from kedge.domain.record import SCHEMA
from kedge.ledger.journal import layout, watermark
from kedge.ledger.journal.create import create, spare
from kedge.ledger.journal.frame import OVERHEAD, pack
from kedge.ledger.journal.lock import Lease
from kedge.ledger.journal.reader import schema_of
from kedge.ledger.journal.recovery import Recovered, recover
from kedge.ledger.journal.segment import HEADER, SPARE, Segment, header
from kedge.ledger.journal.watermark import Mark
from kedge.ports.disk import Disk, File

SEGMENT: Final = 8 << 20
"""Bytes of a segment by default."""


class _Batch:
    """Frames that go into one segment.

    Attributes:
        segment: that they go into.
        offset: of the first of them, 0 where the segment is begun by them.
        frames: the segment's header before them where they begin it.
    """

    __slots__ = ("frames", "offset", "segment")

    def __init__(self, segment: Segment, offset: int, frames: list[bytes]) -> None:
        self.segment, self.offset, self.frames = segment, offset, frames


class Journal:
    """An open journal, at its end; see `Journal.open`.

    Attributes:
        cut: records that the start found torn beyond the watermark, and dropped.
        durable: the last record that no loss of power can take.
    """

    def __init__(
        self, disk: Disk, found: Recovered, segment_bytes: int, schema: int, lease: Lease | None
    ) -> None:
        self.cut = found.cut
        self.durable = found.mark.seq
        self._disk, self._size, self._schema, self._lease = disk, segment_bytes, schema, lease
        self._dead = ""
        self._lock = Lock()
        last = found.segments[-1]
        self._segments = found.segments
        self._mark = self._written = found.mark
        self._seq, self._chain, self._end = found.mark.seq, found.mark.chain, found.mark.offset
        # Records of another schema begin a segment, since its header says their schema.
        self._limit = last.size if last.schema == schema else 0
        self._batch = _Batch(last, self._end, [])
        self._batches = [self._batch]
        self._file = disk.open(last.name)
        self._marks = disk.open(watermark.NAME)
        self._unsynced: list[File] = []
        self._spare: File | None = None
        self.prepare()

    @classmethod
    def open(
        cls,
        disk: Disk,
        *,
        segment_bytes: int = SEGMENT,
        schema: int = SCHEMA,
        lease: Lease | None = None,
    ) -> Self:
        """Open a journal at its end, recover it, or make it where there is none.

        Args:
            disk: its folder.
            segment_bytes: of segments that are begun from now on.
            schema: of the records that will be appended.
            lease: given back when the journal is closed.

        Raises:
            JournalError: damage below the watermark, or a newer version.
            RunError: the disk is full, read-only or failing.
        """
        try:
            if watermark.NAME not in disk.list():
                create(disk, segment_bytes, schema)
            return cls(disk, recover(disk, schema), segment_bytes, schema, lease)
        except OSError as error:
            raise RunError(f"{disk}: the journal could not be opened: {_why(error)}") from error

    @property
    def seq(self) -> int:
        """The last record that was appended."""
        return self._seq

    @property
    def written(self) -> int:
        """The last record that was handed to the system."""
        return self._written.seq

    @property
    def chain(self) -> bytes:
        """Chain hash at `seq`."""
        return self._chain

    @property
    def reserve(self) -> bool:
        """Whether the next segment is there; without it the disk is full: take no new risk."""
        return self._spare is not None

    def append(self, payload: bytes) -> int:
        """Add a record in memory; nothing is written.

        Args:
            payload: any bytes that fit a segment.

        Returns:
            Its sequence number.

        Raises:
            RunError: the journal has failed, or the payload is larger than a segment.
        """
        if self._dead:
            raise RunError(self._dead)
        seq = self._seq + 1
        frame, chain = pack(seq, self._chain, payload)
        end = self._end + len(frame)
        if end > self._limit:
            self._begin(seq, len(frame))
            end = HEADER + len(frame)
        self._seq, self._chain, self._end = seq, chain, end
        self._batch.frames.append(frame)
        return seq

    def write(self) -> None:
        """Hand everything appended to the system; it may be gone after a loss of power.

        Raises:
            RunError: the disk failed, or is full and no segment is left.
        """
        self._alive()
        batches = self._batches
        self._batch = _Batch(batches[-1].segment, self._end, [])
        self._batches = [self._batch]
        try:
            with self._lock:
                for batch in batches:
                    self._put(batch)
                place = batches[-1].segment.first
                self._written = Mark(0, self._seq, self._chain, place, self._end)
        except OSError as error:
            raise self._fail("written", error) from error

    def sync(self) -> None:
        """Make everything written durable, then move the watermark and make that durable too.

        Raises:
            RunError: the disk failed: nothing will be taken any more.
        """
        self._alive()
        with self._lock:
            target, files, current = self._written, self._unsynced, self._file
            self._unsynced = []
        if target.seq == self.durable:
            return
        mark = Mark(self._mark.number + 1, target.seq, target.chain, target.segment, target.offset)
        try:
            for file in files:
                file.sync()
                if file is not current:
                    file.close()
            self._marks.write(*watermark.slot(mark))
            self._marks.sync()
        except OSError as error:
            raise self._fail("synced", error) from error
        self._mark, self.durable = mark, mark.seq
        if self._spare is None:
            self.prepare()

    def commit(self) -> int:
        """`write` and `sync`; gives `durable`."""
        self.write()
        self.sync()
        return self.durable

    def prepare(self) -> None:
        """See that the next segment is there; a full disk is no error yet, see `reserve`.

        Raises:
            RunError: the disk failed in another way.
        """
        with self._lock:
            if self._spare is not None:
                return
            try:
                self._spare = spare(self._disk, self._size)
            except OSError as error:
                if not disk_is_full(error):
                    raise self._fail("prepared", error) from error

    def read(self, first: int = 1) -> Iterator[tuple[int, bytes]]:
        """Payloads from ``first`` on with their numbers, up to the last one written.

        Raises:
            JournalError: a record is damaged.
        """
        with self._lock:
            segments = tuple(self._segments)
        return layout.read(self._disk, segments, first, self._written.seq)

    def schema_of(self, seq: int) -> int:
        """Schema that a written record is in."""
        return schema_of(tuple(self._segments), seq)

    def chain_at(self, seq: int) -> bytes:
        """Chain hash at a written record."""
        return layout.chain_at(self._disk, self._segments, seq)

    def close(self) -> None:
        """Write and sync what is left, unless the disk has failed; give everything back."""
        try:
            if not self._dead:
                self.commit()
        finally:
            self._dead = self._dead or f"{self._disk}: the journal is closed"
            spares = () if self._spare is None else (self._spare,)
            for file in {self._file, self._marks, *spares, *self._unsynced}:
                file.close()
            if self._lease is not None:
                self._lease.release()

    def _begin(self, seq: int, size: int) -> None:
        """From record ``seq`` on, frames go into the next segment."""
        if HEADER + size > self._size:
            raise RunError(
                f"{self._disk}: a record of {size - OVERHEAD} bytes does not fit "
                f"a segment of {self._size}"
            )
        segment = Segment(seq, self._chain, self._size, self._schema)
        self._batch = _Batch(segment, 0, [header(segment)])
        self._batches.append(self._batch)
        self._limit = self._size

    def _put(self, batch: _Batch) -> None:
        if not batch.frames:
            return
        if batch.offset == 0:
            self._rotate(batch.segment)
        self._file.write(batch.offset, b"".join(batch.frames))
        if self._file not in self._unsynced:
            self._unsynced.append(self._file)

    def _rotate(self, segment: Segment) -> None:
        """The spare becomes the current segment; its name is durable before its content."""
        file = self._spare or spare(self._disk, self._size)
        self._disk.rename(SPARE, segment.name)
        self._disk.sync_folder()
        if self._file not in self._unsynced:
            # A sync that runs meanwhile may hold it: the next one closes it.
            self._unsynced.append(self._file)
        self._file, self._spare = file, None
        self._segments.append(segment)

    def _alive(self) -> None:
        if self._dead:
            raise RunError(self._dead)

    def _fail(self, what: str, error: OSError) -> RunError:
        self._dead = f"{self._disk}: the journal could not be {what}: {_why(error)}"
        return RunError(self._dead)


def _why(error: OSError) -> str:
    if disk_is_full(error):
        return "no space left on the disk (free some and start again)"
    return f"{error.strerror or error}"
