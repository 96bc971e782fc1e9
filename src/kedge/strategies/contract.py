"""What a strategy is: one decorated function, called once per row in every mode.

::

    from kedge.strategies import CONFIDENCE, EDGE_BPS, SIGMA_BPS, strategy

    @strategy(
        needs=("sma({fast})", "sma({slow})", "volatility({slow})"),
        params={"fast": 10, "slow": 50},
    )
    def crossover(window, params, out):
        for i in range(window.shape[1]):
            fast, slow, volatility = window[-1, i, 0], window[-1, i, 1], window[-1, i, 2]
            if slow > 0.0 and volatility > 0.0:
                gap = (fast - slow) / slow
                out[EDGE_BPS, i] = 40.0 * gap
                out[SIGMA_BPS, i] = 1e4 * volatility / params[1] ** 0.5
                out[CONFIDENCE, i] = 0.6 + 0.4 * min(1.0, abs(gap) / volatility)

``window`` is a read-only (lookback, instruments, features) array that ends with
the current row; ``params`` holds the parameters in the order they were declared;
``out`` is a (FIELDS, instruments) array full of NaN, and what stays NaN is no
forecast. The function returns nothing and knows nothing of orders or cash.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from kedge.domain.errors import StrategyError
from kedge.strategies.declaration import FAMILIES, check_declaration, number_text

__all__ = ["FAMILIES", "Forecaster", "Strategy", "strategy"]

Forecaster = Callable[[Any, Any, Any], None]


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

    Raises:
        StrategyError: something in the declaration cannot be.
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
        check_declaration(
            self.name,
            self.function,
            self.needs,
            self.params,
            {"lookback": (self.lookback, 1), "max_rows": (self.max_rows, 0)},
            self.family,
        )

    @property
    def ships(self) -> bool:
        """Whether it comes with kedge; else it is a user's."""
        return self.function.__module__.startswith("kedge.")

    def with_params(self, given: Mapping[str, float]) -> dict[str, float]:
        """Defaults overlaid with what was configured.

        Raises:
            StrategyError: a parameter the strategy does not have.
        """
        for key in given:
            if key not in self.params:
                known = ", ".join(self.params) or "none"
                raise StrategyError(
                    f"has no parameter '{key}'", f"strategy {self.name}", f"its parameters: {known}"
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
        texts = {**frames, **{k: number_text(v) for k, v in params.items()}}
        try:
            return tuple(need.format_map(texts) for need in self.needs)
        except (KeyError, IndexError, ValueError, AttributeError) as error:
            raise StrategyError(
                f"needs refers to {error}", f"strategy {self.name}", "declare it in params"
            ) from None


def strategy(
    *,
    needs: Sequence[str],
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
            needs=(needs,) if isinstance(needs, str) else tuple(needs),
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
