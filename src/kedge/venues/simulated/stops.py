"""Stop orders that wait for a trade at their trigger."""

from heapq import heappop, heappush

from kedge.venues.simulated.working import Working


class Stops:
    """Orders by trigger: nearest to the market first, then first come.

    A buy waits for a trade at its trigger or above, a sell for one at its trigger or below.
    """

    __slots__ = ("_heaps", "waiting")

    def __init__(self) -> None:
        self.waiting: dict[int, Working] = {}
        self._heaps: dict[int, list[tuple[int, int]]] = {1: [], -1: []}

    def add(self, order: Working) -> None:
        """Let an order wait."""
        self.waiting[order.number] = order
        heappush(self._heaps[order.side], (order.side * order.trigger, order.number))

    def remove(self, number: int) -> Working | None:
        """Take a waiting order out; None where there is none."""
        return self.waiting.pop(number, None)

    def pop(self, last: int) -> Working | None:
        """The next order that a trade at ``last`` ticks touches, sells before buys."""
        for side in (-1, 1):
            heap = self._heaps[side]
            while heap and heap[0][0] <= side * last:
                order = self.waiting.pop(heappop(heap)[1], None)
                if order is not None:  # else it was cancelled while it waited
                    return order
        return None
