"""The observer's own count of an hour: how much was ordered, and how much is traded in one."""

from typing import Final

import numpy as np

from kedge.domain.order import Order
from kedge.domain.panel import FRESH, TRADABLE
from kedge.domain.row import RowClosed
from kedge.testing.simulation.scene import LOT, Scene

_HOUR_NS: Final = 3_600_000_000_000
_ALPHA: Final = 2.0 / 21.0
"""Weight of the last row in the average of twenty."""


class Hours:
    """Lots of each key, by the clock hour.

    Args:
        keys: how many.
    """

    def __init__(self, keys: int) -> None:
        self._average: list[float | None] = [None] * keys
        self._hour = [-1] * keys
        self._used = [0] * keys
        self._row: RowClosed | None = None

    def close(self, row: RowClosed) -> None:
        """A row was traded; it counts once it is decided, which a crash may prevent."""
        self._row = row

    def decide(self) -> None:
        """The row that closed last is decided; one without a trade says nothing of the average."""
        if self._row is None:
            return
        volumes = np.frombuffer(self._row.volume, np.float64).tolist()
        for key, (volume, flags) in enumerate(zip(volumes, self._row.flags, strict=True)):
            if flags & TRADABLE and flags & FRESH:
                lots, before = volume / LOT, self._average[key]
                self._average[key] = lots if before is None else before + (lots - before) * _ALPHA

    def ordered(self, at: int, order: Order) -> None:
        """An order was approved; protective ones do not count."""
        if not order.protective:
            self._used[order.key] = self.used(at, order.key) + order.lots
            self._hour[order.key] = at // _HOUR_NS

    def used(self, at: int, key: int) -> int:
        """Lots ordered of a key in the hour of an instant."""
        return self._used[key] if self._hour[key] == at // _HOUR_NS else 0

    def most(self, key: int, scene: Scene) -> float:
        """Lots of a key that may be ordered in an hour."""
        return scene.hour_share * (self._average[key] or 0.0) * (_HOUR_NS / scene.row_ns)
