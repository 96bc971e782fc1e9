"""Between a closed row as the journal keeps it and the arrays of the decision path."""

from collections.abc import Sequence

import numpy as np

from kedge.domain.instrument import Instrument
from kedge.domain.panel import EVENT, F64, I64, NO_MICRO, U8, Panel
from kedge.domain.row import RowClosed
from kedge.domain.state import Rows
from kedge.engine.blocks import LotVolume

_NO_EVENTS = np.zeros(0, EVENT)
_NO_DATED, _NO_FACTORS = np.zeros((0, 5), np.int64), np.zeros(0)


def closed_row(
    row: int,
    at: int,
    session: int,
    bars: I64,
    volume: F64,
    flags: U8,
    age: I64,
    adjust: F64,
    quotes: I64,
    micro: F64 | None = None,
    late: int = 0,
) -> RowClosed:
    """A row as the journal keeps it.

    Args:
        row, at, session: number, instant (ns UTC) and session.
        bars: (N, 4) ticks.
        volume: (N,) base units.
        flags: (N,) uint8.
        age: (N,) ns.
        adjust: (N,) factors.
        quotes: (keys, 6): the fields of `kedge.domain.control.Quoted`.
        micro: (N, k) microstructure inputs, None without.
        late: events that came too late.
    """
    return RowClosed(
        at,
        row,
        session,
        _raw(bars, np.int64),
        _raw(volume, np.float64),
        _raw(flags, np.uint8),
        _raw(age, np.int64),
        _raw(adjust, np.float64),
        b"" if micro is None else _raw(micro, np.float64),
        _raw(quotes, np.int64),
        late,
    )


def _raw(array: np.ndarray, kind: type) -> bytes:
    return np.ascontiguousarray(array, kind).tobytes()


def panel_of(row: RowClosed, instruments: tuple[Instrument, ...], interval_ns: int) -> Panel:
    """A panel of the one row.

    Raises:
        ValueError: the row is not of these instruments.
    """
    n = len(instruments)
    inputs = np.frombuffer(row.micro, np.float64).reshape(1, n, -1) if row.micro else None
    bars = np.frombuffer(row.bars, np.int64).reshape(1, n, 4)
    return Panel(
        instruments=instruments,
        interval_ns=interval_ns,
        ts=np.array([row.at]),
        session=np.array([row.session]),
        bars=bars.transpose(0, 2, 1),
        volume=np.frombuffer(row.volume, np.float64).reshape(1, n),
        flags=np.frombuffer(row.flags, np.uint8).reshape(1, n),
        age_ns=np.frombuffer(row.age, np.int64).reshape(1, n),
        adjust=np.frombuffer(row.adjust, np.float64).reshape(1, n).copy(),
        events=_NO_EVENTS,
        point_in_time=True,
        fingerprint="",
        sessions_per_year=0.0,
        micro=NO_MICRO if inputs is None else inputs,
    )


def step_row(panel: Panel, forecasts: F64, lots: LotVolume) -> Rows:
    """A panel of one row without events as the step takes it, with its (1, S, N, FIELDS)."""
    return Rows(
        ts=panel.ts,
        session=panel.session,
        bars=np.ascontiguousarray(panel.bars.transpose(0, 2, 1)),
        volume=lots(panel.volume),
        flags=panel.flags,
        adjust=panel.factors(0, 1),
        fc=forecasts,
        ev=_NO_DATED,
        ev_x=_NO_FACTORS,
    )


def rows_of(panel: Panel, quotes: Sequence[I64]) -> list[RowClosed]:
    """Every row of a panel as the journal would keep it, with the quotes of each."""
    return [
        closed_row(
            t,
            int(panel.ts[t]),
            int(panel.session[t]),
            panel.bars[t].T,
            panel.volume[t],
            panel.flags[t],
            panel.age_ns[t],
            panel.adjust[t],
            quotes[t],
            panel.micro[t] if panel.has_micro else None,
        )
        for t in range(panel.rows)
    ]
