"""Rows by activity: so many trades, lots, notional or book updates."""

from collections.abc import Sequence
from typing import Protocol

import msgspec

from kedge.data.samplers.cells import Cells, CellsState
from kedge.data.samplers.row import SampledRow
from kedge.domain.errors import ConfigError
from kedge.domain.market import BookDelta, MarketEvent, Trade


class Measure(Protocol):
    """How much an event adds to the open row; an int, so that sums are exact."""

    def __call__(self, event: MarketEvent) -> int:
        """Zero for events that do not count."""


class Ticks:
    """Each trade of a counted instrument is one.

    Args:
        keys: instruments that count; all without any.
    """

    def __init__(self, keys: frozenset[int] = frozenset()) -> None:
        self._keys = keys

    def __call__(self, event: MarketEvent) -> int:
        """One for a trade that counts."""
        return int(type(event) is Trade and (not self._keys or event.key in self._keys))


class Volume:
    """Traded lots times the instrument's weight.

    Args:
        weights: of each instrument, for lots of different size; zero: does not count.
    """

    def __init__(self, weights: Sequence[int]) -> None:
        self._weights = tuple(weights)

    def __call__(self, event: MarketEvent) -> int:
        """Lots by weight."""
        return event.lots * self._weights[event.key] if type(event) is Trade else 0


class Dollars:
    """Traded value: ticks times lots times the instrument's weight.

    Args:
        weights: value of one tick of one lot of each instrument, in one common unit
            (`kedge.domain.instrument.Instrument.value_ratio` over a common denominator).
    """

    def __init__(self, weights: Sequence[int]) -> None:
        self._weights = tuple(weights)

    def __call__(self, event: MarketEvent) -> int:
        """Value in the common unit."""
        if type(event) is not Trade:
            return 0
        return event.ticks * event.lots * self._weights[event.key]


class BookUpdates:
    """Each update of a counted book is one.

    Args:
        keys: instruments that count; all without any.
    """

    def __init__(self, keys: frozenset[int] = frozenset()) -> None:
        self._keys = keys

    def __call__(self, event: MarketEvent) -> int:
        """One for an update that counts."""
        return int(type(event) is BookDelta and (not self._keys or event.key in self._keys))


class EventState(msgspec.Struct, frozen=True, array_like=True):
    """An activity sampler as a snapshot keeps it."""

    cells: CellsState
    filled: int
    newest: int
    horizon: int


class EventSampler:
    """A row whenever the measure reaches the threshold.

    The event that reaches it is part of the row it closes; what it brings beyond is not
    carried over. The row's instant is when that event became available, so nothing in the
    row was known later. A trade older than the newest one of the row before came late.

    Args:
        instruments: N.
        measure: what is counted.
        threshold: at which a row closes, above zero.
        state: to go on from.
    """

    __slots__ = ("_cells", "_filled", "_horizon", "_measure", "_newest", "_threshold")

    def __init__(
        self, instruments: int, measure: Measure, threshold: int, state: EventState | None = None
    ) -> None:
        if threshold <= 0:
            raise ConfigError(f"a threshold of {threshold}", "sampler", "use one above zero")
        self._measure, self._threshold = measure, threshold
        self._cells = Cells(instruments, state.cells if state else None)
        self._filled = state.filled if state else 0
        self._newest = state.newest if state else -1
        self._horizon = state.horizon if state else -1

    def add(self, event: MarketEvent, trusted: Sequence[bool] | None = None) -> SampledRow | None:
        """Take one event; the row that it closes, if it closes one."""
        if type(event) is Trade:
            if event.event_time < self._horizon:
                self._cells.late += 1
            elif event.event_time > self._newest:
                self._newest = event.event_time
            self._cells.add(event)
        self._filled += self._measure(event)
        if self._filled < self._threshold:
            return None
        self._filled, self._horizon = 0, self._newest
        at = max(event.available_time, self._cells.at + 1)
        return self._cells.close(at, trusted)

    def state(self) -> EventState:
        """What a restart goes on from."""
        return EventState(self._cells.state(), self._filled, self._newest, self._horizon)
