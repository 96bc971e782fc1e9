"""The whole tree, parsed once and handed to those who need a part of it."""

import hashlib
import json
from decimal import Decimal
from pathlib import Path
from typing import Any, Final, Self

from pydantic import PrivateAttr, field_validator, model_validator

from kedge.domain.money import INT64_SAFE, currency, to_decimal, to_minor
from kedge.settings.fields import Node, Number, Whole, impossible, section, setting, wrong
from kedge.settings.limits import Limits, RiskModel
from kedge.settings.market import Data, StrategySpec, Universe
from kedge.settings.quality import QualityChecks
from kedge.settings.session import Session
from kedge.settings.signals import Ensemble, Sizing
from kedge.settings.trading import Costs, Delisting, Execution
from kedge.settings.validation import Research, Thresholds
from kedge.settings.venues import VenueSpec

BUILT_IN: Final = ("ma_momentum", "mean_reversion", "breakout", "technical", "trend")
"""The strategies that trade when a configuration names none."""

GROWTH: Final = 100
"""How often the capital must fit into 64-bit cash."""

NOT_HASHED: Final[dict[str, Any]] = {
    "data": {"store"},
    "evidence": True,
    "quality": True,
    "venues": True,
    "session": True,
    "limits": {"gate_margin", "order", "price_band_bps", "quote_age_s"},
    "execution": {"style", "span", "gap", "volume_share", "shown", "give_up_s"},
}
"""No part of a trial: where the store lies, what evidence and data are held against, venues,
and what only a session uses."""


class Settings(Node):
    """Every default kedge has, and what a configuration makes of it.

    Build it with `kedge.settings.load_settings`; ``Settings()`` is the defaults.
    """

    data: Data = section(Data, "Market data of a run.")
    universe: Universe = section(Universe, "What is traded.")
    strategies: tuple[StrategySpec, ...] = setting(
        tuple(StrategySpec(name=name) for name in BUILT_IN),
        "Strategies: a name, file.py:function, or {name:, params:, weight:}.",
        "",
        min_length=1,
    )
    capital: Number = setting(100_000.0, "Equity at the start.", "currency units", gt=0)
    currency: str | None = setting(
        None,
        "Reporting currency; null: the one that everything settles in.",
        "ISO or coin code",
        pattern=r"^[A-Z0-9]{2,10}$",
    )
    seed: Whole = setting(7, "Seed of everything random.", "", ge=0, lt=2**63)
    ensemble: Ensemble = section(Ensemble, "From forecasts to one edge and one confidence.")
    sizing: Sizing = section(Sizing, "From an edge to a target weight.")
    limits: Limits = section(Limits, "Risk limits; none can be switched off.")
    risk_model: RiskModel = section(RiskModel, "What the risk estimates rest on.")
    costs: Costs = section(Costs, "What trading costs.")
    execution: Execution = section(Execution, "How orders are limited and filled.")
    delisting: Delisting = section(Delisting, "Instruments that stop trading.")
    research: Research = section(Research, "Robustness checks.")
    evidence: Thresholds = section(
        Thresholds, "Where the grades of a verdict begin; stricter than by default, never looser."
    )
    quality: QualityChecks = section(QualityChecks, "What counts as suspicious in market data.")
    session: Session = section(Session, "A session that trades: folder, waits, beginning and end.")
    venues: tuple[VenueSpec, ...] = setting(
        (),
        "Venues that a session trades at: a name, or {name:, testnet:, ...}; none: the embedded.",
        "",
    )

    _folder: Path = PrivateAttr(default=Path())
    _places: tuple[str, ...] = PrivateAttr(default=())

    @property
    def folder(self) -> Path:
        """Folder that relative paths of the configuration start from."""
        return self._folder

    @property
    def store(self) -> Path:
        """Folder of the market store, seen from the working directory."""
        return self._folder / self.data.store.expanduser()

    @property
    def horizon_ns(self) -> int:
        """Common horizon of the blend, in nanoseconds."""
        return self.ensemble.horizon_ns(self.universe.interval_ns)

    def strategy_file(self, spec: StrategySpec) -> Path | None:
        """A user strategy's file, seen from the working directory; None for a built-in one."""
        return None if spec.file is None else self._folder / spec.file.expanduser()

    def place(self, spec: StrategySpec) -> str:
        """Where a strategy was configured: file and line as far as known, and its key."""
        key = f"strategies.{spec.name}"
        at = self.strategies.index(spec)
        return f"{self._places[at]}: {key}" if at < len(self._places) and self._places[at] else key

    @property
    def hash(self) -> str:
        """Content hash (SHA-256) of the canonical form: ``config_hash`` of a result.

        The same settings give the same hash whatever they were written in; where
        the store lies and what a result is held against are left out.
        """
        return hashlib.sha256(self.canonical().encode()).hexdigest()

    def canonical(self) -> str:
        """The effective settings as JSON with sorted keys, defaults included."""
        values = self.model_dump(mode="json", exclude=NOT_HASHED)
        return json.dumps(values, sort_keys=True, separators=(",", ":"), allow_nan=False)

    def at(self, folder: Path) -> "Settings":
        """The same settings, with relative paths starting from ``folder``."""
        moved = self.model_copy()
        moved._folder = folder
        return moved

    def given_at(self, places: tuple[str, ...]) -> "Settings":
        """The same settings, with the place (file and line) of each strategy."""
        told = self.model_copy()
        told._places = places
        return told

    def told_as(self, other: "Settings") -> "Settings":
        """The same settings, where they share the paths and places of ``other``."""
        same = [s.name for s in self.strategies] == [s.name for s in other.strategies]
        return self.at(other._folder).given_at(other._places if same else ())

    @field_validator("strategies")
    @classmethod
    def _once_each(cls, given: tuple[StrategySpec, ...]) -> tuple[StrategySpec, ...]:
        names = [spec.name for spec in given]
        repeated = sorted({name for name in names if names.count(name) > 1})
        if repeated:
            raise wrong(f"{', '.join(repeated)} is listed twice", "list each strategy once")
        return given

    @field_validator("venues")
    @classmethod
    def _one_of_each(cls, given: tuple[VenueSpec, ...]) -> tuple[VenueSpec, ...]:
        names = [spec.name for spec in given]
        repeated = sorted({name for name in names if names.count(name) > 1})
        if repeated:
            raise impossible(
                "venues", f"{', '.join(repeated)} is listed twice", "list each venue once"
            )
        return given

    @field_validator("strategies")
    @classmethod
    def _some_weight(cls, given: tuple[StrategySpec, ...]) -> tuple[StrategySpec, ...]:
        if all(spec.weight == 0 for spec in given):
            raise wrong("all have the weight 0: nothing would trade", "leave one above zero")
        return given

    @model_validator(mode="after")
    def _capital_is_countable(self) -> Self:
        """Cash is int64 minor units: not nothing, and with room to grow a hundredfold."""
        code = self.currency or "USD"
        unit = currency(code)
        largest = to_decimal(INT64_SAFE // GROWTH, unit)
        if not 1 <= to_minor(Decimal(self.capital), unit) <= INT64_SAFE // GROWTH:
            raise impossible(
                "capital currency",
                f"a capital of {self.capital:g} {code} cannot be counted",
                f"give between {unit.minor:g} and {largest:.0f}",
            )
        return self
