"""Rows by the clock: each ends on a multiple of its length, UTC, and closes a grace later."""

from collections import deque
from collections.abc import Sequence

import msgspec

from kedge.data.samplers.cells import Cells, CellsState
from kedge.data.samplers.row import SampledRow
from kedge.data.samplers.zones import Reach
from kedge.domain.errors import ConfigError
from kedge.domain.market import MarketEvent, Trade


class TimeState(msgspec.Struct, frozen=True, array_like=True):
    """A time sampler as a snapshot keeps it."""

    cells: CellsState
    end: int
    ahead: tuple[Trade, ...]


class TimeSampler:
    """A row for every interval, closed once the watermark passes its end by the grace.

    The watermark is the largest instant told to `advance`, in the exchange's time: our
    clock plus the measured skew. A trade that happened before the open row began came too
    late for its own row; it goes into the open one and is counted. One that happens after
    the open row's end waits for its own. A trade on a boundary belongs to the row it begins.

    Args:
        instruments: N.
        interval_ns: length of a row.
        grace_ns: how long after its end a row waits for what is under way.
        start: the first row begins at the last boundary at or before it; ns UTC.
        state: to go on from, instead of ``start``.
    """

    __slots__ = ("_ahead", "_cells", "_grace", "_interval", "end", "start")

    def __init__(
        self, instruments: int, interval_ns: int, grace_ns: int, start: int = 0,
        state: TimeState | None = None,
    ) -> None:  # fmt: skip
        if interval_ns <= 0 or grace_ns < 0:
            raise ConfigError(f"a row of {interval_ns} ns with a grace of {grace_ns} ns")
        self._interval, self._grace = interval_ns, grace_ns
        self._cells = Cells(instruments, state.cells if state else None)
        self.end = state.end if state else (start // interval_ns + 1) * interval_ns
        self.start = self.end - interval_ns
        self._ahead: deque[Trade] = deque(state.ahead if state else ())

    @property
    def due(self) -> int:
        """Watermark at which the open row closes: the next deadline."""
        return self.end + self._grace

    def add(self, event: MarketEvent) -> None:
        """Take one event; only trades make bars."""
        if type(event) is Trade:
            if event.event_time >= self.end:
                self._ahead.append(event)
                return
            cells = self._cells
            if event.event_time < self.start:
                cells.late += 1
            cells.add(event)

    def advance(
        self,
        watermark: int,
        trusted: Sequence[bool] | None = None,
        reaches: Sequence[Reach] | None = None,
    ) -> tuple[SampledRow, ...]:
        """Rows that the watermark closes, oldest first.

        Args:
            watermark: ns UTC, the exchange's time.
            trusted: whether each instrument's book is trusted now.
            reaches: where each instrument's plausible prices lie; None: anywhere.
        """
        rows = []
        while watermark >= self.end + self._grace:
            rows.append(self._cells.close(self.end, trusted, reaches))
            self.start, self.end = self.end, self.end + self._interval
            waiting, self._ahead = self._ahead, deque()
            for trade in waiting:
                self.add(trade)
        return tuple(rows)

    def state(self) -> TimeState:
        """What a restart goes on from."""
        return TimeState(self._cells.state(), self.end, tuple(self._ahead))
