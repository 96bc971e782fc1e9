"""One edge and one confidence per instrument: precision-weighted, shrunk (section 6)."""

from kedge.domain import state as o
from kedge.domain.arithmetic import clip
from kedge.domain.compiled import compiled, inlined
from kedge.domain.state import Out, Params, State


@inlined
def alone(n: int, k: int, p: Params, s: State) -> tuple[float, float, float, float, float]:
    """What `blend` comes to for a single live forecast, that of strategy ``k``: weight 1."""
    b = k * o.SF_
    edge = s.SF[n, b + o.SF_E]
    sigma = s.SF[n, b + o.SF_SIGMA] * p.SP[k, o.SP_FACTOR]
    s.SF[n, b + o.SF_W] = 1.0
    if edge == 0.0:
        return 0.0, sigma, 0.0, 0.0, 1.0
    stop = s.SF[n, b + o.SF_STOP]
    if not (stop > 0.0 and stop - stop == 0.0):
        stop = 0.0
    context = s.F[n, o.F_QUALITY] * s.F[n, o.F_VOL_FACTOR]
    record = s.G[o.G_ + p.Q[o.Q_CURRENCIES] + k]
    confidence = clip(s.SF[n, b + o.SF_CONFIDENCE] * context * record, 0.0, 1.0)
    return edge, sigma, confidence, stop, p.SP[k, o.SP_TAU]


@inlined
def _weigh(n: int, p: Params, s: State) -> tuple[float, float]:
    """Weights of the live forecasts; returns the blended edge and its standard error."""
    S, C = p.Q[o.Q_STRATEGIES], p.Q[o.Q_CURRENCIES]
    priors = precisions = 0.0
    for k in range(S):
        b = k * o.SF_
        if s.SF[n, b + o.SF_AGE] < 0.0:
            continue
        scaled = s.SF[n, b + o.SF_SIGMA] * p.SP[k, o.SP_FACTOR]
        precision = s.G[o.G_ + C + S + k] / (scaled * scaled)
        s.SF[n, b + o.SF_P] = precision
        priors += p.SP[k, o.SP_PRIOR]
        precisions += precision
    by_prior = s.G[o.G_SHRINK] / priors
    by_precision = (1.0 - s.G[o.G_SHRINK]) / precisions
    edge = sigma = 0.0
    for k in range(S):
        b = k * o.SF_
        if s.SF[n, b + o.SF_AGE] < 0.0:
            continue
        w = by_prior * p.SP[k, o.SP_PRIOR] + by_precision * s.SF[n, b + o.SF_P]
        s.SF[n, b + o.SF_W] = w
        edge += w * s.SF[n, b + o.SF_E]
        sigma += w * (s.SF[n, b + o.SF_SIGMA] * p.SP[k, o.SP_FACTOR])
    return edge, sigma


@inlined
def blend(n: int, p: Params, s: State) -> tuple[float, float, float, float, float]:
    """Blend the live forecasts of instrument ``n`` (those of non-negative age).

    Returns:
        ``(edge_bps, sigma_bps, confidence, stop, tau)``: stop in adjusted price
        units (0 when no agreeing strategy gives one), tau the share of a
        round trip's cost that falls on one horizon.

    Sources: precision weighting with shrinkage towards a prior is the posterior
    mean of a normal model with a conjugate prior worth ``K`` observations
    (Gelman et al., Bayesian Data Analysis, 3rd ed., section 2.5).
    """
    S, C = p.Q[o.Q_STRATEGIES], p.Q[o.Q_CURRENCIES]
    edge, sigma = _weigh(n, p, s)
    opinion = agree = conf = stop = stop_weight = tau = 0.0
    context = s.F[n, o.F_QUALITY] * s.F[n, o.F_VOL_FACTOR]
    for k in range(S):
        b = k * o.SF_
        e = s.SF[n, b + o.SF_E]
        if s.SF[n, b + o.SF_AGE] < 0.0 or e == 0.0:
            continue
        w = s.SF[n, b + o.SF_W]
        opinion += w
        if e * edge <= 0.0:
            continue
        agree += w
        conf += w * clip(s.SF[n, b + o.SF_CONFIDENCE] * context * s.G[o.G_ + C + k], 0.0, 1.0)
        tau += w * p.SP[k, o.SP_TAU]
        distance = s.SF[n, b + o.SF_STOP]
        if distance > 0.0 and distance - distance == 0.0:
            stop += w * distance
            stop_weight += w
    if agree == 0.0:
        return edge, sigma, 0.0, 0.0, 1.0
    if stop_weight > 0.0:
        stop = stop / stop_weight
    return edge, sigma, conf / opinion, stop, tau / agree


@compiled
def learn(p: Params, s: State, out: Out) -> None:
    """Track records after a row in which virtual trades ended."""
    S, C = p.Q[o.Q_STRATEGIES], p.Q[o.Q_CURRENCIES]
    trades_at = o.K_ + C
    total = 0
    for k in range(S):
        s.K[trades_at + k] += out.ended[0, k]
        s.K[trades_at + S + k] += out.ended[1, k]
        out.ended[0, k] = 0
        out.ended[1, k] = 0
        trades, hits = s.K[trades_at + k], s.K[trades_at + S + k]
        total += trades
        if trades >= p.Q[o.Q_TRACK]:
            z = 2.0 * (hits + 50.0) / (trades + 100.0)
            s.G[o.G_ + C + k] = clip(z, 0.5, 1.0)
            s.G[o.G_ + C + S + k] = clip(z, 0.5, 1.5)
    s.G[o.G_SHRINK] = p.P[o.P_SHRINKAGE] / (p.P[o.P_SHRINKAGE] + total)
