"""Bars of the tape, kept at one width and put together to wider ones when asked for."""

from collections import deque
from collections.abc import Iterable

import msgspec

SECOND = 1_000_000_000
MINUTE = 60 * SECOND
QUARTER = 15 * MINUTE
HOUR = 60 * MINUTE
DAY = 24 * HOUR
WIDTHS = {
    "1s": SECOND,
    "1m": MINUTE,
    "3m": 3 * MINUTE,
    "5m": 5 * MINUTE,
    "15m": 15 * MINUTE,
    "30m": 30 * MINUTE,
    "1h": HOUR,
    "2h": 2 * HOUR,
    "4h": 4 * HOUR,
    "6h": 6 * HOUR,
    "8h": 8 * HOUR,
    "12h": 12 * HOUR,
    "1d": DAY,
    "3d": 3 * DAY,
    "1w": 7 * DAY,
}
"""Widths by the names that the wire gives them, ns."""
_MONDAY = 4 * DAY
"""The first Monday after the epoch, from which weeks are counted."""


class Candle(msgspec.Struct):
    """One bar: ticks, lots, sums of lots times ticks, trades, and the buyers' part of them."""

    opened: int
    open: int
    high: int
    low: int
    close: int
    lots: int = 0
    product: int = 0
    trades: int = 0
    bought: int = 0
    bought_product: int = 0

    def add(self, other: "Candle") -> None:
        """Join a later bar to this one."""
        self.high, self.low = max(self.high, other.high), min(self.low, other.low)
        self.close = other.close
        self.lots += other.lots
        self.product += other.product
        self.trades += other.trades
        self.bought += other.bought
        self.bought_product += other.bought_product


class Candles:
    """Bars of one width; one without a trade repeats the close before it.

    Args:
        width: ns.
        keep: bars to remember.
        past: bars to begin with, oldest first, none longer than the width.
    """

    def __init__(self, width: int, keep: int, past: Iterable[Candle] = ()) -> None:
        self._width = width
        self._bars: deque[Candle] = deque(joined(past, width), maxlen=keep)

    def trade(self, at: int, ticks: int, lots: int, bought: bool) -> None:
        """Take one print."""
        self.run(at)
        own, product = (lots, lots * ticks) if bought else (0, 0), lots * ticks
        bar = Candle(at - at % self._width, ticks, ticks, ticks, ticks, lots, product, 1, *own)
        bars = self._bars
        if bars and bars[-1].opened == bar.opened and bars[-1].trades:
            bars[-1].add(bar)
        elif bars and bars[-1].opened == bar.opened:
            bars[-1] = bar
        else:
            bars.append(bar)

    def run(self, now: int) -> None:
        """Let time pass: bars in which nothing traded."""
        bars, width = self._bars, self._width
        due = now - now % width
        if bars and due - bars[-1].opened > width * (bars.maxlen or 1):
            self._flat(due - width * (bars.maxlen or 1))
        while bars and bars[-1].opened < due:
            self._flat(bars[-1].opened + width)

    def all(self) -> deque[Candle]:
        """Every bar that is remembered, oldest first."""
        return self._bars

    def _flat(self, opened: int) -> None:
        close = self._bars[-1].close
        self._bars.append(Candle(opened, close, close, close, close))


def joined(bars: Iterable[Candle], width: int) -> list[Candle]:
    """Bars put together to wider ones, which begin at whole multiples of their width."""
    found: list[Candle] = []
    offset = _MONDAY if width == WIDTHS["1w"] else 0
    for bar in bars:
        opened = bar.opened - (bar.opened - offset) % width
        if found and found[-1].opened == opened:
            found[-1].add(bar)
        else:
            found.append(msgspec.structs.replace(bar, opened=opened))
    return found
