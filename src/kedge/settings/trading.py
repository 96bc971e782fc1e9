"""What trading costs, how orders fill, and what happens when an instrument vanishes."""

from collections.abc import Mapping
from typing import Final, Literal, Self

from pydantic import field_validator, model_validator

from kedge.settings.fields import Node, Number, Table, Whole, impossible, setting, wrong
from kedge.settings.spans import Span, span_ns

_BPS = "basis points"

LATENCY_MAX: Final = 8
"""Largest latency, in rows beyond the next."""
COINS: Final = {"BTC": 0.05, "ETH": 0.08, "SOL": 0.15}
"""Impact coefficients of named coins."""


class Costs(Node):
    """Costs beside the fees and half-spreads that each instrument states."""

    impact: Literal["square_root", "described"] = setting(
        "square_root", "Impact model; the described one is far more optimistic.", ""
    )
    impact_y: Number = setting(
        0.5, "Y of daily volatility x Y x sqrt(order / daily volume).", "", ge=0.5
    )
    described_temporary: Number = setting(
        0.1, "Temporary coefficient of the described model.", "", ge=0
    )
    described_permanent: Number = setting(
        0.05, "Permanent coefficient of the described model.", "", ge=0
    )
    described_coins: Table = setting(
        tuple(COINS.items()),
        "Impact of named coins: multiplies temporary + permanent; those given are added to these.",
        "",
    )
    described_other: Number = setting(
        0.50, "Impact of every other coin: multiplies temporary + permanent.", "", ge=0
    )
    cash_rate: Number = setting(
        0.0,
        "Interest on cash, and the rate Sharpe is in excess of.",
        "a year",
        gt=-1,
        lt=1,
    )
    borrow_bps: Number = setting(
        30.0, "Cost of a short where its instrument states none.", f"{_BPS} a year", ge=0
    )
    fx_spread_bps: Number = setting(2.0, "Half-spread of converting cash.", _BPS, ge=0)
    stress: Number = setting(1.0, "Multiplies every cost.", "times", ge=0)

    @field_validator("described_coins", mode="before")
    @classmethod
    def _added_to_the_named(cls, given: object) -> object:
        return {**COINS, **given} if isinstance(given, Mapping) else given

    @field_validator("described_coins")
    @classmethod
    def _no_rebate(cls, given: tuple[tuple[str, float], ...]) -> tuple[tuple[str, float], ...]:
        for coin, coefficient in given:
            if coefficient < 0:
                raise wrong(f"{coin} has the coefficient {coefficient:g}", "use zero or more")
        return given


class Execution(Node):
    """How orders are limited, sliced, and filled at bar fidelity."""

    fill: Literal["next_open", "next_close", "limit"] = setting(
        "next_open", "Price at which the next row fills an order.", ""
    )
    latency_rows: Whole = setting(
        0,
        "Rows between a decision and its fill, beyond the next.",
        "rows",
        ge=0,
        le=LATENCY_MAX,
    )
    participation: Number = setting(
        0.05, "Share of volume per order.", "share of volume", gt=0, le=1
    )
    participation_hour: Number = setting(
        0.10, "Share of volume per hour.", "share of volume", gt=0, le=1
    )
    min_interval_s: Number = setting(
        30.0, "Time between orders for one instrument.", "seconds", ge=0
    )
    max_open_orders: Whole = setting(10, "Open orders for one instrument.", "orders", ge=1)
    buffer_min: Number = setting(
        0.10,
        "Smallest no-trade region around a target.",
        "share of the target",
        ge=0,
        lt=1,
    )
    buffer_max: Number = setting(
        0.50,
        "Largest no-trade region around a target.",
        "share of the target",
        ge=0,
        lt=1,
    )

    style: Literal["twap", "vwap", "pov", "iceberg", "whole"] = setting(
        "twap", "How a session works an intent off; bars fill it whole.", ""
    )
    span: Span = setting("30m", "Time that a schedule spreads an intent over.", "30s, 5m, 1h")
    gap: Span = setting("1m", "Time between children that a schedule aims for.", "5s, 1m")
    volume_share: Number = setting(
        0.05, "Share of the traded volume that pov follows.", "share of volume", gt=0, le=1
    )
    shown: Number = setting(
        0.20, "Share of an intent that an iceberg shows.", "share of the intent", gt=0, le=1
    )
    give_up_s: Number = setting(
        2.0, "How long before its row ends what is left of an intent is given up.", "seconds", ge=0
    )

    @property
    def span_ns(self) -> int:
        """Time that a schedule spreads over, ns."""
        return span_ns(self.span)

    @property
    def gap_ns(self) -> int:
        """Time between children that a schedule aims for, ns."""
        return span_ns(self.gap)

    @model_validator(mode="after")
    def _bands_are_open(self) -> Self:
        if self.participation > self.participation_hour:
            raise impossible(
                "execution.participation execution.participation_hour",
                f"participation {self.participation:g} of one order is above "
                f"participation_hour {self.participation_hour:g}",
                "let an hour hold at least one order",
            )
        if self.buffer_min > self.buffer_max:
            raise impossible(
                "execution.buffer_min execution.buffer_max",
                f"buffer_min {self.buffer_min:g} is above buffer_max {self.buffer_max:g}",
                "let the smallest region be no larger than the largest",
            )
        return self


class Delisting(Node):
    """When an instrument that stopped trading counts as delisted, and at what price."""

    sessions: Whole = setting(
        5, "Missing sessions before a delisting is recognised.", "sessions", ge=1
    )
    haircut: Number = setting(
        0.30,
        "Loss against the last price, adverse to either side.",
        "share of price",
        ge=0,
        le=1,
    )
