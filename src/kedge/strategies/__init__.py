"""Features to forecasts; one idea per file.

Public names for a strategy file of your own: `strategy` and the rows of its
output.
"""

from kedge.domain.forecast import CONFIDENCE, EDGE_BPS, SIGMA_BPS, STOP, TARGET, TRAIL
from kedge.strategies.contract import Strategy, strategy

__all__ = [
    "CONFIDENCE",
    "EDGE_BPS",
    "SIGMA_BPS",
    "STOP",
    "TARGET",
    "TRAIL",
    "Strategy",
    "strategy",
]
