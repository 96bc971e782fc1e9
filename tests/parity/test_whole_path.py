"""Whole history = row by row = any blocks = restarts, bit for bit, on recorded markets.

Features, six strategies, blend, size, limits and fills, with the default
settings: every record of every row and every byte of the memory at the end.
With ``KEDGE_LONG=1`` the complete 5-minute set is run row by row as well.
"""

import os
from dataclasses import replace

import numpy as np
import pytest

from markets import crypto_5m_panel, us_daily_panel
from parity.whole_path import (
    Market,
    ahead,
    in_blocks,
    random_cuts,
    restarted,
    row_by_row,
    whole,
)

STRETCH = (58_000, 69_000)
"""Rows of the 5-minute set; the last 3,000 hold the exchange's outage of 2023-03-24."""
WARM = 8_000
LONG = os.environ.get("KEDGE_LONG") == "1"


@pytest.fixture(scope="module", params=["crypto_5m", "us_daily"])
def case(request):
    if request.param == "crypto_5m":
        market = Market.warmed(crypto_5m_panel().window(*STRETCH), WARM)
    else:
        market = Market.warmed(us_daily_panel(), 0)
    return market, whole(market)


def test_the_stretch_holds_the_outage_and_the_stocks_hold_delistings():
    ts = crypto_5m_panel().ts[slice(*STRETCH)]
    gap = WARM + int(np.argmax(np.diff(ts[WARM:])))
    assert np.diff(ts)[gap] == 17 * 300 * 10**9
    assert np.datetime64(int(ts[gap]), "ns") == np.datetime64("2023-03-24T12:40")
    last = (us_daily_panel().flags > 0)[-20:].any(axis=0)
    assert 0 < (~last).sum() < len(last)


def test_the_path_does_its_work(case):
    _, trace = case
    assert len(trace.records["fills"]) > 20
    assert len(trace.records["trades"]) > 3
    assert len(np.unique(trace.records["reasons"])) > 5


def test_whole_history_equals_row_by_row(case):
    market, expected = case
    assert row_by_row(market).differences(expected) == []


@pytest.mark.parametrize("seed", range(3))
def test_whole_history_equals_random_blocks(case, seed):
    market, expected = case
    cuts = random_cuts(np.random.default_rng(seed), market, 40)
    assert in_blocks(market, cuts).differences(expected) == []


@pytest.mark.parametrize("size", [97, 500, None])
def test_forecasts_that_run_ahead_of_the_step_change_nothing(case, size):
    market, expected = case
    assert ahead(market, size).differences(expected) == []


@pytest.mark.parametrize("seed", range(2))
def test_whole_history_equals_restarts_from_snapshots_at_random_rows(case, seed):
    market, expected = case
    cuts = random_cuts(np.random.default_rng(100 + seed), market, 6)
    assert restarted(market, cuts).differences(expected) == []


def test_the_comparison_sees_one_bit(case):
    market, expected = case
    adjust = market.panel.adjust.copy()
    adjust[-1, 0] = np.nextafter(adjust[-1, 0], 9.0)
    changed = replace(market, panel=replace(market.panel, adjust=adjust))
    assert {"forecasts", "memory"} <= set(whole(changed).differences(expected))


@pytest.mark.skipif(not LONG, reason="87,536 rows one by one: set KEDGE_LONG=1")
def test_the_complete_five_minute_set_equals_itself_row_by_row_and_after_restarts():
    market = Market.warmed(crypto_5m_panel(), 0)
    expected = whole(market)
    assert len(expected.records["trades"]) > 1000
    assert row_by_row(market).differences(expected) == []
    rng = np.random.default_rng(7)
    for _ in range(3):
        assert in_blocks(market, random_cuts(rng, market, 300)).differences(expected) == []
    assert restarted(market, random_cuts(rng, market, 30)).differences(expected) == []
