"""Tables and books on worlds with everything that the sample lacks."""

import numpy as np
import polars as pl
import pytest

from kedge.domain import state as o
from kedge.domain.panel import EventKind
from kedge.research.exactness import check_identities
from kedge.research.exchange import rate_at, reporting
from kedge.research.run import Run
from kedge.research.tables import attribution_table, fills_table, postings_table
from kedge.research.trade_table import trades_table
from unit.backtest.worlds import run_of_world

SEEDS = range(90)


@pytest.fixture(scope="module")
def runs() -> list[Run]:
    return [run_of_world(seed) for seed in SEEDS]


def test_worlds_hold_what_the_sample_lacks(runs: list[Run]) -> None:
    kinds = {int(kind) for run in runs for kind in np.unique(run.panel.events["kind"])}
    assert kinds == {int(kind) for kind in EventKind}
    assert any(len(run.decision.program.currencies) > 1 for run in runs)
    assert sum(len(run.fills) for run in runs) > 1000


def test_books_of_every_world_balance(runs: list[Run]) -> None:
    for run in runs:
        check_identities(run)


def test_every_trade_is_found_among_its_fills(runs: list[Run]) -> None:
    for run in runs:
        trades = trades_table(run)
        assert len(trades) == len(run.trades)
        assert (trades["quantity"] > 0).all()
        assert trades["entry_price"].is_finite().all()
        assert trades["exit_price"].is_finite().all()


def test_trades_without_events_earn_their_price_difference(runs: list[Run]) -> None:
    checked = 0
    for run in runs:
        trades, records = trades_table(run), run.trades
        touched = set(run.panel.events["index"][run.panel.events["kind"] != int(EventKind.FX)])
        for k, trade in enumerate(trades.iter_rows(named=True)):
            n = int(records[k, o.TRADE_INSTRUMENT])
            instrument = run.panel.instruments[n]
            if n in touched or (instrument.borrow_bps and trade["side"] == "short"):
                continue
            side = 1.0 if trade["side"] == "long" else -1.0
            moved = side * (trade["exit_price"] - trade["entry_price"]) * trade["quantity"]
            number = int(run.decision.program.params.J[n, o.J_CURRENCY])
            rate = 1.0
            if number:
                rate = float(rate_at(run, number, records[k : k + 1, o.TRADE_CLOSE])[0])
            earned = moved * instrument.multiplier * rate - trade["fees"]
            assert trade["pnl"] == pytest.approx(earned, rel=1e-6, abs=1e-2 * max(rate, 1.0))
            checked += 1
    assert checked > 50


def test_shares_sum_to_fills_in_every_world(runs: list[Run]) -> None:
    for run in runs:
        fills, shares = fills_table(run), attribution_table(run)
        sums = shares.drop("strategy").group_by("fill_id").sum()
        joined = fills.join(sums, on="fill_id", how="left", suffix="_shares")
        signed = joined["quantity"] * np.where(joined["side"] == "buy", 1.0, -1.0)
        assert np.allclose(signed, joined["quantity_shares"].fill_null(0.0), rtol=1e-12, atol=0)
        gap = (joined["profit"] - joined["pnl"].fill_null(0.0)).abs().max()
        assert gap is None or float(gap) <= 1e-6 * (1.0 + float(joined["profit"].abs().max()))  # type: ignore[arg-type]


def test_postings_are_named_and_sum_to_their_integers(runs: list[Run]) -> None:
    for run in runs:
        table = postings_table(run)
        for number, code in enumerate(run.decision.program.currencies):
            whole = run.postings[run.postings[:, o.POST_CURRENCY] == number, o.POST_AMOUNT]
            own = table.filter(pl.col("currency") == code)["amount"]
            assert len(own) == len(whole)


def test_foreign_amounts_convert_at_the_rate_of_their_row(runs: list[Run]) -> None:
    foreign = next(run for run in runs if len(run.decision.program.currencies) > 1)
    events = foreign.panel.events
    rates = events[(events["kind"] == int(EventKind.FX)) & (events["index"] == 1)]
    first = int(rates["row"][0])
    rows = np.array([first - 1, first, foreign.panel.rows - 1])
    known = rate_at(foreign, 1, rows)
    assert known.tolist() == [0.0, rates["x"][0], rates["x"][-1]]
    minor = np.array([10**8])
    digits = (
        10**6 if foreign.decision.program.currencies[1] in ("EUR", "KRW", "JPY", "USD") else 10**8
    )
    converted = reporting(foreign, minor, np.array([1]), rows[-1:])
    assert converted[0] == pytest.approx(10**8 / digits * rates["x"][-1])
