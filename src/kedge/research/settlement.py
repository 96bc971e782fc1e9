"""The dates of a run's fills: the session they belong to, and the day on which they settle.

Business days are the sessions of the instrument's own exchange.
"""

import numpy as np

from kedge.data.calendars import session_dates
from kedge.domain import state as o
from kedge.domain.instrument import Instrument
from kedge.domain.panel import I64
from kedge.domain.settlement import settle_days
from kedge.research.run import Run


def dates_of_fills(run: Run) -> tuple[np.ndarray, np.ndarray]:
    """(K,) trade dates and (K,) settle dates of the fills, datetime64 in days."""
    who, ts = run.fills[:, o.FILL_INSTRUMENT], run.panel.ts[run.fills[:, o.FILL_ROW]]
    traded, settled = (np.zeros(len(ts), "datetime64[D]") for _ in range(2))
    for n in np.unique(who).tolist():
        mine, instrument = who == n, run.panel.instruments[n]
        traded[mine] = trade_dates(instrument, ts[mine])
        settled[mine] = settle_dates(instrument, ts[mine])
    return traded, settled


def trade_dates(instrument: Instrument, ts: I64) -> np.ndarray:
    """(K,) dates of the sessions that instants (K,) belong to."""
    own = session_dates(instrument.calendar, ts, np.zeros(len(ts), np.int64))
    return own.astype("datetime64[ns]").astype("datetime64[D]")


def settle_dates(instrument: Instrument, ts: I64) -> np.ndarray:
    """(K,) dates on which trades made at instants (K,) settle."""
    days = [settle_days(instrument, day) for day in trade_dates(instrument, ts).tolist()]
    settled = session_dates(instrument.calendar, ts, np.array(days, np.int64))
    return settled.astype("datetime64[ns]").astype("datetime64[D]")
