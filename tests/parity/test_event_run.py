"""The engine against a venue made of bars equals the bar run, to the last bit."""

import os

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from kedge.domain.decided import Intent, Odd, OrderApproved, OrderRefused
from kedge.domain.panel import Panel
from kedge.domain.record import Decided, decode, encode
from kedge.domain.report import Filled
from kedge.engine.pipeline import Pipeline, fresh
from kedge.engine.trading.book import Book
from kedge.testing.event_run import EventRun
from kedge.testing.worlds import random_world
from markets import crypto_5m_panel, us_daily_panel, us_long_panel
from parity.event_runs import bar_contract_holds, event_run, folded
from parity.step import run_step
from parity.whole_path import decision_for
from strategies_hyp import worlds

ROWS = 60
LONG = os.environ.get("KEDGE_LONG") == "1"


def agree(run: EventRun, lots, equity, reasons, targets) -> None:
    assert not any(isinstance(r, OrderRefused | Odd) for r in run.records)
    np.testing.assert_array_equal(np.array(run.lots), lots)
    np.testing.assert_array_equal(np.array(run.marks)[:, 0], equity)
    np.testing.assert_array_equal(np.array(run.reasons), reasons)
    np.testing.assert_array_equal(np.array(run.targets), targets)
    assert run.market.lots == run.desk.positions == run.lots[-1].tolist()


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.filter_too_much])
@given(worlds(ROWS))
def test_random_worlds_with_stops_partial_fills_and_masks(world):
    assume(bar_contract_holds(world))
    bars = run_step(world)
    # The gate refuses what an account in debt would buy; on bars a sale may pay for it first.
    assume(bool((bars.cash > 0).all()))
    agree(event_run(world).run(), bars.lots, bars.equity, bars.reasons, bars.targets)


@pytest.mark.parametrize("name", ["us_daily", "crypto_5m"])
def test_recorded_markets_with_their_features_and_strategies(name):
    same_on(us_daily_panel() if name == "us_daily" else crypto_5m_panel().window(0, 11_000))


@pytest.mark.skipif(not LONG, reason="minutes: set KEDGE_LONG=1")
@pytest.mark.parametrize("name", ["us_long", "crypto_5m"])
def test_whole_recorded_markets_with_their_features_and_strategies(name):
    same_on(us_long_panel() if name == "us_long" else crypto_5m_panel())


def same_on(panel: Panel) -> None:
    decision = decision_for(panel)
    pipeline = Pipeline(decision, fresh(decision), trace=True)
    pipeline.history(panel)
    kept = pipeline.records
    run = EventRun(panel, decision).run()
    agree(
        run,
        np.concatenate(kept.positions),
        np.concatenate(kept.rows)[:, 0],
        np.concatenate(kept.reasons),
        np.concatenate(kept.targets),
    )
    assert sum(isinstance(r, Filled) for r in run.records) > 20


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10**6))
def test_folding_the_records_of_a_run_gives_its_state(seed):
    world = random_world(seed, rows=40)
    run = event_run(world).run()
    desk = folded(world, [decode(encode(record)) for record in run.records])
    assert desk.book.words.tobytes() == run.desk.book.words.tobytes()
    assert desk.orders == run.desk.orders
    assert desk.positions == run.desk.positions
    assert desk.stops == run.desk.stops


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10**6), st.data())
def test_a_run_restarted_from_its_records_goes_on_with_the_same_bits(seed, data):
    world = random_world(seed, rows=40)
    assume(bar_contract_holds(world))
    whole = event_run(world).run()
    cut = data.draw(st.integers(1, 39))
    first = event_run(world).run(cut)
    second = event_run(world)
    second.market = first.market
    for record in first.records:
        second.fold(record)
    second.run()
    assert np.array_equal(np.array(first.lots + second.lots), np.array(whole.lots))


def test_what_is_decided_follows_from_the_events_alone():
    world = random_world(5, rows=ROWS)
    run = event_run(world).run()
    again = event_run(world)
    for record in run.records:
        if not isinstance(record, Decided):
            again.engine.process(record)
    assert [encode(r) for r in again.records] == [encode(r) for r in run.records]
    assert any(isinstance(r, Intent) for r in run.records)
    assert any(isinstance(r, OrderApproved) for r in run.records)


def test_a_row_is_decided_only_after_it_was_observed():
    run = event_run(random_world(3, rows=4))
    assert isinstance(run.desk.book, Book)
    with pytest.raises(RuntimeError, match="observed"):
        run.desk.book.decide()
