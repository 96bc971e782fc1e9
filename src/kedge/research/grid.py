"""The grid of a search: one strategy, some of its parameters, the values of each."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from math import isfinite, prod

from kedge.domain.errors import InputError

MOST = 100_000
"""Combinations a grid may have."""


@dataclass(frozen=True, slots=True)
class Grid:
    """Every combination of the values is one candidate; the last axis varies fastest.

    Attributes:
        strategy: name as configured.
        axes: parameter names, each with its values in order.
    """

    strategy: str
    axes: tuple[tuple[str, tuple[float, ...]], ...]

    def __post_init__(self) -> None:
        names = [name for name, _ in self.axes]
        if not names or len(set(names)) != len(names) or not all(v for _, v in self.axes):
            raise InputError("a grid needs parameters, each once and with a value", "--param")
        if self.size > MOST:
            raise InputError(
                f"{self.size:,} combinations are too many", "--param", f"try {MOST:,} at most"
            )

    @property
    def size(self) -> int:
        """Number of combinations."""
        return prod(len(values) for _, values in self.axes)

    def points(self) -> Iterator[Mapping[str, float]]:
        """Every combination, by parameter name."""
        names = [name for name, _ in self.axes]
        for values in product(*(values for _, values in self.axes)):
            yield dict(zip(names, values, strict=True))


def parse_grid(strategy: str, texts: Sequence[str]) -> Grid:
    """A grid from ``name=start:stop:step``, ``name=1,2,5`` or ``name=3``.

    A range includes its stop where a step falls on it.

    Raises:
        InputError: a text that reads as none of these.
    """
    return Grid(strategy, tuple(_axis(text) for text in texts))


def _axis(text: str) -> tuple[str, tuple[float, ...]]:
    name, equals, values = text.partition("=")
    try:
        if not (name.strip() and equals):
            raise ValueError(text)
        parts = [float(part) for part in values.split(":" if ":" in values else ",")]
        if not all(isfinite(part) for part in parts):
            raise ValueError(text)
        found = _range(*parts) if ":" in values else tuple(dict.fromkeys(parts))
    except (TypeError, ValueError):
        raise InputError(
            f"{text!r} is no parameter with its values",
            "--param",
            "write short=5:50:5 or short=5,10,20",
        ) from None
    return name.strip(), found


def _range(start: float, stop: float, step: float = 1.0) -> tuple[float, ...]:
    if not (step > 0.0 and stop >= start):
        raise ValueError(f"{start}:{stop}:{step}")
    count = int((stop - start) / step + 1e-9) + 1
    if count > MOST:
        raise InputError(f"{count:,} values are too many", "--param", f"try {MOST:,} at most")
    return tuple(round(start + number * step, 12) for number in range(count))
