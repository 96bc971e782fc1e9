"""Does a result survive small changes? Costs, parameters, delay, noise, resampling."""

from kedge.research.diagnostics.diagnose import diagnose
from kedge.research.diagnostics.figures import Diagnostics

__all__ = ["Diagnostics", "diagnose"]
