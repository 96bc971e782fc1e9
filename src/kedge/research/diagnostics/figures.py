"""What the diagnostics found, in flat rows."""

from dataclasses import dataclass
from typing import Any

import msgspec
import numpy as np

from kedge.domain.panel import F64
from kedge.research.daily import DailyEquity
from kedge.research.metrics import Figure, cagr, figure, max_drawdown, sharpe, total_return


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """How a changed run ended; every figure is None where the change is impossible."""

    sharpe: Figure = None
    cagr: Figure = None
    max_drawdown: Figure = None
    total_return: Figure = None
    trades: int | None = None


class StressRow(Outcome, frozen=True, kw_only=True):
    """The run at ``multiplier`` times its configured costs."""

    multiplier: float


class SensitivityRow(Outcome, frozen=True, kw_only=True):
    """The run with one parameter moved by the fraction ``change`` to ``value``."""

    parameter: str
    change: float
    value: float


class DelayRow(Outcome, frozen=True, kw_only=True):
    """The run with orders that reach the market ``rows`` rows later than configured."""

    rows: int


class NoiseRow(Outcome, frozen=True, kw_only=True):
    """The run on one draw of disturbed prices."""

    draw: str


class BootstrapRow(msgspec.Struct, frozen=True, kw_only=True):
    """One percentile over the resampled equity curves, of each figure by itself."""

    percentile: str
    sharpe: Figure
    cagr: Figure
    max_drawdown: Figure
    total_return: Figure


@dataclass(frozen=True, slots=True)
class Diagnostics:
    """Everything that was tried with a result.

    Attributes:
        stress: one row per multiple of the costs.
        sensitivity: two rows per numeric parameter of every strategy.
        delay: one row per entry delay.
        noise: one row per draw.
        bootstrap: one row per percentile.
        fan: (Q, D) percentiles of the resampled equity curves, from an initial 1.
        stressed_daily: daily equity at doubled costs, for the verdict.
    """

    stress: tuple[StressRow, ...]
    sensitivity: tuple[SensitivityRow, ...]
    delay: tuple[DelayRow, ...]
    noise: tuple[NoiseRow, ...]
    bootstrap: tuple[BootstrapRow, ...]
    fan: F64
    stressed_daily: DailyEquity

    def as_result(self) -> dict[str, Any]:
        """The ``stress`` and ``robustness`` blocks of ``result.json``."""
        names = ("sensitivity", "delay", "noise", "bootstrap")
        return {
            "stress": rows(self.stress),
            "robustness": {name: rows(getattr(self, name)) for name in names},
        }


def rows(structs: tuple[msgspec.Struct, ...]) -> list[dict[str, Any]]:
    """Structs as flat mappings, own columns first, then the outcome."""
    outcome = Outcome.__struct_fields__
    found: list[dict[str, Any]] = []
    for struct in structs:
        names = sorted(struct.__struct_fields__, key=lambda name: name in outcome)
        found.append({name: getattr(struct, name) for name in names})
    return found


def outcome_of(daily: DailyEquity, cash: F64, trades: int) -> dict[str, Any]:
    """The fields of an `Outcome`.

    Args:
        daily: of the changed run.
        cash: (D,) daily return on cash.
        trades: completed trades.
    """
    returns, per_year = daily.returns, daily.per_year
    return {
        "sharpe": figure(sharpe(returns - cash, per_year)),
        "cagr": figure(cagr(returns, per_year)),
        "max_drawdown": figure(max_drawdown(returns)),
        "total_return": figure(total_return(returns)),
        "trades": trades,
    }


def percentiles(values: F64, levels: F64) -> list[Figure]:
    """Percentiles of a figure over resamples; None unless all of them have it."""
    if not len(values) or not np.isfinite(values).all():
        return [None] * len(levels)
    return [figure(value) for value in np.quantile(values, levels)]
