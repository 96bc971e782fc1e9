"""A session at an exchange that takes the fee of a purchase out of the coin that was bought."""

import asyncio
import signal
import time
from decimal import Decimal

import pytest

from e2e.sessions import kedge, records, session
from e2e.test_exchange_session import CAPITAL, CASH, KEY, MINUTE, SECRET, buy, configured
from kedge.bootstrap.wiring import SessionAdopt
from kedge.domain.control import Parameters, Started
from kedge.domain.decided import Adjusted, ModeSet, Odd, OrderApproved
from kedge.domain.order import OrderType
from kedge.domain.report import Filled, Rejected
from kedge.engine.trading.fold import evolve
from kedge.engine.trading.setup import make_desk
from kedge.engine.trading.user_files import UserFiles
from kedge.ledger.journal.contents import Contents
from kedge.ledger.journal.disk import SystemDisk
from kedge.ledger.journal.folder import CONTENTS
from kedge.ledger.projections.projection import Projection
from kedge.ledger.projections.rows import Rows
from kedge.ledger.projections.tables import CASH as CASH_TABLE
from kedge.ledger.projections.tables import POSITIONS
from kedge.venues.simulated.requests import Cross
from kedge.venues.simulated.working import CROWD, Working
from kedge.venues.wire.asked import Rights
from kedge.venues.wire.server import Terms
from kedge.venues.wire.world import World
from wire_stage import served

SYMBOLS = ("BTCUSDT", "ETHUSDT")
FAR = 10**9
EAGER = """
from kedge.strategies import CONFIDENCE, EDGE_BPS, SIGMA_BPS, strategy


@strategy(needs=("sma(2)",), horizon=10, half_life="1h", family="momentum")
def eager(window, params, out):
    for i in range(window.shape[1]):
        if window[-1, i, 0] > 0.0:
            out[EDGE_BPS, i] = 200.0
            out[SIGMA_BPS, i] = 20.0
            out[CONFIDENCE, i] = 0.9
"""
"""A strategy that always buys, so that nobody has to wait for it."""


def held(floor):
    """Cash in minor units, and coins by key, of the whole account."""
    till = floor.till
    lots = {key: spot.instrument.lot for key, spot in floor.keyed.items()}
    return till.cash["USDT"], {key: till.lots[key] * lots[key] + till.parts[key] for key in lots}


