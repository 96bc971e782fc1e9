"""From an intent to its booked fill on the simulated exchange, and a row with one order.

A row's order is to buy; a sale waits for a protective stop to be cancelled first. The row
as a whole ends with the new stop in place: it is two orders and a cancel more.
"""

from time import perf_counter_ns

import numpy as np

from benchmarks.trading.session import ROW_NS, Session
from kedge.ledger.journal.memory_disk import MemoryDisk
from kedge.testing.simulation.scene import START

WARM_ROWS = 40


def measure(rows: int) -> dict[str, object]:
    """Microseconds of rows whose order was filled in one trade: intent to booked fill, and all."""
    session = Session(MemoryDisk())
    now, fills, whole = START, [], []
    for row in range(rows + WARM_ROWS):
        now += ROW_NS
        session.shell.turn(now - 1, (), session.events(now - 1))
        session.answer(now - 1)
        events = session.events(now)
        session.forget()
        began = perf_counter_ns()
        session.shell.turn(now, (), events)
        session.answer(now)
        ended = perf_counter_ns()
        if row >= WARM_ROWS and session.opening and len(session.book.booked) == 1:
            fills.append(session.book.booked[0] - session.opening[0])
            whole.append(ended - began)
    if len(fills) < rows // 4:
        raise ValueError(f"only {len(fills)} orders of one fill in {rows} rows")
    return {"fills": len(fills), "intent_to_fill": _spread(fills), "row": _spread(whole)}


def _spread(ns: list[int]) -> dict[str, float]:
    p50, p99 = np.percentile(ns, (50, 99))
    return {"p50": float(p50) / 1e3, "p99": float(p99) / 1e3, "best": min(ns) / 1e3}
