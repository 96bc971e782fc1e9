"""Seeded random worlds: a panel, forecasts and rules that go where real data seldom goes.

A world is a whole input of the decision step. Between them, worlds hold masked
cells and long halts, late listings, delistings with and without a deal, splits,
dividends, funding, second and third currencies, gaps through stops, thin
volume, coarse lots, close-only series, missing and ageing forecasts, and rules
tight enough that each limit binds somewhere. Equal seeds give equal worlds.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from kedge.domain.panel import Panel
from kedge.domain.rules import FillMode, Rules, StrategyTerms
from kedge.testing.world_forecasts import random_forecasts
from kedge.testing.world_market import HOUR_NS, random_panel

F64 = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class World:
    """One complete input of the decision step.

    Attributes:
        panel: T rows of N instruments.
        forecasts: (T, S, N, FIELDS) float64.
        rules: with one value per instrument where rules ask for it.
        reporting: code of the reporting currency.
        theme: which limits are tight, by name.
    """

    panel: Panel
    forecasts: F64
    rules: Rules
    reporting: str
    theme: str


THEMES: Mapping[str, Mapping[str, Any]] = {
    "plain": {},
    "defaults": {"min_sessions": 20, "historical_min_sessions": 250},
    "trade risk": {"risk_per_trade": 0.002},
    "open risk": {"open_risk": 0.006},
    "group": {"group": 0.04, "group_join": 0.3, "group_part": 0.2},
    "gross": {"gross": 0.12},
    "volatility": {"volatility_target": 0.02},
    "value at risk": {"var": 0.0015},
    "shortfall": {"expected_shortfall": 0.002},
    "historical tail": {"historical": True, "var": 0.0015, "historical_min_sessions": 8},
    "historical shortfall": {
        "historical": True,
        "expected_shortfall": 0.002,
        "historical_min_sessions": 8,
    },
    "drawdown": {"drawdown_start": 0.002, "drawdown_stop": 0.02},
    "daily loss": {"daily_loss": 0.002},
    "losses": {"consecutive_losses": 1},
    "participation": {"participation": 0.002, "participation_hour": 0.003},
    "intervals": {"min_rows": 4, "buffer_min": 0.0, "buffer_max": 0.05},
    "open orders": {"max_open_orders": 1, "latency_rows": 3, "buffer_min": 0.0},
    "stress": {"cost_multiplier": 4.0, "cash_rate": 0.05, "fx_spread_bps": 20.0},
    "gate": {"confidence_gate": 0.75},
    "free": {"risk_per_trade": 1.0, "open_risk": 9.0, "group": 9.0, "buffer_min": 0.0},
    "leveraged": {
        "size_risk_per_trade": 0.5,
        "risk_per_trade": 0.6,
        "open_risk": 9.0,
        "group": 9.0,
        "gross": 6.0,
        "var": 1.0,
        "expected_shortfall": 1.0,
        "volatility_target": 9.0,
        "drawdown_start": 0.9,
        "drawdown_stop": 2.0,
        "daily_loss": 0.9,
        "delisting_haircut": 1.0,
        "kelly_fraction": 1.0,
        "participation": 0.9,
        "participation_hour": 5.0,
    },
}
"""Overrides of the rules by name; the last one can ruin a book."""


def random_world(
    seed: int,
    *,
    rows: int = 100,
    instruments: int | None = None,
    strategies: int | None = None,
    theme: str | None = None,
) -> World:
    """A world from a seed.

    Args:
        seed: equal seeds give equal worlds.
        rows: number of rows T.
        instruments: how many; 1 to 5 are drawn when not given.
        strategies: how many; 1 to 3 are drawn when not given.
        theme: a key of `THEMES`; drawn when not given.
    """
    rng = np.random.default_rng(seed)
    names = tuple(THEMES)
    drawn = names[int(rng.integers(len(names)))]
    chosen = drawn if theme is None else theme
    count = int(rng.integers(1, 6)) if instruments is None else instruments
    views = int(rng.integers(1, 4)) if strategies is None else strategies
    capital_usd = float(rng.choice([2_000.0, 100_000.0, 100_000.0, 20_000_000.0]))
    panel = random_panel(rng, rows, count, capital_usd, violent=chosen == "leveraged")
    forecasts = random_forecasts(rng, panel, views)
    rules = _rules(rng, panel, views, int(capital_usd * 10**6), THEMES[chosen])
    return World(panel, forecasts, rules, "USD", chosen)


def _terms(rng: np.random.Generator, number: int, interval_ns: int) -> StrategyTerms:
    return StrategyTerms(
        name=f"s{number}",
        prior=float(rng.uniform(0.2, 2.0)),
        horizon_ns=int(rng.integers(1, 20)) * interval_ns,
        half_life_ns=int(rng.integers(1, 15)) * interval_ns,
        expiry_ns=int(rng.integers(0, 6)) * interval_ns,
        max_rows=int(rng.choice([0, 0, 3, 8])),
    )


def _per_instrument(rng: np.random.Generator, values: list[float], count: int) -> tuple[float, ...]:
    return tuple(float(x) for x in rng.choice(values, size=count))


def _rules(
    rng: np.random.Generator, panel: Panel, strategies: int, capital: int, tight: Mapping[str, Any]
) -> Rules:
    count = len(panel.instruments)
    terms = tuple(_terms(rng, s, panel.interval_ns) for s in range(strategies))
    horizon = int(rng.integers(1, 12)) * panel.interval_ns
    sessions = max(0.05, horizon / (24 * HOUR_NS))
    caps = [3.0] if tight.get("drawdown_stop", 0) > 1 else [0.025, 0.1, 0.2]
    rules = Rules(
        capital=capital,
        strategies=terms,
        horizon_ns=horizon,
        horizon_sessions=sessions,
        sessions_per_year=panel.sessions_per_year,
        confidence_gate=float(rng.choice([0.1, 0.3, 0.4, 0.6])),
        shrinkage=float(rng.choice([5.0, 100.0])),
        track_record_trades=int(rng.choice([2, 6, 100])),
        kelly_fraction=float(rng.choice([0.02, 0.25])),
        historical_min_sessions=12,
        min_sessions=int(rng.choice([1, 2, 5])),
        covariance_lambda=float(rng.choice([0.8, 0.94, 0.97])),
        cost_multiplier=float(rng.choice([1.0, 1.0, 2.0])),
        cash_rate=float(rng.choice([0.0, 0.03])),
        fx_spread_bps=float(rng.choice([0.0, 7.0])),
        fill=FillMode(int(rng.integers(0, 3))),
        latency_rows=int(rng.choice([0, 0, 1, 2, 3])),
        participation=float(rng.choice([0.05, 0.3])),
        participation_hour=float(rng.choice([0.1, 0.8])),
        min_rows=int(rng.choice([0, 1, 2])),
        buffer_min=float(rng.choice([0.0, 0.1])),
        delisting_sessions=int(rng.integers(1, 5)),
        delisting_haircut=float(rng.choice([0.3, 0.37])),
        position_cap=_per_instrument(rng, caps, count),
        spread_limit_bps=_per_instrument(rng, [5.0, 400.0, 400.0], count),
        slippage_limit_bps=_per_instrument(rng, [4.0, 60.0, 600.0, 600.0], count),
        impact=_per_instrument(rng, [0.0, 0.1, 0.5, 1.0], count),
    )
    return msgspec.structs.replace(rules, **tight)
