"""A session at an exchange from outside: through ccxt and sockets, in an account with a past."""

import asyncio
import json
import signal
import time
from pathlib import Path

import numpy as np
import pytest

from e2e.sessions import ROOT, kedge, records, session
from kedge.domain import micro as m
from kedge.domain.control import Started
from kedge.domain.decided import OrderApproved
from kedge.domain.report import Balances, Filled
from kedge.domain.row import RowClosed
from kedge.venues.ccxt.client import Access, client_of
from kedge.venues.ccxt.exchanges import exchange_of
from kedge.venues.wire.asked import Rights
from kedge.venues.wire.server import Terms
from kedge.venues.wire.world import World
from wire_stage import served

KEY, SECRET = "canary-key-77f1c02b9a", "canary-secret-13d8e4a6b5"
SPARE = "another-key-of-the-account"
CASH, CAPITAL = 25_000, 10_000
LARGEST = 200
"""Of an order, in USDT at the first prices: less than a position comes to."""
MINUTE = 60 * 10**9
CONFIG = """
universe: {{symbols: [BTCUSDT, ETHUSDT], interval: 1s}}
strategies: [ma_momentum, mean_reversion, breakout, book_pressure]
capital: {capital}
currency: USDT
limits: {{min_sessions: 2}}
ensemble: {{horizon: 10s}}
execution: {{style: whole, min_interval_s: 0}}
session: {{warm_up: 60, folder: out/session, record: true}}
venues: [{{name: binance, testnet: {testnet}, url: "{url}"}}]
"""


def configured(where: Path, name: str, url: str, capital: int = CAPITAL, testnet: str = "true"):
    file = where / name
    file.write_text(CONFIG.format(url=url, capital=capital, testnet=testnet))
    return file


async def buy(url: str) -> None:
    """Somebody trades by hand, before any session."""
    access = Access(exchange=exchange_of("binance"), key=KEY, secret=SECRET, url=url)
    client = client_of(access, lambda status, headers: None)
    try:
        await client.create_order("BTC/USDT", "market", "buy", 0.003)
    finally:
        await client.close()


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory):
    """What a session said that traded, was killed with -9, went on, and ended by Ctrl-C."""
    where = tmp_path_factory.mktemp("exchange")
    folder, said = where / "out" / "session", {}
    world = World(
        symbols=("BTCUSDT", "ETHUSDT"), start=time.time_ns() - MINUTE, seed=11, cash=CASH,
        largest=LARGEST,
    )  # fmt: skip
    more = {
        "BINANCE_API_KEY": KEY, "BINANCE_API_SECRET": SECRET, "XDG_STATE_HOME": str(where / "state")
    }  # fmt: skip
    keys = {KEY: Rights(SECRET), SPARE: Rights(SECRET)}
    with served(world.open(), Terms(keys=keys)) as server:
        asyncio.run(buy(server.url))
        said["before"] = server.do(server.floor.venue.truth)
        config = configured(where, "kedge.yaml", server.url)
        with session(folder, where, config, "--plain", **more) as first:
            said["trading"] = first.until(lambda s: s["counters"]["fills"] >= 2)
            said["second"] = kedge(
                "run", config, "--session", where / "out" / "other", where=where, **more
            )
            spare = more | {"BINANCE_API_KEY": SPARE}
            said["spare"] = kedge(
                "run", config, "--session", where / "out" / "spare", where=where, **spare
            )
            first.end(signal.SIGKILL)
        with session(folder, where, config, "--plain", **more) as again:
            said["again"] = again.until(lambda s: s["counters"]["fills"] >= 1 and s["row"] > 0)
            said["ended"] = again.end(signal.SIGINT)
        said["after"] = server.do(server.floor.venue.truth)
        said["most"] = [spot.listing.max_lots for spot in server.floor.spots.values()]
    with served(world.open(), Terms(keys={KEY: Rights(SECRET)})) as server:
        config = configured(where, "other.yaml", server.url)
        said["account"] = kedge("run", config, "--session", folder, where=where, **more)
        said["poor"] = kedge(
            "run", configured(where, "poor.yaml", server.url, 10 * CASH), "--session",
            where / "out" / "poor", where=where, **more,
        )  # fmt: skip
        said["live"] = kedge(
            "run", configured(where, "live.yaml", server.url, testnet="false"), "--live",
            "--session", where / "out" / "live", where=where, **more,
        )  # fmt: skip
    said["elsewhere"] = kedge("run", "--session", folder, where=where / "out")
    said["where"] = where
    return said


def test_it_trades_at_the_exchange_and_says_where(told) -> None:
    status = told["trading"]
    assert (status["venue"], status["real"], status["speed"]) == ("binance-testnet", False, 1.0)
    assert all(feed["trusted"] for feed in status["feeds"])
    assert abs(status["at"] - time.time_ns()) < 3600 * 10**9


