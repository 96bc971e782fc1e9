"""Feature expressions as frozen trees, and their one canonical text."""

import json
from dataclasses import dataclass

from kedge.domain import micro
from kedge.features.frames import frame_name
from kedge.features.registry import FEATURES
from kedge.features.spec import Series

BAR_FIELDS = ("open", "high", "low", "close", "volume")
SERIES_FIELDS = (*BAR_FIELDS, *micro.NAMES)
"""What an expression may name: the bar's series, then the inputs from trades and books."""

_PRECEDENCE = {"<": 0, "<=": 0, ">": 0, ">=": 0, "+": 1, "-": 1, "*": 2, "/": 2}


@dataclass(frozen=True, slots=True)
class Field:
    """A series of the row: one of `SERIES_FIELDS`."""

    name: str

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class Number:
    """A constant series."""

    value: float

    def __str__(self) -> str:
        return number_text(self.value)


@dataclass(frozen=True, slots=True)
class Binary:
    """An operator between two expressions."""

    op: str
    left: "Expression"
    right: "Expression"

    def __str__(self) -> str:
        level = _PRECEDENCE[self.op]
        left, right = _level(self.left), _level(self.right)
        bare_left = left > level or (left == level and level > 0)
        return f"{_part(self.left, bare_left)} {self.op} {_part(self.right, right > level)}"


@dataclass(frozen=True, slots=True)
class Call:
    """A feature applied to its series and parameters; ``output`` of those it has."""

    function: str
    inputs: tuple["Expression", ...]
    params: tuple[float, ...]
    output: str = "value"

    def __str__(self) -> str:
        shown = () if self.inputs == defaults(FEATURES[self.function].series) else self.inputs
        arguments = [str(i) for i in shown] + [number_text(p) for p in self.params]
        tail = "" if self.output == "value" else f".{self.output}"
        return f"{self.function}({', '.join(arguments)}){tail}"


@dataclass(frozen=True, slots=True)
class At:
    """An expression over completed bars of a higher frame."""

    frame_ns: int
    inner: "Expression"

    def __str__(self) -> str:
        return f'at("{frame_name(self.frame_ns)}", {self.inner})'


@dataclass(frozen=True, slots=True)
class Of:
    """An expression evaluated for another instrument."""

    symbol: str
    inner: "Expression"

    def __str__(self) -> str:
        return f"of({json.dumps(self.symbol, ensure_ascii=False)}, {self.inner})"


Expression = Field | Number | Binary | Call | At | Of


def defaults(series: tuple[Series, ...]) -> tuple[Expression, ...] | None:
    """Default inputs of a feature, None where one has to be given."""
    if not all(s.default for s in series):
        return None
    return tuple(Field(s.default) for s in series)


def number_text(value: float) -> str:
    """Shortest text of a number: ``20`` rather than ``20.0``."""
    return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)


def _level(expression: Expression) -> int:
    return _PRECEDENCE[expression.op] if isinstance(expression, Binary) else 3


def _part(expression: Expression, bare: bool) -> str:
    return str(expression) if bare else f"({expression})"
