"""Compiled integer arithmetic shared by everything that touches money."""

from kedge.domain.compiled import scalar


@scalar
def value(lots: int, ticks: int, num: int, den: int) -> int:
    """Minor units of ``lots`` at ``ticks``, rounded half away from zero.

    The exact twin of `kedge.domain.money.round_ratio`; overflow is excluded by
    the bounds checked when an instrument is loaded.
    """
    scaled = lots * ticks * num
    if den == 1:
        return scaled
    if scaled >= 0:
        return (2 * scaled + den) // (2 * den)
    return -((den - 2 * scaled) // (2 * den))


@scalar
def sign(x: float) -> int:
    """-1, 0 or 1; 0 for NaN."""
    if x > 0:
        return 1
    if x < 0:
        return -1
    return 0


@scalar
def clip(x: float, low: float, high: float) -> float:
    """``x`` held between ``low`` and ``high``."""
    if x < low:
        return low
    if x > high:
        return high
    return x


@scalar
def portion(amount: int, part: int, whole: int) -> int:
    """``amount * part / whole`` truncated towards zero.

    Exact while ``whole`` fits 31 bits; beyond, the product is taken in float64.
    """
    if whole < 0:
        part, whole = -part, -whole
    size, share = abs(amount), abs(part)
    if whole == 0:
        return 0
    if whole < 2**31 and share < 2**31:
        result = size // whole * share + size % whole * share // whole
    else:
        result = int(size * (share / whole))
    return result if (amount >= 0) == (part >= 0) else -result
