"""What traded in one symbol: the last prints, and bars of them."""

from collections import deque
from itertools import islice

from kedge.domain.market import Trade
from kedge.venues.wire.candles import MINUTE, SECOND, WIDTHS, Candle, Candles, joined

_DAY_BARS = 1440


class Prints:
    """The tape of one symbol."""

    def __init__(self) -> None:
        self.last: deque[Trade] = deque(maxlen=5_000)
        self._seconds = Candles(SECOND, 7_200)
        self._minutes = Candles(MINUTE, 20_160)

    def take(self, trade: Trade) -> None:
        """One print."""
        self.last.append(trade)
        for bars in (self._seconds, self._minutes):
            bars.trade(trade.event_time, trade.ticks, trade.lots, trade.aggressor > 0)

    def bars(self, width: str, now: int) -> list[Candle]:
        """Bars up to now, oldest first; the last one is still open."""
        base = self._seconds if width == "1s" else self._minutes
        base.run(now)
        return joined(base.all(), WIDTHS[width])

    def latest(self, width: str, now: int) -> list[Candle]:
        """The bar that is open now and the one before it."""
        step = SECOND if width == "1s" else MINUTE
        base = self._seconds if width == "1s" else self._minutes
        base.run(now)
        tail = list(islice(reversed(base.all()), 2 * WIDTHS[width] // step))
        return joined(reversed(tail), WIDTHS[width])[-2:]

    def day(self, now: int) -> Candle | None:
        """The last 24 hours as one bar; None before the first print."""
        self._minutes.run(now)
        bars = list(self._minutes.all())[-_DAY_BARS:]
        if not bars:
            return None
        whole = Candle(*(getattr(bars[0], name) for name in Candle.__struct_fields__))
        for bar in bars[1:]:
            whole.add(bar)
        return whole
