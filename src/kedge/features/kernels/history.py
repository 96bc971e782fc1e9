"""Looking back: lags, differences, returns, running sums and rolling extremes."""

import math

import numpy as np

from kedge.domain.compiled import kernel
from kedge.domain.panel import F64
from kedge.features.spec import CLOSE, Formula, Kernel, KernelSpec, Series, X, window


@kernel
def lag(x: F64, state: F64, params: F64, out: F64) -> None:
    """The value k observations ago, from a ring of k."""
    k = int(params[0])
    for n in range(x.shape[0]):
        ring = state[n, 2:]
        pos, seen = int(state[n, 0]), int(state[n, 1])
        for i in range(x.shape[1]):
            v = x[n, i]
            if not math.isfinite(v):
                out[0, n, i] = np.nan
                continue
            out[0, n, i] = ring[pos] if seen == k else np.nan
            ring[pos] = v
            pos = pos + 1 if pos + 1 < k else 0
            if seen < k:
                seen += 1
        state[n, 0], state[n, 1] = pos, seen


@kernel
def cumulate(x: F64, state: F64, params: F64, out: F64) -> None:
    """Running sum with Neumaier's correction, so that a long history does not drift."""
    for n in range(x.shape[0]):
        total, lost = state[n, 0], state[n, 1]
        for i in range(x.shape[1]):
            v = x[n, i]
            if not math.isfinite(v):
                out[0, n, i] = np.nan
                continue
            grown = total + v
            if abs(total) >= abs(v):
                lost += (total - grown) + v
            else:
                lost += (v - grown) + total
            total = grown
            out[0, n, i] = total + lost
        state[n, 0], state[n, 1] = total, lost


@kernel
def highest(x: F64, state: F64, params: F64, out: F64) -> None:
    """Largest of the last n.

    The ring holds raw values up to ``pos`` and, beyond it, the suffix maxima of
    the round before: the window's maximum is the larger of this round's running
    maximum and one suffix maximum, whatever the data look like.
    """
    w = int(params[0])
    for n in range(x.shape[0]):
        ring = state[n, 3:]
        pos, seen, best = int(state[n, 0]), int(state[n, 1]), state[n, 2]
        for i in range(x.shape[1]):
            v = x[n, i]
            if not math.isfinite(v):
                out[0, n, i] = np.nan
                continue
            if pos == 0 or v > best:
                best = v
            ring[pos] = v
            pos += 1
            if seen < w:
                seen += 1
            if pos == w:
                out[0, n, i] = best
                far = best
                for j in range(w - 1, -1, -1):
                    far = ring[j] if j == w - 1 or ring[j] > far else far
                    ring[j] = far
                pos = 0
            elif seen == w:
                far = ring[pos]
                out[0, n, i] = best if best > far else far
            else:
                out[0, n, i] = np.nan
        state[n, 0], state[n, 1], state[n, 2] = pos, seen, best


@kernel
def lowest(x: F64, state: F64, params: F64, out: F64) -> None:
    """Smallest of the last n; the mirror image of `highest`."""
    w = int(params[0])
    for n in range(x.shape[0]):
        ring = state[n, 3:]
        pos, seen, best = int(state[n, 0]), int(state[n, 1]), state[n, 2]
        for i in range(x.shape[1]):
            v = x[n, i]
            if not math.isfinite(v):
                out[0, n, i] = np.nan
                continue
            if pos == 0 or v < best:
                best = v
            ring[pos] = v
            pos += 1
            if seen < w:
                seen += 1
            if pos == w:
                out[0, n, i] = best
                far = best
                for j in range(w - 1, -1, -1):
                    far = ring[j] if j == w - 1 or ring[j] < far else far
                    ring[j] = far
                pos = 0
            elif seen == w:
                far = ring[pos]
                out[0, n, i] = best if best < far else far
            else:
                out[0, n, i] = np.nan
        state[n, 0], state[n, 1], state[n, 2] = pos, seen, best


def _extreme(name: str, kernel: Kernel, doc: str, source: str, default: str) -> KernelSpec:
    return KernelSpec(
        name,
        kernel,
        doc,
        source,
        series=(Series("x", default),),
        params=(window(20),),
        state_size=lambda p: 3 + int(p[0]),
        warmup=lambda p: p[0] - 1,
        memory=lambda p: p[0],
    )


FEATURES: tuple[KernelSpec | Formula, ...] = (
    KernelSpec(
        "lag",
        lag,
        "the value k observations ago",
        "x[t-k]",
        series=(X,),
        params=(window(1, "k"),),
        state_size=lambda p: 2 + int(p[0]),
        warmup=lambda p: p[0],
        memory=lambda p: p[0] + 1,
    ),
    KernelSpec(
        "cumulate",
        cumulate,
        "running sum since the first row",
        "Neumaier 1974",
        series=(X,),
        state_size=lambda p: 2,
        memory=lambda p: math.inf,
    ),
    _extreme("highest", highest, "largest of the last n", "TA-Lib MAX", "high"),
    _extreme("lowest", lowest, "smallest of the last n", "TA-Lib MIN", "low"),
    Formula(
        "diff",
        "change over k observations",
        "x[t] - x[t-k]",
        ("x - lag(x, k)",),
        series=(X,),
        params=(window(1, "k"),),
    ),
    Formula(
        "returns",
        "simple return over n observations",
        "x[t] / x[t-n] - 1",
        ("x / lag(x, n) - 1",),
        series=(CLOSE,),
        params=(window(1),),
    ),
    Formula(
        "log_returns",
        "logarithmic return over n observations",
        "log(x[t] / x[t-n])",
        ("log(x / lag(x, n))",),
        series=(CLOSE,),
        params=(window(1),),
    ),
    Formula(
        "donchian",
        "channel of the highest high and the lowest low",
        "Donchian; TA-Lib MAX and MIN",
        (
            "highest(high, n)",
            "(highest(high, n) + lowest(low, n)) / 2",
            "lowest(low, n)",
            "(highest(high, n) - lowest(low, n)) / close",
        ),
        outputs=("upper", "middle", "lower", "width"),
        params=(window(20),),
    ),
)
