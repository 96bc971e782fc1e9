"""A share in Seoul beside one in New York: each lives by the sessions of its own exchange.

Only those can be missed, a return is over them, and an order waits for them.
"""

from dataclasses import replace
from pathlib import Path

import msgspec
import numpy as np
import pytest

from kedge.data.bars import close_only_prices, make_bars
from kedge.data.calendars import bars_due, sessions, sessions_in
from kedge.data.intervals import DAY, HOUR
from kedge.data.panels import load_panel
from kedge.data.store import ParquetStore
from kedge.data.venues import default_instrument
from kedge.domain import state as o
from kedge.domain.panel import FRESH, OPEN, TRADABLE, Panel
from kedge.domain.reason import Reason
from kedge.testing.worlds import World
from oracle import run_oracle
from oracle.tiny import CAPITAL, CENT, forecasts, rules
from parity.agreement import agree
from parity.step import StepRun, run_step

SEOUL = 1
HALF_HOUR = HOUR // 2


def at(text: str) -> int:
    return int(np.datetime64(text, "ns").astype(np.int64))


def panel_of(folder: Path, seoul_ends: str) -> Panel:
    """Half-hour bars of autumn 2025, when Seoul closes from 3 to 9 October."""
    store = ParquetStore(folder)
    for symbol, calendar, end in (("YORK", "XNYS", "2025-10-24"), ("SEOUL", "XKRX", seoul_ends)):
        known = sessions(calendar)
        open_days = (known.dates >= at("2025-09-15")) & (known.dates <= at(end))
        spans = zip(known.opens[open_days], known.closes[open_days], strict=True)
        ts = np.concatenate([np.arange(opened, closed, HALF_HOUR) for opened, closed in spans])
        instrument = msgspec.structs.replace(default_instrument(symbol, ""), calendar=calendar)
        prices = close_only_prices(100.0 * 1.001 ** (np.arange(len(ts)) // 13 % 3))
        bars = make_bars(instrument, HALF_HOUR, ts, prices, np.full(len(ts), 1e6))
        store.put_bars(instrument, "30m", bars)
    return load_panel(store, ["YORK", "SEOUL"], "30m")


def daily_panel(folder: Path, *calendars: str) -> Panel:
    """Daily bars of the same autumn that open 1 % below the close before and end above it."""
    store = ParquetStore(folder)
    for calendar in calendars:
        ts = sessions_in(calendar, at("2025-09-15"), at("2025-10-24"))
        instrument = msgspec.structs.replace(default_instrument(calendar, ""), calendar=calendar)
        close = 100.0 * 1.001 ** np.arange(len(ts))
        prices = np.stack([close * 0.99, close, close * 0.98, close], axis=1)
        bars = make_bars(instrument, DAY, ts, prices, np.full(len(ts), 1e6))
        store.put_bars(instrument, "1d", bars)
    return load_panel(store, calendars, "1d")


def world_of(panel: Panel, edges: tuple[float, ...] = (500.0,), **changes: int) -> World:
    count = len(panel.instruments)
    each = {
        "position_cap": (9.0,) * count,
        "spread_limit_bps": (99.0,) * count,
        "slippage_limit_bps": (99.0,) * count,
        "impact": (0.0,) * count,
    }
    views = forecasts(np.resize(edges, panel.rows).tolist(), 9.0, count=count)
    told = rules(delisting_sessions=5, **each, **changes)
    return World(panel, views, told, "USD", "calendars")


def delisted(panel: Panel, run: StepRun) -> list[tuple[int, str]]:
    """Instrument and date of every position that was written off."""
    fills = run.fills[run.fills[:, o.FILL_REASON] == Reason.DELISTED]
    days = panel.ts[fills[:, o.FILL_ROW]].astype("datetime64[ns]").astype("datetime64[D]")
    return list(zip(fills[:, o.FILL_INSTRUMENT].tolist(), days.astype(str).tolist(), strict=True))


def test_five_holidays_are_no_delisting(tmp_path: Path) -> None:
    panel = panel_of(tmp_path, "2025-10-24")
    run = run_step(world_of(panel))
    assert delisted(panel, run) == []
    assert (run.lots[panel.ts > at("2025-10-03"), SEOUL] > 0).all()
    assert (run.state.F[:, o.F_QUALITY] == 1.0).all()
    unaware = replace(panel, flags=(panel.flags & (TRADABLE | FRESH)).astype(np.uint8))
    # Seoul's session of 9 October is the fifth that such a panel misses.
    assert delisted(unaware, run_step(world_of(unaware))) == [(SEOUL, "2025-10-10")]


def test_delisting_counts_sessions_of_the_own_calendar(tmp_path: Path) -> None:
    panel = panel_of(tmp_path, "2025-09-30")
    # Missed: 1, 2, 10, 13 and 14 October; known in the first row after that day.
    assert delisted(panel, run_step(world_of(panel))) == [(SEOUL, "2025-10-15")]


@pytest.mark.parametrize("end", ["2025-10-24", "2025-09-30"])
def test_step_and_oracle_agree(tmp_path: Path, end: str) -> None:
    assert agree(world_of(panel_of(tmp_path, end))).faults == []


UP_AND_AWAY = (500.0,) * 9 + (0.0,) * 7


@pytest.mark.parametrize("latency", [0, 1, 3])
def test_daily_orders_fill_at_the_next_open_of_their_own_exchange(
    tmp_path: Path, latency: int
) -> None:
    panel = daily_panel(tmp_path, "XNYS", "XKRX")
    world = world_of(panel, UP_AND_AWAY, latency_rows=latency)
    assert agree(world).faults == []
    run, oracle = run_step(world), run_oracle(panel, world.forecasts, world.rules, "USD")
    for n in range(2):
        own = np.flatnonzero(panel.flags[:, n] == FRESH | TRADABLE)
        sent = [t for t, orders in enumerate(oracle.ordered) if orders[n] and t + latency < own[-1]]
        due = sorted({int(own[own > t + latency][0]) for t in sent})
        fills = run.fills[run.fills[:, o.FILL_INSTRUMENT] == n]
        assert fills[:, o.FILL_ROW].tolist() == due
        assert (fills[:, o.FILL_BASE] == panel.bars[due, OPEN, n]).all()
        assert len(run.trades[run.trades[:, o.TRADE_INSTRUMENT] == n]) >= 2


def test_an_order_for_a_halted_share_does_not_wait(tmp_path: Path) -> None:
    panel = daily_panel(tmp_path, "XNYS", "XKRX")
    assert SEOUL in run_step(world_of(panel)).fills[:, o.FILL_INSTRUMENT]
    halted = replace(panel, flags=(panel.flags & (TRADABLE | FRESH)).astype(np.uint8))
    # Without its calendar it meets every close of New York as if it were halted there.
    assert SEOUL not in run_step(world_of(halted)).fills[:, o.FILL_INSTRUMENT]


@pytest.mark.parametrize("beside", ["XKRX", "24/7"])
def test_every_session_of_the_own_exchange_has_a_return(tmp_path: Path, beside: str) -> None:
    panel = daily_panel(tmp_path, "XNYS", beside)
    world = world_of(panel)
    assert agree(world).faults == []
    ended = panel.session < panel.session[-1]
    own = [len(np.unique(panel.session[ended & (f & FRESH > 0)])) for f in panel.flags.T]
    assert run_step(world).state.I[:, o.I_OBS].tolist() == [count - 1 for count in own]


def test_what_waits_takes_up_open_risk(tmp_path: Path) -> None:
    panel = daily_panel(tmp_path, "XNYS", "XKRX")
    world = world_of(panel)
    world = replace(world, rules=msgspec.structs.replace(world.rules, open_risk=0.01))
    assert agree(world).faults == []
    # Each order alone would risk 1 % of the capital, 900 ticks a share.
    risk = run_step(world).lots.sum(axis=1) * 900 * CENT
    assert 0.009 * CAPITAL < risk.max() <= 0.0101 * CAPITAL


def test_bars_are_due_while_the_exchange_trades_and_at_its_close() -> None:
    opened, closed = (
        int(getattr(sessions("XNYS"), name)[sessions("XNYS").dates == at("2025-10-06")][0])
        for name in ("opens", "closes")
    )
    rows = np.arange(opened - 2 * HOUR, closed + 3 * HOUR, HOUR)
    hours = (rows - opened) // HOUR
    expected = (hours >= 1) & (rows < closed + HOUR)
    assert bars_due("XNYS", HOUR, rows).tolist() == expected.tolist()
    assert bars_due("24/7", HOUR, rows)[1:].all()


def test_daily_bar_is_due_once_in_the_first_row_at_or_after_the_close() -> None:
    rows = np.array([at(f"2025-10-{text}") for text in ("06T07", "06T20", "06T21", "07", "07T21")])
    assert bars_due("XNYS", DAY, rows).tolist() == [False, True, False, False, True]
    assert bars_due("24/7", DAY, rows).tolist() == [False, False, False, True, False]


def test_no_rows_have_nothing_due() -> None:
    assert bars_due("XNYS", DAY, np.zeros(0, dtype=np.int64)).tolist() == []
