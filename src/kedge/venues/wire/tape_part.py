"""What is played of one symbol, and in words what that is and what was left out of it."""

from collections import Counter
from datetime import UTC, datetime
from typing import Final, NamedTuple

from kedge.domain.market import I64
from kedge.venues.simulated.tape import LEVEL, PRINT

SECOND: Final = 10**9
OTHERS: Final = "rows of another symbol or market"


class Part(NamedTuple):
    """Of a tape, before it is moved to the venue's clock.

    Attributes:
        lines: (rows, 6) int64 in order of time, see `kedge.venues.simulated.tape`.
        bars: that it was made of, 0 for books and trades.
        left: how many of what were left out.
    """

    lines: I64
    bars: int
    left: Counter[str]

    def words(self, symbol: str) -> str:
        """From when to when by its own clock, of how much, and without what; one line."""
        first, last = (_moment(int(at)) for at in self.lines[[0, -1], 0])
        without = ", ".join(f"{n:,} {what}" for what, n in self.left.items() if n)
        return (
            f"{symbol}: {self._amount()}, recorded {first} to {last} UTC; "
            f"left out: {without or 'nothing'}"
        )

    def _amount(self) -> str:
        if self.bars:
            return f"{self.bars:,} bars"
        kinds = self.lines[:, 2]
        return f"{int((kinds == LEVEL).sum()):,} levels, {int((kinds == PRINT).sum()):,} trades"


def _moment(ns: int) -> str:
    return datetime.fromtimestamp(ns // SECOND, UTC).strftime("%Y-%m-%d %H:%M:%S")
