"""The fills and postings of a run as values, and their dates."""

from collections import Counter
from datetime import date

import numpy as np
import pytest

from kedge.data.venues import default_instrument
from kedge.domain import state as o
from kedge.domain.posting import PostingKind
from kedge.research.entries import fills_of, posting_totals, postings_of
from kedge.research.run import Run
from kedge.research.settlement import settle_dates, trade_dates
from unit.backtest.worlds import run_of_world


def ns(text: str) -> np.ndarray:
    return np.array([np.datetime64(text, "ns").astype(np.int64)])


@pytest.mark.parametrize("seed", [3, 8, 21])
def test_postings_of_a_world_are_its_change_of_cash(seed: int) -> None:
    ran = run_of_world(seed)
    moved: Counter[str] = Counter()
    for posting in postings_of(ran):
        moved[posting.currency] += posting.amount
    codes = ran.decision.program.currencies
    started = {code: ran.decision.program.capital if n == 0 else 0 for n, code in enumerate(codes)}
    for number, code in enumerate(codes):
        assert started[code] + moved[code] == ran.cash[number]


def test_fills_of_the_sample_are_its_records(sample_run: Run) -> None:
    fills = list(fills_of(sample_run))
    signed = [f.lots * int(f.side) for f in fills]
    assert signed == sample_run.fills[:, o.FILL_LOTS].tolist()
    assert [f.fee for f in fills] == sample_run.fills[:, o.FILL_FEE].tolist()
    assert {f.key.account for f in fills} == {"backtest"}
    assert [f.id for f in fills] == list(range(len(fills)))
    assert all(f.settle_date > f.trade_date for f in fills)


def test_totals_hold_every_kind_that_was_booked(sample_run: Run) -> None:
    totals = posting_totals(sample_run)
    kinds = {posting.kind for posting in postings_of(sample_run)}
    assert set(totals) == {kind.name.lower() for kind in kinds}
    assert list(totals)[:2] == [PostingKind.TRADE.name.lower(), PostingKind.FEE.name.lower()]
    assert totals["fee"]["USD"] == -sample_run.fills[:, o.FILL_FEE].sum() / 1e6


@pytest.mark.parametrize(
    ("symbol", "venue", "at", "traded", "settled"),
    [
        # the Friday before the cycle changed: two sessions on, over Memorial Day
        ("AAPL", "", "2024-05-24T20:00", date(2024, 5, 24), date(2024, 5, 29)),
        ("AAPL", "", "2024-05-28T20:00", date(2024, 5, 28), date(2024, 5, 29)),
        ("AAPL", "", "2024-05-31T15:00", date(2024, 5, 31), date(2024, 6, 3)),
        # Seoul's Friday, two sessions on: Tuesday
        ("005930", "xkrx", "2023-06-09T06:30", date(2023, 6, 9), date(2023, 6, 13)),
        # a bar that ends at midnight belongs to the day that ends
        ("BTCUSDT", "binance", "2024-01-02T00:00", date(2024, 1, 1), date(2024, 1, 1)),
    ],
)
def test_settlement_counts_sessions_of_the_exchange(
    symbol: str, venue: str, at: str, traded: date, settled: date
) -> None:
    instrument = default_instrument(symbol, venue)
    assert trade_dates(instrument, ns(at)).tolist() == [traded]
    assert settle_dates(instrument, ns(at)).tolist() == [settled]
