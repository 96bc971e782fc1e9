"""Probability of backtest overfitting by combinatorially symmetric cross-validation.

Bailey, Borwein, Lopez de Prado and Zhu (2015), "The probability of backtest
overfitting". The history is cut into S blocks; for every choice of S/2 blocks
as the sample in which the best configuration is picked, its rank among all
configurations on the other half says whether picking was worth anything.
"""

from collections.abc import Iterator
from itertools import combinations

import msgspec
import numpy as np

from kedge.domain.errors import InputError
from kedge.domain.panel import F64
from kedge.research.metrics import Figure, figure, ratio

BLOCKS = 16
_CHUNK_CELLS = 2_000_000  # combinations x configurations held at once
_DOMINANCE_GRID = 200
_DOMINANCE_COMBINATIONS = 500


class Overfitting(msgspec.Struct, frozen=True, kw_only=True):
    """Outcome of the cross-validation; Sharpe ratios are per observation.

    Attributes:
        pbo: share of combinations in which the configuration picked in sample
            ranks in the lower half out of sample (logit <= 0).
        logits: one per combination, ln(w / (1 - w)) with relative rank w.
        sharpe_in, sharpe_out: of the picked configuration, one per combination.
        slope, intercept, r_squared: degradation, the regression of the picked
            configuration's Sharpe ratio out of sample on that in sample.
        probability_of_loss: share of combinations with a Sharpe ratio below 0
            out of sample.
        first_order, second_order: whether the picked configurations'
            out-of-sample results stochastically dominate those of a random pick.
    """

    pbo: float
    logits: tuple[float, ...]
    sharpe_in: tuple[float, ...]
    sharpe_out: tuple[float, ...]
    slope: Figure
    intercept: Figure
    r_squared: Figure
    probability_of_loss: float
    first_order: bool
    second_order: bool


def probability_of_overfitting(returns: F64, blocks: int = BLOCKS) -> Overfitting:
    """Cross-validate a search over all symmetric splits.

    Args:
        returns: (T, N) returns in excess of cash (or residual) of the N
            configurations that were searched, finite.
        blocks: even number S of contiguous blocks; lengths differ by one at most.

    Raises:
        InputError: fewer than two configurations, an odd or impossible number
            of blocks, or values that are not finite.
    """
    _check(returns, blocks)
    picked, chosen_in, chosen_out, sample = _cross_validate(returns, blocks)
    relative = picked / (returns.shape[1] + 1.0)
    logits = np.log(relative / (1.0 - relative))
    slope, intercept, r_squared = _regression(chosen_in, chosen_out)
    first, second = stochastic_dominance(chosen_out, sample)
    return Overfitting(
        pbo=float((logits <= 0.0).mean()),
        logits=tuple(logits.tolist()),
        sharpe_in=tuple(chosen_in.tolist()),
        sharpe_out=tuple(chosen_out.tolist()),
        slope=figure(slope),
        intercept=figure(intercept),
        r_squared=figure(r_squared),
        probability_of_loss=float((chosen_out < 0.0).mean()),
        first_order=first,
        second_order=second,
    )


def _check(returns: F64, blocks: int) -> None:
    rows, configurations = returns.shape
    if configurations < 2:
        raise InputError("overfitting needs at least two configurations", remedy="widen the search")
    if blocks % 2 or not 2 <= blocks <= 20 or rows < 2 * blocks:
        raise InputError(
            f"{rows} rows cannot be cut into {blocks} blocks",
            remedy="use an even number up to 20, with at least two rows a block",
        )
    if not np.isfinite(returns).all():
        raise InputError("overfitting needs finite returns", remedy="compare one common span")