def plunge(floor):
    """Somebody sells through every stop that rests; two who would buy lower are there."""
    for known in floor.venue.truth().open:
        key, trigger = known.order.key, known.order.trigger
        for n, lots in enumerate((known.order.lots // 2, FAR)):
            bid = Working(-FAR - 2 * known.number - n, CROWD, 1, lots, trigger - 100 - n)
            floor.venue.exchange.matchers[key].submit(bid)
        floor.act(Cross(key, -1, trigger, 1))


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory):
    """A session that bought, was killed with -9, went on, was stopped out, and ended."""
    where = tmp_path_factory.mktemp("fees")
    folder, seen = where / "out" / "session", []
    world = World(
        symbols=SYMBOLS, start=time.time_ns() - MINUTE, seed=11, cash=CASH, fees_in="bought"
    )
    more = {
        "BINANCE_API_KEY": KEY, "BINANCE_API_SECRET": SECRET, "XDG_STATE_HOME": str(where / "state")
    }  # fmt: skip
    with served(world.open(), Terms(keys={KEY: Rights(SECRET)})) as server:
        asyncio.run(buy(server.url))  # by hand, before any session: set aside, less its fee
        before = server.do(held, server.floor)
        config = configured(where, "kedge.yaml", server.url)
        (where / "eager.py").write_text(EAGER)
        parts = config.read_text().split("[ma_momentum, mean_reversion, breakout]")
        config.write_text('["eager.py:eager"]'.join(parts))
        with session(folder, where, config, "--plain", **more) as first:
            first.until(lambda status: not seen.append(status) and status["positions"])
            first.end(signal.SIGKILL)
        with session(folder, where, config, "--plain", **more) as again:

            def stopped(status):
                seen.append(status)
                truth = server.do(server.floor.venue.truth)
                stops = {k.number for k in truth.orders if k.order.trigger and k.filled}
                if not stops and status["row"] > 0:
                    server.do(plunge, server.floor)
                return stops and len(truth.fills) > 3

            again.until(stopped)
            rows = again.status()["row"]
            again.until(lambda status: not seen.append(status) and status["row"] > rows)
            ended = again.end(signal.SIGINT)
        after, truth = server.do(held, server.floor), server.do(server.floor.venue.truth)
    return {
        "where": where, "before": before, "after": after, "seen": seen, "ended": ended,
        "fills": truth.fills[1:], "kept": records(folder),
    }  # fmt: skip


def own(told):
    """Whole lots by key and minor units of cash that the venue holds of the session's."""
    (cash, coins), (cash_now, coins_now) = told["before"], told["after"]
    lots = {0: Decimal("0.00001"), 1: Decimal("0.0001")}
    return (
        {key: int((coins_now[key] - coins[key]) / lots[key]) for key in lots},
        CAPITAL * 10**8 + cash_now - cash,
    )


def desk_of(told):
    """The desk that the journal's records make."""
    kept = told["kept"]
    contents = Contents(
        SystemDisk(told["where"] / "out/session/journal" / CONTENTS, read_only=True)
    )
    files = UserFiles(contents, told["where"], told["where"])
    parameters = next(record for record in kept if isinstance(record, Parameters))
    desk = make_desk(kept[0].lineage, parameters, SessionAdopt(contents, files))
    for record in kept:
        evolve(desk, record)
    return desk


def test_it_bought_and_sold_and_paid_in_what_it_bought(told) -> None:
    bought = [f for f in told["fills"] if f.side > 0]
    assert len(told["fills"]) >= 3
    assert 0 < len(bought) < len(told["fills"])
    booked = {(f.key, f.trade): f for f in told["kept"] if isinstance(f, Filled)}
    assert len(booked) == len(told["fills"])
    bases = {0: ("BTC", Decimal("0.00000001")), 1: ("ETH", Decimal("0.0000001"))}
    for fill in told["fills"]:
        mine, (base, share) = booked[fill.key, fill.trade], bases[fill.key]
        paid = (base, fill.lots * share) if fill.side > 0 else ("", 0)
        assert (mine.paid_in, mine.paid) == paid


def test_a_protective_stop_closed_all_that_could_be_sold(told) -> None:
    approved = {r.order.id: r.order for r in told["kept"] if isinstance(r, OrderApproved)}
    stopped = [f for f in told["fills"] if approved[f.order].type is OrderType.STOP]
    assert stopped
    short = [r for r in told["kept"] if isinstance(r, Rejected) and "insufficient" in r.text]
    assert short == []


def test_nothing_differed_and_nothing_was_put_right(told) -> None:
    assert told["ended"] == 0
    assert sum(isinstance(r, Started) for r in told["kept"]) == 2
    assert {(s["mode"], s["killed"]) for s in told["seen"]} == {("ACTIVE", False)}
    assert [r for r in told["kept"] if isinstance(r, Adjusted | ModeSet | Odd)] == []


def test_the_desk_is_what_the_account_holds(told) -> None:
    lots, cash = own(told)
    desk = desk_of(told)
    assert dict(enumerate(desk.positions)) == lots
    assert desk.book.lots.tolist() == list(lots.values())
    assert desk.book.cash() == {"USDT": cash}


def test_the_projection_is_what_the_account_holds(told) -> None:
    lots, cash = own(told)
    projection = Projection(told["kept"][0], Rows())
    for number, record in enumerate(told["kept"][1:], 2):
        projection.project(number, record)
    tables = projection.take()
    assert [row["booked"] for row in tables[CASH_TABLE]] == [cash - CAPITAL * 10**8]
    held = {row["instrument"]: row["lots"] for row in tables[POSITIONS]}
    assert held == {SYMBOLS[key]: lots[key] for key in lots if SYMBOLS[key] in held}
    assert {SYMBOLS[fill.key] for fill in told["fills"]} == held.keys()


def test_the_journal_replays(told) -> None:
    done = kedge("replay", "out/session/journal", where=told["where"])
    assert done.returncode == 0, done.stdout + done.stderr
