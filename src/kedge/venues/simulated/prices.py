"""What instruments are worth while nobody looks: correlated, trending, in calm and storm.

Log prices follow a common and an own Gaussian shock. The logarithm of volatility is an
Ornstein-Uhlenbeck process, so that large moves come in clusters (Taylor 1986, the
lognormal stochastic-volatility model); drift is constant for an exponential time and
then drawn anew, so that there are trends to follow; jumps arrive as a Poisson process.
"""

from collections.abc import Sequence
from math import exp, log, sqrt
from random import Random

import msgspec

_DAY_S = 86_400.0
_LOWEST = log(20.0)


class Worth(msgspec.Struct, frozen=True, kw_only=True):
    """How the worth of one instrument moves.

    Attributes:
        ticks: at the start.
        volatility: standard deviation of a day's log return, but for storms, trends and jumps.
        common: share of the variance that all instruments have in common, 0 to 1.
        clustering: standard deviation of log volatility in the long run.
        memory_s: seconds after which log volatility has lost 63 % of a deviation.
        trend: standard deviation of the drift, in daily volatilities a day.
        trend_s: mean seconds for which a drift lasts.
        jumps: a day.
        jump: standard deviation of one, in daily volatilities.
    """

    ticks: int
    volatility: float = 0.04
    common: float = 0.5
    clustering: float = 0.5
    memory_s: float = 1_800.0
    trend: float = 4.0
    trend_s: float = 3_600.0
    jumps: float = 4.0
    jump: float = 0.15

    @property
    def of_a_day(self) -> float:
        """Standard deviation of a whole day's log return: storms, trends and jumps included."""
        lasts = self.trend_s / _DAY_S
        trends = 2.0 * self.trend**2 * lasts * (1.0 - lasts * (1.0 - exp(-1.0 / lasts)))
        return self.volatility * sqrt(exp(self.clustering**2) + trends + self.jumps * self.jump**2)


class Moving(msgspec.Struct, array_like=True):
    """State of one instrument: log price in ticks, log volatility, drift a second."""

    price: float
    calm: float = 0.0
    drift: float = 0.0


class Prices:
    """Worth of several instruments.

    Args:
        terms: one for each.
        random: of everything here.

    Attributes:
        states: of each.
        ticks: worth of each now.
        scale: volatility of each now, as a multiple of its usual one.
    """

    def __init__(self, terms: Sequence[Worth], random: Random) -> None:
        self._terms = terms
        self._random = random
        self.states = [Moving(log(term.ticks)) for term in terms]
        self.ticks = [float(term.ticks) for term in terms]
        self.scale = [1.0] * len(terms)
        self._levels = [0.5 * term.clustering**2 for term in terms]
        self._shares = [(sqrt(t.common), sqrt(1.0 - t.common)) for t in terms]

    def step(self, seconds: float) -> None:
        """Let time pass."""
        gauss, draw = self._random.gauss, self._random.random
        shared, root = gauss(0.0, 1.0), sqrt(seconds / _DAY_S)
        for i, (term, state) in enumerate(zip(self._terms, self.states, strict=True)):
            if draw() < seconds / term.trend_s:
                state.drift = gauss(0.0, term.trend) * term.volatility / _DAY_S
            if draw() < term.jumps * seconds / _DAY_S:
                state.price += gauss(0.0, term.jump) * term.volatility
            kept = 1.0 / (1.0 + seconds / term.memory_s)
            spread = term.clustering * sqrt(1.0 - kept * kept)
            state.calm = calm = state.calm * kept + spread * gauss(0.0, 1.0)
            self.scale[i] = scale = exp(calm - self._levels[i])
            common, own = self._shares[i]
            shock = common * shared + own * gauss(0.0, 1.0)
            moved = state.drift * seconds + term.volatility * scale * root * shock
            state.price = price = max(_LOWEST, state.price + moved)
            self.ticks[i] = exp(price)

    def load(self, states: list[Moving]) -> None:
        """Go on from other states."""
        self.states = states
        self.ticks = [exp(state.price) for state in states]
        pairs = zip(states, self._levels, strict=True)
        self.scale = [exp(state.calm - level) for state, level in pairs]
