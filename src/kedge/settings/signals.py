"""How forecasts are blended and turned into position sizes."""

from typing import Self

from pydantic import model_validator

from kedge.settings.fields import Node, Number, Whole, impossible, section, setting
from kedge.settings.spans import DAY, AutoSpan, span_ns


class PriorWeights(Node):
    """Prior weights of the families of strategies; they are normalised over those present."""

    technical: Number = setting(0.30, "Technical analysis.", "share", ge=0)
    momentum: Number = setting(0.25, "Momentum.", "share", ge=0)
    cross_asset: Number = setting(0.20, "Cross-asset correlation.", "share", ge=0)
    sentiment: Number = setting(0.15, "Sentiment.", "share", ge=0)
    ml: Number = setting(0.10, "Learned models.", "share", ge=0)

    @model_validator(mode="after")
    def _some_weight(self) -> Self:
        if sum(float(getattr(self, name)) for name in type(self).model_fields) <= 0:
            names = " ".join(f"ensemble.weights.{name}" for name in type(self).model_fields)
            raise impossible(names, "all weights are zero", "leave at least one above zero")
        return self


class Ensemble(Node):
    """Blending of forecasts into one edge and one confidence."""

    horizon: AutoSpan = setting(
        "auto",
        "Common horizon of the blend; auto: 5d for daily rows, 1d for intraday rows.",
        "5d, 4h, auto",
    )
    weights: PriorWeights = section(PriorWeights, "Prior weights by family.")
    confidence_gate: Number = setting(
        0.6, "A position is entered only above this confidence.", "score", ge=0, lt=1
    )
    shrinkage: Number = setting(
        100.0,
        "Trades' worth of evidence that the prior weights count for.",
        "trades",
        ge=0,
    )
    track_record_trades: Whole = setting(
        100, "Below so many trades a track record counts as 1.", "trades", ge=1
    )

    def horizon_ns(self, interval_ns: int) -> int:
        """Common horizon in nanoseconds, for rows of the given length."""
        if self.horizon == "auto":
            return 5 * DAY if interval_ns >= DAY else DAY
        return span_ns(self.horizon)


class Sizing(Node):
    """From an edge to a target weight, before limits."""

    risk_per_trade: Number = setting(
        0.01, "Loss at the stop of one position.", "share of equity", gt=0, le=1
    )
    kelly_fraction: Number = setting(0.25, "Fraction of the Kelly weight.", "share", gt=0, le=1)
    volatility_target: Number = setting(
        0.15, "Ceiling of the portfolio's volatility.", "a year", gt=0, le=5
    )
    stop_sigmas: Number = setting(
        3.0,
        "Stop distance where no strategy gives one.",
        "daily standard deviations",
        gt=0,
        le=20,
    )
