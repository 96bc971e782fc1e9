"""The compiled step against the oracle, number by number, on random worlds.

Positions, targets, reasons, cash of every currency, equity, fills, trades,
attribution and how often each limit bound. ``KEDGE_LONG=1`` runs a thousand
worlds, else the first of them; ``-rP`` shows how many rows were exempt, and how many
in the same worlds came after one and were not compared: together one in a thousand.
"""

import os
import sys
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from kedge.domain import state as o
from kedge.domain.panel import CLOSED
from kedge.testing.worlds import World, random_world
from oracle import run_oracle, tiny
from parity.agreement import agree, leaves, seeded
from parity.limits import check_limits
from parity.step import run_step, traces, walk
from strategies_hyp import worlds

CHUNK = 21
"""Seeds in one test: a world of every theme."""
CHUNKS = range(48 if os.environ.get("KEDGE_LONG") == "1" else 8)

FAILED_ONCE = [
    (76, "leveraged"),  # a ruined book with a masked position: infeasible
    (287, "leveraged"),
]


@pytest.mark.parametrize("chunk", CHUNKS)
def test_step_and_oracle_agree_on_seeded_worlds(chunk):
    found = {seed: agree(seeded(seed)) for seed in range(chunk * CHUNK, (chunk + 1) * CHUNK)}
    assert {seed: a.faults for seed, a in found.items() if a.faults} == {}
    rows = sum(a.rows for a in found.values())
    exempt = sum(a.exempt for a in found.values())
    unseen = sum(a.unseen for a in found.values())
    sys.stdout.write(f"{rows} rows, {exempt} exempt, {unseen} after an exempt one\n")
    assert exempt + unseen <= rows / 1000


@pytest.mark.parametrize(("seed", "theme"), FAILED_ONCE)
def test_step_and_oracle_agree_where_they_once_did_not(seed, theme):
    assert agree(random_world(seed, rows=80, theme=theme)).faults == []


def test_a_weight_worth_a_whole_number_of_lots_gives_that_number():
    world = random_world(155, rows=60, instruments=1, strategies=1, theme="trade risk")
    assert agree(world).faults == []


@settings(max_examples=60, deadline=None)
@given(worlds())
def test_step_and_oracle_agree_on_any_world(world):
    assert agree(world).faults == []


@pytest.mark.parametrize("chunk", CHUNKS)
def test_every_target_of_the_step_keeps_every_limit_or_reduces_its_breach(chunk):
    broken = [
        f"seed {seed}: {line}"
        for seed in range(chunk * CHUNK, (chunk + 1) * CHUNK)
        for world in (seeded(seed),)
        for line in check_limits(world.panel, world.rules, traces(world))
    ]
    assert broken == []


def test_positions_that_drifted_above_their_cap_are_cured_in_their_first_tradable_row():
    cured = 0
    for seed in range(4 * CHUNK):
        world = seeded(seed)
        caps = world.rules.position_cap
        for row in traces(world):
            for n, cap in enumerate(caps):
                unit = row.unit[n] / max(row.equity, 1)
                above = abs(row.cur[n]) * unit > cap * (1 + 1e-9)
                flips = row.aim[n] * row.cur[n] < 0  # counts as new risk: it may have to wait
                if above and not row.fixed[n] and not flips:
                    assert abs(row.aim[n]) * unit <= cap * (1 + 1e-9)
                    most = max(abs(row.aim[n]), abs(row.cur[n]) - row.slice[n])
                    assert abs(row.q[n]) <= most
                    cured += 1
    assert cured > 20


def test_risk_numbers_read_from_the_step_are_those_of_its_oracle():
    fields = ("lots", "cur", "q", "aim", "slice", "fixed", "ordered")
    fields += ("halted", "daily_banned", "loss_banned")
    close = ("distance", "distance_cur", "volatility", "covariance", "beta", "adv", "drawdown")
    for seed in range(CHUNK):
        world = seeded(seed)
        oracle = run_oracle(world.panel, world.forecasts, world.rules, world.reporting)
        for mine, theirs in zip(traces(world), oracle.trace, strict=True):
            # Lots are read after orders went out, and no fill happens between.
            assert [getattr(mine, f) for f in fields] == [getattr(theirs, f) for f in fields]
            for f in close:
                np.testing.assert_allclose(getattr(mine, f), getattr(theirs, f), 1e-9, 1e-15)


def test_pending_orders_are_counted_exactly_in_every_row():
    waited = 0
    for seed in range(4 * CHUNK):
        world = seeded(seed)
        for t, (state, _) in enumerate(walk(world)):
            lots = state.pend[:: o.PEND_]
            assert np.array_equal(state.I[:, o.I_PENDING], lots.sum(axis=0))
            assert np.array_equal(state.I[:, o.I_OPEN_ORDERS], (lots != 0).sum(axis=0))
            assert state.K[o.K_PENDING] == np.count_nonzero(lots)
            waited += np.count_nonzero(lots[:, world.panel.flags[t] & CLOSED != 0])
    assert waited > 100


def test_limit_check_sees_a_target_of_the_step_that_is_too_large():
    world = seeded(0)
    row = next(
        t for t in traces(world) if any(q and not f for q, f in zip(t.q, t.fixed, strict=True))
    )
    larger = [q if f else 50 * q for q, f in zip(row.q, row.fixed, strict=True)]
    assert check_limits(world.panel, world.rules, [replace(row, q=larger)]) != []


@given(st.integers(0, 200), st.integers(0, 10**9))
@settings(max_examples=30, deadline=None)
def test_comparison_sees_any_single_changed_number(seed, where):
    world = seeded(seed)
    oracle = replace(
        run_oracle(world.panel, world.forecasts, world.rules, world.reporting), near=[], soft=set()
    )
    run = run_step(world)
    assume(leaves(oracle, run) == [])
    for name in ("lots", "targets", "cash", "equity", "reasons", "fills", "trades"):
        table = getattr(run, name)
        if table.size == 0:
            continue
        changed = table.copy()
        changed.flat[where % table.size] += 1
        assert leaves(oracle, replace(run, **{name: changed})) != [], name


@pytest.mark.parametrize("gate", [1.0, 0.0])
def test_a_confidence_at_the_gate_enters_in_neither(gate: float) -> None:
    market = tiny.panel([*tiny.WARM_UP, *[tiny.flat(10100)] * 3])
    views = tiny.forecasts([0.0, 0.0, 500.0, 500.0, 500.0], 9.99)
    world = World(market, views, tiny.rules(confidence_gate=gate), "USD", "gate")
    assert agree(world).faults == []
    assert bool(len(run_step(world).fills)) is (gate < 1.0)
