"""The benched worlds, and the thresholds at which kedge's limits bind in them.

``slack`` leaves kedge the rule alone, so that its trades can be compared with
the peers'. ``bound`` is what is timed: a limit that can bind in that world does,
and the run fails when one does not. ``UNABLE`` lists the rest and why; they are
evaluated in every row all the same.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from benchmarks.market import SESSION_ROWS

CAPITAL = 1e8
FEE_BPS = 1.0
WEIGHT = 0.05
PANEL_WEIGHT = 0.01
FIRST = 3 * SESSION_ROWS
"""First row at which kedge's risk inputs can be warm (two session returns)."""

Overrides = Mapping[str, object]


@dataclass(frozen=True)
class World:
    """One benched world.

    Attributes:
        name: of the world.
        rows, instruments, seed: of its market.
        weight: share of equity a position is opened with where limits are slack.
        pairs: fast and slow windows.
        bound: settings of the timed run.
        unable: limits that cannot bind here, and why.
        wide: instruments whose spread is above the spread limit.
        quick_rows: rows in a quick run.
        stop: stop distance of the timed run, share of price.
        min_notional: smallest order of the timed run, quote.
        depth: typical volume of a bar, units.
    """

    name: str
    rows: int
    instruments: int
    seed: int
    weight: float
    bound: Overrides
    unable: Mapping[str, str]
    pairs: tuple[tuple[int, int], ...] = ((20, 60),)
    wide: int = 0
    quick_rows: int = 100_000
    stop: float = 0.04
    min_notional: int = 100_000
    depth: float = 3e6

    @property
    def values(self) -> int:
        """Cells (or bar-parameters) of a full run."""
        return self.rows * self.instruments * len(self.pairs)


SLACK: Overrides = {
    "capital": CAPITAL,
    "universe.interval": "5m",
    "ensemble.confidence_gate": 0.0,
    "ensemble.track_record_trades": 10**9,
    "sizing.kelly_fraction": 1.0,
    "sizing.volatility_target": 5.0,
    "limits.risk_per_trade": 1.0,
    "limits.open_risk": 1.0,
    "limits.position": 0.2,
    "limits.group": 1.0,
    "limits.var": 1.0,
    "limits.expected_shortfall": 1.0,
    "limits.drawdown_start": 0.98,
    "limits.drawdown_stop": 0.99,
    "limits.daily_loss": 0.99,
    "limits.consecutive_losses": 10**9,
    "limits.spread_bps.spot": 1e6,
    "limits.slippage_bps.spot": 1e6,
    "limits.min_sessions": 2,
    # Volatility now and slow are one figure, so confidence is never scaled by it.
    "risk_model.ewma_decay": 0.9899,
    "risk_model.slow_decay": 0.99,
    # The described impact model with nothing in it: fills at the open itself.
    "costs.impact": "described",
    "costs.described_temporary": 0.0,
    "costs.described_permanent": 0.0,
    "execution.participation": 1.0,
    "execution.participation_hour": 1.0,
    "execution.buffer_min": 0.99,
    "execution.buffer_max": 0.99,
}
"""Nothing but the rule decides: one entry and one exit per trade."""

_COMMON: Overrides = {
    "capital": CAPITAL,
    "universe.interval": "5m",
    "limits.min_sessions": 20,
    "limits.drawdown_stop": 0.98,
    "execution.min_interval_s": 900,
}

_LATENCY = "an order lives one bar: without latency none is open when the next is decided"
_PARAMETRIC = "parametric, hence a fixed multiple of value at risk, whose threshold is the tighter"
_HISTORICAL = "counted by the historical method only, which this world does not use"
_NEVER_MASKED = "needs a masked position in breach; these bars have no masked cell"
_ONE_SPREAD = "the spread is a constant of the only instrument: binding would refuse every order"
_CASH = "one position of at most a fifth of equity never runs out of cash"

# Each limit on size or loss binds in a minority of rows. A small share of the growth-optimal
# weight falls with variance, so that positions reach the limits in calm spells alone; sized by
# the stop alone they are large all the time, and several limits cut them one after the other.
SINGLE_BOUND: Overrides = {
    **_COMMON,
    "sizing.kelly_fraction": 0.01,
    "limits.risk_per_trade": 0.0065,
    "limits.position": 0.16,
    "limits.open_risk": 0.0062,
    "limits.group": 0.15,
    "limits.gross": 0.145,
    "sizing.volatility_target": 0.06,
    "limits.var": 0.005,
    "limits.expected_shortfall": 0.02,
    "limits.daily_loss": 0.007,
    "limits.slippage_bps.spot": 4.0,
    "limits.drawdown_start": 0.265,
    "limits.consecutive_losses": 12,
}

SINGLE_UNABLE = {
    "SPREAD": _ONE_SPREAD,
    "ES": _PARAMETRIC,
    "FEW_SCENARIOS": _HISTORICAL,
    "INFEASIBLE": _NEVER_MASKED,
    "OPEN_ORDERS": _LATENCY,
    "CASH": _CASH,
}

PANEL_BOUND: Overrides = {
    **_COMMON,
    "sizing.kelly_fraction": 0.003,
    "sizing.risk_per_trade": 0.0018,
    "limits.risk_per_trade": 0.0013,
    "limits.position": 0.033,
    "limits.open_risk": 0.040,
    "limits.group": 0.50,
    "limits.gross": 1.0,
    "sizing.volatility_target": 0.40,
    "limits.var": 0.034,
    "limits.expected_shortfall": 0.08,
    "limits.daily_loss": 0.03,
    "limits.slippage_bps.spot": 3.4,
    "limits.drawdown_start": 0.19,
    "limits.consecutive_losses": 40,
}

PANEL_UNABLE = {
    "ES": _PARAMETRIC,
    "FEW_SCENARIOS": _HISTORICAL,
    "INFEASIBLE": _NEVER_MASKED,
    "OPEN_ORDERS": _LATENCY,
}

SWEEP_BOUND: Overrides = {
    **SINGLE_BOUND,
    "limits.drawdown_start": 0.047,
    "limits.daily_loss": 0.0048,
    "limits.slippage_bps.spot": 5.0,
}

PAIRS = tuple((fast, slow) for fast in range(5, 25, 2) for slow in range(30, 130, 10))
"""One hundred pairs of windows."""

WORLDS = {
    world.name: world
    for world in (
        World(
            "single", 1_000_000, 1, 11, WEIGHT, SINGLE_BOUND, SINGLE_UNABLE,
            min_notional=300_000,
        ),
        World(
            "panel", 50_000, 50, 12, PANEL_WEIGHT, PANEL_BOUND, PANEL_UNABLE,
            wide=1, quick_rows=10_000, min_notional=20_000, depth=1e6,
        ),
        World(
            "sweep", 100_000, 1, 13, WEIGHT, SWEEP_BOUND, SINGLE_UNABLE, PAIRS,
            quick_rows=10_000, min_notional=400_000,
        ),
    )
}  # fmt: skip
