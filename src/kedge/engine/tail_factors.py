"""Value at risk and expected shortfall of a Student-t return, in standard deviations."""

from math import sqrt

import numpy as np
from scipy.special import poch, stdtrit


def student_t_factors(confidence: float, dof: float) -> tuple[float, float]:
    """Multiples of the standard deviation that give VaR and ES.

    Args:
        confidence: such as 0.95.
        dof: degrees of freedom, above 2.

    Returns:
        ``(z, y)``: VaR is ``z * sigma``, ES is ``y * sigma``, with returns scaled
        to unit variance (McNeil, Frey, Embrechts: Quantitative Risk Management,
        2nd ed. 2015, examples 2.14 and 2.15).
    """
    quantile = float(stdtrit(dof, confidence))
    scale = sqrt((dof - 2.0) / dof)
    density = student_t_density(quantile, dof)
    shortfall = density / (1.0 - confidence) * (dof + quantile**2) / (dof - 1.0)
    return scale * quantile, scale * shortfall


def student_t_density(x: float, dof: float) -> float:
    """Student's t density to the last bit of ``scipy.stats``, which takes 40 MB to import."""
    rising = np.log(poch(0.5 * dof, 0.5)) - 0.5 * (np.log(dof) + np.log(np.pi))
    return float(np.exp(rising - (dof + 1.0) / 2.0 * np.log1p(x * x / dof)))
