"""What is traded, on which data, by which strategies."""

import re
from pathlib import Path
from typing import Self

from pydantic import field_validator, model_validator

from kedge.settings.fields import Instant, Node, Number, Params, Symbol, impossible, setting, wrong
from kedge.settings.spans import DAY, Span, span_ns

_NAME = re.compile(r"[A-Za-z_]\w*")
_FUNCTION = re.compile(r"(?P<file>.+\.py):(?P<function>[A-Za-z_]\w*)")


class Data(Node):
    """The market store and the part of it that a run reads."""

    store: Path = setting(
        Path("store"), "Folder of the market store, relative to the configuration.", ""
    )
    start: Instant | None = setting(
        None,
        "First instant of the run; null: where the data begins.",
        "date or time, UTC",
    )
    end: Instant | None = setting(
        None,
        "First instant after the run; null: where the data ends.",
        "date or time, UTC",
    )
    as_of: Instant | None = setting(
        None,
        "Only data available by then is read; null: everything known.",
        "date or time, UTC",
    )

    @model_validator(mode="after")
    def _start_before_end(self) -> Self:
        if self.start is not None and self.end is not None and self.start >= self.end:
            raise impossible(
                "data.start data.end",
                f"start {self.start.isoformat()} is not before end {self.end.isoformat()}",
                "let start come first; end itself is not part of the run",
            )
        return self


class Universe(Node):
    """The instruments of a run and the length of its rows."""

    symbols: tuple[Symbol, ...] = setting(
        (),
        "Symbols to trade; empty: the store's one universe, or all it has where it knows none.",
        "",
    )
    name: Symbol | None = setting(
        None,
        "A stored universe with its members as of each time; instead of symbols.",
        "",
    )
    interval: Span = setting("1d", "Length of a row.", "30s, 5m, 1h, 1d")
    benchmark: Symbol | None = setting(None, "Symbol of a market index, for comparison only.", "")

    @field_validator("interval")
    @classmethod
    def _a_day_at_most(cls, given: str) -> str:
        if span_ns(given) > DAY:
            raise wrong("is longer than a day", "use 1d or less")
        return given

    @model_validator(mode="after")
    def _named_or_listed(self) -> Self:
        if self.name is not None and self.symbols:
            raise impossible(
                "universe.name universe.symbols",
                f"universe {self.name} and a list of symbols are both given",
                "give one of them",
            )
        return self

    @property
    def interval_ns(self) -> int:
        """Length of a row in nanoseconds."""
        return span_ns(self.interval)

    @field_validator("symbols")
    @classmethod
    def _once_each(cls, given: tuple[str, ...]) -> tuple[str, ...]:
        repeated = sorted({s for s in given if given.count(s) > 1})
        if repeated:
            raise wrong(f"{', '.join(repeated)} is listed twice", "list each symbol once")
        return given


class StrategySpec(Node):
    """A strategy by name, with its own parameters and weight.

    In a configuration a bare text stands for its name alone.
    """

    name: str = setting(
        ..., "A built-in strategy, or file.py:function relative to the configuration.", ""
    )
    params: Params = setting((), "The strategy's own parameters.", "")
    weight: Number | None = setting(
        None, "Prior weight in the blend; null: that of its family.", "share", ge=0
    )

    @model_validator(mode="before")
    @classmethod
    def _bare_name(cls, given: object) -> object:
        return {"name": given} if isinstance(given, str) else given

    @field_validator("name")
    @classmethod
    def _a_name_or_a_file(cls, given: str) -> str:
        if _NAME.fullmatch(given) or _FUNCTION.fullmatch(given):
            return given
        raise wrong("is neither a strategy nor file.py:function", "write my_rules.py:crossover")

    @property
    def file(self) -> Path | None:
        """The user's file as written, None for a built-in strategy."""
        match = _FUNCTION.fullmatch(self.name)
        return Path(match["file"]) if match else None

    @property
    def function(self) -> str:
        """Name of the function in ``file``, or of the built-in strategy."""
        match = _FUNCTION.fullmatch(self.name)
        return match["function"] if match else self.name
