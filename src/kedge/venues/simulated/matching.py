"""Price-time priority matching of one instrument, in int64 ticks and lots.

The rules are told in docs/simulated-venue.md. Nothing here knows of money, latency
or client ids: an order is a number and an owner.
"""

from collections.abc import Callable

from kedge.domain.order import TimeInForce
from kedge.domain.report import End
from kedge.venues.simulated.book import Half, Level
from kedge.venues.simulated.stops import Stops
from kedge.venues.simulated.working import CROWD, Gone, Happening, Match, Refusal, Touched, Working

_IOC, _FOK = TimeInForce.IOC, TimeInForce.FOK
_FILLED, _EXPIRED = End.FILLED, End.EXPIRED


class Matcher:
    """The order book of one instrument and the engine that works it.

    Args:
        last: ticks of the last trade before this book opened, 0 for none.

    Attributes:
        halves: bids at 1, asks at -1.
        orders: accounts' orders that rest or wait, and the crowd's that rest, by number.
        stops: those that wait.
        reducing: reduce-only orders that rest, by owner, oldest first.
        positions: lots by owner; what reduce-only orders are held against.
        last: ticks of the last trade.
        trades: executions so far.
        halted: whether new orders are refused; cancels always pass.
        admit: asked when a stop is touched whether its owner can still pay for it.
        happened: everything since somebody emptied this, in order.
    """

    __slots__ = (
        "admit",
        "halted",
        "halves",
        "happened",
        "last",
        "orders",
        "positions",
        "reducing",
        "stops",
        "trades",
    )

    def __init__(self, last: int = 0) -> None:
        self.halves = {1: Half(1), -1: Half(-1)}
        self.orders: dict[int, Working] = {}
        self.stops = Stops()
        self.positions: dict[int, int] = {}
        self.last = last
        self.trades = 0
        self.halted = False
        self.admit: Callable[[Working], bool] = _anybody
        self.happened: list[Happening] = []
        self.reducing: dict[int, list[Working]] = {}

    def submit(self, order: Working) -> Refusal | None:
        """Take an order in, match it, let the rest of it rest or end.

        Returns:
            Why it was refused, None where it was taken.
        """
        refusal = self.screen(order)
        if refusal is None:
            self.accept(order)
        return refusal

    def screen(self, order: Working) -> Refusal | None:
        """Why an order is refused, None where it may be accepted; says how much is left of it."""
        if self.halted:
            return Refusal.HALTED
        order.left = order.lots
        return self._refusal(order) if order.owner else None

    def accept(self, order: Working) -> None:
        """Take in an order that has just passed `screen`."""
        if order.trigger:
            self.orders[order.number] = order
            self.stops.add(order)
            return
        self._work(order)
        if self.stops.waiting:
            self.trigger()

    def cancel(self, number: int, why: End = End.CANCELLED) -> bool:
        """Take an order out of the book; False where none of that number is in it."""
        order = self.orders.get(number)
        if order is None:
            return False
        if self.stops.remove(number) is None:
            self.halves[order.side].remove(order)
        self._end(order, why)
        return True

    def replace(self, number: int, order: Working) -> Refusal | None:
        """Cancel an order and, only if it was still there, take another in.

        The newcomer goes to the back of its queue. What the old one had filled is the
        caller's to subtract: an order that filled meanwhile is not replaced.

        Returns:
            Why nothing new was taken; `Refusal.UNKNOWN` where the old one was gone.
        """
        return self.submit(order) if self.cancel(number) else Refusal.UNKNOWN

    def expire(self, tif: TimeInForce) -> None:
        """End every account's order of one life: ``DAY`` at the close, ``BAR`` with its bar."""
        ending = [o.number for o in self.orders.values() if o.owner and o.tif is tif]
        for number in ending:
            self.cancel(number, End.EXPIRED)

    def trigger(self) -> None:
        """Work every stop that the last trade touches, and those that their trades touch."""
        while (order := self.stops.pop(self.last)) is not None:
            self.happened.append(Touched(order.number))
            if order.reduce_only:
                order.left = min(order.left, self._room(order))
            taking = order.post_only and self.halves[-order.side].reached(order.limit)
            if not order.left or taking or not self.admit(order):
                self._end(order, End.EXPIRED)
            else:
                self._work(order)

    def print_trade(self, side: int, ticks: int, lots: int) -> int:
        """Somebody of whom no order is known traded: resting orders at a price are filled.

        Args:
            side: of the one who crossed the spread.
            ticks: price of the best level of the other side.
            lots: at most what rests there is filled.

        Returns:
            Lots for which nothing rested there.
        """
        half = self.halves[-side]
        outsider = Working(0, CROWD, side, lots, ticks, left=lots)
        while outsider.left and half.best == ticks:
            self._exchange(half, half.levels[half.ranks[-1]], outsider)
        return outsider.left

    def ahead(self, number: int) -> int:
        """Shown lots that stand before a resting order at its own price."""
        order = self.orders[number]
        total = 0
        for other in self.halves[order.side].levels[order.side * order.limit].queue:
            if other is order:
                break
            total += other.shown
        return total

    def sweep(self, side: int, lots: int, limit: int = 0, owner: int = CROWD) -> tuple[int, int]:
        """What an order would get, own orders and reduce-only ones not counted.

        Returns:
            Lots, and the sum of lots times ticks.
        """
        got = cost = 0
        for maker in self.halves[-side].orders(limit):
            if owner and maker.owner == owner:
                break
            if maker.reduce_only:
                continue
            part = min(maker.left, lots - got)
            got += part
            cost += part * maker.limit
            if got == lots:
                break
        return got, cost

    def rest(self, order: Working) -> None:
        """Put an order into the book unmatched; it must not cross."""
        self.orders[order.number] = order
        self.halves[order.side].add(order)
        if order.reduce_only:
            self.reducing.setdefault(order.owner, []).append(order)

    def _refusal(self, order: Working) -> Refusal | None:
        if order.trigger:
            near = order.side * self.last >= order.side * order.trigger
            return Refusal.WOULD_TRIGGER if self.last and near else None
        if order.post_only and self.halves[-order.side].reached(order.limit):
            return Refusal.WOULD_TAKE
        if order.reduce_only:
            room = self._room(order)
            if not room:
                return Refusal.REDUCES_NOTHING
            order.left = min(order.left, room)
        return None

    def _work(self, order: Working) -> None:
        killed = order.tif is _FOK and not self._all_there(order)
        blocked = killed or self._take(order)
        if order.left and order.limit and not blocked and order.tif is not _IOC:
            self.rest(order)
        elif order.owner:
            self._end(order, _EXPIRED if order.filled < order.lots else _FILLED)

    def _all_there(self, order: Working) -> bool:
        if order.left < order.lots:
            return False
        return self.sweep(order.side, order.left, order.limit, order.owner)[0] == order.left

    def _take(self, order: Working) -> bool:
        """Match an arriving order; True where one of the same owner stands in its way."""
        half = self.halves[-order.side]
        ranks, levels = half.ranks, half.levels
        worst = half.side * order.limit if order.limit else -(1 << 62)
        owner = order.owner
        while order.left and ranks and ranks[-1] >= worst:
            level = levels[ranks[-1]]
            if owner and level.queue[0].owner == owner:
                return True
            self._exchange(half, level, order)
        return False

    def _exchange(self, half: Half, level: Level, taker: Working) -> None:
        maker = level.queue[0]
        lots = min(taker.left, maker.shown)
        half.fill_first(level, lots)
        taker.left -= lots
        taker.filled += lots
        self.trades += 1
        self.last = level.ticks
        self.happened.append(
            Match(
                self.trades,
                maker.number,
                maker.owner,
                taker.number,
                taker.owner,
                taker.side,
                level.ticks,
                lots,
            )
        )
        if maker.owner:
            self._moved(maker, lots)
            if not maker.left:
                self._end(maker, _FILLED if maker.filled == maker.lots else _EXPIRED)
        elif not maker.left:
            del self.orders[maker.number]
        if taker.owner:
            self._moved(taker, lots)

    def _moved(self, order: Working, lots: int) -> None:
        owner = order.owner
        self.positions[owner] = self.positions.get(owner, 0) + order.side * lots
        if self.reducing.get(owner):
            self._trim(owner)

    def _room(self, order: Working) -> int:
        """Lots that a reduce-only order may still take away from its owner's position."""
        held = -order.side * self.positions.get(order.owner, 0)
        resting = self.reducing.get(order.owner, ())
        return max(0, held - sum(o.left for o in resting if o.side == order.side))

    def _trim(self, owner: int) -> None:
        """Cut reduce-only orders, the latest first, to what is left of the position."""
        position = self.positions[owner]
        for side in (1, -1):
            mine = [o for o in self.reducing[owner] if o.side == side and o.left]
            excess = sum(o.left for o in mine) - max(0, -side * position)
            for order in reversed(mine):
                if excess <= 0:
                    break
                lots = min(excess, order.left)
                excess -= lots
                if lots == order.left:
                    self.cancel(order.number, End.EXPIRED)
                else:
                    self.halves[side].cut(order, lots)

    def _end(self, order: Working, why: End) -> None:
        self.orders.pop(order.number, None)
        if not order.owner:
            return
        if order.reduce_only and order in (mine := self.reducing.get(order.owner, [])):
            mine.remove(order)
        self.happened.append(Gone(order.number, why, order.filled))


def _anybody(order: Working) -> bool:
    return True
