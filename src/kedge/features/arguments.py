"""Arguments of a feature in an expression, bound to its series and parameters."""

from collections.abc import Sequence
from itertools import pairwise

from kedge.domain.errors import ExpressionError
from kedge.features.spec import Feature, Param
from kedge.features.tree import Expression, Number, defaults, number_text

Bound = tuple[tuple[Expression, ...], tuple[float, ...]]


def bind(feature: Feature, given: Sequence[Expression], named: dict[str, Expression]) -> Bound:
    """Series and parameters of a call.

    Leading expressions replace the feature's series, numbers fill its
    parameters in order; both may also be named.

    Raises:
        ExpressionError: too few or too many, a wrong type, or out of bounds.
    """
    named = dict(named)
    replaced = [named.pop(s.name) for s in feature.series if s.name in named]
    if not feature.params:
        leading = len(given)
    else:
        leading = next((i for i, g in enumerate(given) if isinstance(g, Number)), len(given))
    series = (*given[:leading], *replaced) or defaults(feature.series)
    if series is None or len(series) != len(feature.series):
        raise ExpressionError(
            f"{feature.name} takes {len(feature.series)} series, not {leading + len(replaced)}",
            remedy=f"write {usage(feature)}",
        )
    params = _params(feature, given[leading:], named)
    _check_increasing(feature, params)
    return series, params


def usage(feature: Feature) -> str:
    """How a feature is written, with its defaults."""
    series = [s.name if not s.default else f"{s.name}={s.default}" for s in feature.series]
    params = [
        p.name if p.default is None else f"{p.name}={number_text(float(p.default))}"
        for p in feature.params
    ]
    return f"{feature.name}({', '.join(series + params)})"


def _params(
    feature: Feature, positional: Sequence[Expression], named: dict[str, Expression]
) -> tuple[float, ...]:
    names = [p.name for p in feature.params]
    taken = dict(zip(names, positional, strict=False))
    stray = [n for n in named if n not in names or n in taken]
    if len(positional) > len(names) or stray:
        extra = stray[0] if stray else str(positional[len(names)])
        raise ExpressionError(
            f"{feature.name} has no place for {extra}", remedy=f"write {usage(feature)}"
        )
    taken |= named
    return tuple(_value(feature, p, taken.get(p.name)) for p in feature.params)


def _value(feature: Feature, param: Param, given: Expression | None) -> float:
    place = f"{feature.name}: {param.name}"
    if given is None:
        if param.default is None:
            raise ExpressionError(f"{place} is missing", remedy=f"write {usage(feature)}")
        return float(param.default)
    if not isinstance(given, Number):
        raise ExpressionError(f"{place} must be a number, not {given}")
    value = given.value
    if param.integer and not value.is_integer():
        raise ExpressionError(f"{place} must be a whole number, not {given}")
    if not param.low <= value <= param.high:
        ahead = " would look ahead:" if param.integer and value < 0 else ""
        bounds = f"{number_text(float(param.low))} to {number_text(float(param.high))}"
        raise ExpressionError(f"{place} = {given}{ahead} must be {bounds}")
    return value


def _check_increasing(feature: Feature, params: tuple[float, ...]) -> None:
    names = [p.name for p in feature.params]
    values = [params[names.index(n)] for n in feature.increasing]
    if any(a >= b for a, b in pairwise(values)):
        raise ExpressionError(f"{feature.name}: {' < '.join(feature.increasing)} must hold")
