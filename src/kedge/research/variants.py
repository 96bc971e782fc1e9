"""A decision with something changed: costs, delay, parameters. Nothing is compiled again."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from kedge.domain.panel import Panel
from kedge.engine.pipeline import Decision, build_decision
from kedge.engine.program import build_program
from kedge.engine.rules_of import rules_of
from kedge.settings import Settings
from kedge.settings import replace as replace_settings
from kedge.strategies.binding import BoundStrategy
from kedge.strategies.drive import Driver
from kedge.strategies.frames import roles


def redecide(
    settings: Settings, panel: Panel, decision: Decision, strategies: Sequence[BoundStrategy]
) -> Decision:
    """The decision under other settings or strategies, reported in the same currency."""
    reporting = decision.program.currencies[0]
    rules = rules_of(settings, panel, [s.terms for s in strategies], reporting)
    program = build_program(panel.instruments, rules, reporting, panel.interval_ns)
    return build_decision(program, strategies, panel.instruments, panel.interval_ns)


def under(
    settings: Settings, panel: Panel, decision: Decision, overrides: Mapping[str, object]
) -> Decision:
    """The decision with some settings changed, by dotted key."""
    changed = replace_settings(settings, overrides)
    return redecide(changed, panel, decision, decision.strategies)


def at_costs(settings: Settings, panel: Panel, decision: Decision, multiple: float) -> Decision:
    """The decision at a multiple of the configured costs."""
    return under(settings, panel, decision, {"costs.stress": settings.costs.stress * multiple})


def rebind(bound: BoundStrategy, given: Mapping[str, float], interval_ns: int) -> BoundStrategy:
    """A strategy with other parameters, its compiled function kept.

    Raises:
        StrategyError: a parameter the strategy does not have.
    """
    params = bound.strategy.with_params({**bound.params, **given})
    values = np.array(list(params.values()), dtype=np.float64)
    return replace(
        bound,
        params=params,
        expressions=bound.strategy.expressions(params, roles(interval_ns)),
        driver=Driver(bound.strategy, values, bound.driver.compiled),
    )
