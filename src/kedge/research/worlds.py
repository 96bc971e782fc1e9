"""Markets made to order: worlds without an edge, and worlds with a known one.

Null worlds measure how often the verdict is wrong when nothing can be
predicted; planted worlds how often it is right when something can. Each is
daily, seeded, and a `Panel` like any other. Simple close-to-close returns have
the stated conditional mean, so a price without drift is a martingale, and the
overnight and intraday parts of a day share that mean in proportion: neither
entering at the open nor at the close gains anything.
"""

import hashlib
from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from kedge.domain.instrument import AssetClass, FeeSchedule, Instrument
from kedge.domain.panel import EVENT, F64, FRESH, I64, TRADABLE, Panel

DAY_NS = 86_400 * 10**9
FIRST_DAY = np.datetime64("2010-01-04")
WEEKDAYS_PER_YEAR = 365.25 * 5.0 / 7.0
TICK = Decimal("0.0001")
FIRST_PRICE = 100.0
FREE = FeeSchedule()
OVERNIGHT = 0.2
"""Share of a day's variance and drift that falls between close and open."""


@dataclass(frozen=True, slots=True)
class WorldSpec:
    """What all worlds have in common.

    Attributes:
        instruments: how many.
        years: length; rows are weekdays.
        annual_volatility: of each instrument.
        correlation: between any two instruments' daily shocks.
        volume: median daily volume in units.
        fees, half_spread_bps, shortable: of each instrument; free of cost by default.
    """

    instruments: int = 10
    years: float = 8.0
    annual_volatility: float = 0.30
    correlation: float = 0.3
    volume: float = 1e7
    fees: FeeSchedule = FREE
    half_spread_bps: float = 0.0
    shortable: bool = False

    @property
    def rows(self) -> int:
        """Daily rows T."""
        return round(self.years * WEEKDAYS_PER_YEAR)

    @property
    def daily_volatility(self) -> float:
        """Standard deviation of a daily return."""
        return float(self.annual_volatility / np.sqrt(WEEKDAYS_PER_YEAR))


def random_walk(spec: WorldSpec, seed: int) -> Panel:
    """Returns without mean or memory: nothing can be predicted, holding earns nothing."""
    return drifting(spec, seed, annual_sharpe=0.0)


def drifting(spec: WorldSpec, seed: int, annual_sharpe: float = 0.5) -> Panel:
    """A random walk in which simply holding earns the given Sharpe ratio."""
    rng = _generator(seed)
    sigma = np.full((spec.rows, spec.instruments), spec.daily_volatility)
    mean = annual_sharpe / np.sqrt(WEEKDAYS_PER_YEAR) * sigma
    return _panel(spec, rng, _shocks(spec, rng), sigma, mean)


def garch_t(
    spec: WorldSpec,
    seed: int,
    *,
    alpha: float = 0.08,
    beta: float = 0.90,
    freedom: float = 6.0,
) -> Panel:
    """Volatility that clusters and tails that are fat, and still nothing to predict.

    ``s2[t] = w + alpha r[t-1]^2 + beta s2[t-1]`` (Bollerslev 1986, 1987) with
    Student-t shocks of unit variance; w sets the long-run volatility.

    Args:
        spec: the world.
        seed: of everything random.
        alpha: weight of the last squared return.
        beta: weight of the last variance; alpha + beta is below 1.
        freedom: degrees of freedom of the shocks, above 2.
    """
    rng = _generator(seed)
    scale = rng.chisquare(freedom, (spec.rows, spec.instruments)) / freedom
    shocks = _shocks(spec, rng) / np.sqrt(scale) * np.sqrt((freedom - 2.0) / freedom)
    variance = spec.daily_volatility**2
    sigma = np.empty_like(shocks)
    current = np.full(spec.instruments, variance)
    for row, shock in enumerate(shocks):
        sigma[row] = np.sqrt(current)
        squared = current * shock * shock
        current = variance * (1.0 - alpha - beta) + alpha * squared + beta * current
    return _panel(spec, rng, shocks, sigma, np.zeros_like(sigma))


