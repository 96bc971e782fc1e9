"""Elementwise arithmetic and comparisons: products, ratios, flags.

Operators take two series; a number in an expression is a constant series. The
numpy ones are exact per element, so they give the same bits for any block.
"""

import numpy as np

from kedge.domain.compiled import kernel
from kedge.domain.panel import F64
from kedge.features.spec import Kernel, KernelSpec, Param, Series, X, Y, real


def add(x: F64, y: F64, state: F64, params: F64, out: F64) -> None:
    """Sum."""
    np.add(x, y, out=out[0])


def subtract(x: F64, y: F64, state: F64, params: F64, out: F64) -> None:
    """Difference."""
    np.subtract(x, y, out=out[0])


def multiply(x: F64, y: F64, state: F64, params: F64, out: F64) -> None:
    """Product."""
    np.multiply(x, y, out=out[0])


@kernel
def divide(x: F64, y: F64, state: F64, params: F64, out: F64) -> None:
    """Quotient; NaN where the divisor is zero."""
    for n in range(x.shape[0]):
        for i in range(x.shape[1]):
            q = x[n, i] / y[n, i]
            out[0, n, i] = q if y[n, i] != 0.0 else np.nan


@kernel
def greater(x: F64, y: F64, state: F64, params: F64, out: F64) -> None:
    """1 where x > y, else 0; NaN where either is NaN."""
    for n in range(x.shape[0]):
        for i in range(x.shape[1]):
            a, b = x[n, i], y[n, i]
            flag = 1.0 if a > b else 0.0
            out[0, n, i] = flag if a == a and b == b else np.nan


@kernel
def greater_equal(x: F64, y: F64, state: F64, params: F64, out: F64) -> None:
    """1 where x >= y, else 0; NaN where either is NaN."""
    for n in range(x.shape[0]):
        for i in range(x.shape[1]):
            a, b = x[n, i], y[n, i]
            flag = 1.0 if a >= b else 0.0
            out[0, n, i] = flag if a == a and b == b else np.nan


def absolute(x: F64, state: F64, params: F64, out: F64) -> None:
    """Magnitude."""
    np.absolute(x, out=out[0])


def sign(x: F64, state: F64, params: F64, out: F64) -> None:
    """-1, 0 or 1."""
    np.sign(x, out=out[0])


def square_root(x: F64, state: F64, params: F64, out: F64) -> None:
    """Square root; NaN for a negative."""
    np.sqrt(x, out=out[0])


def logarithm(x: F64, state: F64, params: F64, out: F64) -> None:
    """Natural logarithm; NaN for zero and below."""
    np.log(x, out=out[0])
    out[0][x <= 0.0] = np.nan


def clip(x: F64, state: F64, params: F64, out: F64) -> None:
    """Into [low, high]."""
    np.minimum(x, params[1], out=out[0])
    np.maximum(out[0], params[0], out=out[0])


def minimum(x: F64, y: F64, state: F64, params: F64, out: F64) -> None:
    """The smaller; NaN where either is NaN."""
    np.minimum(x, y, out=out[0])


def maximum(x: F64, y: F64, state: F64, params: F64, out: F64) -> None:
    """The larger; NaN where either is NaN."""
    np.maximum(x, y, out=out[0])


def _operator(symbol: str, kernel: Kernel, doc: str) -> KernelSpec:
    return KernelSpec(symbol, kernel, doc, "IEEE 754", series=(X, Y))


def _function(
    name: str,
    kernel: Kernel,
    doc: str,
    series: tuple[Series, ...] = (X,),
    params: tuple[Param, ...] = (),
    increasing: tuple[str, ...] = (),
) -> KernelSpec:
    return KernelSpec(
        name,
        kernel,
        doc,
        "numpy",
        series=series,
        params=params,
        increasing=increasing,
    )


OPERATORS = {
    spec.name: spec
    for spec in (
        _operator("+", add, "sum"),
        _operator("-", subtract, "difference"),
        _operator("*", multiply, "product"),
        _operator("/", divide, "quotient, NaN over zero"),
        _operator(">", greater, "1 where greater, else 0"),
        _operator(">=", greater_equal, "1 where not smaller, else 0"),
    )
}
"""The operators; ``<`` and ``<=`` are ``>`` and ``>=`` with their sides exchanged."""

FEATURES = (
    _function("abs", absolute, "magnitude"),
    _function("sign", sign, "-1, 0 or 1"),
    _function("sqrt", square_root, "square root, NaN for a negative"),
    _function("log", logarithm, "natural logarithm, NaN for zero and below"),
    _function("min", minimum, "the smaller of two", (X, Y)),
    _function("max", maximum, "the larger of two", (X, Y)),
    _function(
        "clip",
        clip,
        "limited to [low, high]",
        params=(real("low", None), real("high", None)),
        increasing=("low", "high"),
    ),
)
