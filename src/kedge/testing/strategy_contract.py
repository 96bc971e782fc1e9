"""The contract every strategy keeps, checked: for a test of a strategy of your own.

::

    from kedge.testing import strategy_contract
    from my_rules import crossover

    def test_crossover_keeps_the_contract():
        strategy_contract.check(crossover)

Each rule is a function that returns what it found wrong, or nothing. They call the
strategy as kedge does, on the features of a panel, and compare to the last bit.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from kedge.domain.errors import StrategyError
from kedge.domain.forecast import CONFIDENCE, EDGE_BPS, FIELDS, STOP, TRAIL
from kedge.domain.panel import F64, Panel
from kedge.features.plan import FeaturePlan
from kedge.research.worlds import WorldSpec, garch_t
from kedge.strategies.binding import BoundStrategy, bind
from kedge.strategies.contract import Strategy
from kedge.strategies.drive import Driver
from kedge.strategies.flaws import first_flaw, valid
from kedge.testing.fresh_process import forecast_elsewhere
from kedge.testing.world_books import with_books

PART = 600
"""Rows of the history that the slower rules ask about."""
FEW = 10
"""From so many forecasts on, one same confidence in all of them is a constant."""


@dataclass(frozen=True, slots=True)
class Case:
    """A strategy, what it is asked, and what it says.

    Attributes:
        bound: the strategy.
        plan: its features.
        panel: T rows, N instruments.
        features: (T, N, F).
        said: (T, N, FIELDS), NaN in the first ``lookback - 1`` rows.
        rng: of everything drawn.
    """

    bound: BoundStrategy
    plan: FeaturePlan
    panel: Panel
    features: F64
    said: F64
    rng: np.random.Generator

    @property
    def before(self) -> int:
        """Rows of history before the first row that can be asked about."""
        return self.bound.strategy.lookback - 1


@dataclass(frozen=True, slots=True)
class Kept:
    """What a strategy that keeps the contract did.

    Attributes:
        name: the strategy.
        compiled: whether it ran compiled.
        cells: rows times instruments it was asked about.
        forecasts: cells with a valid forecast.
    """

    name: str
    compiled: bool
    cells: int
    forecasts: int


def check(
    strategy: Strategy,
    panel: Panel | None = None,
    params: Mapping[str, float] | None = None,
    *,
    seed: int = 7,
) -> Kept:
    """Check every rule.

    Args:
        strategy: the decorated function.
        panel: history to ask about; daily rows made up from ``seed`` when not given.
        params: parameters other than the defaults.
        seed: of everything drawn.

    Raises:
        StrategyError: the first rule that is broken, and how.
    """
    case = make_case(strategy, panel, params, seed=seed)
    for rule in RULES:
        wrong = rule(case)
        if wrong:
            raise StrategyError(wrong, f"strategy {strategy.name}", rule.__doc__ or "")
    forecasts = int(valid(case.said).sum())
    cells = (case.panel.rows - case.before) * len(case.panel.instruments)
    return Kept(strategy.name, case.bound.compiled, cells, forecasts)


def make_case(
    strategy: Strategy,
    panel: Panel | None = None,
    params: Mapping[str, float] | None = None,
    *,
    seed: int = 7,
) -> Case:
    """Bind a strategy, compute its features and ask it about every row."""
    rng = np.random.default_rng(seed)
    shown = _made_up(rng, seed) if panel is None else panel
    bound = bind(strategy.name, strategy, params or {}, 1.0, shown.interval_ns)
    plan = FeaturePlan.build(
        bound.expressions, len(shown.instruments), shown.interval_ns, shown.symbols
    )
    features = plan.history(shown)
    return Case(bound, plan, shown, features, ask(bound.driver, features), rng)


def ask(driver: Driver, features: F64) -> F64:
    """Forecasts (T, N, FIELDS) of a whole history (T, N, F) in one call."""
    before = driver.strategy.lookback - 1
    rows = max(len(features) - before, 0)
    out = np.full((before + rows, 1, features.shape[1], FIELDS), np.nan)
    driver.run(features, out[before:], 0)
    return out[:, 0]


def says_something(case: Case) -> str:
    """Some row of the history has a valid forecast."""
    if valid(case.said).any():
        return ""
    return (
        f"gave no forecast in {len(case.said)} rows: {first_flaw(case.said) or 'its edge is NaN'}"
    )


def says_only_what_is_valid(case: Case) -> str:
    """Edge finite, sigma above 0, confidence from 0 to 1, distances above 0; or edge NaN."""
    flaw = first_flaw(case.said)
    distances = case.said[..., STOP : TRAIL + 1]
    if not flaw and (distances <= 0.0).any():
        flaw = "a stop, target or trailing distance is not above 0"
    return flaw


def varies_its_confidence(case: Case) -> str:
    """Confidence is evidence, and evidence varies."""
    confidence = case.said[..., CONFIDENCE][valid(case.said) & (case.said[..., EDGE_BPS] != 0.0)]
    if len(confidence) >= FEW and np.all(confidence == confidence[0]):
        return f"confidence is {confidence[0]:g} in all of {len(confidence)} forecasts"
    return ""


def same_in_any_order(case: Case) -> str:
    """A row's forecast depends on its window alone: rows in random order, twice."""
    rows = case.rng.permutation(np.arange(case.before, len(case.said)))[:200]
    for row in (*rows, *rows[::-1]):
        alone = ask(case.bound.driver, case.features[row - case.before : row + 1])
        if not _same(alone[-1], case.said[row]):
            return f"row {row} asked about alone gives other bits than in order"
    return ""


