"""How long a record must be before its Sharpe ratio can mean anything.

The length inverts the deflated Sharpe ratio (deflated.py). Over Y years, trials
without skill have annual Sharpe ratios that scatter by 1 / sqrt(Y), so the best
of them is expected at e / sqrt(Y), e being the expected maximum of N standard
normals if N independent ones were tried. A strategy whose true Sharpe ratio is S
is measured with an error of s / sqrt(Y), with s^2 = 1 - skew S' + (kurtosis - 1) / 4 S'^2
and S' its daily Sharpe ratio. It is found at the given confidence with the given
power once ``S - e / sqrt(Y) >= s (z_confidence + z_power) / sqrt(Y)``::

    Y = ((e + s (z_confidence + z_power)) / S)^2
"""

import math

import msgspec
from scipy.special import ndtri

from kedge.research.deflated import Moments, sharpe_variance_factor

STYLISED_SKEW = -0.5
STYLISED_KURTOSIS = 5.0
"""Moments of daily returns assumed where none were measured: mildly left-skewed, fat tails."""


def required_years(
    annual_sharpe: float,
    best: float,
    power: float = 0.95,
    confidence: float = 0.95,
    *,
    skew: float = STYLISED_SKEW,
    kurtosis: float = STYLISED_KURTOSIS,
    per_year: float = 252.0,
) -> float:
    """Years of daily returns after which a true Sharpe ratio is found.

    Args:
        annual_sharpe: true Sharpe ratio, a year.
        best: e, where the best of the trials without skill is expected, in standard errors
            of a Sharpe ratio: `expected_maximum` of N if N independent ones were tried.
        power: probability of finding it.
        confidence: deflated Sharpe ratio to be reached.
        skew: third standardised moment of the daily returns; 0 for a normal distribution.
        kurtosis: fourth standardised moment; 3 for a normal distribution.
        per_year: days a year.

    Returns:
        Years; infinity for a Sharpe ratio that is not positive.
    """
    if not annual_sharpe > 0.0:
        return math.inf
    daily = annual_sharpe / math.sqrt(per_year)
    spread = math.sqrt(sharpe_variance_factor(daily, skew, kurtosis))
    threshold = best + spread * float(ndtri(confidence) + ndtri(power))
    return (threshold / annual_sharpe) ** 2


class TrackRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A measured record and the Sharpe ratio it has to beat.

    Attributes:
        observed: moments of the daily returns.
        benchmark: Sharpe ratio to beat, a day: what the best of so many trials
            without skill is expected to show.
        per_year: days a year.
    """

    observed: Moments
    benchmark: float
    per_year: float

    def further_years(self, confidence: float) -> float:
        """Years to add until the benchmark is beaten, should these moments last.

        0 when the record is long enough, infinity when its Sharpe ratio is undefined or
        not above the benchmark, NaN when the days a year are unknown.
        """
        needed = minimum_track_record(self.observed, self.benchmark, confidence)
        return max(0.0, needed - self.observed.observations) / self.per_year


def minimum_track_record(observed: Moments, benchmark: float, confidence: float = 0.95) -> float:
    """Observations after which the observed Sharpe ratio beats a benchmark.

    ``1 + s^2 (z / (SR - SR*))^2`` of Bailey and Lopez de Prado (2012).

    Args:
        observed: moments of the returns, Sharpe ratio per observation.
        benchmark: Sharpe ratio to beat, per observation.
        confidence: probabilistic Sharpe ratio to be reached.

    Returns:
        Number of observations; infinity when the benchmark is not beaten, as when
        the moments are not defined.
    """
    if not observed.sharpe > benchmark:
        return math.inf
    factor = sharpe_variance_factor(observed.sharpe, observed.skew, observed.kurtosis)
    return 1.0 + factor * float(ndtri(confidence) / (observed.sharpe - benchmark)) ** 2
