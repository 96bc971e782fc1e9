"""Standardisation that has never seen the row it scales, nor any after it."""

import math

import numpy as np

from kedge.domain.compiled import kernel
from kedge.domain.panel import F64
from kedge.features.spec import Formula, KernelSpec, X, window


@kernel
def expanding_scale(x: F64, state: F64, params: F64, out: F64) -> None:
    """Welford's mean and deviation of all rows before, applied to this one."""
    least = int(params[0])
    for n in range(x.shape[0]):
        count, mean, square = state[n, 0], state[n, 1], state[n, 2]
        for i in range(x.shape[1]):
            v = x[n, i]
            out[0, n, i] = np.nan
            if not math.isfinite(v):
                continue
            if count >= least and square > 0.0:
                out[0, n, i] = (v - mean) / math.sqrt(square / (count - 1.0))
            count += 1.0
            d = v - mean
            mean += d / count
            square += d * (v - mean)
        state[n, 0], state[n, 1], state[n, 2] = count, mean, square


FEATURES: tuple[KernelSpec | Formula, ...] = (
    Formula(
        "rolling_scale",
        "standardised with the mean and deviation of the n rows before",
        "(x - mean[t-1]) / std[t-1]",
        ("(x - lag(sma(x, n), 1)) / lag(std(x, n), 1)",),
        series=(X,),
        params=(window(250, low=2),),
    ),
    KernelSpec(
        "expanding_scale",
        expanding_scale,
        "standardised with the mean and deviation of all rows before, at least n",
        "Welford 1962",
        series=(X,),
        params=(window(250, low=2),),
        state_size=lambda p: 3,
        warmup=lambda p: p[0],
        memory=lambda p: math.inf,
    ),
)