def planted(spec: WorldSpec, seed: int, strength: float, persistence: float = 60.0) -> Panel:
    """Persistent regimes of drift, up or down, of each instrument on its own.

    In a regime an instrument drifts by ``strength`` daily standard deviations,
    up or down with equal chance; each day the regime ends with probability
    1 / persistence and a new one is drawn. Averaged over regimes there is no
    drift: holding earns nothing, following the trend does.

    Args:
        spec: the world.
        seed: of everything random.
        strength: daily Sharpe ratio inside a regime; 0 is a random walk.
        persistence: expected days between draws.
    """
    rng = _generator(seed)
    shape = spec.rows, spec.instruments
    drawn = np.where(rng.random(shape) < 0.5, -1.0, 1.0)
    redrawn = rng.random(shape) < 1.0 / persistence
    redrawn[0] = True
    latest = np.maximum.accumulate(np.where(redrawn, np.arange(spec.rows)[:, None], 0), axis=0)
    direction = np.take_along_axis(drawn, latest, axis=0)
    sigma = np.full(shape, spec.daily_volatility)
    return _panel(spec, rng, _shocks(spec, rng), sigma, strength * sigma * direction)


def _generator(seed: int) -> np.random.Generator:
    return np.random.Generator(np.random.PCG64(seed))


def _shocks(spec: WorldSpec, rng: np.random.Generator) -> F64:
    """(T, N) standard normal shocks with one common factor."""
    common = rng.standard_normal((spec.rows, 1))
    own = rng.standard_normal((spec.rows, spec.instruments))
    return np.asarray(np.sqrt(spec.correlation) * common + np.sqrt(1.0 - spec.correlation) * own)


def _panel(spec: WorldSpec, rng: np.random.Generator, shocks: F64, sigma: F64, mean: F64) -> Panel:
    rows, names = shocks.shape
    bars = _bars(rng, shocks, sigma, mean)
    days = np.busday_offset(FIRST_DAY, np.arange(rows)).astype("datetime64[ns]").astype(np.int64)
    return Panel(
        instruments=tuple(_instrument(spec, number) for number in range(names)),
        interval_ns=DAY_NS,
        ts=days + DAY_NS,
        session=np.arange(rows, dtype=np.int64),
        bars=bars,
        volume=np.ceil(spec.volume * np.exp(0.3 * rng.standard_normal((rows, names)))),
        flags=np.full((rows, names), TRADABLE | FRESH, np.uint8),
        age_ns=np.zeros((rows, names), np.int64),
        adjust=np.ones((rows, names)),
        events=np.zeros(0, EVENT),
        point_in_time=True,
        fingerprint=_fingerprint(bars),
        sessions_per_year=WEEKDAYS_PER_YEAR,
    )


def _bars(rng: np.random.Generator, shocks: F64, sigma: F64, mean: F64) -> I64:
    """(T, 4, N) ticks; the open divides a day's Brownian path, the extremes are its own.

    With ln(1 + mean) - sigma^2 / 2 as log drift the simple return has the given
    mean (to second order where shocks are Student-t). The open is the path at a
    fifth of the day, given its end; high and low are maximum and minimum of a
    Brownian bridge from open to close.
    """
    move = np.log1p(mean) - 0.5 * sigma**2 + sigma * shocks
    spread = np.sqrt(OVERNIGHT * (1.0 - OVERNIGHT)) * sigma
    overnight = OVERNIGHT * move + spread * rng.standard_normal(move.shape)
    intraday = move - overnight
    log_close = np.log(FIRST_PRICE) + np.cumsum(move, axis=0)
    log_open = log_close - intraday
    width = 2.0 * (1.0 - OVERNIGHT) * sigma**2
    up, down = -np.log1p(-rng.random((2, *move.shape)))
    high = log_open + 0.5 * (intraday + np.sqrt(intraday**2 + width * up))
    low = log_open + 0.5 * (intraday - np.sqrt(intraday**2 + width * down))
    prices = np.exp(np.stack([log_open, high, low, log_close], axis=1))
    ticks: I64 = np.maximum(np.rint(prices / float(TICK)), 1.0).astype(np.int64)
    return ticks


def _instrument(spec: WorldSpec, number: int) -> Instrument:
    name = f"W{number:02d}"
    return Instrument(
        id=name,
        symbol=name,
        asset_class=AssetClass.EQUITY,
        base=name,
        tick=TICK,
        calendar="24/5",
        fees=spec.fees,
        shortable=spec.shortable,
        half_spread_bps=spec.half_spread_bps,
        average_volume=spec.volume,
    )


def _fingerprint(bars: I64) -> str:
    return hashlib.blake2b(bars.tobytes(), digest_size=16).hexdigest()