def same_in_any_blocks(case: Case) -> str:
    """Blocks of any size give the same bits."""
    start = case.before
    while start < len(case.said):
        stop = min(start + int(case.rng.integers(1, 90)), len(case.said))
        block = ask(case.bound.driver, case.features[start - case.before : stop])
        if not _same(block[case.before :], case.said[start:stop]):
            return f"rows {start} to {stop} as a block give other bits than the whole history"
        start = stop
    return ""


def blind_to_the_future(case: Case) -> str:
    """Later rows, poisoned or absent, change nothing."""
    for row in sorted(case.rng.integers(case.before + 1, len(case.said), 3)):
        poisoned = case.features.copy()
        poisoned[row:] = case.rng.choice([np.nan, np.inf, -1e300, 0.0], poisoned[row:].shape)
        if not _same(ask(case.bound.driver, poisoned)[:row], case.said[:row]):
            return f"poisoned rows from {row} on change what was said before them"
        prefix = case.plan.history(case.panel.window(0, int(row)))
        if not _same(ask(case.bound.driver, prefix), case.said[:row]):
            return f"without the rows from {row} on, earlier forecasts differ"
    return ""


def silent_where_nothing_is_known(case: Case) -> str:
    """An instrument without a single known feature gets no forecast."""
    unknown = case.features.copy()
    gone = case.rng.random(unknown.shape[:2]) < 0.2
    unknown[gone] = np.nan
    last = np.zeros(case.said[..., 0].shape, dtype=bool)
    last[case.before :] = gone[case.before :]
    said = ask(case.bound.driver, unknown)
    if np.isfinite(said[..., EDGE_BPS][last]).any():
        return "gave an edge for an instrument whose features are all NaN"
    return first_flaw(said)


def sound_with_holes(case: Case) -> str:
    """Single unknown features lead to a valid forecast or to none."""
    return first_flaw(ask(case.bound.driver, _with_holes(case)))


def compiled_as_interpreted(case: Case) -> str:
    """The compiled form gives the bits of the interpreted one."""
    driver = case.bound.driver
    if driver.compiled is None:
        return ""
    interpreted = Driver(driver.strategy, driver.params, None)
    for features in (case.features[:PART], _with_holes(case)[:PART]):
        if not _same(ask(interpreted, features), ask(driver, features)):
            return "compiled and interpreted forms give other bits"
    return ""


def same_in_a_fresh_process(case: Case) -> str:
    """Another process gives the same bits."""
    part = case.features[:PART]
    there = forecast_elsewhere(case.bound.strategy, case.bound.driver.params, part)
    return "" if _same(there, case.said[: len(part)]) else "a fresh process gives other bits"


RULES: tuple[Callable[[Case], str], ...] = (
    says_something,
    says_only_what_is_valid,
    varies_its_confidence,
    same_in_any_order,
    same_in_any_blocks,
    blind_to_the_future,
    silent_where_nothing_is_known,
    sound_with_holes,
    compiled_as_interpreted,
    same_in_a_fresh_process,
)
"""In the order in which they are checked."""


def _made_up(rng: np.random.Generator, seed: int) -> Panel:
    """Three years of four stocks with clustering volatility, three cells in a hundred masked.

    Books are made up around them, from a seed of their own.
    """
    panel = garch_t(WorldSpec(instruments=4, years=3.0), seed)
    masked = rng.random(panel.flags.shape) < 0.03
    bars = np.where(masked[:, None, :], 0, panel.bars)
    flags = np.where(masked, 0, panel.flags).astype(np.uint8)
    holed = replace(panel, bars=bars, flags=flags, volume=np.where(masked, 0.0, panel.volume))
    return with_books(holed, np.random.default_rng((seed, 1)))


def _with_holes(case: Case) -> F64:
    holed = case.features.copy()
    holed[np.random.default_rng(len(holed)).random(holed.shape) < 0.1] = np.nan
    return holed


def _same(one: F64, other: F64) -> bool:
    """Equal to the last bit; every NaN is the same nothing."""
    bits = [np.where(np.isnan(each), np.nan, each).tobytes() for each in (one, other)]
    return one.shape == other.shape and bits[0] == bits[1]
