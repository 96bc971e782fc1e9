"""The risk limits and what their estimates rest on."""

from typing import Literal, Self

from pydantic import model_validator

from kedge.settings.fields import Node, Number, PerClass, Whole, impossible, section, setting

_SHARE = "share of equity"
_BPS = "basis points"


class PositionCeiling(PerClass):
    """How far the position limit may be raised, per asset class."""

    spot: Number = setting(0.20, "Crypto and other spot.", _SHARE, gt=0, le=0.20)
    equity: Number = setting(0.25, "Stocks.", _SHARE, gt=0, le=0.25)
    perpetual: Number = setting(0.20, "Perpetual futures.", _SHARE, gt=0, le=0.20)


class SpreadLimit(PerClass):
    """No new risk where the spread is wider."""

    spot: Number = setting(20.0, "Crypto and other spot.", _BPS, gt=0)
    equity: Number = setting(20.0, "Stocks.", _BPS, gt=0)
    perpetual: Number = setting(20.0, "Perpetual futures.", _BPS, gt=0)


class SlippageLimit(PerClass):
    """No new risk where the expected slippage is larger."""

    spot: Number = setting(50.0, "Crypto and other spot.", _BPS, gt=0)
    equity: Number = setting(50.0, "Stocks.", _BPS, gt=0)
    perpetual: Number = setting(50.0, "Perpetual futures.", _BPS, gt=0)


class Limits(Node):
    """Every limit holds at decision prices, or the trade reduces the breach."""

    risk_per_trade: Number = setting(0.01, "Loss at the stop of one position.", _SHARE, gt=0, le=1)
    open_risk: Number = setting(0.20, "Losses at all stops together.", _SHARE, gt=0, le=1)
    position: Number = setting(
        0.10, "One position; the ceiling of its class holds too.", _SHARE, gt=0, le=1
    )
    position_ceiling: PositionCeiling = section(PositionCeiling, "Ceilings of one position.")
    gross: Number = setting(1.0, "All positions, long plus short.", "times equity", gt=0)
    group: Number = setting(0.30, "Net beta exposure of one correlated group.", _SHARE, gt=0, le=1)
    group_join: Number = setting(
        0.7, "Groups join above this correlation.", "correlation", gt=0, lt=1
    )
    group_part: Number = setting(
        0.6, "Groups part below this correlation.", "correlation", gt=0, lt=1
    )
    var: Number = setting(0.05, "One-day value at risk.", _SHARE, gt=0, le=1)
    var_confidence: Number = setting(
        0.95, "Confidence of value at risk and shortfall.", "probability", ge=0.5, lt=1
    )
    var_method: Literal["student_t", "historical"] = setting(
        "student_t", "Parametric, or from past sessions once there are enough.", ""
    )
    student_t_dof: Number = setting(5.0, "Degrees of freedom of the parametric estimate.", "", gt=2)
    expected_shortfall: Number = setting(0.08, "One-day expected shortfall.", _SHARE, gt=0, le=1)
    drawdown_start: Number = setting(
        0.10, "Drawdown at which new risk begins to shrink.", _SHARE, ge=0, lt=1
    )
    drawdown_stop: Number = setting(
        0.20, "Drawdown at which the book goes flat.", _SHARE, gt=0, lt=1
    )
    daily_loss: Number = setting(
        0.05, "Loss from the session's opening equity.", _SHARE, gt=0, lt=1
    )
    consecutive_losses: Whole = setting(5, "Losing trades in a row, flat to flat.", "trades", ge=1)
    spread_bps: SpreadLimit = section(SpreadLimit, "Widest spread that admits new risk.")
    slippage_bps: SlippageLimit = section(SlippageLimit, "Largest expected slippage.")
    min_sessions: Whole = setting(
        20, "No new risk before so many session returns.", "sessions", ge=2
    )
    gate_margin: Number = setting(
        0.05,
        "The pre-trade gate's own position and gross limits lie this far outside these.",
        "share of the limit",
        ge=0,
        le=0.5,
    )
    order: Number = setting(
        0.25, "Largest single order at the gate.", "share of the starting capital", gt=0, le=1
    )
    price_band_bps: Number = setting(
        200.0, "Farthest price of an order from the other side of the quote.", _BPS, gt=0
    )
    quote_age_s: Number = setting(5.0, "No new risk on a quote older than this.", "seconds", gt=0)
    cure_margin: Number = setting(
        0.02,
        "A breach is cured to this far inside its limit.",
        "share of the limit",
        ge=0,
        lt=1,
    )

    @model_validator(mode="after")
    def _leverage_needs_liquidation(self) -> Self:
        if self.gross > 1:
            raise impossible(
                "limits.gross",
                f"gross {self.gross:g} is above 1 and liquidation is not modelled",
                "set it to 1 or less",
            )
        return self

    @model_validator(mode="after")
    def _position_has_a_class(self) -> Self:
        ceiling = max(
            float(getattr(self.position_ceiling, kind)) for kind in PositionCeiling.model_fields
        )
        if self.position > ceiling:
            raise impossible(
                "limits.position limits.position_ceiling",
                f"position {self.position:g} is above the ceiling of every asset class",
                f"set it to {ceiling:g} or less",
            )
        return self

    @model_validator(mode="after")
    def _bands_are_open(self) -> Self:
        if self.drawdown_start >= self.drawdown_stop:
            raise impossible(
                "limits.drawdown_start limits.drawdown_stop",
                f"drawdown_start {self.drawdown_start:g} is not below drawdown_stop "
                f"{self.drawdown_stop:g}",
                "let the throttle start below the stop",
            )
        if self.group_part >= self.group_join:
            raise impossible(
                "limits.group_part limits.group_join",
                f"group_part {self.group_part:g} is not below group_join {self.group_join:g}",
                "let groups part below the correlation at which they join",
            )
        return self


class RiskModel(Node):
    """Estimates that value at risk, shortfall, groups and volatility rest on."""

    ewma_decay: Number = setting(0.97, "Daily decay of the covariance.", "per session", gt=0, lt=1)
    slow_decay: Number = setting(
        0.99,
        "Daily decay of the slow variance that volatility is compared with.",
        "per session",
        gt=0,
        lt=1,
    )
    historical_min_sessions: Whole = setting(
        250, "Historical value at risk needs so many sessions.", "sessions", ge=20
    )

    @model_validator(mode="after")
    def _slow_is_slower(self) -> Self:
        if self.ewma_decay >= self.slow_decay:
            raise impossible(
                "risk_model.ewma_decay risk_model.slow_decay",
                f"ewma_decay {self.ewma_decay:g} is not below slow_decay {self.slow_decay:g}",
                "a slower estimate has the larger decay",
            )
        return self
