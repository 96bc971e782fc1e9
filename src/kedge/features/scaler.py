"""A scaler fitted on a training span, and on nothing else."""

from dataclasses import dataclass

import numpy as np

from kedge.domain.errors import InputError
from kedge.domain.panel import F64


@dataclass(frozen=True, slots=True)
class Scaler:
    """Mean and standard deviation of each feature over rows ``start`` to ``stop``.

    Attributes:
        mean, deviation: (F,) float64; a constant feature has deviation 1.
        start, stop: the rows it was fitted on.
    """

    mean: F64
    deviation: F64
    start: int
    stop: int

    @classmethod
    def fit(cls, values: F64, start: int, stop: int) -> "Scaler":
        """Fit on rows ``start`` to ``stop`` of (T, N, F) features; NaN is left out.

        Raises:
            InputError: an empty span, or a feature without two values in it.
        """
        if not 0 <= start < stop <= len(values):
            raise InputError(f"rows {start} to {stop} are no span of {len(values)} rows")
        span = values[start:stop].reshape(-1, values.shape[-1])
        count = np.isfinite(span).sum(axis=0)
        if (count < 2).any():
            raise InputError(
                f"feature {int(np.argmin(count))} has fewer than two values in the training span",
                remedy="lengthen the span beyond the features' warm-up",
            )
        deviation = np.nanstd(span, axis=0, ddof=1)
        return cls(np.nanmean(span, axis=0), np.where(deviation > 0.0, deviation, 1.0), start, stop)

    def apply(self, values: F64) -> F64:
        """Standardised features, any leading shape by F; elementwise, so row by row the same."""
        scaled: F64 = (values - self.mean) / self.deviation
        return scaled
