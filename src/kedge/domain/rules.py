"""Everything the decision step is told besides market data: frozen scalars.

Settings are parsed once and handed down as these values; the step flattens them
into parameter arrays. Names and meanings follow docs/life-of-a-row.md.
"""

from enum import IntEnum
from typing import Final

import msgspec

NEVER_DELISTED: Final = 2**62
"""Missing sessions after which a position is written off where only its venue can say so."""


class FillMode(IntEnum):
    """When a due order meets its bar."""

    NEXT_OPEN = 0
    NEXT_CLOSE = 1
    LIMIT = 2


class StrategyTerms(msgspec.Struct, frozen=True, kw_only=True):
    """What the blend knows of a strategy besides its forecasts.

    Attributes:
        name: as in the configuration.
        prior: prior weight in the blend, any positive scale.
        horizon_ns, half_life_ns, expiry_ns: of its forecasts.
        max_rows: time exit of a virtual sub-position in rows, 0 for none.
    """

    name: str
    prior: float
    horizon_ns: int
    half_life_ns: int
    expiry_ns: int
    max_rows: int = 0


class Rules(msgspec.Struct, frozen=True, kw_only=True):
    """Parameters of blend, size, limits, intents and bar fills.

    Fractions are of equity unless a name says otherwise; ``_bps`` are basis
    points. ``position_cap``, ``spread_limit_bps``, ``slippage_limit_bps`` and
    ``impact`` (the coefficient kappa) hold one value per instrument.
    """

    capital: int
    strategies: tuple[StrategyTerms, ...]
    horizon_ns: int
    horizon_sessions: float
    sessions_per_year: float
    confidence_gate: float = 0.6
    shrinkage: float = 100.0
    track_record_trades: int = 100
    size_risk_per_trade: float = 0.01
    kelly_fraction: float = 0.25
    volatility_target: float = 0.15
    stop_sigmas: float = 3.0
    risk_per_trade: float = 0.01
    open_risk: float = 0.20
    gross: float = 1.0
    group: float = 0.30
    group_join: float = 0.70
    group_part: float = 0.60
    var: float = 0.05
    var_z: float = 1.5608
    expected_shortfall: float = 0.08
    es_y: float = 2.2396
    tail: float = 0.05
    historical: bool = False
    historical_min_sessions: int = 250
    drawdown_start: float = 0.10
    drawdown_stop: float = 0.20
    daily_loss: float = 0.05
    consecutive_losses: int = 5
    min_sessions: int = 20
    cure_margin: float = 0.02
    covariance_lambda: float = 0.97
    slow_lambda: float = 0.99
    cost_multiplier: float = 1.0
    cash_rate: float = 0.0
    fx_spread_bps: float = 0.0
    fill: FillMode = FillMode.NEXT_OPEN
    latency_rows: int = 0
    participation: float = 0.05
    participation_hour: float = 0.10
    min_rows: int = 1
    max_open_orders: int = 10
    buffer_min: float = 0.10
    buffer_max: float = 0.50
    delisting_sessions: int = 5
    delisting_haircut: float = 0.30
    position_cap: tuple[float, ...] = ()
    spread_limit_bps: tuple[float, ...] = ()
    slippage_limit_bps: tuple[float, ...] = ()
    impact: tuple[float, ...] = ()
