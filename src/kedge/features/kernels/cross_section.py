"""Across instruments: market mean, rank, another instrument's series, rolling pairs."""

import math

import numpy as np

from kedge.domain.compiled import kernel
from kedge.domain.panel import F64
from kedge.features.spec import Formula, KernelSpec, X, Y, window


@kernel
def market(x: F64, state: F64, params: F64, out: F64) -> None:
    """Mean over the instruments that have a value on this row, given to all."""
    for i in range(x.shape[1]):
        total, count = 0.0, 0
        for n in range(x.shape[0]):
            if math.isfinite(x[n, i]):
                total += x[n, i]
                count += 1
        mean = total / count if count > 0 else np.nan
        for n in range(x.shape[0]):
            out[0, n, i] = mean


@kernel
def rank(x: F64, state: F64, params: F64, out: F64) -> None:
    """Share of the other instruments that are below (ties count half), 0 to 1."""
    for i in range(x.shape[1]):
        for n in range(x.shape[0]):
            v = x[n, i]
            below, count = 0.0, 0
            for m in range(x.shape[0]):
                other = x[m, i]
                if m != n and math.isfinite(other):
                    count += 1
                    below += 1.0 if other < v else (0.5 if other == v else 0.0)
            alone = 0.5 if count == 0 else below / count
            out[0, n, i] = alone if math.isfinite(v) else np.nan


@kernel
def pick(x: F64, state: F64, params: F64, out: F64) -> None:
    """Instrument ``params[0]``'s series, given to all."""
    source = int(params[0])
    for n in range(x.shape[0]):
        for i in range(x.shape[1]):
            out[0, n, i] = x[source, i]


@kernel
def pair(x: F64, y: F64, state: F64, params: F64, out: F64) -> None:
    """Correlation of x and y, and the slope of x on y, over the last n, in two passes."""
    w = int(params[0])
    for n in range(x.shape[0]):
        xs, ys = state[n, 2 : 2 + w], state[n, 2 + w :]
        pos, seen = int(state[n, 0]), int(state[n, 1])
        for i in range(x.shape[1]):
            out[0, n, i] = out[1, n, i] = np.nan
            if not math.isfinite(x[n, i] + y[n, i]):
                continue
            xs[pos], ys[pos] = x[n, i], y[n, i]
            pos = pos + 1 if pos + 1 < w else 0
            if seen < w:
                seen += 1
            if seen < w:
                continue
            mx = my = xx = yy = xy = 0.0
            for j in range(w):
                mx += xs[j]
                my += ys[j]
            mx, my = mx / w, my / w
            for j in range(w):
                a, b = xs[j] - mx, ys[j] - my
                xx += a * a
                yy += b * b
                xy += a * b
            if yy > 1e-28 * w * my * my:
                out[1, n, i] = xy / yy
                if xx > 1e-28 * w * mx * mx:
                    out[0, n, i] = xy / math.sqrt(xx * yy)
        state[n, 0], state[n, 1] = pos, seen


PICK = KernelSpec("of", pick, "another instrument's series", "broadcast", series=(X,))
"""Reached by ``of("SYM", expression)``; its parameter is the instrument's number."""

_PAIR = KernelSpec(
    "pair",
    pair,
    "rolling correlation, and beta of x on y",
    "numpy corrcoef; ordinary least squares",
    series=(X, Y),
    outputs=("correlation", "beta"),
    params=(window(60, low=3),),
    state_size=lambda p: 2 + 2 * int(p[0]),
    warmup=lambda p: p[0] - 1,
    memory=lambda p: p[0],
)

FEATURES: tuple[KernelSpec | Formula, ...] = (
    KernelSpec(
        "market",
        market,
        "equal-weight mean over the instruments present",
        "cross-sectional mean",
        series=(X,),
    ),
    KernelSpec(
        "rank",
        rank,
        "cross-sectional rank, 0 lowest to 1 highest, 0.5 alone",
        "mid-rank / (count - 1)",
        series=(X,),
    ),
    _PAIR,
    Formula(
        "correlation",
        "rolling correlation of two series",
        "numpy corrcoef",
        ("pair(x, y, n).correlation",),
        series=(X, Y),
        params=(window(60, low=3),),
    ),
    Formula(
        "beta",
        "rolling slope of x on y",
        "ordinary least squares",
        ("pair(x, y, n).beta",),
        series=(X, Y),
        params=(window(60, low=3),),
    ),
)
