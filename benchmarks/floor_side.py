"""The bare loop as a side: see `benchmarks.bare`."""

from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks import bare
from benchmarks.market import TICK
from benchmarks.peers import measure


def _ticks(bars: measure.Arrays, name: str) -> np.ndarray:
    return np.ascontiguousarray(np.rint(bars[name] / TICK).astype(np.int64))


def prepare(job: measure.Job, bars: measure.Arrays) -> Callable[[], Any]:
    """The loop for the job's world: one column, a panel, or many pairs."""
    opened, close = _ticks(bars, "open"), _ticks(bars, "close")
    terms = (job.first, job.weight, job.fee, job.capital)
    (fast, slow), pairs = job.pairs[0], np.array(job.pairs, dtype=np.int64)
    if close.shape[1] > 1:
        return lambda: bare.panel(opened, close, fast, slow, *terms)
    opened, close = opened[:, 0].copy(), close[:, 0].copy()
    if len(pairs) > 1:
        return lambda: bare.sweep(opened, close, pairs, *terms)
    return lambda: bare.single(opened, close, fast, slow, *terms)


def answer(found: Any) -> tuple[dict[str, Any], np.ndarray]:
    """Final equity and trades of any of the three loops."""
    equity = found[0]
    if len(found) == 3:
        counts, table = found[1], found[2]
        parts = [_numbered(k, table[k, : counts[k]]) for k in range(len(counts))]
        trades = np.vstack(parts)
    else:
        trades = found[1] if found[1].shape[1] == 6 else _numbered(0, found[1])
    full = np.insert(trades, 3, 1.0, axis=1)  # long only: the side is 1
    return {"equity": np.atleast_1d(equity[..., -1]).tolist()}, full


def _numbered(column: int, trades: np.ndarray) -> np.ndarray:
    return np.column_stack([np.full(len(trades), float(column)), trades])


if __name__ == "__main__":
    measure.main(prepare, answer)
