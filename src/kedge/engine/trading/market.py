"""Books, samplers and quotes: what market events are folded into between two rows.

None of it is journaled: a closed row and every deadline carry the quotes that decisions
use, and recorder segments hold the events themselves.
"""

from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

import msgspec
import numpy as np

from kedge.data.books.book import Book, BookState
from kedge.data.samplers.row import LeftOut, SampledRow
from kedge.data.samplers.time import TimeSampler
from kedge.domain.control import Quoted
from kedge.domain.market import BookDelta, MarketEvent, Trade
from kedge.domain.panel import F64
from kedge.domain.row import RowClosed
from kedge.engine.trading.desk import Universe
from kedge.engine.trading.micro_rows import MicroRows
from kedge.engine.trading.plausible import Plausible
from kedge.engine.trading.rows import closed_row

DAY_NS: Final = 86_400_000_000_000
_SYNCED: Final = BookState.SYNCED


def always(at: int) -> bool:
    """A market that never closes."""
    return True


class Watch(NamedTuple):
    """How the market is watched.

    Attributes:
        grace_ns: how long after its end a row waits for what is under way.
        silence_ns: a book that says nothing for so long is not trusted.
        session: number of the session that an instant belongs to.
        open: whether a row that ends at an instant is decided; the others are dropped.
        print_share: a print farther beyond the book than this share may be implausible, see
            `kedge.engine.trading.plausible`.
    """

    grace_ns: int
    silence_ns: int
    session: Callable[[int], int]
    open: Callable[[int], bool] = always
    print_share: float = 0.05


def utc_days(at: int) -> int:
    """Sessions of a market that never closes: days of UTC; a row's end belongs to its day."""
    return (at - 1) // DAY_NS


def in_step() -> int:
    """The skew of a market that has our clock."""
    return 0


class MarketSide:
    """Everything known of the market.

    Rows end by the venue's clock, but never before ours is there: no record is of a time that
    has not come. Where ours is ahead a row closes by so much later, so that its last trades,
    which bear the venue's time, are in it.

    Args:
        universe: what is watched; books are by key, rows by the primary key's trades.
        watch: how.
        start: ns UTC; the first row is the first whole one after it.
        rows: number of the next row.
        books: (key,) empty, by each venue's numbering; None where updates have no numbers.
        skew: the venue's clock minus ours, as measured; ns.
        micro: inputs of trades and books, where features read them.

    Attributes:
        events: market events so far.
        left_out: of the rows that have closed since somebody last emptied it.
    """

    def __init__(
        self, universe: Universe, watch: Watch, start: int, rows: int,
        books: Sequence[Book] | None = None, skew: Callable[[], int] = in_step,
        micro: MicroRows | None = None,
    ) -> None:  # fmt: skip
        start += max(0, skew())  # what happened there before was not watched
        self._skew = skew
        self._universe, self._watch = universe, watch
        self.books = list(books or map(Book, range(len(universe.keys))))
        n = len(universe.instruments)
        self._sampler = TimeSampler(n, universe.interval_ns, watch.grace_ns, start)
        self._whole = self._sampler.start >= start
        self._row = rows
        self._micro = micro
        self._judges = [Plausible(self.books[k], watch.print_share) for k in universe.primary]
        self.left_out: list[tuple[int, LeftOut]] = []
        self._place = {key: n for n, key in enumerate(universe.primary)}
        sizes = [float(i.lot) * i.multiplier for i in universe.instruments]
        self._size = np.array(sizes)
        self._ones = np.ones(n)
        self._traded = [0] * len(universe.keys)
        self.events = 0

    @property
    def due(self) -> int:
        """When the open row closes, ns UTC."""
        return self._sampler.due - min(0, self._skew())

    def take(self, event: MarketEvent) -> None:
        """Fold one market event."""
        self.events += 1
        kind = type(event)
        if kind is BookDelta:
            book = self.books[event.key]
            changed = book.apply(event)  # type: ignore[arg-type]
            if self._micro is not None:
                self._micro.book(book, event.available_time, changed)
        elif kind is Trade:
            self._traded[event.key] += event.lots  # type: ignore[union-attr]
            if event.key in self._place:
                self._sampler.add(event)
                if self._micro is not None:
                    self._micro.trade(event)  # type: ignore[arg-type]

    def quotes(self, now: int) -> tuple[Quoted, ...]:
        """Best prices of every key; of a book that is not trusted, none."""
        return tuple(self._quote(book, now) for book in self.books)

    def _quote(self, book: Book, now: int) -> Quoted:
        if book.expire(now, self._watch.silence_ns) or not book.trusted:
            return Quoted(0, 0, -1, traded=self._traded[book.key])
        return book.quote(now, self._traded[book.key])

    def wanting(self) -> list[int]:
        """Keys whose book needs a snapshot."""
        return [book.key for book in self.books if book.state is not _SYNCED]

    def lose(self) -> None:
        """The stream broke: every book lost something."""
        for book in self.books:
            book.lose()
        if self._micro is not None:
            self._micro.lose()

    def rows(self, now: int) -> list[RowClosed]:
        """Rows that have closed by ``now``; a row that began before we watched is dropped."""
        due = self._sampler.due
        if now < due:
            return []  # wherever the venue's clock stands: rows never close before ours is there
        there = now + min(0, self._skew())
        if there < due:
            return []
        quotes = self.quotes(now)
        trusted = [quotes[key].age >= 0 for key in self._universe.primary]
        closed = []
        reaches = [judge.reach() for judge in self._judges]
        for sampled in self._sampler.advance(there, trusted, reaches):
            micro = self._inputs(sampled, trusted)
            if self._whole and self._watch.open(sampled.at):
                closed.append(self._closed(sampled, quotes, micro))
                self.left_out += [(sampled.at, each) for each in sampled.left_out]
                self._row += 1
            self._whole = True
            for judge, close in zip(self._judges, sampled.bars[:, 3].tolist(), strict=True):
                judge.closed(close)
        return closed

    def _inputs(self, row: SampledRow, trusted: Sequence[bool]) -> F64 | None:
        """What the row knows of trades and books, where features read it."""
        if self._micro is None:
            return None
        return self._micro.close(row.at, trusted, [each.instrument for each in row.left_out])

    def _closed(self, row: SampledRow, quotes: Sequence[Quoted], micro: F64 | None) -> RowClosed:
        table = [msgspec.structs.astuple(quote) for quote in quotes]
        return closed_row(
            self._row,
            row.at,
            self._watch.session(row.at),
            row.bars,
            row.lots * self._size,
            row.flags,
            row.age,
            self._ones,
            np.array(table, np.int64),
            micro,
            row.late,
        )
