"""Moving-average momentum."""

from math import sqrt

from kedge.domain.forecast import CONFIDENCE, EDGE_BPS, SIGMA_BPS
from kedge.strategies.contract import strategy


@strategy(
    needs=("sma({short})", "sma({long})", "volatility({long})", "atr({short})"),
    params={"short": 20, "long": 60},
    family="momentum",
)
def ma_momentum(window, params, out):  # type: ignore[no-untyped-def]
    """A short average above a long one goes on: ``edge = 40 (short - long) / long`` bps a row.

    The standard error is one row's volatility over the root of the long
    window; confidence ``0.60 + 0.38 min(1, |short - long| / 3 average true ranges)``.
    """
    for i in range(window.shape[1]):
        short, long = window[-1, i, 0], window[-1, i, 1]
        volatility, atr = window[-1, i, 2], window[-1, i, 3]
        if not (long > 0.0 and volatility > 0.0 and atr > 0.0 and short > 0.0):
            continue
        gap = (short - long) / long
        out[EDGE_BPS, i] = 40.0 * gap
        out[SIGMA_BPS, i] = 1e4 * volatility / sqrt(params[1])
        out[CONFIDENCE, i] = 0.60 + 0.38 * min(1.0, abs(short - long) / (3.0 * atr))
