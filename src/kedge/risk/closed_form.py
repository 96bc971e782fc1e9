"""Largest scale of the free part of a book under which a limit holds (section 9)."""

from math import sqrt

from kedge.domain.arithmetic import clip
from kedge.domain.compiled import scalar


@scalar
def linear_scale(fixed: float, free: float, limit: float) -> float:
    """Largest k in [0, 1] with ``|fixed + k * free| <= limit``.

    Where no k is feasible, the one with the smallest breach: 0 when the free
    part adds to it, 1 when it takes away.
    """
    if abs(fixed + free) <= limit or free == 0.0:
        return 1.0
    boundary = limit if free > 0.0 else -limit
    return clip((boundary - fixed) / free, 0.0, 1.0)


@scalar
def quadratic_scale(fixed: float, cross: float, free: float, limit: float) -> float:
    """Largest k in [0, 1] with ``fixed + 2 k cross + k^2 free <= limit``.

    ``fixed``, ``cross`` and ``free`` are F'SF, F'ST and T'ST. Where no k is
    feasible, the one that makes the value smallest.
    """
    if fixed + 2.0 * cross + free <= limit:
        return 1.0
    if free <= 0.0:
        return 0.0 if cross >= 0.0 else 1.0
    inside = cross * cross - free * (fixed - limit)
    if inside < 0.0:
        return clip(-cross / free, 0.0, 1.0)
    return clip((sqrt(inside) - cross) / free, 0.0, 1.0)
