"""A run of rows as the kernels want it: one contiguous series per instrument."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from kedge.data import calendars
from kedge.domain import micro
from kedge.domain.compiled import kernel
from kedge.domain.panel import F64, I64, NO_MICRO, Panel

HOUR_NS = 3_600_000_000_000
DAY_NS = 24 * HOUR_NS


@dataclass(frozen=True, slots=True)
class BarBlock:
    """B consecutive rows of N instruments, instrument-major.

    A cell without a new, tradable observation holds NaN in all its five series.

    Attributes:
        open, high, low, close: (N, B) float64 adjusted prices, in quote.
        volume: (N, B) float64 adjusted base units; NaN where there is none.
        ts: (B,) int64 row instants (bar close), ns UTC.
        session: (B,) int64 session numbers, never decreasing.
        session_open: (B,) int64 start of the row's session, ns UTC.
        session_length: (B,) int64 length of regular trading in that session, ns.
        micro: (K, N, B) float64 inputs from trades and books (`kedge.domain.micro`), prices
            in adjusted quote and sizes in adjusted base units; (0, 0, 0) without any.
    """

    open: F64
    high: F64
    low: F64
    close: F64
    volume: F64
    ts: I64
    session: I64
    session_open: I64
    session_length: I64
    micro: F64 = field(default_factory=lambda: NO_MICRO)

    @property
    def rows(self) -> int:
        """Number of rows B."""
        return len(self.ts)

    @classmethod
    def from_panel(
        cls, panel: Panel, start: int, stop: int, clock: bool = True, book: bool = True
    ) -> "BarBlock":
        """Rows ``start`` to ``stop`` of a panel, adjusted and masked.

        Price = ticks x tick x adjust and volume = volume / adjust, both NaN
        unless the cell is fresh and tradable. Sessions open and close as the
        instruments' common calendar says; where they share none, or trade
        around the clock, a session is the UTC day. A daily or longer row is a
        session of its own. Without ``clock`` both are left empty, and without ``book``
        so are the inputs from trades and books.
        """
        ticks = np.array([float(i.tick) for i in panel.instruments])
        series = np.empty((5, len(panel.instruments), stop - start))
        rows = slice(start, stop)
        _fill(
            panel.bars[rows],
            panel.volume[rows],
            panel.flags[rows],
            panel.factors(start, stop),
            ticks,
            series,
        )
        opens, length = _session_clock(panel, start, stop) if clock else (_NONE, _NONE)
        return cls(
            series[0],
            series[1],
            series[2],
            series[3],
            series[4],
            np.ascontiguousarray(panel.ts[rows]),
            np.ascontiguousarray(panel.session[rows]),
            opens,
            length,
            _micro(panel, start, stop, ticks) if book and panel.has_micro else NO_MICRO,
        )


def blocks(panel: Panel, rows: int) -> Iterator[tuple[int, BarBlock]]:
    """The panel in blocks of at most ``rows`` rows, each with its first row's number."""
    for start in range(0, panel.rows, rows):
        yield start, BarBlock.from_panel(panel, start, min(start + rows, panel.rows))


_NONE = np.zeros(0, dtype=np.int64)


def _session_clock(panel: Panel, start: int, stop: int) -> tuple[I64, I64]:
    """Opening instant and length of each row's session."""
    ts = panel.ts[start:stop]
    if panel.interval_ns >= DAY_NS:
        return ts - panel.interval_ns, np.full(len(ts), panel.interval_ns, np.int64)
    names = {i.calendar for i in panel.instruments}
    if len(names) != 1 or calendars.ALWAYS_OPEN in names:
        return (ts - 1) // DAY_NS * DAY_NS, np.full(len(ts), DAY_NS, np.int64)
    name = names.pop()
    known, number = calendars.sessions(name), calendars.session_numbers(name, ts)
    opens = known.opens[number]
    return opens, known.closes[number] - opens


@kernel
def _fill(
    bars: I64,
    volume: F64,
    flags: np.ndarray,
    adjust: F64,
    ticks: F64,
    out: F64,
) -> None:
    """Write open, high, low, close and volume, (5, N, B), from panel slices.

    Instruments go in groups of a cache line, so that each line is read once.
    """
    instruments = bars.shape[2]
    for first in range(0, instruments, 8):
        for i in range(bars.shape[0]):
            for n in range(first, min(first + 8, instruments)):
                factor = adjust[i, n] if flags[i, n] & 3 == 3 else np.nan
                scale = ticks[n] * factor
                out[0, n, i] = bars[i, 0, n] * scale
                out[1, n, i] = bars[i, 1, n] * scale
                out[2, n, i] = bars[i, 2, n] * scale
                out[3, n, i] = bars[i, 3, n] * scale
                out[4, n, i] = volume[i, n] / factor


_PRICE = np.array([each.price for each in micro.INPUTS])
_HALVES = np.array([round(2 * each.size) for each in micro.INPUTS])


def _micro(panel: Panel, start: int, stop: int, ticks: F64) -> F64:
    """Inputs from trades and books, (K, N, B), in the units of the block."""
    lots = np.array([float(i.lot) for i in panel.instruments])
    out = np.empty((micro.COUNT, len(ticks), stop - start))
    rows = slice(start, stop)
    raw = np.ascontiguousarray(panel.micro[rows])
    _fill_micro(raw, panel.flags[rows], panel.factors(start, stop), ticks, lots, out)
    return out


@kernel
def _fill_micro(raw: F64, flags: np.ndarray, adjust: F64, ticks: F64, lots: F64, out: F64) -> None:
    """Scale (B, N, K) by powers of tick x factor and lot / factor into (K, N, B)."""
    for i in range(raw.shape[0]):
        for n in range(raw.shape[1]):
            shown = flags[i, n] & 3 == 3
            tick, lot = ticks[n] * adjust[i, n], lots[n] / adjust[i, n]
            root = math.sqrt(lot)
            for k in range(raw.shape[2]):
                unit = tick if _PRICE[k] == 1 else 1.0
                for _ in range(_HALVES[k] // 2):
                    unit *= lot
                if _HALVES[k] % 2 == 1:
                    unit *= root
                out[k, n, i] = raw[i, n, k] * unit if shown else np.nan
