"""What a strategy says about an instrument, and where each number stands in a row.

Strategies write forecasts into a ``(FIELDS, instruments)`` float64 array whose
rows are named here; a `Forecast` is one cell of it as a value.
"""

from math import isfinite
from typing import Final

import msgspec

EDGE_BPS: Final = 0
SIGMA_BPS: Final = 1
CONFIDENCE: Final = 2
STOP: Final = 3
TARGET: Final = 4
TRAIL: Final = 5
FIELDS: Final = 6
"""Edge, its standard error, confidence, and stop, target and trailing distances."""


class Forecast(msgspec.Struct, frozen=True, kw_only=True):
    """One strategy's view of one instrument.

    Attributes:
        strategy: whose view, and whose sub-book.
        instrument: entity id.
        edge_bps: expected return over the horizon before cost, basis points.
        sigma_bps: its standard error over the same horizon.
        horizon_ns: that edge and sigma refer to.
        half_life_ns: in which an edge that is not renewed halves.
        issued_at, expires_at: ns UTC; at ``expires_at`` it still counts.
        confidence: evidence score in [0, 1]; what the gate reads.
        stop_distance: price units, None without a suggestion.
        p_up: calibrated probability of a rise, None where nothing calibrates it. It is
            no confidence: a calibrated 0.6 would be an extraordinary forecast.

    Raises:
        ValueError: what `flaw` says, or a probability, distance or time that cannot be.
    """

    strategy: str
    instrument: str
    edge_bps: float
    sigma_bps: float
    horizon_ns: int
    half_life_ns: int
    issued_at: int
    expires_at: int
    confidence: float
    stop_distance: float | None = None
    p_up: float | None = None

    def __post_init__(self) -> None:
        wrong = flaw(self.edge_bps, self.sigma_bps, self.confidence) or self._flaw()
        if wrong:
            raise ValueError(f"forecast of {self.instrument} by {self.strategy}: {wrong}")

    def _flaw(self) -> str:
        if self.horizon_ns <= 0 or self.half_life_ns <= 0:
            return "horizon and half-life must be above 0"
        if self.expires_at < self.issued_at:
            return "expires before it was issued"
        if self.stop_distance is not None and not 0.0 < self.stop_distance < float("inf"):
            return f"stop distance {self.stop_distance:g} is not above 0 and finite"
        if self.p_up is not None and not 0.0 <= self.p_up <= 1.0:
            return f"p_up {self.p_up:g} is not between 0 and 1"
        return ""


def flaw(edge_bps: float, sigma_bps: float, confidence: float) -> str:
    """Why three numbers are no forecast; empty when they are one (docs/life-of-a-row.md, 5)."""
    if not isfinite(edge_bps):
        return f"edge {edge_bps:g} is not finite"
    if not (isfinite(sigma_bps) and sigma_bps > 0.0):
        return f"sigma {sigma_bps:g} is not above 0"
    if not 0.0 <= confidence <= 1.0:
        return f"confidence {confidence:g} is not between 0 and 1"
    return ""
