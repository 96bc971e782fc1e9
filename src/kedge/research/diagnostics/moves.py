"""Which parameters to move, and where to."""

from collections.abc import Iterator
from dataclasses import dataclass

from kedge.strategies.binding import BoundStrategy


@dataclass(frozen=True, slots=True)
class Move:
    """One parameter of one strategy at another value.

    Attributes:
        strategy: number among the bound strategies.
        label: ``strategy.parameter``.
        parameter: its name.
        value: where it is moved to.
        change: the move as a fraction of where it was.
    """

    strategy: int
    label: str
    parameter: str
    value: float
    change: float


def moves(strategies: tuple[BoundStrategy, ...], share: float) -> Iterator[Move]:
    """Every parameter down and up by a share, one at a time.

    A whole number stays one and moves by at least 1, so its change may be
    larger than the share. A parameter of zero has no share and is left alone.
    """
    for number, bound in enumerate(strategies):
        for name, value in bound.params.items():
            whole = isinstance(bound.strategy.params[name], int) and float(value).is_integer()
            for step in (-share, share):
                moved = _moved(value, step, whole)
                if value != 0.0:
                    change = (moved - value) / value
                    yield Move(number, f"{bound.name}.{name}", name, moved, change)


def _moved(value: float, share: float, whole: bool) -> float:
    moved = value * (1.0 + share)
    if not whole:
        return moved
    if round(moved) != value:
        return float(round(moved))
    return value + (1.0 if moved > value else -1.0)
