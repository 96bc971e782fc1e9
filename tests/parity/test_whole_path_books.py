"""The same bits where rows hold inputs from trades and order books.

Whole history = row by row = any blocks = restarts = rows as a session's journal keeps them,
on the recorded market of 2024-08-08. Every seventh row has no inputs, as history before a
session's start has none.
"""

from dataclasses import replace

import msgspec
import numpy as np
import pytest

from kedge.domain.forecast import EDGE_BPS
from kedge.engine.pipeline import restore
from kedge.engine.trading.rows import panel_of, rows_of
from parity.whole_path import (
    Market,
    Recorder,
    Trace,
    in_blocks,
    random_cuts,
    restarted,
    row_by_row,
    whole,
)
from recorded_books import quoted_panel


@pytest.fixture(scope="module")
def case() -> tuple[Market, Trace]:
    panel = quoted_panel("usdm_perp")
    micro = panel.micro.copy()
    micro[::7] = np.nan
    market = Market.warmed(replace(panel, micro=micro), 0)
    return market, whole(market)


def test_books_make_forecasts(case: tuple[Market, Trace]) -> None:
    edges = case[1].records["forecasts"][:, -1, 0, EDGE_BPS]
    known = np.isfinite(edges)
    assert known.sum() > 40
    assert not known[::7].any()
    assert edges[known].min() < -5 < 5 < edges[known].max()


def test_whole_history_equals_row_by_row(case: tuple[Market, Trace]) -> None:
    market, expected = case
    assert row_by_row(market).differences(expected) == []


def test_whole_history_equals_random_blocks_and_restarts(case: tuple[Market, Trace]) -> None:
    market, expected = case
    cuts = random_cuts(np.random.default_rng(5), market, 12)
    assert in_blocks(market, cuts).differences(expected) == []
    assert restarted(market, [*cuts[:-1:4], cuts[-1]]).differences(expected) == []


def test_whole_history_equals_rows_from_a_journal(case: tuple[Market, Trace]) -> None:
    """Rows without inputs are kept there as rows that have no such columns at all."""
    market, expected = case
    panel, recorder = market.panel, Recorder(market.decision, restore(market.raw, market.decision))
    for t, row in enumerate(rows_of(panel, [np.zeros(0, np.int64)] * panel.rows)):
        kept = row if t % 7 else msgspec.structs.replace(row, micro=b"")
        recorder.forecast(panel_of(kept, panel.instruments, panel.interval_ns), 0, 1)
    said = np.concatenate(recorder.said)
    assert said.tobytes() == expected.records["forecasts"].tobytes()
    assert recorder.memory.features.tobytes() == whole_features(market)


def whole_features(market: Market) -> bytes:
    recorder = Recorder(market.decision, restore(market.raw, market.decision))
    recorder.forecast(market.panel, 0, market.panel.rows)
    return recorder.memory.features.tobytes()
