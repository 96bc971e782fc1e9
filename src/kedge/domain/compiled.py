"""How the decision path is compiled.

Both decorators switch numba's memory manager off: what they compile can read
and write the arrays it is handed and nothing else, so no row can allocate, and
no reference is counted inside the row loop (which cost twenty times the
arithmetic). Division by zero gives inf or NaN, never an exception. There is no
``fastmath`` and no parallel reduction: both change bits.
"""

from typing import Any

from numba import njit

_OPTIONS: dict[str, Any] = {"cache": True, "error_model": "numpy", "_nrt": False}

compiled = njit(nogil=True, **_OPTIONS)
"""A function of its own; use it for what is rare or large."""

inlined = njit(forceinline=True, **_OPTIONS)
"""Merged into its caller; use it for what runs in every cell."""
