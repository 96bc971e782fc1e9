"""What a strategy is: one decorated function, called once per row in every mode.

::

    from kedge.strategies import CONFIDENCE, EDGE_BPS, SIGMA_BPS, strategy

    @strategy(needs=("sma({fast})", "sma({slow})"), params={"fast": 10, "slow": 50})
    def crossover(window, params, out):
        for i in range(window.shape[1]):
            fast, slow = window[-1, i, 0], window[-1, i, 1]
            out[EDGE_BPS, i] = 40.0 * (fast - slow) / slow
            out[SIGMA_BPS, i] = 1.0
            out[CONFIDENCE, i] = 0.7

``window`` is a read-only (lookback, instruments, features) array that ends with
the current row; ``params`` holds the parameters in the order they were declared;
``out`` is a (FIELDS, instruments) array full of NaN, and what stays NaN is no
forecast. The function returns nothing and knows nothing of orders or cash.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from kedge.domain.errors import StrategyError

Forecaster = Callable[[Any, Any, Any], None]

FAMILIES = ("technical", "momentum", "cross_asset", "sentiment", "ml")
"""Families of strategies that share a prior weight in the blend (ENS-01)."""


@dataclass(frozen=True, slots=True)
class Strategy:
    """A strategy as declared, before it is bound to parameters and an interval.

    Attributes:
        name: the function's name.
        function: ``(window, params, out) -> None``.
        needs: feature expressions, with ``{parameter}`` where one is used.
        lookback: rows in the window.
        params: parameters and their defaults, in order.
        horizon, half_life, expiry: a number of rows, or a span such as ``"5d"``;
            the edge refers to the horizon and, unrefreshed, halves every
            half-life until it expires.
        max_rows: time exit of the virtual sub-position in rows, 0 for none.
        family: whose prior weight it shares.
        doc: the function's docstring.
    """

    name: str
    function: Forecaster = field(repr=False)
    needs: tuple[str, ...]
    lookback: int = 1
    params: Mapping[str, float] = field(default_factory=dict)
    horizon: int | str = 1
    half_life: int | str = "5d"
    expiry: int | str = "5d"
    max_rows: int = 0
    family: str = "technical"
    doc: str = ""

    def __post_init__(self) -> None:
        if not self.needs:
            raise StrategyError("needs no features", self.name, 'give needs=("sma(10)", ...)')
        if self.lookback < 1:
            raise StrategyError(f"lookback {self.lookback} is below 1", self.name)
        if self.max_rows < 0:
            raise StrategyError(f"max_rows {self.max_rows} is negative", self.name)
        if self.family not in FAMILIES:
            known = ", ".join(FAMILIES)
            raise StrategyError(f"family '{self.family}' is unknown", self.name, f"one of {known}")

    def with_params(self, given: Mapping[str, float]) -> dict[str, float]:
        """Defaults overlaid with what was configured.

        Raises:
            StrategyError: a parameter the strategy does not have.
        """
        for key in given:
            if key not in self.params:
                known = ", ".join(self.params) or "none"
                raise StrategyError(
                    f"has no parameter '{key}'", self.name, f"its parameters: {known}"
                )
        return {**self.params, **given}

    def expressions(
        self, params: Mapping[str, float], frames: Mapping[str, str]
    ) -> tuple[str, ...]:
        """Feature expressions with parameters and frames filled in.

        Args:
            params: values by name.
            frames: what ``{confirmation}``, ``{structure}`` and ``{major}`` stand for.

        Raises:
            StrategyError: a placeholder that is no parameter.
        """
        texts = {**frames, **{k: f"{v:g}" for k, v in params.items()}}
        try:
            return tuple(need.format_map(texts) for need in self.needs)
        except (KeyError, IndexError, ValueError) as error:
            raise StrategyError(
                f"needs refers to {error}", self.name, "declare it in params"
            ) from None


def strategy(
    *,
    needs: tuple[str, ...] | list[str],
    lookback: int = 1,
    params: Mapping[str, float] | None = None,
    horizon: int | str = 1,
    half_life: int | str = "5d",
    expiry: int | str | None = None,
    max_rows: int = 0,
    family: str = "technical",
) -> Callable[[Forecaster], Strategy]:
    """Declare a strategy; see `Strategy` for the arguments.

    ``expiry`` defaults to the half-life.
    """

    def declare(function: Forecaster) -> Strategy:
        return Strategy(
            name=function.__name__,
            function=function,
            needs=tuple(needs),
            lookback=lookback,
            params=dict(params or {}),
            horizon=horizon,
            half_life=half_life,
            expiry=half_life if expiry is None else expiry,
            max_rows=max_rows,
            family=family,
            doc=(function.__doc__ or "").strip(),
        )

    return declare
