"""A strategy bound to its parameters, the row interval and its prior weight."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from kedge.domain.errors import ExpressionError, StrategyError
from kedge.domain.panel import Panel
from kedge.domain.rules import StrategyTerms
from kedge.features.expression import parse
from kedge.features.plan import FeaturePlan
from kedge.settings.spans import span_ns
from kedge.strategies.contract import Strategy
from kedge.strategies.drive import Driver, compile_strategy
from kedge.strategies.frames import roles


@dataclass(frozen=True, slots=True)
class BoundStrategy:
    """Ready to run.

    Attributes:
        name: as configured; a user's strategy is ``file.py:function``.
        strategy: the declaration.
        params: values by name.
        expressions: the features it needs, in window order.
        terms: what the blend knows of it.
        driver: calls it row by row.
    """

    name: str
    strategy: Strategy
    params: Mapping[str, float]
    expressions: tuple[str, ...]
    terms: StrategyTerms
    driver: Driver

    @property
    def compiled(self) -> bool:
        """Whether the function runs compiled; else it is interpreted."""
        return self.driver.compiled is not None


def bind(
    name: str, strategy: Strategy, given: Mapping[str, float], prior: float, interval_ns: int
) -> BoundStrategy:
    """Bind a strategy.

    Args:
        name: as configured.
        strategy: the declaration.
        given: configured parameters; the rest are defaults.
        prior: prior weight in the blend, any positive scale.
        interval_ns: length of a row.

    Raises:
        StrategyError: an unknown parameter, a feature that does not exist or would
            look ahead, or a span that makes no sense.
    """
    params = strategy.with_params(given)
    expressions = strategy.expressions(params, roles(interval_ns))
    for text in expressions:
        _check_feature(strategy, text)
    spans = {key: _span(strategy, key, interval_ns) for key in ("horizon", "half_life", "expiry")}
    terms = StrategyTerms(
        name=name,
        prior=prior,
        horizon_ns=spans["horizon"],
        half_life_ns=spans["half_life"],
        expiry_ns=spans["expiry"],
        max_rows=strategy.max_rows,
    )
    values = np.array(list(params.values()), dtype=np.float64)
    driver = Driver(strategy, values, compile_strategy(strategy))
    return BoundStrategy(name, strategy, params, expressions, terms, driver)


def refuse_silent(strategies: Sequence[BoundStrategy]) -> None:
    """After a run: refuse a user's strategy that never gave a valid forecast.

    A run too short for its features is not the strategy's fault, and kedge's own
    may find nothing to say in a short history.

    Raises:
        StrategyError: which one, in how many rows, and what was wrong with its output.
    """
    for bound in strategies:
        driver = bound.driver
        if not (driver.spoke or bound.strategy.ships) and driver.asked:
            raise StrategyError(
                f"gave no forecast in {driver.asked:,} rows: {driver.flaw or 'its edge is NaN'}",
                f"strategy {bound.name}",
                "write a finite edge, a sigma above 0 and a confidence from 0 to 1 into out",
            )


def refuse_without_book(strategies: Sequence[BoundStrategy], panel: Panel) -> None:
    """Refuse a strategy that reads trades or order books where the rows are bars alone.

    Raises:
        StrategyError: which one; it could only stay silent.
    """
    for bound in strategies:
        plan = FeaturePlan.build(
            bound.expressions, len(panel.instruments), panel.interval_ns, panel.symbols
        )
        if plan.needs_book and not panel.has_micro:
            raise StrategyError(
                "reads trades and order books, of which bars hold nothing",
                f"strategy {bound.name}",
                "leave it out here: it trades on rows that are closed from a feed with books",
            )


def _check_feature(strategy: Strategy, text: str) -> None:
    try:
        parse(text)
    except ExpressionError as error:
        where = f"strategy {strategy.name}, needs {error.where}"
        raise StrategyError(error.what, where, error.remedy) from None


def _span(strategy: Strategy, key: str, interval_ns: int) -> int:
    given, where = getattr(strategy, key), f"strategy {strategy.name}"
    try:
        length = given * interval_ns if isinstance(given, int) else span_ns(given)
    except (TypeError, ValueError, AttributeError):
        raise StrategyError(
            f"{key} {given!r} is not a length of time", where, "write 5d, 4h or rows as 10"
        ) from None
    if length <= 0:
        raise StrategyError(f"{key} {given!r} is not above zero", where)
    return length
