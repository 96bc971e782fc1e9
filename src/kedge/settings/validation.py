"""How a result is tested for robustness, and what it takes to be called evidence."""

from typing import Annotated, Self

from pydantic import Field, field_validator, model_validator

from kedge.settings.fields import Node, Number, Whole, impossible, setting, wrong

Multiple = Annotated[Number, Field(ge=0)]
Rows = Annotated[Whole, Field(ge=0, le=8)]


class Research(Node):
    """Robustness checks of a backtest."""

    cost_stress: tuple[Multiple, ...] = setting(
        (1.0, 2.0, 4.0), "Multiples of every cost to run at.", "times", min_length=1
    )
    sensitivity: Number = setting(
        0.20, "Each parameter is moved up and down by this.", "share", gt=0, lt=1
    )
    delays: tuple[Rows, ...] = setting(
        (0, 1, 2, 3, 4, 5),
        "Entry delays to run at, beyond the configured latency.",
        "rows",
        min_length=1,
    )
    price_noise: Number = setting(
        0.001, "Standard deviation of noise put on prices.", "share of price", ge=0, lt=1
    )
    resamples: Whole = setting(
        1000,
        "Bootstrap resamples of the equity curve.",
        "resamples",
        ge=100,
        le=1_000_000,
    )

    @field_validator("cost_stress")
    @classmethod
    def _has_the_doubled_costs(cls, given: tuple[float, ...]) -> tuple[float, ...]:
        if 2.0 not in given:
            raise wrong("lacks 2: the verdict is drawn at doubled costs", "keep 2 in the list")
        return given


class Thresholds(Node):
    """Where the grades of evidence begin; a default can be made stricter and no looser."""

    weak_deflated: Number = setting(
        0.95, "Deflated Sharpe ratio from which evidence is weak.", "probability", ge=0.95, lt=1
    )
    strong_deflated: Number = setting(
        0.99, "Deflated Sharpe ratio from which it is strong.", "probability", ge=0.99, lt=1
    )
    pbo: Number = setting(
        0.2, "Largest probability of overfitting for strong.", "probability", ge=0, le=0.2
    )
    years: Number = setting(2.0, "Shortest record for strong.", "years", ge=2)
    trades: Whole = setting(100, "Fewest completed trades for strong.", "trades", ge=100)

    @model_validator(mode="after")
    def _strong_is_no_weaker(self) -> Self:
        if self.weak_deflated > self.strong_deflated:
            raise impossible(
                "evidence.weak_deflated evidence.strong_deflated",
                f"weak_deflated {self.weak_deflated:g} is above strong_deflated "
                f"{self.strong_deflated:g}",
                "let strong need at least what weak does",
            )
        return self
