"""Market data as the decision path sees it: rows by instruments, in flat arrays.

A row is one decision instant for the whole universe. Prices are raw int64
ticks. A masked cell (not tradable) holds zero ticks and zero volume, is never
filled forward, and neither advances a feature nor fills an order.
"""

from dataclasses import dataclass, field
from enum import IntEnum

import numpy as np
import numpy.typing as npt

from kedge.domain.errors import DataError
from kedge.domain.instrument import Instrument
from kedge.domain.micro import COUNT

I64 = npt.NDArray[np.int64]
F64 = npt.NDArray[np.float64]
U8 = npt.NDArray[np.uint8]

OPEN, HIGH, LOW, CLOSE = 0, 1, 2, 3

TRADABLE = 1
"""Flag bit: orders may fill in this cell."""
FRESH = 2
"""Flag bit: the cell holds a new observation for this row."""
CLOSED = 4
"""Flag bit of a masked cell: its own exchange completed no bar since the row before."""
LEFT = 8
"""Flag bit of a tradable cell: no longer a member of the universe, so orders may only reduce."""


class EventKind(IntEnum):
    """Dated events, applied before the open of their row.

    ``split``: ``a`` new units for ``b`` old ones. ``dividend``: ``x`` settlement
    currency per unit held. ``funding``: rate ``x`` on the position's value, paid
    by longs when positive. ``fx``: ``x`` reporting currency per unit of currency
    number ``index``. ``deal``: delisting at a cash price of ``a`` ticks.
    """

    SPLIT = 1
    DIVIDEND = 2
    FUNDING = 3
    FX = 4
    DEAL = 5


EVENT = np.dtype(
    [("row", "i8"), ("kind", "i8"), ("index", "i8"), ("a", "i8"), ("b", "i8"), ("x", "f8")]
)
"""One event; tables are sorted by row, then by kind, then by index."""

NO_MICRO = np.empty((0, 0, 0))
"""Stands for the microstructure inputs of data that has none."""


@dataclass(frozen=True, slots=True)
class Panel:
    """Aligned history of a universe: T rows, N instruments.

    Attributes:
        instruments: N instruments, in the order of every second axis.
        interval_ns: nominal length of a row.
        ts: (T,) row instant = when the bar closed and became available, ns UTC.
        session: (T,) session number, never decreasing (UTC day or trading day).
        bars: (T, 4, N) int64 ticks: open, high, low, close.
        volume: (T, N) float64 base units; NaN where the source has none.
        flags: (T, N) uint8, `TRADABLE` | `FRESH`, with `LEFT` or not; masked, `CLOSED` or not.
        age_ns: (T, N) ns since the last observation, as of the row's instant. Where no
            cell is masked it may be one 0 seen T x N times (a broadcast view, read-only).
        adjust: (T, N) forward adjustment factor: raw price x factor is the
            continuous series that features see. It changes only on the rows
            where a split or dividend takes effect, so history never moves. Without
            any it may be one 1.0 seen T x N times (a broadcast view, read-only).
        events: structured array of dtype `EVENT`.
        point_in_time: whether membership was known at the time (no survivors).
        fingerprint: content hash of the source data.
        sessions_per_year: sessions a year by the calendar. Not observed: a decision
            may not depend on how long its history goes on.
        micro: (T, N, K) float64 inputs from trades and books, see `kedge.domain.micro`;
            (T, N, 0) where the data are bars and nothing else.
    """

    instruments: tuple[Instrument, ...]
    interval_ns: int
    ts: I64
    session: I64
    bars: I64
    volume: F64
    flags: U8
    age_ns: I64
    adjust: F64
    events: np.ndarray
    point_in_time: bool
    fingerprint: str
    sessions_per_year: float
    micro: F64 = field(default_factory=lambda: NO_MICRO)

    def __post_init__(self) -> None:
        t, n = len(self.ts), len(self.instruments)
        if not self.has_micro:
            object.__setattr__(self, "micro", np.empty((t, n, 0)))
        cells = t, n
        for name, array, shape in (
            ("session", self.session, (t,)),
            ("bars", self.bars, (t, 4, n)),
            ("volume", self.volume, cells),
            ("flags", self.flags, cells),
            ("age_ns", self.age_ns, cells),
            ("adjust", self.adjust, cells),
            ("micro", self.micro, (t, n, COUNT if self.has_micro else 0)),
        ):
            if array.shape != shape:
                raise DataError(f"panel: {name} has shape {array.shape}, not {shape}")
        if t > 1 and not (self.ts[1:] > self.ts[:-1]).all():
            raise DataError("panel: row instants must increase")

    @property
    def rows(self) -> int:
        """Number of rows T."""
        return len(self.ts)

    @property
    def has_micro(self) -> bool:
        """Whether rows carry inputs from trades and order books."""
        return bool(self.micro.shape[-1])

    @property
    def symbols(self) -> tuple[str, ...]:
        """Venue symbols, in column order."""
        return tuple(i.symbol for i in self.instruments)

    def factors(self, start: int, stop: int) -> F64:
        """``adjust`` of rows ``start`` to ``stop`` as compiled code takes it: C-contiguous."""
        part = self.adjust[start:stop]
        return part if part.flags.carray else np.array(part, order="C")

    def window(self, start: int, stop: int) -> "Panel":
        """Rows ``start`` to ``stop`` as a panel of their own (views, not copies)."""
        events = self.events
        inside = (events["row"] >= start) & (events["row"] < stop)
        moved = events[inside].copy()
        moved["row"] -= start
        return Panel(
            self.instruments,
            self.interval_ns,
            self.ts[start:stop],
            self.session[start:stop],
            self.bars[start:stop],
            self.volume[start:stop],
            self.flags[start:stop],
            self.age_ns[start:stop],
            self.adjust[start:stop],
            moved,
            self.point_in_time,
            self.fingerprint,
            self.sessions_per_year,
            self.micro[start:stop],
        )
