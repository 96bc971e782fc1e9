"""From the event that closes a row to the order durable and sent, on a real disk.

Before every measured row the disk alone is measured: one write of a page and its
`fdatasync`, in a file beside the journal. An order needs two of them, one after the other:
its records, and the watermark that says that they are there.
"""

import os
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter_ns

import numpy as np

from benchmarks.trading.session import ROW_NS, Session
from kedge.ledger.journal.disk import SystemDisk
from kedge.testing.simulation.scene import START

WARM_ROWS = 40
PAGE = bytes(4096)


class Raw:
    """A file of one page, written and synced again and again."""

    def __init__(self, path: Path) -> None:
        self._handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        os.pwrite(self._handle, PAGE, 0)
        os.fsync(self._handle)

    def once(self) -> int:
        """Nanoseconds of a write and an `fdatasync`."""
        began = perf_counter_ns()
        os.pwrite(self._handle, PAGE, 0)
        os.fdatasync(self._handle)
        return perf_counter_ns() - began

    def close(self) -> None:
        """Give the file back."""
        os.close(self._handle)


def measure(rows: int, folder: Path | None = None) -> dict[str, object]:
    """Microseconds from the event to the last order sent, and of the raw sync.

    Args:
        rows: to measure.
        folder: on the disk in question, None for the system's temporary one.
    """
    with TemporaryDirectory(dir=folder) as made:
        raw = Raw(Path(made) / "raw")
        (Path(made) / "journal").mkdir()
        sent, synced = _rows(rows, SystemDisk(Path(made) / "journal"), raw)
        raw.close()
    if len(sent) < rows // 2:
        raise ValueError(f"only {len(sent)} orders in {rows} rows")
    return {"orders": len(sent), "sent": _spread(sent), "fdatasync": _spread(synced)}


def _rows(rows: int, disk: SystemDisk, raw: Raw) -> tuple[list[int], list[int]]:
    times: list[int] = []
    session = Session(disk, sent=lambda: times.append(perf_counter_ns()))
    now, sent, synced = START, [], []
    for row in range(rows + WARM_ROWS):
        now += ROW_NS
        session.shell.turn(now - 1, (), session.events(now - 1))
        session.answer(now - 1)
        times.clear()
        events = session.events(now)
        alone = raw.once()
        began = perf_counter_ns()
        session.shell.turn(now, (), events)
        if times and row >= WARM_ROWS:
            sent.append(times[0] - began)
            synced.append(alone)
        session.answer(now)
        session.forget()
    session.journal.close()
    return sent, synced


def _spread(ns: list[int]) -> dict[str, float]:
    p50, p99 = np.percentile(ns, (50, 99))
    return {"p50": float(p50) / 1e3, "p99": float(p99) / 1e3}
