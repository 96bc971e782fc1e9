"""Multi-timeframe trend with the roles of DAT-24."""

from math import sqrt

from kedge.domain.forecast import CONFIDENCE, EDGE_BPS, SIGMA_BPS
from kedge.strategies.contract import strategy


@strategy(
    needs=(
        "ema({fast})",
        "ema({slow})",
        'at("{confirmation}", ema({fast}))',
        'at("{confirmation}", ema({slow}))',
        'at("{structure}", ema({fast}))',
        'at("{structure}", ema({slow}))',
        'at("{major}", ema({fast}))',
        'at("{major}", ema({slow}))',
        "close",
        "volatility(50)",
    ),
    params={"fast": 8, "slow": 21},
    horizon=1,
    half_life="5d",
    expiry="2d",
    family="momentum",
)
def trend(window, params, out):  # type: ignore[no-untyped-def]
    """Follow the row's own trend where the slower frames agree.

    Roles, on one-minute rows: the row gives the signal, 5 m confirms it, 15 m
    is the structure, 1 h the major trend; coarser rows climb the same ladder.
    The major trend decides the side, structure and confirmation vote. The edge
    is 40 bps times the mean relative gap of the averages that agree.
    """
    for i in range(window.shape[1]):
        close, volatility = window[-1, i, 8], window[-1, i, 9]
        major_slow = window[-1, i, 7]
        if not (close > 0.0 and volatility > 0.0 and major_slow > 0.0):
            continue
        side = 1.0 if window[-1, i, 6] > major_slow else -1.0
        agree = 0.0
        gap = 0.0
        for role in range(3):
            fast, slow = window[-1, i, 2 * role], window[-1, i, 2 * role + 1]
            if side * (fast - slow) > 0.0:
                agree += 1.0
                gap += side * (fast - slow) / slow
        strength = side * (window[-1, i, 6] - major_slow) / major_slow
        if agree < 2.0:
            out[EDGE_BPS, i] = 0.0
        else:
            out[EDGE_BPS, i] = side * 40.0 * (gap + strength) / (agree + 1.0)
        out[SIGMA_BPS, i] = 1e4 * volatility / sqrt(50.0)
        out[CONFIDENCE, i] = 0.40 + 0.15 * agree + 0.10 * min(1.0, strength / (3.0 * volatility))
