"""Breakout on expanding volatility, with ATR stop and target."""

from math import sqrt

from kedge.domain.forecast import CONFIDENCE, EDGE_BPS, SIGMA_BPS, STOP, TARGET, TRAIL
from kedge.strategies.contract import strategy


@strategy(
    needs=(
        "close",
        "lag(donchian({channel}).upper, 1)",
        "lag(donchian({channel}).lower, 1)",
        "atr({atr})",
        "volatility_ratio({atr}, 50)",
        "volatility({channel})",
    ),
    params={"channel": 20, "atr": 14, "expansion": 1.1, "stop": 2.0, "target": 4.0},
    horizon=10,
    half_life=10,
    expiry=20,
    max_rows=40,
)
def breakout(window, params, out):  # type: ignore[no-untyped-def]
    """A close beyond the channel of the rows before it, while volatility expands, runs on.

    Volatility expands where that of ``atr`` rows is ``expansion`` times that of 50.
    The expected move is a quarter of an average true range over ten rows; its
    standard error ten rows' volatility over the root of the channel's rows;
    confidence ``0.62 + 0.35 min(1, ratio - expansion)``. The stop lies two average
    true ranges away, the target four, and a stop of three trails.
    """
    for i in range(window.shape[1]):
        close, upper, lower = window[-1, i, 0], window[-1, i, 1], window[-1, i, 2]
        atr, expansion, volatility = window[-1, i, 3], window[-1, i, 4], window[-1, i, 5]
        if not (close > 0.0 and atr > 0.0 and volatility > 0.0 and expansion >= params[2]):
            continue
        if close > upper:
            side = 1.0
        elif close < lower:
            side = -1.0
        else:
            continue
        out[EDGE_BPS, i] = side * 2500.0 * atr / close
        out[SIGMA_BPS, i] = 1e4 * volatility * sqrt(10.0 / params[0])
        out[CONFIDENCE, i] = 0.62 + 0.35 * min(1.0, expansion - params[2])
        out[STOP, i] = params[3] * atr
        out[TARGET, i] = params[4] * atr
        out[TRAIL, i] = 3.0 * atr
