"""One of a row's inputs from trades and books, as a series."""

import numpy as np

from kedge.domain.compiled import kernel
from kedge.domain.panel import F64
from kedge.features.spec import KernelSpec


@kernel
def micro_input(micro: F64, state: F64, params: F64, out: F64) -> None:
    """Input ``params[0]`` of (K, N, B); NaN everywhere in data without any."""
    k = int(params[0])
    for n in range(out.shape[1]):
        for i in range(out.shape[2]):
            out[0, n, i] = micro[k, n, i] if k < micro.shape[0] else np.nan


INPUT = KernelSpec(
    "input",
    micro_input,
    "an input from trades and books",
    "kedge.domain.micro",
    fields=("micro",),
)
"""Reached by the input's name; its parameter is the input's place."""
