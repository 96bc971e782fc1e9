"""What is checked when a strategy is declared, before any data is read."""

import inspect
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from kedge.domain.errors import StrategyError

FAMILIES = ("technical", "momentum", "cross_asset", "sentiment", "ml")
"""Families of strategies that share a prior weight in the blend."""

_ARGUMENTS = 3


def check_declaration(
    name: str,
    function: Callable[..., Any],
    needs: tuple[object, ...],
    params: Mapping[str, object],
    counts: Mapping[str, tuple[object, int]],
    family: str,
) -> None:
    """Refuse a declaration that cannot be run.

    Args:
        name: the strategy's.
        function: what is called once per row.
        needs: feature expressions.
        params: parameters and their defaults.
        counts: whole numbers, each with the least it may be.
        family: whose prior weight it shares.

    Raises:
        StrategyError: which part is wrong, and how to mend it.
    """
    where = f"strategy {name}"
    if not needs or not all(isinstance(need, str) for need in needs):
        raise StrategyError("needs no features", where, 'give needs=("sma(10)", ...)')
    for key, value in params.items():
        if isinstance(value, bool) or not isinstance(value, int | float) or not np.isfinite(value):
            raise StrategyError(f"parameter {key} is {value!r}, not a number", where)
    for key, (count, least) in counts.items():
        if isinstance(count, bool) or not isinstance(count, int) or count < least:
            raise StrategyError(f"{key} {count!r} is not a whole number from {least} on", where)
    if family not in FAMILIES:
        raise StrategyError(f"family '{family}' is unknown", where, f"one of {', '.join(FAMILIES)}")
    _check_arguments(function, where)


def _check_arguments(function: Callable[..., Any], where: str) -> None:
    try:
        inspect.signature(function).bind(*range(_ARGUMENTS))
    except TypeError:
        raise StrategyError(
            "is not called with three arguments", where, "write def f(window, params, out)"
        ) from None


def number_text(value: float) -> str:
    """A parameter as an expression writes it: every digit, no exponent."""
    return np.format_float_positional(float(value), trim="-")
