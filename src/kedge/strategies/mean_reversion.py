"""Mean reversion from outside the Bollinger bands."""

from math import sqrt

from kedge.domain.forecast import CONFIDENCE, EDGE_BPS, SIGMA_BPS, STOP
from kedge.strategies.contract import strategy


@strategy(
    needs=(
        "zscore({window})",
        "bollinger({window}, {width}).middle",
        "close",
        "volatility({window})",
        "atr({window})",
    ),
    params={"window": 20, "width": 2.0, "pull": 0.25, "cost_bps": 25.0},
    horizon=10,
    half_life=10,
    expiry=10,
    max_rows=20,
)
def mean_reversion(window, params, out):  # type: ignore[no-untyped-def]
    """Outside the bands the price is expected back: ``edge = pull (mean - close) / close``.

    A close is outside the bands where its z-score exceeds their width. Speaks
    only where the edge exceeds ``cost_bps``, a round trip at retail fees; the
    decision step weighs every edge against its actual cost again. Inside the
    bands the last forecast decays and expires. The standard error is ten rows'
    volatility over the root of the window; confidence
    ``0.62 + 0.35 min(1, |z| - width)``; the stop lies three average true ranges away.
    """
    for i in range(window.shape[1]):
        z, middle, close = window[-1, i, 0], window[-1, i, 1], window[-1, i, 2]
        volatility, atr = window[-1, i, 3], window[-1, i, 4]
        if not (abs(z) > params[1] and close > 0.0 and volatility > 0.0 and atr > 0.0):
            continue
        edge = 1e4 * params[2] * (middle - close) / close
        if not abs(edge) > params[3]:
            continue
        out[EDGE_BPS, i] = edge
        out[SIGMA_BPS, i] = 1e4 * volatility * sqrt(10.0 / params[0])
        out[CONFIDENCE, i] = 0.62 + 0.35 * min(1.0, abs(z) - params[1])
        out[STOP, i] = 3.0 * atr
