"""How the decision path is compiled.

All decorators switch numba's memory manager off: what they compile can read
and write the arrays it is handed and nothing else, so no row can allocate, and
no reference is counted inside the row loop (which cost twenty times the
arithmetic). Division by zero gives inf or NaN, never an exception. There is no
``fastmath`` and no parallel reduction: both change bits.
"""

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numpy as np
from numba import njit

_Function = TypeVar("_Function", bound=Callable[..., Any])

_OPTIONS: dict[str, Any] = {"cache": True, "error_model": "numpy", "_nrt": False}
# Unpacking forty arrays from Python is code too, and only the entry needs it.
_INNER: dict[str, Any] = {**_OPTIONS, "no_cpython_wrapper": True, "no_cfunc_wrapper": True}


def kernel(function: _Function) -> _Function:
    """A loop over arrays that Python calls and that may allocate; it runs beside other threads."""
    return cast(_Function, njit(cache=True, nogil=True, error_model="numpy")(function))


def entry(function: _Function) -> _Function:
    """What Python calls."""
    return cast(_Function, njit(nogil=True, **_OPTIONS)(function))


def compiled(function: _Function) -> _Function:
    """A function of its own, called by compiled code only; for what is rare or large."""
    return cast(_Function, njit(**_INNER)(function))


def inlined(function: _Function) -> _Function:
    """Merged into its compiled caller; for what runs in every cell."""
    return cast(_Function, njit(forceinline=True, **_INNER)(function))


def scalar(function: _Function) -> _Function:
    """Merged into its caller, and callable from Python too: arithmetic on numbers."""
    return cast(_Function, njit(forceinline=True, **_OPTIONS)(function))


def plain(function: _Function) -> _Function:
    """A compiled function as the Python that it was written in.

    On a handful of numbers that is done before compiled code has been called, and whole
    numbers of any size do not overflow.
    """
    return cast(_Function, getattr(function, "py_func", function))


def constant(value: int) -> int:
    """A constant to hand to compiled functions.

    numba compiles a function anew for every plain constant that it is called
    with; for a numpy integer it does not.
    """
    return cast(int, np.int64(value))
