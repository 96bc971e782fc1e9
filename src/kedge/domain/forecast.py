"""What a strategy says about an instrument, and where each number stands in a row.

Compiled strategies write forecasts into a ``(FIELDS, instruments)`` float64
array whose rows are named here; `Forecast` is the same thing for people.
"""

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
    """One strategy's expectation for one instrument (QUANT: forecasts).

    Attributes:
        edge_bps: expected return over the horizon before cost, basis points.
        sigma_bps: standard error of ``edge_bps`` over the same horizon.
        horizon_ns: what the edge refers to.
        half_life_ns: time in which an unrefreshed edge halves.
        issued_at, expires_at: int64 ns UTC.
        confidence: evidence score in [0, 1]; not a probability.
        stop_distance: price units, None when the strategy has no view.
        p_up: calibrated probability of a rise, None for a rule.
    """

    edge_bps: float
    sigma_bps: float
    horizon_ns: int
    half_life_ns: int
    issued_at: int
    expires_at: int
    confidence: float
    stop_distance: float | None = None
    p_up: float | None = None
