"""What the exchange remembers of orders, and for how long."""

from collections import deque

import msgspec

from kedge.domain.order import Order
from kedge.domain.report import End, Filled
from kedge.venues.simulated.working import Working


class Entry(msgspec.Struct, eq=False):
    """One order that the exchange took.

    Attributes:
        order: as it arrived.
        working: as the matching engine has it.
        at: when it was taken, ns.
        fills: of it so far.
        ended: why it is gone, None while it works.
        base: mid price in ticks when it began to take, 0 where there was none.
    """

    order: Order
    working: Working
    at: int
    fills: list[Filled]
    ended: End | None = None
    base: int = 0


class Entries:
    """Orders by the exchange's number and by client id, and the fills of all of them.

    Args:
        history: how many ended orders, and how many fills, are remembered.

    Attributes:
        live: working orders by number.
        count: orders taken so far; the last one's number.
        executions: fills so far; the cursor of the last one.
        fills: the latest.
    """

    def __init__(self, history: int) -> None:
        self.live: dict[int, Entry] = {}
        self.count = 0
        self.executions = 0
        self.fills: deque[Filled] = deque(maxlen=history)
        self._latest: dict[str, Entry] = {}
        self._ended: deque[Entry] = deque()
        self._history = history

    def add(self, entry: Entry) -> None:
        """Remember a new order."""
        self.count = entry.working.number
        self.live[self.count] = entry
        self._latest[entry.order.id] = entry

    def find(self, client: str) -> Entry | None:
        """The latest order of a client id: an older one of the same id is out of reach."""
        return self._latest.get(client)

    def working(self, client: str) -> Entry | None:
        """The order of a client id if it still works."""
        entry = self._latest.get(client)
        return None if entry is None or entry.ended is not None else entry

    def fill(self, entry: Entry, fill: Filled) -> None:
        """Remember a fill."""
        entry.fills.append(fill)
        self.fills.append(fill)
        self.executions += 1

    def end(self, number: int, why: End) -> Entry:
        """An order is gone; the oldest ended one may be forgotten for it."""
        entry = self.live.pop(number)
        entry.ended = why
        self._ended.append(entry)
        if len(self._ended) > self._history:
            oldest = self._ended.popleft()
            if self._latest.get(oldest.order.id) is oldest:
                del self._latest[oldest.order.id]
        return entry

    def since(self, cursor: str) -> list[Filled] | None:
        """Fills after a cursor, oldest first; None for a cursor that is none."""
        if cursor and not (cursor.isascii() and cursor.isdigit() and len(cursor) < 19):
            return None
        new = max(0, self.executions - int(cursor or 0))
        return list(self.fills)[max(0, len(self.fills) - new) :] if new else []

    def remembered(self) -> list[Entry]:
        """Every order that is not forgotten: ended ones by time of their end, then live ones."""
        return [*self._ended, *self.live.values()]

    def recall(self, entry: Entry) -> None:
        """Put an order back, in the order in which `remembered` gave it."""
        self._latest[entry.order.id] = entry
        if entry.ended is None:
            self.live[entry.working.number] = entry
        else:
            self._ended.append(entry)
