"""What one market event costs, with book, sampler, gate and journal on.

The events of a simulated exchange are made beforehand; then each is given to a turn of its
own. A turn folds the event into book and sampler, closes rows that are due, decides them,
and writes their records to a journal in memory. In half of the runs the strategy orders
in every row.
"""

from time import process_time

from benchmarks.trading.session import ROW_NS, Session
from kedge.domain.market import MarketEvent
from kedge.ledger.journal.memory_disk import MemoryDisk
from kedge.testing.simulation.scene import START

WARM_ROWS = 40


def per_event(rows: int, trades: bool) -> tuple[int, float]:
    """Events, and processor seconds that their turns took; the exchange's own are left out."""
    session = Session(MemoryDisk(), trades)
    now, spent, count = START, 0.0, 0
    for row in range(rows + WARM_ROWS):
        now += ROW_NS
        events = session.events(now)
        began = process_time()
        _turns(session, events, now)
        if row >= WARM_ROWS:
            spent += process_time() - began
            count += len(events)
        session.answer(now)
        session.forget()
    if trades and session.orders < rows // 2:
        raise ValueError(f"only {session.orders} orders in {rows} rows")
    return count, spent


def _turns(session: Session, events: list[MarketEvent], now: int) -> None:
    turn = session.shell.turn
    for event in events:
        turn(event.available_time, (), (event,))
    turn(now)


def measure(rows: int, runs: int) -> dict[str, object]:
    """Microseconds an event, of every run."""
    found: dict[str, object] = {}
    for name, trades in (("no_order", False), ("order_a_row", True)):
        each = [per_event(rows, trades) for _ in range(runs)]
        found[name] = [1e6 * spent / count for count, spent in each]
        found[f"{name}_events"] = each[0][0]
    return found
