"""How long the blocks of a stationary bootstrap should be.

Politis and White (2004), "Automatic block-length selection for the dependent
bootstrap", with the correction of Patton, Politis and White (2009).
"""

import math

import numpy as np

from kedge.domain.panel import F64


def optimal_block_length(series: F64) -> float:
    """Expected block length that minimises the error of the mean's variance.

    The bandwidth is twice the lag from which a run of autocorrelations stays
    inside the band ``2 sqrt(log10(D) / D)``; a flat-top window over the
    autocovariances then gives ``(2 G^2 / (2 s^4) D)^(1/3)``, s^2 being the
    long-run variance.

    Args:
        series: (D,) stationary observations.

    Returns:
        A length of at least 1 and at most ``ceil(min(3 sqrt(D), D / 3))``; 1 for
        a constant series or one too short to estimate from.
    """
    days = len(series)
    centred = series - series.mean() if days else series
    if days < 9 or not float((centred**2).sum()) > 0.0:
        return 1.0
    run = max(5, int(math.log10(days)))
    furthest = math.ceil(math.sqrt(days)) + run
    lags = min(furthest + 1, days - 1)
    covariance = autocovariance(centred, lags)
    half = _first_quiet_lag(centred, run, lags)
    bandwidth = min(2 * max(half, 1), furthest, lags - 1)
    steps = np.arange(1, bandwidth + 1)
    window = np.minimum(1.0, 2.0 * (1.0 - steps / bandwidth))
    spread = 2.0 * float((window * steps * covariance[1 : bandwidth + 1]).sum())
    long_run = float(covariance[0] + 2.0 * (window * covariance[1 : bandwidth + 1]).sum())
    if long_run == 0.0:
        return 1.0
    # the ratio is squared, not its parts: squares of tiny variances are zero
    length = ((spread / long_run) ** 2 * days) ** (1.0 / 3.0)
    return float(min(max(length, 1.0), math.ceil(min(3.0 * math.sqrt(days), days / 3.0))))


def autocovariance(centred: F64, lags: int) -> F64:
    """(lags + 1,) autocovariances of a centred series, divided by D at every lag."""
    days = len(centred)
    sums = [float(centred[lag:] @ centred[: days - lag]) for lag in range(lags + 1)]
    return np.asarray(sums) / days


def _first_quiet_lag(centred: F64, run: int, lags: int) -> int:
    """First lag of the first ``run`` insignificant autocorrelations in a row.

    The paper takes the lag before it; the authors' program, and those written
    after it, take the first quiet one, and so does this. Each autocorrelation
    is normalised by the two stretches it is made of. Without such a run, the
    largest significant lag.
    """
    days = len(centred)
    loud = np.empty(lags)
    band = 2.0 * math.sqrt(math.log10(days) / days)
    for lag in range(1, lags + 1):
        ahead, behind = centred[lag:], centred[: days - lag]
        scale = math.sqrt(float(ahead @ ahead)) * math.sqrt(float(behind @ behind))
        loud[lag - 1] = scale > 0.0 and abs(float(ahead @ behind)) > band * scale
    for lag in range(lags - run + 1):
        if not loud[lag : lag + run].any():
            return lag + 1
    significant = np.flatnonzero(loud)
    return int(significant[-1]) + 1 if len(significant) else 0
