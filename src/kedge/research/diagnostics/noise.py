"""Prices disturbed at random: a result must not hang on their last digit."""

from dataclasses import replace

import numpy as np

from kedge.domain.panel import F64, HIGH, I64, LOW, Panel


def noisy(panel: Panel, deviation: float, seed: int) -> Panel:
    """The same market with independent relative noise on every price.

    Open, high, low and close are disturbed each by itself and then put in order
    again: the high stays the highest, the low the lowest. A price stays a whole
    number of ticks, at least one; a masked cell stays empty, and a bar that
    knows only its close stays a single price.

    Args:
        panel: the market.
        deviation: standard deviation of the noise, as a share of the price.
        seed: of the noise.
    """
    rng = np.random.Generator(np.random.PCG64(seed))
    factor = 1.0 + deviation * rng.standard_normal(panel.bars.shape)
    single = np.array([i.close_only for i in panel.instruments])
    factor = np.where(single[None, None, :], factor[:, -1:, :], factor)
    moved = _ticks(panel.bars, factor)
    ordered = moved.copy()
    ordered[:, HIGH] = moved.max(axis=1)
    ordered[:, LOW] = moved.min(axis=1)
    name = f"{panel.fingerprint}~noise:{deviation:g}:{seed}"
    return replace(panel, bars=ordered, fingerprint=name)


def _ticks(bars: I64, factor: F64) -> I64:
    """Whole ticks, at least one where there was a price."""
    moved = np.maximum(np.rint(bars * factor), 1.0).astype(np.int64)
    return np.where(bars > 0, moved, bars)
