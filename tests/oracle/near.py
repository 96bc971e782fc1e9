"""Where a float came so close to a boundary that another order of sums may differ.

The oracle and the step compute the same formulas but not in the same order, so
a value within a hair of an integer (or of a limit) may round the other way. All
such places are written down. A value exactly on its boundary is not one of
them: that comes from arithmetic that is exact on both sides.
"""

import math
from typing import NamedTuple

DIRECT = 1e-15
"""Relative width for one short formula over inputs that are equal bit for bit."""
DERIVED = 1e-10
"""Relative width for values that went through sums, roots or estimates."""


class NearEvent(NamedTuple):
    """One near miss.

    ``hidden``: it touches state that shows only in later rows; otherwise its
    effect shows in the same row.
    """

    row: int
    instrument: int
    what: str
    hidden: bool


class Near:
    """Rounding and comparing, with a memory of the close calls."""

    def __init__(self) -> None:
        self.row = -1
        self.events: list[NearEvent] = []
        self.soft: set[tuple[int, int]] = set()

    def mark(self, n: int, what: str, hidden: bool = False) -> None:
        self.events.append(NearEvent(self.row, n, what, hidden))

    def _integer(self, x: float, n: int, what: str, tol: float, hidden: bool) -> None:
        distance = abs(x - round(x))
        if 0 < distance <= tol * max(1.0, abs(x)):
            self.mark(n, what, hidden)

    def trunc(self, x: float, n: int, what: str, tol: float = DERIVED) -> int:
        self._integer(x, n, what, tol, False)
        return math.trunc(x)

    def floor(self, x: float, n: int, what: str, tol: float = DERIVED) -> int:
        self._integer(x, n, what, tol, False)
        return math.floor(x)

    def ceil(self, x: float, n: int, what: str, tol: float = DERIVED) -> int:
        self._integer(x, n, what, tol, False)
        return math.ceil(x)

    def rint(self, x: float, n: int, what: str, tol: float = DIRECT, hidden: bool = False) -> int:
        """Nearest integer, ties to even."""
        off = abs(abs(x - math.floor(x)) - 0.5)
        if 0 < off <= tol * max(1.0, abs(x)):
            self.mark(n, what, hidden)
        return round(x)

    def rint_product(self, x: float, n: int, what: str) -> int:
        """As `rint`, where the factors' order is open: even an exact tie may be missed."""
        if abs(x) % 1 == 0.5:
            self.mark(n, what)
        return self.rint(x, n, what)

    def above(
        self, a: float, b: float, n: int, what: str, tol: float = DERIVED, hidden: bool = False
    ) -> bool:
        """``a > b``."""
        if 0 < abs(a - b) <= tol * max(abs(a), abs(b)):
            self.mark(n, what, hidden)
        return a > b

    def at_least(
        self, a: float, b: float, n: int, what: str, tol: float = DERIVED, hidden: bool = False
    ) -> bool:
        """``a >= b``."""
        return not self.above(b, a, n, what, tol, hidden)

    def tie(self, a: float, b: float, n: int) -> None:
        """Where ``a`` and ``b`` nearly tie, a reason code may differ and nothing else."""
        if abs(a - b) <= DERIVED * max(abs(a), abs(b)):
            self.soft.add((self.row, n))
