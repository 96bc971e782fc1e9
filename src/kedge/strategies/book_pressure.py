"""Order-book pressure: the heavier side of the book pushes the price."""

from math import sqrt

from kedge.domain.forecast import CONFIDENCE, EDGE_BPS, SIGMA_BPS
from kedge.strategies.contract import strategy


@strategy(
    needs=("imbalance()", "mean_imbalance", "volatility({window})"),
    params={"window": 60, "pressure_bps": 25.0},
    horizon=5,
    half_life=5,
    expiry=5,
    max_rows=20,
)
def book_pressure(window, params, out):  # type: ignore[no-untyped-def]
    """``edge = 25 (bid size - ask size) / (bid size + ask size)`` bps, sizes at the best prices.

    Needs rows closed from order books; on bars it says nothing. The standard error is
    five rows' volatility over the root of the window. A size that has stood tells more
    than one that has just flashed up: confidence is ``0.40 + 0.45 |imbalance|``, and up to
    0.12 more the nearer the imbalance is to its mean inside the row.
    """
    for i in range(window.shape[1]):
        imbalance, mean, volatility = window[-1, i, 0], window[-1, i, 1], window[-1, i, 2]
        if not (abs(imbalance) <= 1.0 and abs(mean) <= 1.0 and volatility > 0.0):
            continue
        out[EDGE_BPS, i] = params[1] * imbalance
        out[SIGMA_BPS, i] = 1e4 * volatility * sqrt(5.0 / params[0])
        steady = 1.0 - 0.5 * abs(imbalance - mean)
        out[CONFIDENCE, i] = 0.40 + 0.45 * abs(imbalance) + 0.12 * steady
