"""The technical engine: SMA, MACD, RSI and ATR with a base confidence."""

from math import sqrt

from kedge.domain.forecast import CONFIDENCE, EDGE_BPS, SIGMA_BPS, STOP
from kedge.strategies.contract import strategy


@strategy(
    needs=(
        "sma({fast})",
        "sma({slow})",
        "macd(12, 26, 9).hist",
        "rsi({rsi})",
        "atr({rsi})",
        "close",
        "volatility({fast})",
    ),
    params={"fast": 20, "slow": 50, "rsi": 14},
    horizon=5,
    half_life=10,
    expiry=10,
)
def technical(window, params, out):  # type: ignore[no-untyped-def]
    """Three votes: trend (0.40), MACD histogram (0.35), RSI (0.25), each in [-1, 1].

    Trend is the gap of the averages over two average true ranges, MACD its
    histogram over half of one, RSI its distance from 50 over 20; an RSI beyond
    80 or below 20 is stretched and votes the other way. The expected move is
    0.3 average true ranges times the score, and 0 below a score of 0.3; its
    standard error five rows' volatility over the root of the fast window. Base
    confidence is ``0.45 + 0.5 |score|``; the stop lies three true ranges away.
    """
    for i in range(window.shape[1]):
        fast, slow, hist = window[-1, i, 0], window[-1, i, 1], window[-1, i, 2]
        rsi, atr, close = window[-1, i, 3], window[-1, i, 4], window[-1, i, 5]
        volatility = window[-1, i, 6]
        if not (fast > 0.0 and slow > 0.0 and atr > 0.0 and close > 0.0 and volatility > 0.0):
            continue
        if hist != hist or rsi != rsi:
            continue
        trend = max(-1.0, min(1.0, (fast - slow) / (2.0 * atr)))
        push = max(-1.0, min(1.0, hist / (0.5 * atr)))
        strength = (rsi - 50.0) / 20.0
        if rsi > 80.0:
            strength = -1.0
        elif rsi < 20.0:
            strength = 1.0
        score = 0.40 * trend + 0.35 * push + 0.25 * max(-1.0, min(1.0, strength))
        out[EDGE_BPS, i] = 3000.0 * score * atr / close if abs(score) >= 0.3 else 0.0
        out[SIGMA_BPS, i] = 1e4 * volatility * sqrt(5.0 / params[0])
        out[CONFIDENCE, i] = 0.45 + 0.5 * abs(score)
        out[STOP, i] = 3.0 * atr
