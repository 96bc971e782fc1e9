"""Trades and books to a row's microstructure inputs, at a constant cost an event."""

import numpy as np

from kedge.data.micro_sums import STATE_, begin, book, end, lose, quote, ranked, trade
from kedge.domain.micro import COUNT
from kedge.domain.panel import F64, I64


class MicroSampler:
    """Gathers the inputs of one instrument's row; see `kedge.domain.micro`.

    Events are given in the order in which they became available, with that instant in
    ns; an instant before the last one counts as the last one. What stands in the book at
    the close of a row stands at the opening of the next. Whoever gives best prices last
    is believed: depth comes from books alone, so that it means the same wherever it is.

    Args:
        opened: when the first row opens, ns.
    """

    __slots__ = ("_opened", "_state")

    def __init__(self, opened: int) -> None:
        self._state = np.empty(STATE_)
        self.reset(opened)

    def reset(self, opened: int) -> None:
        """Forget everything, the standing book included; a row opens."""
        self._opened = opened
        begin(self._state)

    def add_trade(self, at: int, ticks: int, lots: int, aggressor: int) -> None:
        """A trade.

        Args:
            at: when it became available.
            ticks: its price, above zero.
            lots: its size, above zero.
            aggressor: 1 the buyer crossed the spread, -1 the seller. 0 is unknown: then a
                price above the mid was paid by a buyer, one below it by a seller (Lee and
                Ready 1991), and at the mid or without a quote the trade has no side.
        """
        trade(self._state, at - self._opened, ticks, lots, aggressor)

    def add_quote(self, at: int, bid: int, bid_lots: int, ask: int, ask_lots: int) -> None:
        """Best bid and ask, ticks and lots; a side that is absent has zeros.

        A crossed quote, or one without a side, is no quote: nothing is known until the next.
        """
        quote(self._state, at - self._opened, bid, bid_lots, ask, ask_lots)

    def add_book(
        self, at: int, bid_ticks: I64, bid_lots: I64, ask_ticks: I64, ask_lots: I64
    ) -> None:
        """A book after a change: (L,) int64 contiguous, best level first.

        Levels beyond `kedge.domain.micro.LEVELS` are not read. Best prices as in `add_quote`.
        """
        book(self._state, at - self._opened, bid_ticks, bid_lots, ask_ticks, ask_lots)

    def add_levels(self, at: int, ranks: I64, lots: I64, counts: I64) -> None:
        """A book after a change, as `kedge.data.books.book.Book.levels` has it; as `add_book`."""
        ranked(self._state, at - self._opened, ranks, lots, counts)

    def lose(self, at: int) -> None:
        """The book is not to be trusted from here on, until the next quote or book."""
        lose(self._state, at - self._opened)

    def close(self, at: int) -> F64:
        """The row's inputs, (K,) float64 with NaN where missing; the next row begins.

        What concerns trades is missing until the first trade, what concerns the book until
        the first book: a row without trades after it has a count of 0.
        """
        row = np.empty(COUNT)
        end(self._state, at - self._opened, row)
        self._opened = at
        return row
