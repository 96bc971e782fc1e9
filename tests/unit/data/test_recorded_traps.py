"""What real recordings hold in store: reused tickers, splits, takeovers, outages."""

from pathlib import Path

import numpy as np
import pytest

import markets
from kedge.data.panels import load_panel
from kedge.data.quality.check import check_instrument
from kedge.domain.panel import CLOSE, EventKind, Panel


def returns(panel: Panel, entity: str) -> tuple[np.ndarray, np.ndarray]:
    """Dates and total returns between consecutive bars of one instrument."""
    column = [each.id for each in panel.instruments].index(entity)
    rows = np.flatnonzero(panel.flags[:, column])
    value = panel.bars[rows, CLOSE, column] * panel.adjust[rows, column]
    days = panel.ts[rows[1:]].astype("datetime64[ns]").astype("datetime64[D]")
    return days, value[1:] / value[:-1] - 1


def test_waste_management_is_one_company_through_three_tickers() -> None:
    panel = markets.us_long_panel()
    days, moves = returns(panel, "wm")
    assert np.abs(moves).max() < 0.5  # joined by ticker there would be +17,700 %
    assert days[0] < np.datetime64("1999-01-01")
    assert days[-1] == np.datetime64("2021-03-31")
    handover = np.flatnonzero(days == np.datetime64("2009-08-05"))
    assert abs(moves[handover[0]]) < 0.05


def test_reused_tickers_are_different_instruments() -> None:
    panel = markets.us_long_panel()
    ids = {each.id for each in panel.instruments}
    assert {"fb", "fb.1", "aaa", "aaa.1"} <= ids
    for entity in ("fb", "aaa"):
        days, _ = returns(panel, entity)
        old, _ = returns(panel, f"{entity}.1")
        assert old[-1] < days[0]


def test_apples_four_splits_leave_no_jump() -> None:
    panel = markets.us_long_panel()
    column = [each.id for each in panel.instruments].index("aapl")
    mine = (panel.events["index"] == column) & (panel.events["kind"] == EventKind.SPLIT)
    assert panel.events[mine]["a"].tolist() == [2, 2, 7, 4]
    days, moves = returns(panel, "aapl")
    worst = int(np.abs(moves).argmax())
    assert str(days[worst]) == "2000-09-29"
    assert moves[worst] == pytest.approx(-0.52, abs=0.01)  # that day is real
    assert np.sort(np.abs(moves))[-2] < 0.25


def test_taken_over_names_end_and_nothing_before_says_so() -> None:
    panel = markets.us_daily_panel()
    last = panel.ts[-1]
    for name in ("GMCR", "ACE", "BRCM", "TWC", "ANAC"):
        column = panel.symbols.index(name)
        rows = np.flatnonzero(panel.flags[:, column])
        assert panel.ts[rows[-1]] < last
        assert panel.instruments[column].delisted_ns is None
        assert (panel.flags[rows[-1] + 1 :, column] == 0).all()
    _, moves = returns(panel, "GMCR")
    assert moves.max() == pytest.approx(0.72, abs=0.01)


def test_known_splits_of_2015_to_2017_are_derived() -> None:
    panel = markets.us_daily_panel()
    splits = panel.events[panel.events["kind"] == EventKind.SPLIT]
    found = {(panel.symbols[e["index"]], int(e["a"]), int(e["b"])) for e in splits}
    assert {("NFLX", 7, 1), ("NKE", 2, 1), ("SBUX", 2, 1), ("CMCSA", 2, 1)} <= found


def test_outage_of_binance_is_found_and_masked(tmp_path: Path) -> None:
    store = markets.crypto_5m_store(tmp_path)
    quality = check_instrument(store, "BTCUSDT", "5m")
    (hole,) = [each for each in quality.findings if each.check == "gap"]
    assert (hole.ts, hole.count) == ("2023-03-24T12:40:00Z", 16)
    panel = load_panel(store, ["BTCUSDT", "ETHUSDT"], "5m")
    assert panel.rows == 87_536  # no instrument has a bar in the outage: no row there
    assert int(np.diff(panel.ts).max()) == 17 * 300 * 10**9
    assert panel.sessions_per_year == 365.25


def test_crypto_prices_survive_the_way_through_ticks(tmp_path: Path) -> None:
    import polars as pl

    from support import data_path

    panel = markets.crypto_5m_panel()
    table = pl.read_parquet(data_path("crypto/binance_spot_5m.parquet"))
    for column, name in enumerate(panel.symbols):
        source = table.filter(pl.col("symbol") == name)["close"].to_numpy()
        ours = panel.bars[:, CLOSE, column] * float(panel.instruments[column].tick)
        np.testing.assert_allclose(ours, source, rtol=1e-12)
