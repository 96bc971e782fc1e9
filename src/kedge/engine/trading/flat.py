"""The step's state in one buffer, so that a change of it is a list of places and words."""

import numpy as np

from kedge.domain.panel import I64
from kedge.domain.state import State


def flatten(state: State) -> tuple[I64, State]:
    """One (words,) int64 buffer that holds a copy of the state, and the state as views of it."""
    size = sum(array.size for array in state)
    buffer = np.empty(size, dtype=np.int64)
    views, at = [], 0
    for array in state:
        part = buffer[at : at + array.size].view(array.dtype).reshape(array.shape)
        part[...] = array
        views.append(part)
        at += array.size
    return buffer, State._make(views)
