"""Nothing is lost: cash, positions, trades and attribution add up exactly.

Every sum here is taken with Python integers and fractions from what a run
recorded, row by row, and held against the step's own state.
"""

import numpy as np
from hypothesis import given, settings

from kedge.domain import state as o
from kedge.domain.money import round_ratio
from kedge.domain.panel import EventKind
from kedge.domain.reason import Reason
from parity.step import program_of, run_step, tables, walk
from strategies_hyp import worlds


def _worth(world, n, lots, ticks):
    return round_ratio(int(lots) * int(ticks), world.panel.instruments[n].value_ratio)


@settings(max_examples=40, deadline=None)
@given(worlds())
def test_cash_and_positions_are_everything_that_was_posted(world):
    program = program_of(world)
    currencies = len(program.currencies)
    settle = [program.currencies.index(i.settle) for i in world.panel.instruments]
    held = []
    for state, records in walk(world):
        balances = state.K[o.K_ : o.K_ + currencies].copy()
        worth = [int(x) for x in balances]
        for n, c in enumerate(settle):
            worth[c] += _worth(world, n, state.I[n, o.I_LOTS], state.I[n, o.I_LAST])
        rates = state.G[o.G_ : o.G_ + currencies]
        equity = worth[0] + sum(round(worth[c] * rates[c]) for c in range(1, currencies))
        assert equity == records.rows[-1][0, o.ROW_EQUITY]
        held.append(balances)
    run = tables(world, program, records, state)
    assert np.array_equal(run.cash, np.array(held))


def _moved(lots, fills):
    for fill in fills:
        lots[fill[o.FILL_INSTRUMENT]] += fill[o.FILL_LOTS]


@settings(max_examples=40, deadline=None)
@given(worlds())
def test_fills_and_splits_are_the_positions(world):
    run = run_step(world)
    lots = [0] * len(world.panel.instruments)
    splits = [e for e in world.panel.events if e["kind"] == EventKind.SPLIT]
    for t in range(world.panel.rows):
        today = run.fills[run.fills[:, o.FILL_ROW] == t].tolist()
        # Delistings belong to the session's opening, before any dated event.
        _moved(lots, [f for f in today if f[o.FILL_REASON] == Reason.DELISTED])
        for event in splits:
            if event["row"] == t:
                n, a, b = int(event["index"]), int(event["a"]), int(event["b"])
                whole = abs(lots[n]) * a // b
                lots[n] = whole if lots[n] > 0 else -whole
        _moved(lots, [f for f in today if f[o.FILL_REASON] != Reason.DELISTED])
        assert run.lots[t].tolist() == lots


@settings(max_examples=40, deadline=None)
@given(worlds())
def test_attribution_sums_to_every_fill(world):
    run = run_step(world)
    sums = np.zeros((len(run.fills), 3), dtype=np.int64)
    np.add.at(sums, run.attribution[:, 0], run.attribution[:, 2:])
    assert np.array_equal(sums, run.fills[:, [o.FILL_LOTS, o.FILL_FEE, o.FILL_PROFIT]])


@settings(max_examples=20, deadline=None)
@given(worlds())
def test_sub_books_sum_to_the_position_in_every_row(world):
    for state, _ in walk(world):
        assert np.array_equal(state.I[:, o.I_BOOK :].sum(axis=1), state.I[:, o.I_LOTS])


@settings(max_examples=40, deadline=None)
@given(worlds())
def test_trades_closed_and_open_hold_all_cash_of_their_instrument(world):
    run = run_step(world)
    cash = [0] * len(world.panel.instruments)
    for fill in run.fills.tolist():
        cash[fill[o.FILL_INSTRUMENT]] -= fill[o.FILL_NOTIONAL] + fill[o.FILL_FEE]
    for posting in run.postings.tolist():
        if posting[o.POST_INSTRUMENT] >= 0:
            cash[posting[o.POST_INSTRUMENT]] += posting[o.POST_AMOUNT]
    in_trades = run.state.I[:, o.I_TRADE_CASH].tolist()
    for trade in run.trades.tolist():
        in_trades[trade[o.TRADE_INSTRUMENT]] += trade[o.TRADE_PROFIT]
    assert in_trades == cash


@settings(max_examples=40, deadline=None)
@given(worlds())
def test_notional_is_the_exact_value_rounded_once_and_fees_are_at_most_their_rate(world):
    for fill in run_step(world).fills.tolist():
        n = fill[o.FILL_INSTRUMENT]
        assert fill[o.FILL_NOTIONAL] == _worth(world, n, fill[o.FILL_LOTS], fill[o.FILL_TICKS])
        fees = world.panel.instruments[n].fees
        m, sides = world.rules.cost_multiplier, (fees.maker_bps, fees.taker_bps)
        rates = [bps * m if bps > 0 else bps for bps in sides]
        allowed = {0, *(round(abs(fill[o.FILL_NOTIONAL]) * bps * 1e-4) for bps in rates)}
        assert min(abs(fill[o.FILL_FEE] - fee) for fee in allowed) <= 1
