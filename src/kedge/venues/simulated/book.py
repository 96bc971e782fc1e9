"""One side of an order book: price levels in order of price, each a queue in order of time."""

from bisect import bisect_left, insort
from collections import deque
from collections.abc import Iterator

from kedge.venues.simulated.working import Working


class Level:
    """Everything that rests at one price, first come first.

    Attributes:
        ticks: the price.
        shown: lots that the book shows.
        queue: orders by time of arrival; an iceberg's next slice has arrived anew.
    """

    __slots__ = ("queue", "shown", "ticks")

    def __init__(self, ticks: int) -> None:
        self.ticks = ticks
        self.shown = 0
        self.queue: deque[Working] = deque()


class Half:
    """The bids or the asks.

    A level's rank is ``side * ticks``, so that the best level has the highest rank on
    either side.

    Args:
        side: 1 for bids, -1 for asks.

    Attributes:
        ranks: of all levels, ascending: the best is last.
        levels: by rank.
        touched: prices whose shown lots changed since somebody emptied this.
    """

    __slots__ = ("levels", "ranks", "side", "touched")

    def __init__(self, side: int) -> None:
        self.side = side
        self.ranks: list[int] = []
        self.levels: dict[int, Level] = {}
        self.touched: set[int] = set()

    @property
    def best(self) -> int:
        """Best price in ticks, 0 where the side is empty."""
        return self.side * self.ranks[-1] if self.ranks else 0

    def best_lots(self) -> int:
        """Lots shown at the best price."""
        return self.levels[self.ranks[-1]].shown if self.ranks else 0

    def shown(self, ticks: int) -> int:
        """Lots shown at a price."""
        level = self.levels.get(self.side * ticks)
        return level.shown if level else 0

    def reached(self, limit: int) -> bool:
        """Whether an order of the other side with this limit meets the best level."""
        return bool(self.ranks) and (not limit or self.ranks[-1] >= self.side * limit)

    def add(self, order: Working) -> None:
        """Put an order at the end of the queue of its price; an iceberg shows a whole slice."""
        order.shown = min(order.display, order.left) if order.display else order.left
        self.put(order)

    def put(self, order: Working) -> None:
        """Put an order at the end of the queue of its price, showing what it shows."""
        rank = self.side * order.limit
        level = self.levels.get(rank)
        if level is None:
            level = self.levels[rank] = Level(order.limit)
            insort(self.ranks, rank)
        level.queue.append(order)
        level.shown += order.shown
        self.touched.add(order.limit)

    def remove(self, order: Working) -> None:
        """Take an order out, wherever in the queue it stands."""
        rank = self.side * order.limit
        level = self.levels[rank]
        level.queue.remove(order)
        level.shown -= order.shown
        self.touched.add(order.limit)
        if not level.queue:
            self._drop(rank)

    def fill_first(self, level: Level, lots: int) -> None:
        """Fill ``lots`` of what the first order of the best level shows."""
        order = level.queue[0]
        order.left -= lots
        order.shown -= lots
        order.filled += lots
        level.shown -= lots
        self.touched.add(level.ticks)
        if order.shown:
            return
        level.queue.popleft()
        if order.left:  # the next slice of an iceberg goes to the back
            self.add(order)
        elif not level.queue:
            self._drop(self.side * level.ticks)

    def cut(self, order: Working, lots: int) -> None:
        """Take lots away from a resting order that keeps its place; some must stay."""
        order.left -= lots
        from_shown = max(0, order.shown - order.left)  # what is hidden goes first
        order.shown -= from_shown
        self.levels[self.side * order.limit].shown -= from_shown
        self.touched.add(order.limit)

    def orders(self, limit: int = 0) -> Iterator[Working]:
        """Orders by priority, best first, up to what ``limit`` of the other side reaches."""
        for rank in reversed(self.ranks):
            if limit and rank < self.side * limit:
                return
            yield from self.levels[rank].queue

    def depth(self, levels: int | None = None) -> list[tuple[int, int]]:
        """(ticks, lots shown) of the best levels, best first."""
        chosen = self.ranks if levels is None else self.ranks[-levels:]
        return [(self.side * rank, self.levels[rank].shown) for rank in reversed(chosen)]

    def _drop(self, rank: int) -> None:
        del self.levels[rank]
        if self.ranks[-1] == rank:
            self.ranks.pop()
        else:
            del self.ranks[bisect_left(self.ranks, rank)]
