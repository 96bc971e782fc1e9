"""A book whose forecasts follow from a seed, so that a world trades whatever its market does."""

from functools import lru_cache
from random import Random
from typing import Final

import numpy as np

from kedge.domain.forecast import CONFIDENCE, EDGE_BPS, FIELDS, SIGMA_BPS, STOP
from kedge.domain.panel import F64, Panel
from kedge.domain.row import RowClosed
from kedge.engine.pipeline import Decision
from kedge.engine.trading.book import Book, Verdict
from kedge.testing.simulation.scene import SECOND, Scene, Views, instruments_of

_BAR: Final = 4 * 8
"""Bytes of one instrument's bar in a closed row."""


class SeededBook(Book):
    """A book whose forecasts follow from the seed and the row's instant: strong, and fickle."""

    def __init__(self, scene: Scene, decision: Decision) -> None:
        super().__init__(decision, instruments_of(scene), scene.row_ns)
        self._seed, self._views = scene.seed, scene.views
        self._closed: RowClosed | None = None

    def observe(self, row: RowClosed) -> None:
        """Its forecasts follow from the row alone: they are made once somebody reads them.

        Raises:
            ValueError: the row is not of these instruments.
        """
        if len(row.bars) != _BAR * len(self.instruments):
            raise ValueError(f"a row of {len(row.bars)} bytes of bars")
        self._closed = row

    def decide(self) -> Verdict:
        """What the step makes of the row last observed."""
        self._read()
        return super().decide()

    def forecasts(self) -> F64:
        """(S, N, FIELDS) forecasts of the row last observed."""
        self._read()
        return super().forecasts()

    def _read(self) -> None:
        if self._closed is not None:
            super().observe(self._closed)
            self._closed = None

    def forecast(self, panel: Panel) -> F64:
        """One strategy's view of the row."""
        return _viewed(self._seed, int(panel.ts[0]) // SECOND, len(panel.instruments), self._views)


@lru_cache(1024)
def _viewed(seed: int, second: int, n: int, views: Views) -> F64:
    """(1, 1, N, FIELDS) of one row; every recovery asks for it again."""
    found = [[np.nan] * FIELDS for _ in range(n)]
    for i, view in enumerate(found):
        random = Random(seed * 1_000_003 + second * 31 + i)
        view[EDGE_BPS] = random.choice(views.edges_bps)
        view[SIGMA_BPS] = 50.0
        view[CONFIDENCE] = random.choice(views.confidences)
        view[STOP] = random.choice(views.stops)
    return np.array([[found]])
