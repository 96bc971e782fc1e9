"""The checks of ``kedge data check`` over exactly the bars that a panel was made of."""

import numpy as np

from kedge.data.quality.check import check_bars
from kedge.data.quality.findings import DEFAULTS, Quality
from kedge.domain.panel import FRESH, Panel
from kedge.ports.store import Bars, Store
from kedge.settings import QualityChecks


def check_used(
    store: Store,
    panel: Panel,
    interval: str,
    as_of: int | None = None,
    limits: QualityChecks = DEFAULTS,
) -> tuple[Quality, ...]:
    """Check the bars behind a panel, bad ones that it masks included.

    Of each instrument these are the bars from its first usable one to the panel's last
    row, in their first version, as the panel shows them. An instrument without a
    usable bar is left out.

    Args:
        store: that the panel was read from.
        panel: what is run.
        interval: of its bars, as text.
        as_of: what became available later was not read, ns UTC.
        limits: from when on a check speaks up.

    Raises:
        DataError: the store changed and no longer holds the bars.
    """
    fresh = (panel.flags & FRESH) > 0
    found = []
    for n, instrument in enumerate(panel.instruments):
        if fresh[:, n].any():
            first = int(panel.ts[int(fresh[:, n].argmax())])
            bars = store.first_bars(instrument.id, interval, as_of)
            inside = (bars.available_at >= first) & (bars.available_at <= panel.ts[-1])
            actions = store.actions(instrument.id, as_of)
            own = _only(bars, inside)
            found.append(check_bars(instrument, interval, own, actions, limits=limits))
    return tuple(found)


def _only(bars: Bars, rows: np.ndarray) -> Bars:
    if rows.all():
        return bars
    parts = (bars.ts, bars.closed_at, bars.available_at, bars.prices, bars.volume)
    return Bars(*(part[rows] for part in parts))
