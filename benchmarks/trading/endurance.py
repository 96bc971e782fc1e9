"""Resident memory over millions of market events, among them many orders.

The session's journal lies in a folder of the operating system's memory where there is one:
what is written there belongs to no process, as on a disk. What the session would hand to
its views is let go of after every row.

``python -m benchmarks.trading.endurance [events]`` prints one JSON object.
"""

import json
import os
import sys
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from benchmarks.peers.measure import memory
from benchmarks.trading.session import ROW_NS, Session
from kedge.ledger.journal.disk import SystemDisk
from kedge.testing.simulation.scene import START

SHARED = Path("/dev/shm")
WARM = 0.1
"""Share of the run after which memory is expected to be flat."""


def measure(events: int, samples: int = 200) -> dict[str, object]:
    """MiB of resident memory over so many events, and how far any sample is from the median."""
    sizes: list[float] = []
    with TemporaryDirectory(dir=SHARED if os.access(SHARED, os.W_OK) else None) as folder:
        session = Session(SystemDisk(Path(folder)))
        now, market = START, session.shell.market
        while market.events < events:
            now += ROW_NS
            for event in session.events(now):
                session.shell.turn(event.available_time, (), (event,))
            session.shell.turn(now)
            session.answer(now)
            session.forget()
            _drop_old(Path(folder))
            if market.events >= (len(sizes) + 1) * events // samples:
                sizes.append(memory()[0] / 2**20)
        session.journal.close()
    flat = sizes[int(WARM * len(sizes)) :]
    middle = median(flat)
    return {
        "events": market.events,
        "orders": session.orders,
        "rows": session.desk.rows,
        "records": session.journal.seq,
        "mib": [round(size, 1) for size in sizes[:: max(1, len(sizes) // 20)]],
        "median_mib": middle,
        "furthest": max(abs(size / middle - 1.0) for size in flat),
    }


def _drop_old(folder: Path) -> None:
    """Keep the last two segments: the run is about the process, not about the disk."""
    for path in sorted(folder.glob("*.segment"))[:-2]:
        path.unlink()


if __name__ == "__main__":
    print(json.dumps(measure(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000_000)))
