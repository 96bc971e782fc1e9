"""Compiled functions as plain Python, for tests of what compiled code alone can call."""

from collections.abc import Callable
from types import FunctionType
from typing import Any

import numpy as np
from numba.core.dispatcher import Dispatcher


def interpreted(function: Callable[..., Any]) -> Callable[..., Any]:
    """The Python twin of a compiled function, and of everything that it calls."""
    twin = _twin(function)

    def call(*arguments: Any) -> Any:
        with np.errstate(all="ignore"):  # compiled code divides by zero in silence
            return twin(*arguments)

    return call


def _twin(function: Any) -> Any:
    if not isinstance(function, Dispatcher):
        return function
    source = function.py_func
    world = dict(source.__globals__)
    for name in source.__code__.co_names:
        if name in world:
            world[name] = _twin(world[name])
    return FunctionType(source.__code__, world, source.__name__)
