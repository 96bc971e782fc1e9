"""What is wrong with what a strategy did, in words."""

import traceback
from pathlib import Path

import numpy as np
import numpy.typing as npt

from kedge.domain.errors import StrategyError
from kedge.domain.forecast import CONFIDENCE, EDGE_BPS, FIELDS, SIGMA_BPS, flaw
from kedge.domain.panel import F64
from kedge.strategies.contract import Strategy


def valid(said: F64) -> npt.NDArray[np.bool_]:
    """Which cells of (..., FIELDS) forecasts count, (...): docs/life-of-a-row.md, 5."""
    edge, sigma, confidence = (said[..., field] for field in (EDGE_BPS, SIGMA_BPS, CONFIDENCE))
    sound = np.isfinite(edge) & np.isfinite(sigma) & (sigma > 0.0)
    return np.asarray(sound & (confidence >= 0.0) & (confidence <= 1.0))


def first_flaw(said: F64) -> str:
    """Why the first cell with an edge is no forecast; empty when there is none.

    Args:
        said: (B, N, FIELDS) forecasts.
    """
    wrong = np.argwhere(~np.isnan(said[..., EDGE_BPS]) & ~valid(said))
    if not len(wrong):
        return ""
    row, n = wrong[0]
    edge, sigma, confidence = (float(said[row, n, f]) for f in (EDGE_BPS, SIGMA_BPS, CONFIDENCE))
    return flaw(edge, sigma, confidence)


def explained(error: BaseException, strategy: Strategy, features: F64) -> StrategyError:
    """The one line for what a strategy raised.

    Args:
        error: what it raised.
        strategy: whose function it was.
        features: (rows, N, F) it was called with.
    """
    if isinstance(error, StrategyError):
        return error
    file = strategy.function.__code__.co_filename
    lines = [f.lineno for f in traceback.extract_tb(error.__traceback__) if f.filename == file]
    place = f" ({Path(file).name}:{lines[-1]})" if lines else ""
    _, n, f = features.shape
    return StrategyError(
        f"{type(error).__name__}: {str(error) or 'no message'}",
        f"strategy {strategy.name}{place}",
        f"window is {strategy.lookback} x {n} x {f}, out is {FIELDS} x {n}",
    )
