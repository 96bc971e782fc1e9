"""A market of its own: seeded order flow that keeps several books moving together."""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from math import log
from random import Random

import msgspec

from kedge.venues.simulated.crowd import Crowd, Habits
from kedge.venues.simulated.matching import Matcher
from kedge.venues.simulated.prices import Moving, Prices, Worth
from kedge.venues.simulated.setup import MakeMarket

_PRICE_STEP = 500_000_000
"""How often worth moves, ns."""


class Stream(msgspec.Struct, frozen=True):
    """The flow of one book.

    Attributes:
        key: whose.
        worth: how its fair price moves.
        habits: how the crowd behaves around it.
    """

    key: int
    worth: Worth
    habits: Habits = Habits()


class _State(msgspec.Struct, array_like=True):
    due: int
    priced: int
    states: list[Moving]
    crowds: list[tuple[int, list[int]]]
    flow: tuple[int, tuple[int, ...], float | None]
    prices: tuple[int, tuple[int, ...], float | None]


class Flow:
    """Background order flow in several books, one action at a time.

    Args:
        streams: one for each book.
        matchers: the books, by key.
        flow: of who acts when, and how.
        prices: of what instruments are worth.
        start: ns UTC.
    """

    def __init__(
        self,
        streams: Sequence[Stream],
        matchers: Mapping[int, Matcher],
        flow: Random,
        prices: Random,
        start: int,
    ) -> None:
        self._flow, self._random = flow, prices
        self._draw = flow.random
        self._keys = [stream.key for stream in streams]
        self.prices = Prices([stream.worth for stream in streams], prices)
        self._crowds = [Crowd(matchers[s.key], s.habits, flow.random) for s in streams]
        for crowd, worth in zip(self._crowds, self.prices.ticks, strict=True):
            crowd.fill(worth)
        rates = [stream.habits.rate for stream in streams]
        self._gap = 1e9 / sum(rates)
        self._shares = [sum(rates[: i + 1]) / sum(rates) for i in range(len(rates))]
        self._priced = self._due = start
        self._wait()

    def next_time(self) -> int:
        """When somebody acts next, ns UTC."""
        return self._due

    def step(self) -> int:
        """Let somebody act; the key of the book in which it was."""
        if self._due - self._priced >= _PRICE_STEP:
            self.prices.step((self._due - self._priced) * 1e-9)
            self._priced = self._due
        i = min(bisect_left(self._shares, self._draw()), len(self._shares) - 1)
        self._crowds[i].act(self.prices.ticks[i], self.prices.scale[i])
        self._wait()
        return self._keys[i]

    def dump(self) -> bytes:
        """Where it stands, its books not included."""
        crowds = [(crowd.count, crowd.resting) for crowd in self._crowds]
        flow, prices = self._flow.getstate(), self._random.getstate()
        state = _State(self._due, self._priced, self.prices.states, crowds, flow, prices)
        return msgspec.msgpack.encode(state)

    def load(self, state: bytes) -> None:
        """Go on from where `dump` stood."""
        at = msgspec.msgpack.decode(state, type=_State)
        self._due, self._priced = at.due, at.priced
        self.prices.load(at.states)
        for crowd, (count, resting) in zip(self._crowds, at.crowds, strict=True):
            crowd.count, crowd.resting = count, resting
        self._flow.setstate(at.flow)
        self._random.setstate(at.prices)

    def _wait(self) -> None:
        busy = self.prices.scale[0]  # storms are busy, too
        self._due += 1 + int(-log(1.0 - self._draw()) * self._gap / busy)


def flowing(streams: Sequence[Stream], seed: int, start: int) -> MakeMarket:
    """A market of generated flow, for `kedge.venues.simulated.venue.SimulatedVenue`."""

    def make(matchers: Mapping[int, Matcher]) -> Flow:
        flow, prices = Random(f"{seed}/flow"), Random(f"{seed}/prices")
        return Flow(streams, matchers, flow, prices, start)

    return make
