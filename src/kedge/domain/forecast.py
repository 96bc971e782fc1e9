"""What a strategy says about an instrument, and where each number stands in a row.

Strategies write forecasts into a ``(FIELDS, instruments)`` float64 array whose
rows are named here.
"""

from typing import Final

EDGE_BPS: Final = 0
SIGMA_BPS: Final = 1
CONFIDENCE: Final = 2
STOP: Final = 3
TARGET: Final = 4
TRAIL: Final = 5
FIELDS: Final = 6
"""Edge, its standard error, confidence, and stop, target and trailing distances."""
