"""A venue that could go short never does, and a position is never left bare.

The venue here knows no reduce-only: whatever reaches it sells. Messages take time both ways,
stops are touched and children filled while a replacement is under way.
"""

from random import Random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from kedge.domain.decided import CancelAsked
from kedge.domain.order import Order, OrderType
from kedge.domain.report import Accepted, CancelRefused, End, Ended, Filled, Triggered
from kedge.execution.lifecycle import Done, Placed, State, advance, exposed
from kedge.execution.stops import Cancel, Close, Guarded, Keep, Place, protect, reducible

WAIT = 10**12


class Book:
    """The venue's side: a position, and orders that sell it."""

    def __init__(self) -> None:
        self.position = 0
        self.left: dict[str, int] = {}
        self.done: dict[str, int] = {}
        self.trades = 0

    def sell(self, name: str, lots: int) -> list[Any]:
        lots = min(lots, self.left[name])
        self.left[name] -= lots
        self.done[name] += lots
        self.position -= lots
        self.trades += 1
        told: list[Any] = [
            Filled(0, name, 0, 0, name, str(self.trades), -1, lots, 90, 0, False, 90)
        ]
        if not self.left[name]:
            del self.left[name]
            told.append(Ended(0, name, 0, 0, End.FILLED, self.done[name]))
        return told


class Desk:
    """Our side: what we know, what we have sent, and what is under way in both directions."""

    def __init__(self, seed: int, reduce_only: bool) -> None:
        self.rng = Random(seed)
        self.reduce_only = reduce_only
        self.venue = Book()
        self.position = 0
        self.states: dict[str, State] = {}
        self.stop = ""
        self.out: list[tuple[str, Any]] = []
        self.back: list[Any] = []
        self.trigger = 90
        self.asked = 0
        self.names = 0

    def guarded(self) -> Guarded:
        others = [s for n, s in self.states.items() if n != self.stop]
        return Guarded(
            position=self.position, trigger=self.trigger, stop=self.states.get(self.stop),
            reducing=sum(map(exposed, others)), asked=self.asked, reduce_only=self.reduce_only,
        )  # fmt: skip

    def send(self, lots: int, trigger: int) -> str:
        self.names += 1
        kind = OrderType.STOP if trigger else OrderType.MARKET
        order = Order(f"o{self.names}", 0, -1, lots, kind, trigger=trigger, reduce_only=True)
        self.states[order.id] = Placed(order, 0)
        self.out.append(("submit", order))
        return order.id

    def act(self) -> bool:
        """What the planner wants now; whether it wanted anything."""
        match protect(self.guarded()):
            case Place(lots=lots, trigger=trigger):
                self.stop = self.send(lots, trigger)
            case Cancel(order=name):
                state = self.states[name]
                self.out.append(("cancel", name))
                self.states[name] = self.moved(state, CancelAsked(0, name))
            case Close(lots=lots):
                self.send(lots, 0)
            case Keep():
                return self.reduce()
            case other:
                raise AssertionError(other)
        return True

    def moved(self, state: State, thing: Any) -> State:
        result = advance(state, thing, WAIT)
        assert not hasattr(result, "what"), result
        return result

    def reduce(self) -> bool:
        free = min(self.asked, reducible(self.guarded()))
        if not self.asked or free < self.asked:
            return False
        self.send(free, 0)
        self.asked = 0
        return True

    def deliver(self) -> None:
        """The next message of ours reaches the venue."""
        verb, what = self.out.pop(0)
        if verb == "submit":
            self.venue.left[what.id], self.venue.done[what.id] = what.lots, 0
            self.back.append(Accepted(0, what.id, 0, 0, what.id))
        elif what in self.venue.left:
            del self.venue.left[what]
            self.back.append(Ended(0, what, 0, 0, End.CANCELLED, self.venue.done[what]))
        else:
            self.back.append(CancelRefused(0, what, 0, 0, "-2011", ""))

    def hear(self) -> None:
        """The venue's next message reaches us."""
        thing = self.back.pop(0)
        if thing == "bought":
            self.position += 5
            return
        if isinstance(thing, Filled):
            self.position -= thing.lots
        self.states[thing.order] = self.moved(self.states[thing.order], thing)

    def trade(self) -> None:
        """Something happens at the venue by itself."""
        if self.venue.left and self.rng.random() < 0.7:
            name = self.rng.choice(sorted(self.venue.left))
            if self.states[name].order.trigger:
                self.back.append(Triggered(0, name, 0, 0))
            self.back += self.venue.sell(name, self.rng.randint(1, 6))
        elif self.rng.random() < 0.5:
            self.venue.position += 5
            self.back.append("bought")

    def step(self) -> None:
        moves = [self.trade, self.act]
        moves += [self.deliver] * (3 if self.out else 0) + [self.hear] * (3 if self.back else 0)
        self.rng.choice(moves)()
        if self.rng.random() < 0.1:
            self.trigger += self.rng.choice((-1, 1, 2))
        if self.rng.random() < 0.1 and self.position > 0:
            self.asked = self.rng.randint(1, self.position)
        self.asked = min(self.asked, max(0, self.position))

    def under_way(self) -> int:
        return sum(what.lots for verb, what in self.out if verb == "submit")


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 2**32))
def test_stops_and_reductions_never_sell_more_than_the_position(seed: int) -> None:
    desk = Desk(seed, reduce_only=False)
    for _ in range(150):
        desk.step()
        selling = sum(desk.venue.left.values()) + desk.under_way()
        assert 0 <= selling <= desk.venue.position
        live = [n for n, s in desk.states.items() if s.order.trigger and not isinstance(s, Done)]
        assert len(live) <= 1
        assert sum(map(exposed, desk.states.values())) <= desk.position


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 2**32), st.booleans())
def test_once_nothing_is_under_way_the_whole_position_is_protected(seed: int, only: bool) -> None:
    desk = Desk(seed, reduce_only=only)
    for _ in range(100):
        desk.step() if not only else (desk.act(), desk.trade() if not desk.back else desk.hear())
    desk.asked = 0
    for _ in range(300):
        while desk.out:
            desk.deliver()
        while desk.back:
            desk.hear()
        if not desk.act() and not desk.out:
            break
    stop = desk.states.get(desk.stop)
    covered = exposed(stop) if stop is not None else 0
    others = sum(exposed(s) for n, s in desk.states.items() if n != desk.stop)
    if only:
        assert covered == desk.position
    elif stop is not None and not isinstance(stop, Done) and stop.triggered:
        assert covered + others <= desk.position
    else:
        assert covered + others == desk.position
