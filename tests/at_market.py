"""The market side of a session, told of books and trades by the test."""

from typing import Final

import numpy as np

from kedge.domain import micro as m
from kedge.domain.market import BookDelta, Trade
from kedge.domain.panel import F64, I64
from kedge.domain.row import RowClosed
from kedge.engine.trading.market import MarketSide, Watch
from kedge.engine.trading.micro_rows import MicroRows
from kedge.testing.simulation.scene import SECOND, START, Scene, universe_of

SCENE: Final = Scene(
    seed=7, instruments=2, row_ns=10 * SECOND, rows=0, session_rows=8, style="whole",
    turn_ns=SECOND, crashes=0, commands=False,
)  # fmt: skip
GRACE: Final = SECOND // 5
SILENCE: Final = 20 * SECOND


class AtMarket:
    """Two instruments, rows of ten seconds from `START` on; times are seconds since then.

    Args:
        inputs: whether rows hold inputs from trades and books.
        skew: the venue's clock minus ours, ns.
    """

    def __init__(self, inputs: bool = True, skew: int = 0) -> None:
        universe, watch = universe_of(SCENE), Watch(GRACE, SILENCE, lambda at: 0)
        every = universe.primary, universe.interval_ns, SILENCE, START, lambda: skew
        micro = MicroRows(*every) if inputs else None
        self.market = MarketSide(universe, watch, START, 0, None, lambda: skew, micro)
        self.events: list[BookDelta | Trade] = []

    def book(
        self, at: float, *levels: tuple[int, int, int], key: int = 0, whole: bool = False
    ) -> None:
        """Levels as (side, ticks, lots), of the whole book or changed."""
        when, table = ns(at), np.array(levels, np.int64).reshape(-1, 3)
        self._take(BookDelta(key, when, when, 0, 0, -1, table, whole))

    def best(self, at: float, bid: int, ask: int, key: int = 0) -> None:
        """The whole book: five lots at each best price."""
        self.book(at, (0, bid, 5), (1, ask, 5), key=key, whole=True)

    def trade(self, at: float, ticks: int, lots: int = 1, key: int = 0, side: int = 1) -> None:
        """A print."""
        self._take(Trade(key, ns(at), ns(at), 0, ticks, lots, side))

    def _take(self, event: BookDelta | Trade) -> None:
        self.events.append(event)
        self.market.take(event)

    def rows(self, at: float) -> list[RowClosed]:
        """Rows that have closed by then."""
        return self.market.rows(ns(at))

    def row(self, at: float) -> RowClosed:
        """The one row that closes then."""
        (row,) = self.rows(at)
        return row


def ns(seconds: float) -> int:
    """Seconds since the start as an instant."""
    return START + round(seconds * SECOND)


def bar(row: RowClosed, n: int = 0) -> list[int]:
    """Open, high, low, close."""
    bars: I64 = np.frombuffer(row.bars, np.int64).reshape(-1, 4)
    return [int(ticks) for ticks in bars[n]]


def flag(row: RowClosed, n: int = 0) -> int:
    """Of `kedge.domain.panel`."""
    return row.flags[n]


def inputs(row: RowClosed, n: int = 0) -> dict[str, float]:
    """Inputs from trades and books by name."""
    table: F64 = np.frombuffer(row.micro, np.float64).reshape(-1, m.COUNT)
    return dict(zip(m.NAMES, table[n].tolist(), strict=True))
