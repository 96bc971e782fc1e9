"""The market side of a session: its books and rows, with trades and books where features ask."""

from collections.abc import Callable, Sequence

from kedge.bootstrap.gate import nanoseconds
from kedge.data.books.book import Book
from kedge.data.hours import Hours
from kedge.engine.pipeline import Decision
from kedge.engine.trading.desk import Desk
from kedge.engine.trading.market import MarketSide, Watch, in_step
from kedge.engine.trading.micro_rows import MicroRows
from kedge.features.plan import FeaturePlan
from kedge.settings import Settings


def watch_of(settings: Settings, hours: Hours) -> Watch:
    """How rows are closed, and books and prints are doubted."""
    grace, silence = settings.session.grace_s, settings.session.silence_s
    return Watch(
        nanoseconds(grace), nanoseconds(silence), hours.session, hours.decides,
        settings.session.print_share,
    )  # fmt: skip


def market_of(
    desk: Desk, decision: Decision, watch: Watch, at: int, books: Sequence[Book] | None = None,
    skew: Callable[[], int] = in_step,
) -> MarketSide:  # fmt: skip
    """Books and rows from an instant on.

    Args:
        desk: as recovered; its rows go on.
        decision: that the session trades by from here.
        watch: how.
        at: ns UTC.
        books: (key,) empty, by the venue's numbering; None where updates have no numbers.
        skew: the venue's clock minus ours, as measured; ns.
    """
    universe, micro = desk.universe, None
    if decision.plan.needs_book:
        micro = MicroRows(universe.primary, universe.interval_ns, watch.silence_ns, at, skew)
    return MarketSide(universe, watch, at, desk.rows, books, skew, micro)


def waits_for_books(desk: Desk, decision: Decision) -> str:
    """A line of the log on strategies that history cannot warm up; empty without any.

    Args:
        desk: as recovered.
        decision: that the session trades by from here.
    """
    waits = {s.name: _rows(s.expressions, decision.plan) for s in decision.strategies}
    names = [name for name, rows in waits.items() if rows]
    if not names:
        return ""
    rows = max(waits.values())
    one = len(names) == 1
    verbs = ("reads", "is") if one else ("read", "are")
    until = "1 row has" if rows == 1 else f"{rows} rows have"
    again = desk.book.decision.plan.names == decision.plan.names and desk.restarts
    before = "; those before this start count" if again else ""
    return (
        f"{', '.join(names)} {verbs[0]} trades and order books, of which history holds nothing: "
        f"{'it ' if one else 'they '}{verbs[1]} silent until {until} been watched{before}"
    )


def _rows(expressions: Sequence[str], plan: FeaturePlan) -> int:
    """Rows with books that the slowest of some features needs; 0 where none reads them."""
    plans = (
        FeaturePlan.build((text,), plan.instruments, plan.interval_ns, plan.symbols)
        for text in expressions
    )
    return max((each.warmup + 1 for each in plans if each.needs_book), default=0)
