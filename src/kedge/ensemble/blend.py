"""One edge and one confidence per instrument: precision-weighted, shrunk (section 6)."""

from math import inf

import numpy as np

from kedge.domain import state as o
from kedge.domain.arithmetic import clip
from kedge.domain.compiled import inlined


@inlined
def blend(
    n: int,
    live: int,
    weight_prior: float,
    weight_precision: float,
    SP: np.ndarray,
    P: np.ndarray,
    Q: np.ndarray,
    F: np.ndarray,
    SF: np.ndarray,
    G: np.ndarray,
) -> tuple[float, float, float, float, float]:
    """Blend the live forecasts of instrument ``n``.

    Args:
        live: number of live forecasts; at least 1. A strategy without one has
            a negative age.
        weight_prior: sum of priors over live strategies.
        weight_precision: sum of precision x skill over live strategies.

    Returns:
        ``(edge_bps, sigma_bps, confidence, stop, tau)``: stop in adjusted price
        units (0 when no agreeing strategy gives one), tau the share of a
        round trip's cost that falls on one horizon.

    Sources: precision weighting with shrinkage towards a prior is the posterior
    mean of a normal model with a conjugate prior worth ``K`` observations
    (Gelman et al., Bayesian Data Analysis, 3rd ed., section 2.5).
    """
    S, C = Q[o.Q_STRATEGIES], Q[o.Q_CURRENCIES]
    shrink = G[o.G_SHRINK]
    by_prior = shrink / weight_prior
    by_precision = (1.0 - shrink) / weight_precision
    edge = 0.0
    sigma = 0.0
    for s in range(S):
        b = s * o.SF_
        if SF[b + o.SF_AGE, n] < 0.0:
            continue
        scaled = SF[b + o.SF_SIGMA, n] * SP[s, o.SP_FACTOR]
        skill = G[o.G_ + C + S + s]
        w = by_prior * SP[s, o.SP_PRIOR] + by_precision * (skill / (scaled * scaled))
        SF[b + o.SF_W, n] = w
        edge += w * SF[b + o.SF_E, n]
        sigma += w * scaled
    opinion = agree = conf = stop = stop_weight = tau = 0.0
    context = F[o.F_QUALITY, n] * F[o.F_VOL_FACTOR, n]
    for s in range(S):
        b = s * o.SF_
        if SF[b + o.SF_AGE, n] < 0.0:
            continue
        e = SF[b + o.SF_E, n]
        w = SF[b + o.SF_W, n]
        if e == 0.0:
            continue
        opinion += w
        if e * edge <= 0.0:
            continue
        agree += w
        conf += w * clip(SF[b + o.SF_CONFIDENCE, n] * context * G[o.G_ + C + s], 0.0, 1.0)
        tau += w * SP[s, o.SP_TAU]
        distance = SF[b + o.SF_STOP, n]
        if 0.0 < distance < inf:
            stop += w * distance
            stop_weight += w
    if agree == 0.0:
        return edge, sigma, 0.0, 0.0, 1.0
    if stop_weight > 0.0:
        stop = stop / stop_weight
    return edge, sigma, conf / opinion, stop, tau / agree
