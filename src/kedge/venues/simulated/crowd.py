"""Everybody else in one book: limit orders, cancels and takers around what it is worth."""

from collections.abc import Callable
from math import log

import msgspec

from kedge.domain.order import OrderType, TimeInForce
from kedge.venues.simulated.matching import Matcher
from kedge.venues.simulated.working import CROWD, Working

_LIMIT, _IOC = OrderType.LIMIT, TimeInForce.IOC


class Habits(msgspec.Struct, frozen=True, kw_only=True):
    """How the crowd behaves.

    Attributes:
        rate: actions a second.
        orders: resting that it tends to keep.
        half_spread: ticks between worth and the nearest quotes.
        width: mean further distance of a limit order, in ticks.
        lots: mean size of an order.
        takers: share of actions that take.
        reach: widths beyond worth at which a taker stops.
    """

    rate: float = 10.0
    orders: int = 80
    half_spread: float = 1.0
    width: float = 8.0
    lots: float = 50.0
    takers: float = 0.12
    reach: float = 6.0


class Crowd:
    """The background flow of one book.

    Args:
        matcher: the book.
        habits: how it behaves.
        draw: uniform numbers from 0 up to 1.

    Attributes:
        resting: numbers of orders that may still rest.
        count: orders so far; the next one's number is below its negative.
    """

    __slots__ = ("_draw", "_habits", "_matcher", "count", "resting")

    def __init__(self, matcher: Matcher, habits: Habits, draw: Callable[[], float]) -> None:
        self._matcher = matcher
        self._habits = habits
        self._draw = draw
        self.resting: list[int] = []
        self.count = 0

    def fill(self, worth: float) -> None:
        """Give an empty book its depth."""
        for i in range(self._habits.orders):
            side = 1 if i % 2 else -1
            self._rest(side, self._price(side, worth, 1.0), self._size())

    def act(self, worth: float, scale: float) -> None:
        """Do one thing.

        Args:
            worth: of the instrument, ticks.
            scale: of volatility now, as a multiple of the usual one.
        """
        habits, matcher = self._habits, self._matcher
        if matcher.halted:
            return
        for side, half in matcher.halves.items():
            if not half.ranks:  # an empty side is worth somebody's while
                self._rest(side, self._price(side, worth, scale), self._size())
                return
        u = self._draw()
        if u < habits.takers:
            self._take(worth, scale)
            return
        limits = 0.5 * (1.0 - habits.takers)
        leaving = limits * len(self.resting) / habits.orders
        if u < habits.takers + leaving:
            self._leave()
            return
        side = 1 if self._draw() < 0.5 else -1
        self._rest(side, self._price(side, worth, scale), self._size())

    def _price(self, side: int, worth: float, scale: float) -> int:
        habits = self._habits
        distance = habits.half_spread - log(1.0 - self._draw()) * habits.width * scale
        return max(1, int(worth - side * distance + 0.5))

    def _size(self) -> int:
        return 1 - int(log(1.0 - self._draw()) * self._habits.lots)

    def _rest(self, side: int, ticks: int, lots: int) -> None:
        self.count += 1
        order = Working(-self.count, CROWD, side, lots, ticks)
        self._matcher.submit(order)
        if order.left:
            self.resting.append(-self.count)

    def _leave(self) -> None:
        """Cancel one at random; those that were filled meanwhile are forgotten."""
        resting, matcher = self.resting, self._matcher
        while resting:
            i = int(self._draw() * len(resting))
            number, resting[i] = resting[i], resting[-1]
            resting.pop()
            if matcher.cancel(number):
                return

    def _take(self, worth: float, scale: float) -> None:
        """Trade towards worth, more surely the further the book is from it."""
        habits, halves = self._habits, self._matcher.halves
        bid, ask = halves[1].best, halves[-1].best
        middle = 0.5 * (bid + ask) if bid and ask else worth
        lean = min(0.45, max(-0.45, 0.25 * (worth - middle) / (habits.width * scale)))
        side = 1 if self._draw() < 0.5 + lean else -1
        lots = self._size()
        if self._draw() < 0.03:
            lots *= 8
        ticks = max(1, int(worth + side * habits.reach * habits.width * scale))
        self.count += 1
        self._matcher.submit(Working(-self.count, CROWD, side, lots, ticks, _LIMIT, _IOC))
