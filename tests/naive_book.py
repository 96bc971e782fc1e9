"""A matching engine as slow and plain as can be: one list, sorted anew for every order.

Written from the rules alone, as the reference for the real one.
"""

from dataclasses import dataclass

GTC, IOC, FOK = 1, 2, 3


@dataclass
class Plain:
    """An order; ``turn`` is when it (or its present slice) joined the queue."""

    number: int
    owner: int
    side: int
    lots: int
    limit: int = 0
    tif: int = GTC
    trigger: int = 0
    post_only: bool = False
    reduce_only: bool = False
    display: int = 0
    left: int = 0
    slice: int = 0
    turn: int = 0
    born: int = 0


class NaiveBook:
    """Everything that happened is in ``log``: fills, ends and touches, as plain tuples."""

    def __init__(self):
        self.resting, self.waiting, self.log = [], [], []
        self.position, self.last, self.turns = {}, 0, 0

    def submit(self, order):
        order.left = order.lots
        if order.trigger:
            if self.last and order.side * (self.last - order.trigger) >= 0:
                return "would trigger"
            self.waiting.append(order)
            return None
        if order.post_only and self.opposite(order):
            return "would take"
        if order.reduce_only:
            order.left = min(order.left, self.room(order))
            if order.left == 0:
                return "reduces nothing"
        self.work(order)
        self.touch()
        return None

    def cancel(self, number):
        for queue in (self.resting, self.waiting):
            for order in queue:
                if order.number == number:
                    queue.remove(order)
                    self.gone(order, "cancelled")
                    return True
        return False

    def opposite(self, order):
        """Resting orders that it meets, in the order in which it meets them."""
        met = [
            o
            for o in self.resting
            if o.side != order.side
            and (not order.limit or (order.limit - o.limit) * order.side >= 0)
        ]
        return sorted(met, key=lambda o: (o.limit * order.side, o.turn))

    def room(self, order):
        held = max(0, -order.side * self.position.get(order.owner, 0))
        for o in self.resting:
            if o.owner == order.owner and o.reduce_only and o.side == order.side:
                held -= o.left
        return max(0, held)

    def enough(self, order):
        there = 0
        for o in self.opposite(order):
            if o.owner == order.owner and o.owner:
                break
            there += 0 if o.reduce_only else o.left
        return order.left == order.lots and there >= order.lots

    def work(self, order):
        stuck = order.tif == FOK and not self.enough(order)
        while order.left and not stuck and (met := self.opposite(order)):
            if met[0].owner == order.owner and order.owner:
                stuck = True
            else:
                self.trade(met[0], order)
        if order.left and order.limit and order.tif == GTC and not stuck:
            self.join(order)
            order.born = order.turn
            self.resting.append(order)
        else:
            self.gone(order, "filled" if self.filled(order) == order.lots else "expired")

    def filled(self, order):
        mine = [f for f in self.log if f[0] == "fill" and order.number in (f[1], f[2])]
        return sum(f[4] for f in mine)

    def join(self, order):
        self.turns += 1
        order.turn = self.turns
        order.slice = min(order.left, order.display or order.left)

    def trade(self, maker, taker):
        lots = min(maker.slice, taker.left)
        self.log.append(("fill", maker.number, taker.number, maker.limit, lots))
        self.last = maker.limit
        for order in (maker, taker):
            order.left -= lots
        maker.slice -= lots
        if maker.left == 0:
            self.resting.remove(maker)
        elif maker.slice == 0:
            self.join(maker)
        self.moved(maker, lots)
        if maker.left == 0:
            self.gone(maker, "filled" if self.filled(maker) == maker.lots else "expired")
        self.moved(taker, lots)

    def moved(self, order, lots):
        if not order.owner:
            return
        position = self.position.get(order.owner, 0) + order.side * lots
        self.position[order.owner] = position
        for side in (1, -1):
            mine = [
                o
                for o in self.resting
                if o.reduce_only and o.owner == order.owner and o.side == side
            ]
            mine.sort(key=lambda o: o.born)
            while mine and sum(o.left for o in mine) > max(0, -side * position):
                newest = mine[-1]
                newest.left -= 1
                newest.slice = min(newest.slice, newest.left)
                if newest.left == 0:
                    mine.pop()
                    self.resting.remove(newest)
                    self.gone(newest, "expired")

    def touch(self):
        while hit := [o for o in self.waiting if o.side * (self.last - o.trigger) >= 0]:
            order = min(hit, key=lambda o: (o.side, o.side * o.trigger, o.number))
            self.waiting.remove(order)
            self.log.append(("touched", order.number))
            if order.reduce_only:
                order.left = min(order.left, self.room(order))
            if order.left:
                self.work(order)
            else:
                self.gone(order, "expired")

    def gone(self, order, why):
        if order.owner:
            self.log.append(("gone", order.number, why, self.filled(order)))
