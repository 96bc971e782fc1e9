"""What traded in one symbol: the last prints, and bars of them."""

from collections import deque
from itertools import islice

from kedge.domain.market import Trade
from kedge.venues.wire.candles import MINUTE, QUARTER, SECOND, WIDTHS, Candle, Candles, joined
from kedge.venues.wire.past import Past

_DAY_BARS = 1440
_KEPT = {SECOND: 7_200, MINUTE: 20_160, QUARTER: 8_640}
"""Bars that are kept, by their width."""
_NO_PAST: Past = {}


class Prints:
    """The tape of one symbol.

    Args:
        past: bars from before it.
    """

    def __init__(self, past: Past = _NO_PAST) -> None:
        self.last: deque[Trade] = deque(maxlen=5_000)
        self._bars = {
            width: Candles(width, keep, past.get(width, ())) for width, keep in _KEPT.items()
        }

    def take(self, trade: Trade) -> None:
        """One print."""
        self.last.append(trade)
        for bars in self._bars.values():
            bars.trade(trade.event_time, trade.ticks, trade.lots, trade.aggressor > 0)

    def bars(self, width: str, now: int) -> list[Candle]:
        """Bars up to now, oldest first; the last one is still open."""
        _, base = self._base(width)
        base.run(now)
        return joined(base.all(), WIDTHS[width])

    def latest(self, width: str, now: int) -> list[Candle]:
        """The bar that is open now and the one before it."""
        step, base = self._base(width)
        base.run(now)
        tail = list(islice(reversed(base.all()), 2 * WIDTHS[width] // step))
        return joined(reversed(tail), WIDTHS[width])[-2:]

    def day(self, now: int) -> Candle | None:
        """The last 24 hours as one bar; None before the first print."""
        minutes = self._bars[MINUTE]
        minutes.run(now)
        bars = list(minutes.all())[-_DAY_BARS:]
        if not bars:
            return None
        whole = Candle(*(getattr(bars[0], name) for name in Candle.__struct_fields__))
        for bar in bars[1:]:
            whole.add(bar)
        return whole

    def _base(self, width: str) -> tuple[int, Candles]:
        """The longest bars that wider ones can be made of."""
        step = max(each for each in _KEPT if each <= WIDTHS[width])
        return step, self._bars[step]
