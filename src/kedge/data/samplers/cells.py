"""The open row: what has been traded of every instrument since the last one closed."""

from collections.abc import Sequence

import msgspec
import numpy as np

from kedge.data.samplers.row import LeftOut, SampledRow
from kedge.data.samplers.zones import (
    NOWHERE,
    Reach,
    Zone,
    bar_of,
    current,
    last_of,
    zone_of,
)
from kedge.domain.errors import DataError
from kedge.domain.market import Trade
from kedge.domain.panel import FRESH, TRADABLE

_MASKED = [0, 0, 0, 0]
_SEEN = TRADABLE | FRESH


class CellsState(msgspec.Struct, frozen=True, array_like=True):
    """Cells as a snapshot keeps them.

    Attributes:
        zones: prints of every instrument in the open row.
        last: event time of every instrument's last print before it, -1 without any.
        number: of the open row.
        at: instant of the last closed row.
        late: late trades in the open row.
    """

    zones: tuple[tuple[Zone, ...], ...]
    last: tuple[int, ...]
    number: int
    at: int
    late: int


class Cells:
    """Running bars of N instruments; a trade costs a few operations.

    Args:
        instruments: N; keys of trades are places below it.
        state: to go on from.
    """

    __slots__ = ("_current", "_last", "_zones", "at", "late", "number")

    def __init__(self, instruments: int, state: CellsState | None = None) -> None:
        if state is not None and len(state.last) != instruments:
            raise DataError(f"a sampler of {len(state.last)} instruments, not of {instruments}")
        zones = state.zones if state else [()] * instruments
        self._zones = [[msgspec.structs.replace(zone) for zone in each] for each in zones]
        self._current = [current(each) for each in self._zones]
        self._last = list(state.last) if state else [-1] * instruments
        self.number, self.at, self.late = (
            (state.number, state.at, state.late) if state else (0, -1, 0)
        )

    def add(self, trade: Trade) -> None:
        """Take one trade into the open row."""
        key, ticks = trade.key, trade.ticks
        zone = self._current[key]
        if not zone.floor <= ticks <= zone.ceiling:
            zone = self._current[key] = zone_of(self._zones[key], ticks)
        if ticks > zone.high:
            zone.high = ticks
        elif ticks < zone.low:
            zone.low = ticks
        zone.close = ticks
        zone.lots += trade.lots
        zone.prints += 1
        if trade.event_time > zone.last:
            zone.last = trade.event_time

    def close(
        self, at: int, trusted: Sequence[bool] | None, reaches: Sequence[Reach] | None = None
    ) -> SampledRow:
        """Close the row at an instant and open the next.

        Args:
            at: ns UTC.
            trusted: whether each instrument's book is; None: all are, or none has one.
            reaches: where each instrument's plausible prices lie; None: anywhere.
        """
        zones, left_out = self._judged(reaches)
        bars = [bar_of(each) for each in zones]
        self._last = [last_of(each, was) for each, was in zip(zones, self._last, strict=True)]
        seen = [bar[4] > 0 for bar in bars]
        if trusted is not None:
            seen = [traded and each for traded, each in zip(seen, trusted, strict=True)]
        cells = list(zip(bars, seen, strict=True))
        row = SampledRow(
            at,
            self.number,
            _frozen([bar[:4] if shown else _MASKED for bar, shown in cells], np.int64),
            _frozen([bar[4] if shown else 0 for bar, shown in cells], np.int64),
            _frozen([_SEEN if shown else 0 for shown in seen], np.uint8),
            _frozen([max(at - last, 0) if last >= 0 else -1 for last in self._last], np.int64),
            self.late,
            left_out,
        )
        self._zones = [[] for _ in self._zones]
        self._current = [NOWHERE] * len(self._zones)
        self.number, self.at, self.late = self.number + 1, at, 0
        return row

    def _judged(
        self, reaches: Sequence[Reach] | None
    ) -> tuple[Sequence[Sequence[Zone]], tuple[LeftOut, ...]]:
        """Zones that make the row, and what is left out of it."""
        if reaches is None:
            return self._zones, ()
        taken, left_out = [], []
        for n, (zones, reach) in enumerate(zip(self._zones, reaches, strict=True)):
            if all(map(reach.holds, zones)):
                taken.append(zones)
                continue
            wide = reach.over(zones)
            taken.append([zone for zone in zones if wide.holds(zone)])
            if bad := [zone for zone in zones if not wide.holds(zone)]:
                left_out.append(_left_out(n, bad, wide))
        return taken, tuple(left_out)

    def state(self) -> CellsState:
        """What a restart goes on from."""
        zones = tuple(tuple(map(msgspec.structs.replace, each)) for each in self._zones)
        return CellsState(zones, tuple(self._last), self.number, self.at, self.late)


def _left_out(instrument: int, zones: Sequence[Zone], reach: Reach) -> LeftOut:
    low, high = min(zone.low for zone in zones), max(zone.high for zone in zones)
    prints = sum(zone.prints for zone in zones)
    return LeftOut(instrument, prints, low, high, reach.low, reach.high)


def _frozen(values: list[int] | list[list[int]], kind: type) -> np.ndarray:
    """Values as an array that nobody may write to."""
    array: np.ndarray = np.array(values, kind)
    array.flags.writeable = False
    return array
