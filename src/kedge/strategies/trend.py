"""Multi-timeframe trend: a higher frame gives the direction, lower ones confirm and enter."""

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
        "volatility(50)",
    ),
    params={"fast": 8, "slow": 21},
    family="momentum",
)
def trend(window, params, out):  # type: ignore[no-untyped-def]
    """Follow the major trend where the faster frames agree with it.

    Roles, on one-minute rows: the row is the signal, 5 m confirms it, 15 m is
    the structure, 1 h the major trend; coarser rows climb the same ladder. The
    major trend gives the side; of signal, confirmation and structure two must
    share it, else the edge is 0. The edge is 40 bps a row times the mean
    relative gap ``(fast - slow) / slow`` of the frames that share it, its standard
    error one row's volatility over the root of 50 rows. Confidence is
    ``0.40 + 0.15 agreeing + 0.10 min(1, major gap / 3 volatilities)``.
    """
    for i in range(window.shape[1]):
        fast, slow, volatility = window[-1, i, 6], window[-1, i, 7], window[-1, i, 8]
        if not (fast > 0.0 and slow > 0.0 and volatility > 0.0):
            continue
        major = (fast - slow) / slow
        side = 1.0 if major > 0.0 else -1.0
        agreeing, gaps = 0.0, abs(major)
        for role in range(3):
            fast, slow = window[-1, i, 2 * role], window[-1, i, 2 * role + 1]
            gap = side * (fast - slow) / slow
            if gap > 0.0:
                agreeing += 1.0
                gaps += gap
        out[EDGE_BPS, i] = side * 40.0 * gaps / (agreeing + 1.0) if agreeing >= 2.0 else 0.0
        out[SIGMA_BPS, i] = 1e4 * volatility / sqrt(50.0)
        strength = min(1.0, abs(major) / (3.0 * volatility))
        out[CONFIDENCE, i] = 0.40 + 0.15 * agreeing + 0.10 * strength
