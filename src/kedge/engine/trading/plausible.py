"""Which prices of a row can be true: a print is held against the book, then against recent rows.

A print is implausible where it lies beyond every best price that its row's book has shown by
more than each of

- a share of that price (`session.print_share`),
- `SPREADS` times the spread at the close of the row,
- `DEVIATIONS` standard deviations of the last `ROWS` rows' returns.

So a crash passes, since the book goes with it, there and back; and what is usual for a wide or
a wild market is no reason to doubt it. A print within the share of a plausible one is plausible
as well: a market that goes somewhere leaves prints on its way, where a bad print jumps. Where a
side of the book was empty at any time, no price beyond is doubted. Where the book was empty
altogether, the recent rows' closes stand for it.
"""

from collections import deque
from math import sqrt
from typing import Final

from kedge.data.books.book import Book
from kedge.data.books.levels import NOTHING_ABOVE, NOTHING_BELOW
from kedge.data.samplers.zones import EVERYTHING, Reach

SPREADS: Final = 10
"""A print one spread beyond the quotes is deleted by Barndorff-Nielsen et al. 2009 (rule T4)."""
DEVIATIONS: Final = 10
"""As far as rule Q4 there lets a quote lie from the middle of those around it."""
ROWS: Final = 50
"""As many observations as rule Q4 looks at."""
LEAST: Final = 5
"""Returns of which a deviation can be told; with fewer it counts as zero."""


class Plausible:
    """Judges the prints of one instrument.

    Args:
        book: of its primary key.
        share: of a price, above zero.
    """

    def __init__(self, book: Book, share: float) -> None:
        self._book, self._share = book, share
        self._closes: deque[int] = deque(maxlen=ROWS)
        self._squares: deque[float] = deque(maxlen=ROWS)

    def reach(self) -> Reach:
        """Between which prices a print of the row that closes now may lie, ticks."""
        seen, spread = self._book.reach(), self._spread()
        low, high = seen if seen is not None else self._recent()
        margin = max(self._share, DEVIATIONS * self._deviation())
        return Reach(
            low - max(margin * low, SPREADS * spread) if low > NOTHING_BELOW else EVERYTHING.low,
            high + max(margin * high, SPREADS * spread)
            if high < NOTHING_ABOVE
            else EVERYTHING.high,
            self._share,
        )

    def closed(self, ticks: int) -> None:
        """A row has closed; the next one's book counts from here.

        Args:
            ticks: its close, 0 where it is masked.
        """
        self._book.begin_reach()
        if not ticks:
            return
        if self._closes:
            self._squares.append((ticks / self._closes[-1] - 1.0) ** 2)
        self._closes.append(ticks)

    def _spread(self) -> int:
        bid, _, ask, _ = self._book.best()
        return ask - bid if bid and ask else 0

    def _recent(self) -> tuple[int, int]:
        if not self._closes:
            return NOTHING_BELOW, NOTHING_ABOVE
        return min(self._closes), max(self._closes)

    def _deviation(self) -> float:
        """Root of the mean square of recent rows' returns."""
        squares = self._squares
        return sqrt(sum(squares) / len(squares)) if len(squares) >= LEAST else 0.0
