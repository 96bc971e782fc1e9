"""Mean reversion from outside the Bollinger bands (STR-02)."""

from math import sqrt

from kedge.domain.forecast import CONFIDENCE, EDGE_BPS, SIGMA_BPS, STOP
from kedge.strategies.contract import strategy


@strategy(
    needs=(
        "zscore({window})",
        "bollinger({window}, {width}).percent",
        "bollinger({window}, {width}).middle",
        "close",
        "volatility({window})",
        "atr({window})",
    ),
    params={"window": 20, "width": 2, "pull": 0.5},
    horizon=10,
    half_life=10,
    expiry=10,
    max_rows=20,
    family="technical",
)
def mean_reversion(window, params, out):  # type: ignore[no-untyped-def]
    """Outside the bands the price is expected back: a share ``pull`` of its distance to the mean.

    No opinion inside the bands: the last forecast decays and expires. An
    edge below its costs is refused by the decision step itself.
    """
    for i in range(window.shape[1]):
        z, percent, middle = window[-1, i, 0], window[-1, i, 1], window[-1, i, 2]
        close, volatility, atr = window[-1, i, 3], window[-1, i, 4], window[-1, i, 5]
        if not (close > 0.0 and volatility > 0.0 and atr > 0.0):
            continue
        if 0.0 <= percent <= 1.0 or percent != percent:
            continue
        out[EDGE_BPS, i] = 1e4 * params[2] * (middle - close) / close
        out[SIGMA_BPS, i] = 1e4 * volatility * sqrt(10.0 / params[0])
        out[CONFIDENCE, i] = 0.62 + 0.35 * min(1.0, max(0.0, abs(z) - params[1]))
        out[STOP, i] = 3.0 * atr
