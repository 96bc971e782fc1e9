"""Bugs in cash: what fills cost and bring."""

from typing import Any

from kedge.domain.report import Filled
from kedge.engine.trading import fold_orders
from kedge.engine.trading.book import Book
from simulation.planting import Planter, bug


@bug(0, "^cash")
def fees_not_booked(p: Planter) -> None:
    """A fill costs its price and nothing else."""

    def fill(real: Any) -> Any:
        def wrong(
            self: Book, n: int, lots: int, ticks: int, base: int, fee: int, *rest: int
        ) -> None:
            real(self, n, lots, ticks, base, 0, *rest)

        return wrong

    p.swap(Book, "fill", fill)


@bug(0, "^cash")
def fees_rounded_to_cents(p: Planter) -> None:
    """A fee is booked to two digits, the venue keeps eight."""

    def fill(real: Any) -> Any:
        def wrong(
            self: Book, n: int, lots: int, ticks: int, base: int, fee: int, *rest: int
        ) -> None:
            real(self, n, lots, ticks, base, round(fee / 10**6) * 10**6, *rest)

        return wrong

    p.swap(Book, "fill", fill)


@bug(25, "^cash")
def adopted_fill_costs_nothing(p: Planter) -> None:
    """What an adopted order brings is counted, and not paid."""

    def transfer(real: Any) -> Any:
        def wrong(desk: Any, fill: Filled, n: int) -> None:
            desk.book.move_lots(n, fill.side * fill.lots)

        return wrong

    p.swap(fold_orders, "_transfer", transfer)
