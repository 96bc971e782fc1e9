"""Moving averages: simple, exponential, weighted, and MACD."""

import math

import numpy as np

from kedge.domain.compiled import kernel
from kedge.domain.panel import F64
from kedge.features.spec import CLOSE, FORGOTTEN, Formula, KernelSpec, Params, window


def ema_memory(n: float) -> float:
    """Rows until the weight of an observation in an n-row EMA is forgotten."""
    alpha = 2.0 / (n + 1.0)
    return n if alpha >= 1.0 else n + math.ceil(math.log(FORGOTTEN) / math.log1p(-alpha))


@kernel
def sma(x: F64, state: F64, params: F64, out: F64) -> None:
    """Ring buffer and running sum, summed afresh whenever the ring wraps."""
    w = int(params[0])
    for n in range(x.shape[0]):
        ring = state[n, 3:]
        pos, seen, total = int(state[n, 0]), int(state[n, 1]), state[n, 2]
        for i in range(x.shape[1]):
            v = x[n, i]
            if not math.isfinite(v):
                out[0, n, i] = np.nan
                continue
            total += v - ring[pos]
            ring[pos] = v
            pos += 1
            if seen < w:
                seen += 1
            if pos == w:
                pos, total = 0, 0.0
                for j in range(w):
                    total += ring[j]
            out[0, n, i] = total / w if seen == w else np.nan
        state[n, 0], state[n, 1], state[n, 2] = pos, seen, total


@kernel
def ema(x: F64, state: F64, params: F64, out: F64) -> None:
    """Recursion with alpha = 2 / (n + 1), seeded with the mean of the first n."""
    w = int(params[0])
    alpha = 2.0 / (w + 1.0)
    keep = 1.0 - alpha
    for n in range(x.shape[0]):
        seen, value = int(state[n, 0]), state[n, 1]
        for i in range(x.shape[1]):
            v = x[n, i]
            if not math.isfinite(v):
                out[0, n, i] = np.nan
                continue
            if seen == w:
                value = keep * value + alpha * v
                out[0, n, i] = value
                continue
            value += v
            seen += 1
            if seen == w:
                value /= w
            out[0, n, i] = value if seen == w else np.nan
        state[n, 0], state[n, 1] = seen, value


@kernel
def wma(x: F64, state: F64, params: F64, out: F64) -> None:
    """Weights 1 (oldest) to n (newest), as two running sums."""
    w = int(params[0])
    scale = w * (w + 1) / 2.0
    for n in range(x.shape[0]):
        ring = state[n, 4:]
        pos, seen = int(state[n, 0]), int(state[n, 1])
        total, weighted = state[n, 2], state[n, 3]
        for i in range(x.shape[1]):
            v = x[n, i]
            if not math.isfinite(v):
                out[0, n, i] = np.nan
                continue
            weighted += w * v - total
            total += v - ring[pos]
            ring[pos] = v
            pos += 1
            if seen < w:
                seen += 1
            if pos == w:
                pos, total, weighted = 0, 0.0, 0.0
                for j in range(w):
                    total += ring[j]
                    weighted += (j + 1) * ring[j]
            out[0, n, i] = weighted / scale if seen == w else np.nan
        state[n, 0], state[n, 1] = pos, seen
        state[n, 2], state[n, 3] = total, weighted


@kernel
def macd(x: F64, state: F64, params: F64, out: F64) -> None:
    """Fast and slow EMA seeded on the same row, and the EMA of their difference."""
    w_fast, w_slow, w_signal = int(params[0]), int(params[1]), int(params[2])
    a_fast, a_slow = 2.0 / (w_fast + 1.0), 2.0 / (w_slow + 1.0)
    a_signal = 2.0 / (w_signal + 1.0)
    for n in range(x.shape[0]):
        seen = int(state[n, 0])
        fast, slow, signal = state[n, 1], state[n, 2], state[n, 3]
        for i in range(x.shape[1]):
            out[0, n, i] = out[1, n, i] = out[2, n, i] = np.nan
            v = x[n, i]
            if not math.isfinite(v):
                continue
            if seen >= w_slow:
                fast += a_fast * (v - fast)
                slow += a_slow * (v - slow)
            else:
                slow += v
                if seen >= w_slow - w_fast:
                    fast += v
                if seen == w_slow - 1:
                    fast, slow = fast / w_fast, slow / w_slow
            if seen < w_slow + w_signal:
                seen += 1
            if seen < w_slow:
                continue
            line = fast - slow
            out[0, n, i] = line
            lines = seen - w_slow + 1  # MACD lines so far, while the signal is seeded
            if lines > w_signal:
                signal += a_signal * (line - signal)
            else:
                signal += line
                if lines == w_signal:
                    signal /= w_signal
            if lines >= w_signal:
                out[1, n, i] = signal
                out[2, n, i] = line - signal
        state[n, 0], state[n, 1] = seen, fast
        state[n, 2], state[n, 3] = slow, signal


def _macd_memory(p: Params) -> float:
    return ema_memory(p[1]) + ema_memory(p[2])


FEATURES: tuple[KernelSpec | Formula, ...] = (
    KernelSpec(
        "sma",
        sma,
        "simple moving average",
        "TA-Lib SMA",
        series=(CLOSE,),
        params=(window(20),),
        state_size=lambda p: 3 + int(p[0]),
        warmup=lambda p: p[0] - 1,
        memory=lambda p: p[0],
    ),
    KernelSpec(
        "ema",
        ema,
        "exponential moving average, seeded with the first n-row mean",
        "TA-Lib EMA",
        series=(CLOSE,),
        params=(window(20),),
        state_size=lambda p: 2,
        warmup=lambda p: p[0] - 1,
        memory=lambda p: ema_memory(p[0]),
    ),
    KernelSpec(
        "wma",
        wma,
        "linearly weighted moving average",
        "TA-Lib WMA",
        series=(CLOSE,),
        params=(window(20),),
        state_size=lambda p: 4 + int(p[0]),
        warmup=lambda p: p[0] - 1,
        memory=lambda p: p[0],
    ),
    KernelSpec(
        "macd",
        macd,
        "moving average convergence and divergence",
        "Appel; TA-Lib MACD",
        series=(CLOSE,),
        outputs=("line", "signal", "hist"),
        params=(window(12, "fast"), window(26, "slow"), window(9, "signal")),
        increasing=("fast", "slow"),
        state_size=lambda p: 4,
        warmup=lambda p: p[1] + p[2] - 2,
        memory=_macd_memory,
    ),
    Formula(
        "price_position",
        "price relative to its moving average: 0 is on it",
        "x / sma(x, n) - 1",
        ("x / sma(x, n) - 1",),
        series=(CLOSE,),
        params=(window(20),),
    ),
    Formula(
        "sma_ratio",
        "short over long moving average, minus 1",
        "sma(x, short) / sma(x, long) - 1",
        ("sma(x, short) / sma(x, long) - 1",),
        series=(CLOSE,),
        params=(window(10, "short"), window(50, "long")),
        increasing=("short", "long"),
    ),
    Formula(
        "crossover",
        "+1 on the row where the short average crosses above the long, -1 below",
        "half the change of sign(sma_ratio); a touch counts as half a cross",
        ("diff(sign(sma(x, short) - sma(x, long)), 1) / 2",),
        series=(CLOSE,),
        params=(window(10, "short"), window(50, "long")),
        increasing=("short", "long"),
    ),
)
