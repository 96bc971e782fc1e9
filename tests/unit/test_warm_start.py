"""A first start at a real exchange: its candles, through unmodified ccxt, into a desk."""

import time
from pathlib import Path

import numpy as np

from kedge.bootstrap.listing import hours_of
from kedge.bootstrap.parameters import VenueFacts
from kedge.bootstrap.past import rows_before
from kedge.bootstrap.ready import Basis, Home, Watched, bring_back
from kedge.bootstrap.wiring import reported_in, universe_of
from kedge.data.intervals import DAY, SECOND
from kedge.domain.panel import FRESH, TRADABLE
from kedge.domain.state import I_OBS
from kedge.ledger.journal.contents import Contents
from kedge.ledger.journal.disk import SystemDisk
from kedge.ledger.journal.folder import CONTENTS, SNAPSHOTS, open_journal
from kedge.ledger.journal.snapshot import Snapshots
from kedge.numeric_platform import platform_fingerprint
from kedge.settings import load_settings
from kedge.venues.ccxt.catalogue import Catalogue
from kedge.venues.ccxt.client import Access
from kedge.venues.ccxt.exchanges import exchange_of
from kedge.venues.wire.world import World
from papers import write_configuration
from wire_stage import served

DAYS = 7
LINEAGE = "0a0b0c0d"


def home_in(folder: Path) -> Home:
    """A new journal and what lies beside it."""
    contents, snapshots = (SystemDisk(folder / "journal" / name) for name in (CONTENTS, SNAPSHOTS))
    journal = open_journal(folder / "journal")
    return Home(folder, journal, Contents(contents), Snapshots(snapshots))


def test_a_served_exchange_warms_a_first_start_up(tmp_path: Path) -> None:
    settings = load_settings(write_configuration(tmp_path / "c"), None, environment={})
    floor = World(symbols=("BTCUSDT", "ETHUSDT"), start=time.time_ns() - 30 * SECOND).open()
    floor.run(time.time_ns())
    with served(floor) as server:
        access = Access(exchange=exchange_of("binance"), key="", secret="", url=server.url)
        start = time.time_ns()
        with Catalogue(access, time.time_ns) as catalogue:
            instruments = catalogue.instruments(settings.universe.symbols)
            settings = reported_in(settings, instruments)
            hours = hours_of(settings, instruments)
            universe = universe_of(settings, instruments, catalogue.name, LINEAGE)
            rows = settings.session.warm_up
            before = rows_before(catalogue, universe, hours, start, DAYS, rows)
        bars = server.do(server.floor.prints[0].bars, "1s", server.floor.now)

    assert len(before.rows) == DAYS + rows
    assert start - universe.interval_ns < before.rows[-1].at <= start
    last = [
        bar
        for bar in bars
        if bar.lots and 0 < before.rows[-1].at - bar.opened <= universe.interval_ns
    ]
    told = np.frombuffer(before.rows[-1].bars, np.int64).tolist()
    assert told == [
        last[0].open,
        max(b.high for b in last),
        min(b.low for b in last),
        last[-1].close,
    ]
    assert {row.flags for row in before.rows} == {bytes([TRADABLE | FRESH])}

    facts = VenueFacts(catalogue.name, exchange_of("binance").able)
    basis = Basis(settings, instruments, facts, LINEAGE, before.ticks, start)
    home = home_in(tmp_path / "session")
    watched = Watched(lambda: False, lambda record: None, lambda: None, lambda stage: None)
    brought = bring_back(basis, home, watched, lambda: before.rows, platform_fingerprint())
    home.journal.close()
    desk = brought.desk
    assert desk.rows == len(before.rows)
    assert desk.session == (before.rows[-1].at - 1) // DAY
    assert desk.book.state.I[0, I_OBS] >= settings.limits.min_sessions
