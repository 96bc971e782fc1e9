"""The compiled decision of a universe, from settings, strategies and instruments."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from kedge.data.panels import currency_numbers, load_panel, load_universe
from kedge.domain.errors import ConfigError, StrategyError
from kedge.domain.panel import EventKind, Panel
from kedge.engine.bounds import check_bounds
from kedge.engine.pipeline import Decision, build_decision
from kedge.engine.program import build_program
from kedge.engine.rules_of import rules_of
from kedge.settings import Settings, StrategySpec
from kedge.settings import replace as replace_settings
from kedge.strategies.binding import BoundStrategy, bind
from kedge.strategies.catalogue import built_in, from_file
from kedge.strategies.contract import Strategy

if TYPE_CHECKING:
    from kedge.data.quality.findings import Quality
    from kedge.data.store import ParquetStore

FALLBACK_CURRENCY: Final = "USD"
"""Reporting currency where several settle and none is configured."""


def bind_strategies(
    settings: Settings,
    interval_ns: int,
    file_of: Callable[[StrategySpec], Path | None] | None = None,
) -> tuple[BoundStrategy, ...]:
    """Find and compile the configured strategies; families share their prior weight.

    Args:
        settings: which ones.
        interval_ns: length of a row.
        file_of: where a user strategy's file lies, None for a built-in one; by default
            where the settings say.

    Raises:
        StrategyError: a strategy is unknown or breaks its contract.
    """
    found = find_strategies(settings, file_of)
    families = [declared.family for _, declared, _ in found]
    bound = []
    for spec, declared, given in found:
        family = float(getattr(settings.ensemble.weights, declared.family))
        prior = family / families.count(declared.family) if spec.weight is None else spec.weight
        bound.append(bind(spec.name, declared, given, float(prior), interval_ns))
    weighing = tuple(b for b in bound if b.terms.prior > 0)
    if not weighing:
        where, remedy = settings.place(found[0][0]), "raise ensemble.weights or their own weight"
        raise StrategyError("every strategy has the weight 0: nothing would trade", where, remedy)
    return weighing


def find_strategies(
    settings: Settings, file_of: Callable[[StrategySpec], Path | None] | None = None
) -> list[tuple[StrategySpec, Strategy, dict[str, float]]]:
    """The configured strategies and the parameters that are given to each; nothing is compiled.

    Args:
        settings: which ones.
        file_of: as for `bind_strategies`.

    Raises:
        StrategyError: one is unknown, its file does not run, or it has no such parameter.
    """
    found, file_of = [], file_of or settings.strategy_file
    for spec in settings.strategies:
        file, where = file_of(spec), settings.place(spec)
        declared = built_in(spec.name, where) if file is None else from_file(file, spec.function)
        found.append((spec, declared, _params(spec, declared, where)))
    return found


def _params(spec: StrategySpec, declared: Strategy, where: str) -> dict[str, float]:
    """Configured parameters; a strategy's parameters are numbers.

    Raises:
        StrategyError: a text where a number belongs, or a parameter it does not have.
    """
    for name, given in spec.params:
        if name not in declared.params:
            known = ", ".join(declared.params) or "none"
            raise StrategyError(f"has no parameter '{name}'", where, f"its parameters: {known}")
        if isinstance(given, str):
            raise StrategyError(f"{name}: '{given}' is not a number", where, "write a number")
    return {name: float(given) for name, given in spec.params}


def reporting_currency(settings: Settings, panel: Panel) -> str:
    """The configured currency; without one, that in which everything settles, else USD.

    Raises:
        ConfigError: something settles in another one and there are no exchange rates.
    """
    settles = {i.settle for i in panel.instruments}
    own = next(iter(settles)) if len(settles) == 1 else FALLBACK_CURRENCY
    chosen = settings.currency or own
    if settles <= {chosen} or bool((panel.events["kind"] == int(EventKind.FX)).any()):
        return chosen
    raise _no_rates(settles - {chosen}, settles, chosen)


def in_currency(settings: Settings, panel: Panel) -> Settings:
    """The settings with their reporting currency written out: they are one configuration.

    Raises:
        ConfigError: something settles in another one and there are no exchange rates.
    """
    return replace_settings(settings, {"currency": reporting_currency(settings, panel)})


def _no_rates(unrated: set[str], settles: set[str], chosen: str) -> ConfigError:
    listed = ", ".join(sorted(unrated))
    instead = f"leave currency out to report in {listed}" if len(settles) == 1 else "trade one"
    return ConfigError(
        f"instruments settle in {listed}, and the store holds no exchange rates "
        f"of {listed} in {chosen}",
        "currency",
        f"import fx events into the store, or {instead}",
    )


def decide_on(settings: Settings, panel: Panel) -> Decision:
    """The compiled decision for a universe: research, paper and live share it."""
    strategies = bind_strategies(settings, panel.interval_ns)
    return decision_of(settings, panel, strategies)


def decision_of(settings: Settings, panel: Panel, strategies: Sequence[BoundStrategy]) -> Decision:
    """The decision of strategies that are bound already.

    Raises:
        DataError: positions of this capital could overflow the exact arithmetic.
    """
    reporting = reporting_currency(settings, panel)
    rules = rules_of(settings, panel, [s.terms for s in strategies], reporting)
    check_bounds(panel, rules, reporting, str(settings.store / "instruments.yaml"))
    program = build_program(panel.instruments, rules, reporting, panel.interval_ns)
    return build_decision(program, strategies, panel.instruments, panel.interval_ns)


def open_panel(settings: Settings) -> Panel:
    """The configured universe from the configured store.

    Raises:
        DataError: the store or a symbol is missing.
    """
    # Here: a decision over a panel that is in memory already needs no tables.
    from kedge.data.store import ParquetStore

    store = ParquetStore(settings.store)
    universe, data = settings.universe, settings.data
    span = (universe.interval, _ns(data.start), _ns(data.end), _ns(data.as_of))
    name = universe.name if universe.symbols else universe.name or _only_universe(store)
    if name is not None:
        panel = load_universe(store, name, *span)
    else:
        panel = load_panel(store, universe.symbols or _everything(store, universe.interval), *span)
    return number_currencies(panel, reporting_currency(settings, panel))


def check_data(settings: Settings, panel: Panel) -> "tuple[Quality, ...]":
    """The quality of the bars that a panel of these settings was made of.

    Raises:
        DataError: the store changed and no longer holds them.
    """
    from kedge.data.quality.used import check_used
    from kedge.data.store import ParquetStore

    store, interval = ParquetStore(settings.store), settings.universe.interval
    return check_used(store, panel, interval, _ns(settings.data.as_of), settings.quality)


def _only_universe(store: "ParquetStore") -> str | None:
    """The store's one universe, None where it has none.

    Raises:
        ConfigError: it has several, which may overlap or hold what is no share.
    """
    names = [each.name for each in store.universes()]
    if len(names) > 1:
        raise ConfigError(
            f"the store holds several universes: {', '.join(names)}",
            "universe",
            "set universe.name to one of them, or list universe.symbols",
        )
    return names[0] if names else None


def _everything(store: "ParquetStore", interval: str) -> tuple[str, ...]:
    """Every instrument that the store has at an interval."""
    return tuple(i.id for i in store.instruments() if interval in store.intervals(i.id))


def number_currencies(panel: Panel, reporting: str) -> Panel:
    """The panel with its fx events numbered as the step counts: the reporting currency is 0.

    Raises:
        ConfigError: a currency that something settles in has no rate at all.
    """
    stored = currency_numbers(panel.instruments)
    counted = tuple(dict.fromkeys((reporting, *stored)))
    place = np.array([counted.index(code) for code in stored], dtype=np.int64)
    events = panel.events.copy()
    rates = events["kind"] == int(EventKind.FX)
    rated = {reporting, *(stored[n] for n in events["index"][rates])}
    if not rated.issuperset(stored):
        raise _no_rates(set(stored) - rated, set(stored), reporting)
    events["index"][rates] = place[events["index"][rates]]
    return replace(panel, events=events[~rates | (events["index"] != 0)])


def _ns(instant: datetime | None) -> int | None:
    """Nanoseconds since 1970, exactly."""
    if instant is None:
        return None
    since = instant - datetime(1970, 1, 1, tzinfo=UTC)
    return (since.days * 86_400 + since.seconds) * 10**9 + since.microseconds * 1000
