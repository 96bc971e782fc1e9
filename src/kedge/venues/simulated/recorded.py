"""A book that is told what it looks like, with our orders in its queues.

What was recorded does not know of us. Our orders join the queue of their price behind
everything that stood there, and fill when recorded trades have used up what stood
before them, when trades happen beyond their price, or when a recorded order comes to
rest in their way. A level that shrinks without a trade is taken to shrink behind us
first: of all guesses about cancels the one that is never in our favour.
"""

from kedge.venues.simulated.book import Half
from kedge.venues.simulated.matching import Matcher
from kedge.venues.simulated.working import CROWD, Match, Working


class Recorded:
    """Drives one book by levels and prints.

    Args:
        matcher: the book; besides what is told here, only accounts' orders are in it.

    Attributes:
        count: orders of the crowd so far.
    """

    __slots__ = ("_matcher", "count")

    def __init__(self, matcher: Matcher) -> None:
        self._matcher = matcher
        self.count = 0

    def level(self, side: int, ticks: int, lots: int) -> None:
        """So many lots of others rest at a price from now on.

        Args:
            side: 1 for bids, -1 for asks.
            ticks: above zero.
            lots: 0 removes them.
        """
        half = self._matcher.halves[side]
        level = half.levels.get(side * ticks)
        crowd = [order for order in level.queue if order.owner == CROWD] if level else []
        missing = lots - sum(order.left for order in crowd)
        if missing > 0:
            self._join(side, ticks, missing)
        while missing < 0:
            missing += self._shrink(half, crowd.pop(), -missing)

    def trade(self, side: int, ticks: int, lots: int) -> None:
        """Others traded: what is better than their price is gone, ours among it filled.

        Args:
            side: of the one who took, 1 for a buyer.
            ticks: price.
            lots: above zero.
        """
        matcher = self._matcher
        if matcher.halted:
            return
        half, left = matcher.halves[-side], lots
        while left and half.best and side * (ticks - half.best) > 0:
            left = self._meet(half, left)
        if left and half.best == ticks:
            left = matcher.print_trade(side, ticks, left)
        if left:
            self.note(side, ticks, left)
        matcher.last = ticks
        matcher.trigger()

    def note(self, side: int, ticks: int, lots: int) -> None:
        """A trade among others that nobody in the book took part in."""
        matcher = self._matcher
        matcher.trades += 1
        matcher.happened.append(Match(matcher.trades, 0, CROWD, 0, CROWD, side, ticks, lots))

    def clear(self) -> None:
        """Nobody else has anything in the book."""
        for number in [o.number for o in self._matcher.orders.values() if o.owner == CROWD]:
            self._matcher.cancel(number)

    def _meet(self, half: Half, lots: int) -> int:
        """The best order of a side is in the way: a stale one goes, ours fills; lots left."""
        first = half.levels[half.ranks[-1]].queue[0]
        if first.owner == CROWD:
            self._matcher.cancel(first.number)
            return lots
        met = min(lots, first.shown)
        self._matcher.print_trade(-half.side, first.limit, met)
        return lots - met

    def _join(self, side: int, ticks: int, lots: int) -> None:
        """Others come to rest behind what is there."""
        matcher = self._matcher
        other = matcher.halves[-side]
        while lots and other.reached(ticks) and not matcher.halted:
            lots = self._meet(other, lots)
        if lots and not other.reached(ticks):
            self.count += 1
            matcher.rest(Working(-self.count, CROWD, side, lots, ticks, left=lots))
        matcher.trigger()

    def _shrink(self, half: Half, order: Working, lots: int) -> int:
        gone = min(lots, order.left)
        if gone == order.left:
            self._matcher.cancel(order.number)
        else:
            half.cut(order, gone)
        return gone
