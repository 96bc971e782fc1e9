"""What a session on the embedded venue trades, and how instruments of the store move there."""

from pathlib import Path
from random import Random

import numpy as np
import pytest

from kedge.bootstrap.listing import listing_of, symbols_are_stored
from kedge.data.calendars import sessions_per_year
from kedge.data.sample import import_sample
from kedge.data.store import ParquetStore
from kedge.domain.errors import ConfigError
from kedge.settings import load_settings
from kedge.venues.simulated.prices import Prices, Worth


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("store")
    import_sample(ParquetStore(folder))
    return folder


def settings(store: Path, *symbols: str):
    return load_settings(None, {"data.store": str(store), "universe.symbols": list(symbols)})


def refusal(store: Path, *symbols: str) -> str:
    with pytest.raises(ConfigError) as refused:
        symbols_are_stored(settings(store, *symbols))
    return str(refused.value)


def test_stocks_without_a_store_say_how_to_get_them(tmp_path: Path) -> None:
    said = refusal(tmp_path / "a" / ".." / "store", "AAPL", "IBM")
    assert "\n" not in said
    assert f"'AAPL' is no coin of the embedded venue, and {tmp_path}/store holds no" in said
    assert f"`kedge data sample --store {tmp_path}/store`" in said


def test_symbols_of_two_markets_and_unknown_ones_are_refused(store: Path) -> None:
    assert "'NONE' is neither in" in refusal(store, "AAPL", "NONE")
    assert "not all of them are among the coins" in refusal(store, "AAPL", "BTCUSDT")


def test_where_symbols_are_found(store: Path, tmp_path: Path) -> None:
    assert symbols_are_stored(settings(store, "AAPL"))
    assert not symbols_are_stored(settings(store, "BTCUSDT"))
    assert not symbols_are_stored(settings(tmp_path))


def test_a_stock_moves_from_close_to_close_as_its_daily_bars_did(store: Path) -> None:
    """The next session begins 1.45 days later on average, weekends and holidays counted."""
    listing = listing_of(settings(store, "AAPL"), 260)
    moves = np.diff(np.log(listing.past.bars[-250:, 0, 3].astype(float)))
    days = 365.25 / sessions_per_year(("XNYS",))
    assert listing.issues[0].worth.of_a_day * days**0.5 == pytest.approx(moves.std(), rel=1e-9)


def test_volatility_of_a_day_counts_storms_trends_and_jumps() -> None:
    terms = [Worth(ticks=10**8, volatility=0.01)] * 3
    prices, ends = Prices(terms, Random(1)), []
    for _ in range(800):
        for _ in range(1440):
            prices.step(60.0)
        ends.append([state.price for state in prices.states])
    assert np.diff(ends, axis=0).std() == pytest.approx(terms[0].of_a_day, rel=0.04)
