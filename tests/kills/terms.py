"""What the sessions that are killed trade: short rows, short waits, a quick crowd."""

import time
from random import Random

import msgspec

from kedge.domain.control import Parameters
from kedge.engine.trading.setup import Setup
from kedge.execution.deadlines import Terms, absence
from kedge.testing.simulation.parameters import adopt
from kedge.testing.simulation.scene import CAPITAL, OPENING, Scene, instruments_of
from kedge.venues.ccxt.exchanges import Exchange, exchange_of
from kedge.venues.simulated import setup as venue
from kedge.venues.simulated.crowd import Habits
from kedge.venues.simulated.flow import Stream, flowing
from kedge.venues.simulated.latency import Latency
from kedge.venues.simulated.listing import listed
from kedge.venues.simulated.prices import Worth
from kedge.venues.wire.floor import Floor
from kedge.venues.wire.limits import Allowed
from kedge.venues.wire.spot import Spot

MS = 1_000_000
SECOND = 1_000 * MS
WINDOW_NS = 600 * MS
"""After which the venue refuses a request, by the stamp on it."""
PATIENCE_NS = 300 * MS
"""After which the adapter does not send an order any more that was given to it."""
SKEW_NS = 100 * MS
"""What a stamp is reckoned to be off the venue's clock."""
QUICK = Terms(
    send_ns=300 * MS, ack_ns=SECOND, cancel_ns=SECOND, query_ns=200 * MS, query_max_ns=SECOND,
    fills_ns=200 * MS,
)  # fmt: skip
LATENCY = Latency(25 * MS, 60 * MS, MS, 5 * MS)
"""Each way: long enough that a process can die while something is on it."""
ALLOWED = Allowed(weight=10**9, orders_10s=10**6, orders_day=10**9)
CROWD = Habits(rate=40.0, orders=30, takers=0.25, lots=4_000.0)


def scene_of(seed: int) -> Scene:
    """The choices of one session."""
    style = Random(f"{seed}/kills").choice(("twap", "iceberg", "pov"))
    return Scene(
        seed=seed, instruments=2, row_ns=500 * MS, rows=0, session_rows=5, style=style,
        turn_ns=5 * MS, crashes=0, commands=False,
    )  # fmt: skip


def turned(scene: Scene) -> Scene:
    """The same session under other limits, as another version might have them."""
    return msgspec.structs.replace(scene, kelly_fraction=0.15, gate_position=0.5)


def busy_scene(seed: int) -> Scene:
    """A session with many orders a second."""
    return msgspec.structs.replace(scene_of(seed), instruments=8, style="twap")


def adopt_quick(parameters: Parameters) -> Setup:
    """A world's parameters, with waits that fit its short rows."""
    made = adopt(parameters)
    way = made.way._replace(terms=QUICK, compare_ns=5 * SECOND)
    return made._replace(way=way, absence_ns=absence(QUICK, WINDOW_NS + PATIENCE_NS, SKEW_NS))


def exchange() -> Exchange:
    """The adapter's side of the same terms."""
    told = exchange_of("binance")
    return msgspec.structs.replace(
        told,
        able=msgspec.structs.replace(told.able, receive_window_ns=WINDOW_NS, skew_ns=SKEW_NS),
        patience_ns=PATIENCE_NS,
        limit=msgspec.structs.replace(told.limit, weight=10**9),
        options={**told.options, "recvWindow": WINDOW_NS // MS},
    )


def floor_of(scene: Scene) -> Floor:
    """The exchange, from now on."""
    instruments, now = instruments_of(scene), time.time_ns()
    prices = {key: OPENING + 2_500 * key for key in range(len(instruments))}
    setup = venue.Setup(
        listings=tuple(listed(key, each) for key, each in enumerate(instruments)),
        cash={"USDT": CAPITAL * 10**8},
        opening=prices,
        start=now,
        seed=scene.seed,
    )
    streams = [Stream(key, Worth(ticks=at, volatility=1.5), CROWD) for key, at in prices.items()]
    spots = [Spot(*each) for each in zip(instruments, setup.listings, strict=True)]
    return Floor(setup, flowing(streams, scene.seed, now), spots)
