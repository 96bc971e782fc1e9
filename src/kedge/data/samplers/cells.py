"""The open row: what has been traded of every instrument since the last one closed."""

from collections.abc import Sequence

import msgspec
import numpy as np

from kedge.data.samplers.row import SampledRow
from kedge.domain.errors import DataError
from kedge.domain.market import Trade
from kedge.domain.panel import FRESH, TRADABLE

_NEW = (0, 0, 0, 0, 0)
_MASKED = [0, 0, 0, 0]
_SEEN = TRADABLE | FRESH


class CellsState(msgspec.Struct, frozen=True, array_like=True):
    """Cells as a snapshot keeps them.

    Attributes:
        bars: open, high, low, close and lots of every instrument.
        last: event time of every instrument's last trade, -1 without any.
        number: of the open row.
        at: instant of the last closed row.
        late: late trades in the open row.
    """

    bars: tuple[tuple[int, int, int, int, int], ...]
    last: tuple[int, ...]
    number: int
    at: int
    late: int


class Cells:
    """Running bars of N instruments; a trade costs a few list operations.

    Args:
        instruments: N; keys of trades are places below it.
        state: to go on from.
    """

    __slots__ = ("_bars", "_last", "at", "late", "number")

    def __init__(self, instruments: int, state: CellsState | None = None) -> None:
        if state is not None and len(state.last) != instruments:
            raise DataError(f"a sampler of {len(state.last)} instruments, not of {instruments}")
        self._bars = [list(b) for b in (state.bars if state else [_NEW] * instruments)]
        self._last = list(state.last) if state else [-1] * instruments
        self.number, self.at, self.late = (
            (state.number, state.at, state.late) if state else (0, -1, 0)
        )

    def add(self, trade: Trade) -> None:
        """Take one trade into the open row."""
        key, ticks = trade.key, trade.ticks
        bar = self._bars[key]
        if bar[4] == 0:
            bar[0] = bar[1] = bar[2] = ticks
        elif ticks > bar[1]:
            bar[1] = ticks
        elif ticks < bar[2]:
            bar[2] = ticks
        bar[3] = ticks
        bar[4] += trade.lots
        if trade.event_time > self._last[key]:
            self._last[key] = trade.event_time

    def close(self, at: int, trusted: Sequence[bool] | None) -> SampledRow:
        """Close the row at an instant and open the next.

        Args:
            at: ns UTC.
            trusted: whether each instrument's book is; None: all are, or none has one.
        """
        seen = [bar[4] > 0 for bar in self._bars]
        if trusted is not None:
            seen = [traded and each for traded, each in zip(seen, trusted, strict=True)]
        cells = list(zip(self._bars, seen, strict=True))
        row = SampledRow(
            at,
            self.number,
            _frozen([bar[:4] if shown else _MASKED for bar, shown in cells], np.int64),
            _frozen([bar[4] if shown else 0 for bar, shown in cells], np.int64),
            _frozen([_SEEN if shown else 0 for shown in seen], np.uint8),
            _frozen([max(at - last, 0) if last >= 0 else -1 for last in self._last], np.int64),
            self.late,
        )
        self._bars = [list(_NEW) for _ in self._bars]
        self.number, self.at, self.late = self.number + 1, at, 0
        return row

    def state(self) -> CellsState:
        """What a restart goes on from."""
        bars = tuple((b[0], b[1], b[2], b[3], b[4]) for b in self._bars)
        return CellsState(bars, tuple(self._last), self.number, self.at, self.late)


def _frozen(values: list[int] | list[list[int]], kind: type) -> np.ndarray:
    """Values as an array that nobody may write to."""
    array: np.ndarray = np.array(values, kind)
    array.flags.writeable = False
    return array
