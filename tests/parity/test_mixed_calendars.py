"""A share in Seoul beside one in New York: only its own exchange's sessions can be missed."""

from dataclasses import replace
from pathlib import Path

import msgspec
import numpy as np
import pytest

from kedge.data.bars import close_only_prices, make_bars
from kedge.data.calendars import bars_due, sessions
from kedge.data.intervals import DAY, HOUR
from kedge.data.panels import load_panel
from kedge.data.store import ParquetStore
from kedge.data.venues import default_instrument
from kedge.domain import state as o
from kedge.domain.panel import FRESH, TRADABLE, Panel
from kedge.domain.reason import Reason
from kedge.testing.worlds import World
from oracle.tiny import forecasts, rules
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


def world_of(panel: Panel) -> World:
    both = {
        "position_cap": (9.0, 9.0),
        "spread_limit_bps": (99.0, 99.0),
        "slippage_limit_bps": (99.0, 99.0),
        "impact": (0.0, 0.0),
    }
    views = forecasts([500.0] * panel.rows, 9.0, count=2)
    return World(panel, views, rules(delisting_sessions=5, **both), "USD", "calendars")


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
