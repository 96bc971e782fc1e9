"""Where the time of an order goes, from the row that closes to its booked fill.

Marks are set at what a session says anyway: records as they are appended, the order as it
is sent, the fill as it is booked. Each interval is named by the mark that ends it.
"""

from time import perf_counter_ns
from typing import Final

import numpy as np

from benchmarks.trading.session import ROW_NS, Session
from kedge.domain.record import Record
from kedge.ledger.journal.memory_disk import MemoryDisk
from kedge.testing.simulation.scene import START

WARM_ROWS: Final = 40
PATH: Final = {
    "RowClosed": "book and sampler, the row closed",
    "RowDecided": "features, the step",
    "Intent": "the step's changes folded, the intent planned",
    "OrderApproved": "the intent folded, the child priced, the pre-trade gate",
    "sent": "the approval folded, stops looked at, journal written, order sent",
    "Accepted": "the exchange: checks, matching, account, reports",
    "Filled": "the acceptance folded, what follows from it",
    "booked": "the fill folded and booked",
}
"""Marks in order, and what lies before each."""


def measure(rows: int) -> dict[str, float]:
    """Median microseconds of each stage, of rows whose order was to buy."""
    marks: dict[str, int] = {}

    def seen(record: Record) -> None:
        marks.setdefault(type(record).__name__, perf_counter_ns())

    session = Session(
        MemoryDisk(), sent=lambda: marks.setdefault("sent", perf_counter_ns()), told=seen
    )
    now, times = START, []
    for row in range(rows + WARM_ROWS):
        now += ROW_NS
        session.shell.turn(now - 1, (), session.events(now - 1))
        session.answer(now - 1)
        events = session.events(now)
        session.forget()
        marks.clear()
        began = perf_counter_ns()
        session.shell.turn(now, (), events)
        session.answer(now)
        if row >= WARM_ROWS and session.opening and len(session.book.booked) == 1:
            marks["booked"] = session.book.booked[0]
            times.append([began, *(marks[name] for name in PATH)])
    spans = np.diff(np.array(times, np.int64), axis=1)
    return dict(zip(PATH, (np.median(spans, axis=0) / 1e3).tolist(), strict=True))
