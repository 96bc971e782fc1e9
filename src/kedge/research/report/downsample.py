"""Fewer points that draw the same picture."""

import numpy as np

from kedge.research.report.model import F64, I64


def extremes(series: F64, most: int) -> I64:
    """Rows to draw so that no peak and no trough is lost.

    The rows are cut into equal buckets; each bucket keeps the row of the
    smallest and of the largest value of every series. The first and the last
    row are always kept.

    Args:
        series: (K, T) values on a shared axis; NaN is passed over.
        most: the most rows wanted, at least ``2 * K + 2``.

    Returns:
        Increasing row numbers; all T rows where they already are few enough.
    """
    kinds, total = series.shape
    if total <= most:
        return np.arange(total)
    buckets = max((most - 2) // (2 * kinds), 1)
    size = -(-total // buckets)
    padded = np.full((kinds, size * -(-total // size)), np.nan)
    padded[:, :total] = series
    cells = padded.reshape(kinds, -1, size)
    lowest = np.where(np.isnan(cells), np.inf, cells).argmin(axis=2)
    highest = np.where(np.isnan(cells), -np.inf, cells).argmax(axis=2)
    starts = np.arange(cells.shape[1]) * size
    kept = np.concatenate(((lowest + starts).ravel(), (highest + starts).ravel(), [0, total - 1]))
    return np.unique(np.minimum(kept, total - 1))
