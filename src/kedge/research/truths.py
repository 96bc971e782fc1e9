"""Kinds of worlds whose truth is known: nulls without an edge, and a planted one."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from kedge.domain.errors import InputError
from kedge.domain.instrument import Instrument
from kedge.domain.panel import Panel
from kedge.research.worlds import WorldSpec, drifting, garch_t, planted, random_walk

NONCENTRALITY: Final = 6.0
"""What planted worlds should measure, on average, in the residual at doubled costs."""
STRENGTH: Final = 0.1734
"""Daily Sharpe ratio inside a regime that gives the shipped strategies about that."""
CALIBRATION_SEEDS: Final = range(1_000_000, 1_000_040)
"""Never used to count verdicts."""
_STEPS: Final = 12


@dataclass(frozen=True, slots=True)
class Truth:
    """One kind of world.

    Attributes:
        name: as commands and pages call it.
        meaning: one sentence for people.
        spec: instruments, length, costs.
        costs: multiple of the default costs at which verdicts are drawn; 0 is
            free trading.
        make: from a specification and a seed to the world.
    """

    name: str
    meaning: str
    spec: WorldSpec
    costs: float
    make: Callable[[WorldSpec, int], Panel]

    def world(self, seed: int) -> Panel:
        """The world of a seed."""
        return self.make(self.spec, seed)


def nulls(spec: WorldSpec | None = None) -> tuple[Truth, ...]:
    """The worlds in which nothing can be predicted, free to trade."""
    free = spec or WorldSpec()
    return (
        Truth("random_walk", "returns without mean or memory", free, 0.0, random_walk),
        Truth("drift", "holding earns a Sharpe ratio of 0.5", free, 0.0, drifting),
        Truth("garch_t", "clustering volatility, fat tails", free, 0.0, garch_t),
    )


@dataclass(frozen=True, slots=True)
class Plant:
    """Makes planted worlds of one strength; a value, so that it travels to processes."""

    strength: float

    def __call__(self, spec: WorldSpec, seed: int) -> Panel:
        """The planted world of a seed."""
        return planted(spec, seed, self.strength)


def planted_truth(strength: float = STRENGTH, spec: WorldSpec | None = None) -> Truth:
    """Persistent regimes of drift, at the costs a US stock has by default."""
    costly = spec or WorldSpec(half_spread_bps=default_half_spread())
    meaning = f"regimes of drift, daily Sharpe ratio {strength:g} inside each"
    return Truth("planted", meaning, costly, 1.0, Plant(strength))


def default_half_spread() -> float:
    """Half-spread of an instrument that states none, basis points."""
    return Instrument(id="default", symbol="default").half_spread_bps


def calibrate(measured: Callable[[float], float], target: float = NONCENTRALITY) -> float:
    """The strength at which the measured mean non-centrality meets the target.

    Bisection between no edge and a daily Sharpe ratio of a half; the strength
    is rounded to four digits so that it can be written down.

    Args:
        measured: mean non-centrality over the calibration seeds at a strength.
        target: what it should be.

    Raises:
        InputError: no strength up to a half reaches the target.
    """
    low, high = 0.0, 0.5
    if measured(high) < target:
        raise InputError("no planted strength reaches the wanted non-centrality")
    for _ in range(_STEPS):
        middle = 0.5 * (low + high)
        low, high = (low, middle) if measured(middle) >= target else (middle, high)
    return float(np.round(0.5 * (low + high), 4))
