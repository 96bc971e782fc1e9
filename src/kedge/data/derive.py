"""Splits and dividends recovered from a back-adjusted close beside the raw one.

From one session to the next the ratio adjusted / raw grows by ``a / b`` at a
split and, at a dividend ``d``, by ``1 / (1 - d / p)`` with the raw close ``p``
before it (CRSP, Yahoo) or by ``1 + d / q`` with the raw close ``q`` on its day
(Quandl WIKI). Growth that is a simple fraction, and that the raw price confirms by
falling as much, is a split; any other growth above rounding noise a dividend.
"""

from collections.abc import Callable
from fractions import Fraction
from typing import Final

import numpy as np

from kedge.domain.panel import F64, I64, EventKind
from kedge.ports.store import Action

SMALLEST_SPLIT: Final = 1.2
"""Below it growth is a dividend: MSFT paid 10 % of its price on 2004-11-15."""
LARGEST_TERM: Final = 10
USUAL: Final = (*(Fraction(n) for n in (2, 3, 4, 5, 6, 7, 8, 10, 15, 20, 25, 50)), Fraction(3, 2))
BESIDE_SPLIT: Final = 0.05
"""Largest dividend, as a share of the price, recognised on the day of a split."""
FRACTION_TOLERANCE: Final = 0.004
CONFIRMATION: Final = 0.25
NOISE: Final = 2e-5


def growth_of(close: F64, adjusted: F64) -> F64:
    """(n,) growth of adjusted / raw since the bar before; 1 at the first."""
    ratio = adjusted / close
    growth: F64 = np.concatenate([[1.0], ratio[1:] / ratio[:-1]])
    return growth


def rounding_noise(adjusted: F64, digits: int) -> F64:
    """(n,) growth that rounding the adjusted close to ``digits`` decimals can feign."""
    relative: F64 = 0.5 * 10.0**-digits / adjusted
    both = relative + np.concatenate([relative[:1], relative[:-1]])
    return np.asarray(np.maximum(NOISE, 2.0 * both), dtype=np.float64)


def amount_of_crsp(before: float, _on: float, growth: float) -> float:
    """Dividend by the close before it: the convention of CRSP and Yahoo."""
    return before * (1.0 - 1.0 / growth)


def amount_of_wiki(_before: float, on: float, growth: float) -> float:
    """Dividend by the close of its day: the convention of Quandl WIKI."""
    return on * (growth - 1.0)


def derive_actions(
    entity: str,
    dates: I64,
    close: F64,
    growth: F64,
    noise: F64,
    amount: Callable[[float, float, float], float] = amount_of_crsp,
) -> list[Action]:
    """Splits and dividends of one instrument.

    Args:
        entity: entity id.
        dates: (n,) session dates at 00:00 UTC, ns.
        close: (n,) raw closes.
        growth: (n,) growth of adjusted / raw since the bar before.
        noise: (n,) growth to ignore.
        amount: the dividend, from the close before, the close on its day, and growth.

    Returns:
        Events effective on the date of their bar, in order of time.
    """
    found: list[Action] = []
    for row in np.flatnonzero(np.abs(growth[1:] - 1.0) > noise[1:]) + 1:
        at, rest, price = int(dates[row]), float(growth[row]), float(close[row - 1])
        terms = split_terms(rest, float(close[row]) / price)
        if terms is not None:
            found.append(_split(entity, at, terms))
            rest /= float(terms)
            price /= float(terms)
            if abs(rest - 1.0) < FRACTION_TOLERANCE:
                continue  # what remains is the rounding of the source, or too small to tell
        if rest > 1.0:
            found.append(_dividend(entity, at, amount(price, float(close[row]), rest)))
    return found


def split_terms(growth: float, price_ratio: float) -> Fraction | None:
    """New units per old one when ``growth`` is that of a split, else None.

    Args:
        growth: growth of adjusted / raw.
        price_ratio: raw close over the raw close before it.
    """
    if 1.0 / SMALLEST_SPLIT < growth < SMALLEST_SPLIT:
        return None
    if abs(np.log(growth * price_ratio)) > CONFIRMATION:
        return None
    beside = (each for each in USUAL if 1.0 <= growth / float(each) < 1.0 + BESIDE_SPLIT)
    return simple_fraction(growth) or next(beside, None)


def simple_fraction(value: float, tolerance: float = FRACTION_TOLERANCE) -> Fraction | None:
    """The fraction with the smallest term up to `LARGEST_TERM` that is close to ``value``."""
    for term in range(1, LARGEST_TERM + 1):
        for near, fraction in ((value * term, True), (term / value, False)):
            whole = round(near)
            if whole and abs(near / whole - 1.0) < tolerance:
                return Fraction(whole, term) if fraction else Fraction(term, whole)
    return None


def _split(entity: str, at: int, terms: Fraction) -> Action:
    return Action(
        id=entity,
        kind=EventKind.SPLIT,
        ts=at,
        available_at=at,
        a=terms.numerator,
        b=terms.denominator,
    )


def _dividend(entity: str, at: int, amount: float) -> Action:
    # six digits are the bookkeeping precision of cash
    return Action(id=entity, kind=EventKind.DIVIDEND, ts=at, available_at=at, x=round(amount, 6))
