"""The oracle on random worlds: exact books, limits that hold, worlds that are worth it."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kedge.domain.reason import Reason
from kedge.testing.worlds import THEMES, random_world
from oracle import run_oracle
from parity.compare import compare, differences, unexplained
from parity.limits import check_limits
from strategies_hyp import worlds

SEEDS = range(1130, 1235)
"""Five worlds for each theme."""


@pytest.fixture(scope="module")
def runs():
    names = tuple(THEMES)
    out = []
    for seed in SEEDS:
        world = random_world(seed, rows=80, theme=names[seed % len(names)])
        oracle = run_oracle(world.panel, world.forecasts, world.rules, world.reporting)
        out.append((world, oracle))
    return out


def test_equal_seeds_give_equal_worlds_and_results():
    first, second = random_world(5), random_world(5)
    assert np.array_equal(first.panel.bars, second.panel.bars)
    assert np.array_equal(first.forecasts, second.forecasts, equal_nan=True)
    assert first.rules == second.rules
    assert np.array_equal(first.panel.events, second.panel.events)
    results = [run_oracle(w.panel, w.forecasts, w.rules, "USD") for w in (first, second)]
    assert results[0] == results[1]


def test_every_target_keeps_every_limit_or_reduces_its_breach(runs):
    broken = [
        f"seed {seed}: {line}"
        for seed, (world, oracle) in zip(SEEDS, runs, strict=True)
        for line in check_limits(world.panel, world.rules, oracle.trace)
    ]
    assert broken == []


def test_postings_add_up_to_cash_in_every_row(runs):
    for world, oracle in runs:
        cash = np.zeros((world.panel.rows, len(oracle.currencies)), dtype=np.int64)
        cash[:, 0] = world.rules.capital
        for posting in oracle.postings:
            cash[posting.row :, posting.currency] += posting.amount
        assert np.array_equal(cash, np.array(oracle.cash))


def test_attribution_sums_to_the_fills(runs):
    for _, oracle in runs:
        sums = np.zeros((len(oracle.fills), 4), dtype=np.int64)
        for share in oracle.attribution:
            sums[share.fill] += [share.quantity, share.fee, share.pnl, share.external]
        fills = [[f.lots, f.fee, f.profit, f.lots] for f in oracle.fills]
        assert np.array_equal(sums, np.array(fills, dtype=np.int64).reshape(-1, 4))


def test_closed_trades_and_open_ones_hold_all_cash_of_their_instrument(runs):
    for world, oracle in runs:
        if len(oracle.currencies) > 1 or any(lots for lots in oracle.lots[-1]):
            continue
        general = sum(p.amount for p in oracle.postings if p.kind in ("interest", "fx"))
        gains = oracle.cash[-1][0] - world.rules.capital - general
        assert sum(t.profit for t in oracle.trades) == gains


def test_close_calls_are_at_most_one_row_in_a_thousand(runs):
    rows = sum(world.panel.rows for world, _ in runs)
    near = {
        (seed, event.row)
        for seed, (_, oracle) in zip(SEEDS, runs, strict=True)
        for event in oracle.near
    }
    assert len(near) <= rows / 1000


def test_worlds_reach_every_reason_and_every_posting(runs):
    reasons = Counter(b.reason for _, o in runs for b in o.bound)
    reasons += Counter(code for _, o in runs for row in o.reason for code in row)
    reasons += Counter(f.reason for _, o in runs for f in o.fills)
    missing = [reason.name for reason in Reason if not reasons[reason]]
    assert missing == []
    kinds = {p.kind for _, o in runs for p in o.postings}
    assert kinds == {
        "notional",
        "fee",
        "interest",
        "borrow",
        "fx",
        "dividend",
        "funding",
        "cash in lieu",
    }


def test_some_leveraged_worlds_ruin_their_book_and_it_stays_halted():
    ruined = 0
    for seed in range(10):
        world = random_world(seed, theme="leveraged")
        oracle = run_oracle(world.panel, world.forecasts, world.rules, world.reporting)
        broke = [row for row, equity in enumerate(oracle.equity) if equity <= 0]
        if broke:
            ruined += 1
            after = {code for row in oracle.reason[broke[0] :] for code in row}
            assert after <= {Reason.HALTED, Reason.MASKED, Reason.PARTICIPATION, Reason.NOTIONAL}
    assert ruined > 0


def _arrays(oracle):
    return {
        "lots": np.array(oracle.lots),
        "cash": np.array(oracle.cash),
        "equity": np.array(oracle.equity),
        "reasons": np.array(oracle.reason),
        "fills": np.array(oracle.fills, dtype=np.int64).reshape(-1, 9),
    }


def _tables(oracle):
    return {
        "trades": np.array(oracle.trades, dtype=np.int64).reshape(-1, 5),
        "attribution": np.array([s[:5] for s in oracle.attribution], dtype=np.int64).reshape(-1, 5),
    }


def test_comparison_of_a_run_with_itself_finds_nothing(runs):
    for _, oracle in runs[:10]:
        assert compare(oracle, **_arrays(oracle), **_tables(oracle)) == []


@pytest.mark.parametrize(("table", "words"), [("trades", "profit"), ("attribution", "pnl")])
def test_comparison_reads_trades_and_attribution(runs, table, words):
    oracle = next(o for _, o in runs if len(o.trades) > 2)
    tables = _tables(oracle)
    tables[table][1, 4] += 1
    (line,) = compare(oracle, **_arrays(oracle), **tables)
    assert words in line


@settings(max_examples=20, deadline=None)
@given(worlds(rows=40), st.integers(1, 39))
def test_no_row_knows_of_a_later_one(world, rows):
    whole = run_oracle(world.panel, world.forecasts, world.rules, "USD")
    head = world.panel.window(0, rows)
    part = run_oracle(head, world.forecasts[:rows], world.rules, "USD")
    assert part.lots == whole.lots[:rows]
    assert part.cash == whole.cash[:rows]
    assert part.reason == whole.reason[:rows]
    assert part.fills == [f for f in whole.fills if f.row < rows]


@pytest.mark.parametrize(
    ("field", "place", "words"),
    [
        ("lots", (7, 0), "row 7 instrument 0: lots"),
        ("cash", (9, 0), "row 9 currency 0: cash"),
        ("equity", (3,), "row 3: equity"),
        ("reasons", (5, 0), "row 5 instrument 0: reason"),
    ],
)
def test_comparison_names_the_first_difference(runs, field, place, words):
    oracle = replace(runs[0][1], near=[], soft=set())
    arrays = _arrays(oracle)
    arrays[field][place] += 1
    assert compare(oracle, **arrays)[0].startswith(words)
    assert unexplained(oracle, differences(oracle, **arrays)) != []


def test_comparison_misses_no_fill(runs):
    oracle = next(o for _, o in runs if len(o.fills) > 2)
    arrays = _arrays(oracle)
    arrays["fills"] = np.delete(arrays["fills"], 1, axis=0)
    assert len(compare(oracle, **arrays)) == 1


def test_limit_check_sees_a_target_that_is_too_large(runs):
    world, oracle = next(
        (w, o) for w, o in runs if w.theme == "plain" and any(any(t.q) for t in o.trace)
    )

    def free(row):
        return any(q and not fixed for q, fixed in zip(row.q, row.fixed, strict=True))

    row = next(t for t in oracle.trace if free(t))
    larger = [q if fixed else 50 * q for q, fixed in zip(row.q, row.fixed, strict=True)]
    assert check_limits(world.panel, world.rules, [replace(row, q=larger)]) != []
