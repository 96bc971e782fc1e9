"""Size of a position: stop distance, then Kelly, then confidence (section 7)."""

from kedge.domain.compiled import scalar


@scalar
def wanted(
    net_bps: float,
    sigma_bps: float,
    confidence: float,
    ticks: float,
    last: int,
    sigma_session: float,
    risk_per_trade: float,
    kelly: float,
    sessions: float,
) -> float:
    """Unsigned target weight before the limits; each stage only reduces.

    Args:
        net_bps: expected edge less its share of costs, over the horizon.
        sigma_bps: standard error of the edge over the horizon.
        confidence: in [0, 1].
        ticks: stop distance.
        last: last price in ticks: their ratio is the fraction lost at the stop.
        sigma_session: volatility of one session's return.
        risk_per_trade: fraction of equity lost at the stop.
        kelly: fraction of the growth-optimal weight (Kelly 1956, BSTJ 35).
        sessions: horizon in sessions.

    Returns:
        Fraction of equity.
    """
    weight = risk_per_trade * last / ticks
    error = sigma_bps * 1e-4
    variance = sigma_session * sigma_session * sessions + error * error
    if variance > 0.0:
        weight = min(weight, kelly * net_bps * 1e-4 / variance)
    return weight * confidence
