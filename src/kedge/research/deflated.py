"""Probabilistic and deflated Sharpe ratio.

Bailey and Lopez de Prado (2012), "The Sharpe ratio efficient frontier", and
(2014), "The deflated Sharpe ratio: correcting for selection bias, backtest
overfitting and non-normality". Sharpe ratios here are per observation (a day),
not annual, unless a name says otherwise.
"""

import math

import msgspec
import numpy as np
from scipy.special import ndtr, ndtri

from kedge.domain.panel import F64
from kedge.research.metrics import deviation, ratio

EULER_GAMMA = 0.5772156649015329


class Moments(msgspec.Struct, frozen=True, kw_only=True):
    """What the probabilistic Sharpe ratio needs to know of a return series.

    Attributes:
        sharpe: mean over standard deviation, per observation.
        skew: third standardised moment.
        kurtosis: fourth standardised moment; 3 for a normal distribution.
        observations: T.
    """

    sharpe: float
    skew: float
    kurtosis: float
    observations: int


def moments(excess: F64) -> Moments:
    """Moments of (T,) excess or residual returns; NaN where they are not defined."""
    spread = deviation(excess)
    if not spread > 0.0:
        nan = float("nan")
        return Moments(sharpe=nan, skew=nan, kurtosis=nan, observations=len(excess))
    z = (excess - excess.mean()) / excess.std()
    return Moments(
        sharpe=float(excess.mean()) / spread,
        skew=float((z**3).mean()),
        kurtosis=float((z**4).mean()),
        observations=len(excess),
    )


def sharpe_variance_factor(sharpe: float, skew: float, kurtosis: float) -> float:
    """``1 - skew SR + (kurtosis - 1) / 4 SR^2``: T - 1 times the variance of SR.

    Mertens (2002); 1 + SR^2 / 2 for a normal distribution.
    """
    return 1.0 - skew * sharpe + (kurtosis - 1.0) / 4.0 * sharpe**2


def probabilistic_sharpe(observed: Moments, benchmark: float) -> float:
    """Probability that the true Sharpe ratio exceeds ``benchmark``.

    Args:
        observed: moments of the returns.
        benchmark: Sharpe ratio to beat, per observation.

    Returns:
        A probability; NaN when the moments are not defined or T < 2.
    """
    factor = sharpe_variance_factor(observed.sharpe, observed.skew, observed.kurtosis)
    if observed.observations < 2 or not factor > 0.0:
        return float("nan")
    distance = (observed.sharpe - benchmark) * math.sqrt(observed.observations - 1)
    return float(ndtr(distance / math.sqrt(factor)))


def expected_maximum(trials: float) -> float:
    """Expected maximum of ``trials`` independent standard normals, approximately.

    ``(1 - g) z(1 - 1/N) + g z(1 - 1/(N e))`` with Euler's g; 0 for a single
    trial, from which nothing was selected, and never below 0.
    """
    if trials <= 1.0:
        return 0.0
    common = (1.0 - EULER_GAMMA) * ndtri(1.0 - 1.0 / trials)
    return max(0.0, float(common + EULER_GAMMA * ndtri(1.0 - 1.0 / (trials * math.e))))


def expected_maximum_sharpe(trials: float, variance: float) -> float:
    """SR0: the best Sharpe ratio to expect of trials without any skill.

    The deflated Sharpe ratio is `probabilistic_sharpe` with this as the benchmark.

    Args:
        trials: (effective) number of independent trials.
        variance: of the trials' Sharpe ratios, per observation.
    """
    return math.sqrt(variance) * expected_maximum(trials)


def daily_sharpes(series: F64) -> F64:
    """(K,) Sharpe ratio per observation of each column of (D, K), NaN skipped."""
    columns = [column[np.isfinite(column)] for column in series.T]
    return np.array(
        [ratio(float(c.mean()), deviation(c)) if len(c) else np.nan for c in columns], np.float64
    )
