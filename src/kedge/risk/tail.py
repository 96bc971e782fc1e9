"""Value at risk and expected shortfall: Student-t factors and historical scenarios."""

from math import sqrt

import numpy as np

from kedge.domain import state as o
from kedge.domain.compiled import compiled


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
    from scipy.stats import t as student

    quantile = float(student.ppf(confidence, dof))
    scale = sqrt((dof - 2.0) / dof)
    density = float(student.pdf(quantile, dof))
    shortfall = density / (1.0 - confidence) * (dof + quantile**2) / (dof - 1.0)
    return scale * quantile, scale * shortfall


@compiled
def historical_tail(
    row: int, count: int, tail: float, F: np.ndarray, scen: np.ndarray
) -> tuple[float, float]:
    """Historical VaR and ES of the weights in ``F[row]``.

    Args:
        row: which row of ``F`` holds the weights.
        count: scenarios filled, at most ``SCENARIOS``.
        tail: 1 - confidence.
        scen: (N + 2, SCENARIOS) session returns; the last two rows are scratch.

    Returns:
        The ``floor(tail * count) + 1``-th largest loss and the mean of as many
        largest losses.
    """
    n_instruments = scen.shape[0] - 2
    m = min(count, o.SCENARIOS)
    loss, worst = n_instruments, n_instruments + 1
    for j in range(m):
        scen[loss, j] = 0.0
    for i in range(n_instruments):
        w = F[row, i]
        if w != 0.0:
            for j in range(m):
                scen[loss, j] -= w * scen[i, j]
    keep = int(tail * m) + 1
    filled = 0
    for j in range(m):
        x = scen[loss, j]
        if filled == keep and x <= scen[worst, keep - 1]:
            continue
        at = min(filled, keep - 1)
        while at > 0 and scen[worst, at - 1] < x:
            scen[worst, at] = scen[worst, at - 1]
            at -= 1
        scen[worst, at] = x
        filled = min(filled + 1, keep)
    total = 0.0
    for j in range(keep):
        total += scen[worst, j]
    return scen[worst, keep - 1], total / keep
