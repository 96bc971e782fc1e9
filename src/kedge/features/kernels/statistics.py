"""Rolling moments of one series: deviation, z-score, skew, kurtosis, autocorrelation."""

import math

import numpy as np

from kedge.domain.compiled import kernel
from kedge.domain.panel import F64
from kedge.features.spec import CLOSE, Formula, KernelSpec, X, window

_NOISE = 1e-12  # variance below this share of the offset squared is rounding, so zero


@kernel
def moments(x: F64, state: F64, params: F64, out: F64) -> None:
    """Mean and population standard deviation of the last n.

    Sums are of distances from a reference near the mean, chosen and summed
    afresh whenever the ring wraps, so that little is lost to cancellation.
    """
    w = int(params[0])
    share = 1.0 / w
    for n in range(x.shape[0]):
        ring = state[n, 5:]
        pos, seen, ref = int(state[n, 0]), int(state[n, 1]), state[n, 2]
        s1, s2 = state[n, 3], state[n, 4]
        for i in range(x.shape[1]):
            v = x[n, i]
            if not math.isfinite(v):
                out[0, n, i] = out[1, n, i] = np.nan
                continue
            new, old = v - ref, ring[pos] - ref
            s1 += new - old
            s2 += new * new - old * old
            ring[pos] = v
            pos += 1
            if seen < w:
                seen += 1
            if pos == w:
                ref, pos, s1, s2 = ref + s1 * share, 0, 0.0, 0.0
                for j in range(w):
                    d = ring[j] - ref
                    s1 += d
                    s2 += d * d
            if seen < w:
                out[0, n, i] = out[1, n, i] = np.nan
                continue
            off = s1 * share
            var = s2 * share - off * off
            out[0, n, i] = ref + off
            out[1, n, i] = math.sqrt(var) if var > _NOISE * off * off else 0.0
        state[n, 0], state[n, 1], state[n, 2] = pos, seen, ref
        state[n, 3], state[n, 4] = s1, s2


@kernel
def shape(x: F64, state: F64, params: F64, out: F64) -> None:
    """Skewness and excess kurtosis of the last n, in two passes over the ring."""
    w = int(params[0])
    for n in range(x.shape[0]):
        ring = state[n, 2:]
        pos, seen = int(state[n, 0]), int(state[n, 1])
        for i in range(x.shape[1]):
            out[0, n, i] = out[1, n, i] = np.nan
            v = x[n, i]
            if not math.isfinite(v):
                continue
            ring[pos] = v
            pos = pos + 1 if pos + 1 < w else 0
            if seen < w:
                seen += 1
            if seen < w:
                continue
            mean = m2 = m3 = m4 = 0.0
            for j in range(w):
                mean += ring[j]
            mean /= w
            for j in range(w):
                d = ring[j] - mean
                m2 += d * d
                m3 += d * d * d
                m4 += d * d * d * d
            m2, m3, m4 = m2 / w, m3 / w, m4 / w
            if m2 > 1e-28 * mean * mean:
                out[0, n, i] = m3 / (m2 * math.sqrt(m2))
                out[1, n, i] = m4 / (m2 * m2) - 3.0
        state[n, 0], state[n, 1] = pos, seen


@kernel
def autocorrelation(x: F64, state: F64, params: F64, out: F64) -> None:
    """Autocovariance at lag k over the variance, both over the last n."""
    w, k = int(params[0]), int(params[1])
    for n in range(x.shape[0]):
        ring = state[n, 2:]
        pos, seen = int(state[n, 0]), int(state[n, 1])
        for i in range(x.shape[1]):
            out[0, n, i] = np.nan
            v = x[n, i]
            if not math.isfinite(v):
                continue
            ring[pos] = v
            pos = pos + 1 if pos + 1 < w else 0
            if seen < w:
                seen += 1
            if seen < w:
                continue
            mean = var = cov = 0.0
            for j in range(w):
                mean += ring[j]
            mean /= w
            for j in range(w):
                now = pos + j if pos + j < w else pos + j - w
                d = ring[now] - mean
                var += d * d
                if j >= k:
                    then = now - k if now >= k else now - k + w
                    cov += d * (ring[then] - mean)
            if var > 1e-28 * w * mean * mean:
                out[0, n, i] = cov / var
        state[n, 0], state[n, 1] = pos, seen


FEATURES: tuple[KernelSpec | Formula, ...] = (
    KernelSpec(
        "moments",
        moments,
        "mean and population standard deviation",
        "numpy mean and std",
        series=(CLOSE,),
        outputs=("mean", "deviation"),
        params=(window(20, low=2),),
        state_size=lambda p: 5 + int(p[0]),
        warmup=lambda p: p[0] - 1,
        memory=lambda p: p[0],
    ),
    KernelSpec(
        "shape",
        shape,
        "skewness and excess kurtosis (population moments)",
        "scipy.stats.skew and kurtosis",
        series=(X,),
        outputs=("skew", "kurtosis"),
        params=(window(60, low=4),),
        state_size=lambda p: 2 + int(p[0]),
        warmup=lambda p: p[0] - 1,
        memory=lambda p: p[0],
    ),
    KernelSpec(
        "autocorrelation",
        autocorrelation,
        "autocorrelation at lag k over n observations",
        "statsmodels acf(adjusted=False)",
        series=(X,),
        params=(window(60, low=3), window(1, "k")),
        increasing=("k", "n"),
        state_size=lambda p: 2 + int(p[0]),
        warmup=lambda p: p[0] - 1,
        memory=lambda p: p[0],
    ),
    Formula(
        "std",
        "sample standard deviation",
        "numpy std(ddof=1)",
        ("moments(x, n).deviation * sqrt(n / (n - 1))",),
        series=(CLOSE,),
        params=(window(20, low=2),),
    ),
    Formula(
        "zscore",
        "distance from the mean in population standard deviations; NaN where flat",
        "scipy.stats.zscore of the last n",
        ("(x - moments(x, n).mean) / moments(x, n).deviation",),
        series=(CLOSE,),
        params=(window(20, low=2),),
    ),
    Formula(
        "skew",
        "skewness",
        "scipy.stats.skew",
        ("shape(x, n).skew",),
        series=(X,),
        params=(window(60, low=4),),
    ),
    Formula(
        "kurtosis",
        "excess kurtosis",
        "scipy.stats.kurtosis",
        ("shape(x, n).kurtosis",),
        series=(X,),
        params=(window(60, low=4),),
    ),
)