def symmetric_choices(blocks: int) -> F64:
    """(C, S) indicator of the S/2 in-sample blocks of every combination."""
    chosen = np.array(list(combinations(range(blocks), blocks // 2)))
    indicator = np.zeros((len(chosen), blocks))
    np.put_along_axis(indicator, chosen, 1.0, axis=1)
    return indicator


def _cross_validate(returns: F64, blocks: int) -> tuple[F64, F64, F64, F64]:
    """Rank out of sample, Sharpe in and out, of each pick; and a sample of all Sharpes out."""
    choices = symmetric_choices(blocks)
    rank = np.empty(len(choices))
    inside = np.empty(len(choices))
    outside = np.empty(len(choices))
    stride = max(1, len(choices) // _DOMINANCE_COMBINATIONS)
    sample: list[F64] = []
    for start, sharpe_in, sharpe_out in _splits(returns, choices):
        rows = np.arange(len(sharpe_in))
        best = sharpe_in.argmax(axis=1)
        value = sharpe_out[rows, best]
        part = slice(start, start + len(rows))
        below = (sharpe_out < value[:, None]).sum(axis=1)
        equal = (sharpe_out == value[:, None]).sum(axis=1)
        rank[part] = below + (equal + 1.0) / 2.0
        inside[part] = sharpe_in[rows, best]
        outside[part] = value
        sample.append(sharpe_out[(-start) % stride :: stride])
    return rank, inside, outside, np.concatenate(sample).ravel()


def _splits(returns: F64, choices: F64) -> Iterator[tuple[int, F64, F64]]:
    """Sharpe ratios in and out of sample, from sums per block, in chunks of combinations."""
    blocks = np.array_split(np.arange(len(returns)), choices.shape[1])
    starts = [int(block[0]) for block in blocks]
    lengths = np.array([len(block) for block in blocks], np.float64)
    mean = returns.mean(axis=0)
    centred = returns - mean
    sums = np.add.reduceat(centred, starts, axis=0)
    squares = np.add.reduceat(centred * centred, starts, axis=0)
    step = max(1, _CHUNK_CELLS // returns.shape[1])
    for start in range(0, len(choices), step):
        chosen = choices[start : start + step]
        pair = [
            _sharpe(side @ sums, side @ squares, (side @ lengths)[:, None], mean)
            for side in (chosen, 1.0 - chosen)
        ]
        yield start, pair[0], pair[1]


def _sharpe(total: F64, square: F64, length: F64, shift: F64) -> F64:
    """Sharpe ratio from the sums of values less ``shift``; 0 for what never moves."""
    centre = total / length
    variance = (square - centre * total) / (length - 1.0)
    moves = variance > 1e-18 * (shift * shift + square / length)
    return np.where(moves, (centre + shift) / np.sqrt(np.where(moves, variance, 1.0)), 0.0)


def _regression(x: F64, y: F64) -> tuple[float, float, float]:
    dx, dy = x - x.mean(), y - y.mean()
    slope = ratio(float(dx @ dy), float(dx @ dx))
    fitted = ratio(float(dx @ dy) ** 2, float(dx @ dx) * float(dy @ dy))
    return slope, float(y.mean() - slope * x.mean()), fitted


def stochastic_dominance(chosen: F64, everything: F64) -> tuple[bool, bool]:
    """Whether ``chosen`` dominates ``everything`` to first and to second order.

    First order: its distribution function is nowhere above the other's and
    somewhere below. Second order: so is the integral of it. Compared on an even
    grid over both samples.

    Args:
        chosen: (C,) out-of-sample results of the picks.
        everything: (M,) out-of-sample results of all configurations.
    """
    low = min(chosen.min(), everything.min())
    high = max(chosen.max(), everything.max())
    grid = np.linspace(low, high, _DOMINANCE_GRID)
    gap = _distribution(everything, grid) - _distribution(chosen, grid)
    area = np.cumsum(gap)
    tiny = 1e-12
    first = bool((gap >= -tiny).all() and (gap > tiny).any())
    second = bool((area >= -tiny).all() and (area > tiny).any())
    return first, second


def _distribution(values: F64, grid: F64) -> F64:
    return np.searchsorted(np.sort(values), grid, side="right") / len(values)
