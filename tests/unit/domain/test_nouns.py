"""Fills, postings, forecasts and settlement: what they refuse, and which codes never change."""

from datetime import date
from typing import Any

import msgspec
import numpy as np
import pytest

from kedge.data.venues import default_instrument
from kedge.domain import state as o
from kedge.domain.account import Key
from kedge.domain.fill import Fill, Side
from kedge.domain.forecast import FIELDS, Forecast, flaw
from kedge.domain.posting import Posting, PostingKind
from kedge.domain.settlement import settle_days
from kedge.strategies.flaws import first_flaw, valid

DAY = 86_400 * 10**9
FORECAST: dict[str, Any] = {
    "strategy": "trend", "instrument": "AAA", "edge_bps": 12.0, "sigma_bps": 80.0,
    "horizon_ns": 5 * DAY, "half_life_ns": 3 * DAY, "issued_at": DAY, "expires_at": 6 * DAY,
    "confidence": 0.7,
}  # fmt: skip
FILL: dict[str, Any] = {
    "id": 3, "key": Key("main", "xnys", "AAA"), "side": Side.SELL, "lots": 5, "ticks": 10_000,
    "notional": -500_000_000, "fee": 100, "fee_currency": "USD",
    "trade_date": date(2024, 5, 28), "settle_date": date(2024, 5, 29),
}  # fmt: skip


def test_codes_of_postings_are_those_in_stored_results() -> None:
    assert {kind.name: kind.value for kind in PostingKind} == {
        "DIVIDEND": 1, "INTEREST": 2, "BORROW": 3, "FUNDING": 4, "FX": 5, "CASH_IN_LIEU": 6,
        "TRADE": 7, "FEE": 8, "LIQUIDATION": 9, "TRANSFER": 10,
    }  # fmt: skip
    written = {n: v for n, v in vars(o).items() if n.startswith("POSTING_")}
    assert {f"POSTING_{kind.name}": kind.value for kind in PostingKind if kind <= 6} == written


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"edge_bps": np.nan}, "edge nan is not finite"),
        ({"sigma_bps": 0.0}, "sigma 0 is not above 0"),
        ({"confidence": 1.5}, "confidence 1.5 is not between 0 and 1"),
        ({"half_life_ns": 0}, "half-life must be above 0"),
        ({"expires_at": 0}, "expires before it was issued"),
        ({"stop_distance": -1.0}, "stop distance -1 is not above 0"),
        ({"p_up": 1.01}, "p_up 1.01 is not between 0 and 1"),
    ],
)
def test_a_forecast_that_cannot_be_is_refused(change: dict[str, Any], says: str) -> None:
    with pytest.raises(ValueError, match=f"forecast of AAA by trend: .*{says}"):
        Forecast(**{**FORECAST, **change})


def test_probability_and_confidence_are_two_numbers() -> None:
    assert Forecast(**FORECAST).p_up is None
    both = Forecast(**FORECAST, p_up=0.51)
    assert (both.confidence, both.p_up) == (0.7, 0.51)
    with pytest.raises(AttributeError):
        both.confidence = 0.8  # type: ignore[misc]


@pytest.mark.parametrize("edge", [0.0, -3.0, np.inf, np.nan])
@pytest.mark.parametrize("sigma", [1.0, 0.0, -1.0, np.inf, np.nan])
@pytest.mark.parametrize("confidence", [0.0, 1.0, -0.1, 1.1, np.nan])
def test_a_forecast_counts_in_the_step_where_it_has_no_flaw(
    edge: float, sigma: float, confidence: float
) -> None:
    said = np.full((1, 1, FIELDS), np.nan)
    said[0, 0, :3] = edge, sigma, confidence
    assert bool(valid(said)[0, 0]) is (flaw(edge, sigma, confidence) == "")
    if not np.isnan(edge):  # an edge that is NaN is no forecast, and no flaw
        assert first_flaw(said) == flaw(edge, sigma, confidence)


def test_a_fill_has_its_direction_in_its_side() -> None:
    assert msgspec.convert(msgspec.to_builtins(Fill(**FILL)), Fill) == Fill(**FILL)
    with pytest.raises(ValueError, match="-5 lots"):
        Fill(**{**FILL, "lots": -5})
    with pytest.raises(ValueError, match="settles before"):
        Fill(**{**FILL, "settle_date": date(2024, 5, 27)})


def test_no_posting_settles_before_it_came_about() -> None:
    day = date(2020, 1, 2)
    terms: dict[str, Any] = {
        "account": "main", "kind": PostingKind.FX, "currency": "USD", "amount": -5,
        "instrument": None, "trade_date": day,
    }  # fmt: skip
    assert Posting(**terms, settle_date=day).amount == -5
    with pytest.raises(ValueError, match="before 2020-01-02"):
        Posting(**terms, settle_date=date(2020, 1, 1))


@pytest.mark.parametrize(
    ("symbol", "venue", "traded", "days"),
    [
        ("AAPL", "", date(2024, 5, 28), 1),
        ("AAPL", "", date(2024, 5, 27), 2),
        ("AAPL", "", date(2017, 9, 5), 2),
        ("AAPL", "", date(2017, 9, 4), 3),
        ("AAPL", "", date(1995, 6, 7), 3),
        ("AAPL", "", date(1990, 1, 2), 5),
        ("005930", "xkrx", date(2024, 6, 3), 2),
        ("BTCUSDT", "binance", date(2024, 6, 3), 0),
    ],
)
def test_settlement_cycles(symbol: str, venue: str, traded: date, days: int) -> None:
    assert settle_days(default_instrument(symbol, venue), traded) == days
