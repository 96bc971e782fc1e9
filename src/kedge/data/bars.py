"""Bars made from columns of floats: instants, ticks, and the close-only proxy."""

import numpy as np
import numpy.typing as npt

from kedge.data.calendars import closing_instants
from kedge.data.intervals import DAY
from kedge.data.ticks import to_ticks
from kedge.domain.instrument import Instrument
from kedge.domain.panel import F64, I64
from kedge.ports.store import Bars


def close_only_prices(close: F64) -> F64:
    """(n, 4) prices from closes: the declared range proxy.

    Open is the previous close (the first its own), high and low are the larger
    and the smaller of open and close, so a range is never invented.
    """
    opened = np.concatenate([close[:1], close[:-1]])
    return np.stack([opened, np.maximum(opened, close), np.minimum(opened, close), close], axis=1)


def close_instants(instrument: Instrument, ts: I64, interval: int) -> I64:
    """(n,) when bars that opened at ``ts`` closed, ns UTC.

    Daily bars close with their session (early closes included), others after
    ``interval`` ns.
    """
    if interval == DAY:
        return closing_instants(instrument.calendar, ts)
    return np.asarray(ts + interval, dtype=np.int64)


def make_bars(
    instrument: Instrument,
    interval: int,
    ts: I64,
    prices: F64,
    volume: npt.NDArray[np.float64],
    available_at: I64 | None = None,
) -> Bars:
    """Bars of one instrument from floats.

    Args:
        instrument: gives tick and calendar.
        interval: length of a bar, ns.
        ts: (n,) open instants, or session dates at 00:00 UTC for daily bars.
        prices: (n, 4) open, high, low, close in quote currency.
        volume: (n,) base units, NaN where unknown.
        available_at: (n,) instants; by default when each bar closed.
    """
    closed = close_instants(instrument, ts, interval)
    known = closed if available_at is None else np.maximum(available_at, closed)
    return Bars(ts, closed, known, to_ticks(prices, instrument.tick), volume)