def test_rows_hold_what_the_exchanges_books_said(told) -> None:
    kept, folder = records(told["where"] / "out/session"), told["where"] / "out/session"
    start = next(i for i, r in enumerate(kept) if isinstance(r, Started))
    assert {r.micro for r in kept[:start] if isinstance(r, RowClosed)} == {b""}
    watched = [r for r in kept[start:] if isinstance(r, RowClosed)]
    rows = np.array([np.frombuffer(r.micro).reshape(2, m.COUNT) for r in watched])
    known = np.isfinite(rows[:, :, m.BID])
    assert known.mean() > 0.5
    assert (rows[known][:, m.BID] < rows[known][:, m.ASK]).all()
    assert (rows[known][:, m.MEAN_BID_DEPTH] > 0).all()
    assert rows[known][:, m.BOOK_UPDATES].max() > 0
    assert np.nanmax(rows[:, :, m.TRADES]) > 0
    replayed = kedge("replay", folder / "journal", "--json", where=told["where"])
    assert replayed.returncode == 0, replayed.stdout


def test_only_the_capital_is_the_sessions(told) -> None:
    kept = records(told["where"] / "out/session")
    first = next(r for r in kept if isinstance(r, Balances))
    assert told["before"].lots[0] == 300  # bought by hand: set aside
    assert (first.cash, first.positions) == ((("USDT", CAPITAL * 10**8),), ())
    assert not [r for r in kept if isinstance(r, Filled) and r.lots == 1_000]


def test_another_session_in_the_account_is_refused_in_one_line(told) -> None:
    done = told["second"]
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "a session runs here already, process" in done.stderr
    assert not (told["where"] / "out" / "other").exists()


def test_another_key_of_the_account_is_refused_in_one_line(told) -> None:
    done = told["spare"]
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "a session runs here already, process" in done.stderr
    assert "account 1 at binance-testnet" in done.stderr


def test_no_order_is_above_the_exchanges_largest_and_what_is_larger_goes_in_parts(told) -> None:
    kept = records(told["where"] / "out/session")
    orders = [r.order for r in kept if isinstance(r, OrderApproved)]
    assert all(order.lots <= told["most"][order.key] for order in orders)
    assert any(order.lots == told["most"][order.key] for order in orders)


def test_every_order_and_fill_is_accounted_for_after_kill_9(told) -> None:
    assert told["ended"] == 0
    kept = records(told["where"] / "out/session")
    assert sum(isinstance(r, Started) for r in kept) == 2
    approved = {r.order.id for r in kept if isinstance(r, OrderApproved)}
    before, after = told["before"], told["after"]
    theirs = [k for k in after.orders if k.number > before.orders[-1].number]
    names = [known.order.id for known in theirs]
    assert len(names) == len(set(names))
    assert set(names) <= approved
    ours = {(r.key, r.trade): r for r in kept if isinstance(r, Filled)}
    there = {(f.key, f.trade): f for f in after.fills[len(before.fills) :]}
    assert ours.keys() == there.keys()
    assert all(ours[name].lots == there[name].lots for name in ours)


def test_the_account_is_what_it_was_and_what_was_traded(told) -> None:
    before, after = told["before"], told["after"]
    moved = {key: after.lots[key] - before.lots[key] for key in after.lots}
    for key, lots in moved.items():
        fills = [f for f in after.fills[len(before.fills) :] if f.key == key]
        assert lots == sum(f.side * f.lots for f in fills)
    resting = {known.order.key for known in after.open}
    assert resting == {key for key, lots in moved.items() if lots > 0}  # each has its stop


def test_too_large_a_capital_and_an_unconfirmed_live_session_are_refused(told) -> None:
    poor, live = told["poor"], told["live"]
    assert poor.returncode == live.returncode == 2
    assert "and capital says 250,000" in poor.stderr
    assert "a person has to confirm real orders" in live.stderr
    assert not (told["where"] / "out" / "live").exists()


def test_its_folder_is_of_no_session_elsewhere(told) -> None:
    done = told["elsewhere"]
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "is of a session at binance-testnet, not at embedded" in done.stderr


def test_its_folder_is_of_one_account(told) -> None:
    done = told["account"]
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "is of the account 127.0.0.1:" in done.stderr


def test_journal_is_whole_and_replays(told) -> None:
    where = told["where"]
    done = kedge("audit", "verify", "out/session/journal", "--json", where=where)
    assert json.loads(done.stdout)["whole"], done.stdout
    done = kedge("replay", "out/session/journal", where=where)
    assert done.returncode == 0, done.stdout + done.stderr


def test_its_market_was_recorded_over_the_restart_and_plays_back(told) -> None:
    done = kedge("data", "recording", "out/session/market", "--json", where=told["where"])
    found = json.loads(done.stdout)
    assert (found["venue"], found["refused"]) == ("binance", 0)
    assert found["connections"] >= 2  # each process had one of its own
    assert all(float(each["bid"]) < float(each["ask"]) for each in found["symbols"])
    assert [each["symbol"] for each in found["symbols"]] == ["BTCUSDT", "ETHUSDT"]
    assert all(each["trades"] and each["updates"] and each["last"] for each in found["symbols"])
    kept = records(told["where"] / "out/session")
    starts = [r.at for r in kept if isinstance(r, Started)]
    assert found["begun"] < starts[0] + MINUTE < found["ended"] + MINUTE
    assert found["ended"] > starts[1]


def test_keys_are_written_nowhere(told) -> None:
    found = []
    for path in told["where"].rglob("*"):
        if path.is_file() and not path.is_relative_to(ROOT):
            content = path.read_bytes()
            found += [path for each in (KEY, SECRET) if each.encode() in content]
    assert found == []
