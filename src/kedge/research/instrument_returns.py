"""Daily returns of the instruments of a panel, as the benchmarks need them."""

import numpy as np

from kedge.domain.panel import CLOSE, F64, FRESH, Panel
from kedge.research.daily import session_ends


def daily_instrument_returns(panel: Panel) -> F64:
    """Total return of each instrument from its last observed close to this day's.

    Prices are adjusted by the panel's forward factor, so splits move nothing
    and dividends count as reinvested.

    Args:
        panel: the universe, T rows over D sessions.

    Returns:
        (D, N) simple returns; NaN on days without an observation and on the
        first day an instrument is observed.
    """
    seen = ((panel.flags & FRESH) > 0) & (panel.bars[:, CLOSE] > 0)
    price = panel.bars[:, CLOSE] * panel.adjust
    latest = np.where(seen, np.arange(panel.rows)[:, None], -1)
    latest = np.maximum.accumulate(latest, axis=0)[session_ends(panel.session)]
    begins = np.concatenate(([-1], session_ends(panel.session)[:-1]))
    before = np.vstack([np.full(latest.shape[1], -1), latest[:-1]])
    known = (latest > begins[:, None]) & (before >= 0)
    now = np.take_along_axis(price, np.maximum(latest, 0), axis=0)
    then = np.take_along_axis(price, np.maximum(before, 0), axis=0)
    return np.where(known, now / np.where(known, then, 1.0) - 1.0, np.nan)
