"""Random forecasts with everything a strategy may say, or fail to say."""

import numpy as np
import numpy.typing as npt

from kedge.domain.forecast import CONFIDENCE, EDGE_BPS, FIELDS, SIGMA_BPS, STOP, TARGET, TRAIL
from kedge.domain.panel import CLOSE, Panel

F64 = npt.NDArray[np.float64]


def random_forecasts(rng: np.random.Generator, panel: Panel, strategies: int) -> F64:
    """Forecasts (T, S, N, FIELDS): persistent views, some missing, some absurd."""
    rows, count = panel.rows, len(panel.instruments)
    out = np.full((rows, strategies, count, FIELDS), np.nan)
    for s in range(strategies):
        missing = float(rng.choice([0.0, 0.02, 0.3, 0.7]))
        for n in range(count):
            out[:, s, n] = _one(rng, _adjusted_close(panel, n), missing)
    return out


def _adjusted_close(panel: Panel, n: int) -> F64:
    """Adjusted closes with gaps bridged, for the scale of distances only."""
    close = panel.bars[:, CLOSE, n] * panel.adjust[:, n] * float(panel.instruments[n].tick)
    known = close > 0
    if not known.any():
        return np.ones(panel.rows)
    level = np.where(known, close, close[known].mean())
    return np.asarray(level, dtype=np.float64)


def _one(rng: np.random.Generator, close: F64, missing: float) -> F64:
    rows = len(close)
    edge = _persistent_edge(rng, rows)
    out = np.empty((rows, FIELDS))
    out[:, EDGE_BPS] = edge
    out[:, SIGMA_BPS] = rng.uniform(5, 120, rows)
    out[:, CONFIDENCE] = rng.uniform(0.5, 1.0, rows) if rng.random() < 0.7 else 1.0
    for field, near, far in ((STOP, 0.01, 0.12), (TARGET, 0.01, 0.1), (TRAIL, 0.01, 0.1)):
        distance = close * rng.uniform(near, far)
        absent = rng.random(rows) < rng.choice([0.1, 1.0])
        out[:, field] = np.where(absent, rng.choice([0.0, np.nan], rows), distance)
    _spoil(rng, out, missing)
    return out


def _persistent_edge(rng: np.random.Generator, rows: int) -> F64:
    """A sign that lasts, a size that varies, and spells of exactly nothing."""
    turn = rng.choice([0.04, 0.15, 0.4])
    signs = np.where(rng.random(rows) < turn, -1.0, 1.0).cumprod() * rng.choice([-1.0, 1.0])
    size = rng.choice([60.0, 300.0, 600.0]) * rng.uniform(0.2, 2.0, rows)
    return np.asarray(signs * np.where(rng.random(rows) < 0.05, 0.0, size), dtype=np.float64)


def _spoil(rng: np.random.Generator, out: F64, missing: float) -> None:
    """Missing forecasts, and values no valid forecast has."""
    rows = len(out)
    out[rng.random(rows) < missing, EDGE_BPS] = np.nan
    out[rng.random(rows) < 0.01, SIGMA_BPS] = 0.0
    out[rng.random(rows) < 0.01, CONFIDENCE] = 1.5
    out[rng.random(rows) < 0.01, SIGMA_BPS] = np.inf
    out[rng.random(rows) < 0.02, STOP] = -1.0
