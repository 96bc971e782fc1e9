"""Figures for programs without what is left over of binary fractions."""

from collections.abc import Mapping
from typing import Any, Final

DIGITS: Final = 14
"""Significant ones: a million with eight decimals has as many; sums of floats differ beyond."""


def short_floats(value: Any) -> Any:
    """The same value with every float in it rounded to `DIGITS`; 0.1 + 0.2 becomes 0.3.

    Args:
        value: as JSON knows it: mappings, lists, tuples, text, numbers, None.
    """
    if isinstance(value, float):
        return float(f"{value:.{DIGITS}g}")
    if isinstance(value, Mapping):
        return {name: short_floats(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [short_floats(each) for each in value]
    return value
