"""How much worse than the market's price a fill was."""

import numpy as np

from kedge.domain import state as o
from kedge.domain.panel import F64, I64
from kedge.domain.reason import Reason


def slippage_bps(fills: I64) -> F64:
    """(K,) basis points a fill was worse than the bar's price; a haircut is no slippage."""
    base, worse = fills[:, o.FILL_BASE], fills[:, o.FILL_TICKS] - fills[:, o.FILL_BASE]
    bps = 1e4 * np.sign(fills[:, o.FILL_LOTS]) * worse / np.maximum(base, 1)
    return np.where(fills[:, o.FILL_REASON] == int(Reason.DELISTED), 0.0, bps)
