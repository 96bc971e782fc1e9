"""Reports of a venue, mutated on the socket: no crash, no hang, and true ones still apply.

The messages are what the wire server tells of real orders, and recorded ones; ccxt and the
adapter read them, an engine takes every report that comes of them. ``python -m report_fuzz
100000 STATE`` mutates so many; it notes in the folder STATE how far it came and goes on
from there.
"""

import json
import random
import re
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import NamedTuple

import msgspec

from contracts.test_simulated_venue import ASK, BID, COIN, LOT
from feed_fuzz import DECODED, MUTATIONS
from kedge.domain.control import Parameters, Started, Tick
from kedge.domain.decided import OrderApproved
from kedge.domain.order import Order, OrderType
from kedge.domain.record import encode
from kedge.domain.report import VenueReport
from kedge.engine.trading.desk import NO_QUOTE
from kedge.engine.trading.engine import AskAccount, Effect, Engine, Query
from kedge.engine.trading.fold import evolve
from kedge.engine.trading.setup import make_desk
from kedge.execution.tracked import Done, existed
from kedge.testing.simulation.parameters import seeded_book, tree_of
from kedge.testing.simulation.scene import draw, universe_of, way_of
from kedge.venues.ccxt.adapter import CcxtVenue
from kedge.venues.ccxt.client import Access
from kedge.venues.simulated.requests import Cross
from kedge.venues.wire.line import Line
from kedge.venues.wire.server import Terms
from kills.terms import ALLOWED, adopt_quick, exchange
from recorded import Recorded, lines, text
from resumed import resumed
from simulated import approved
from wire_stage import KEY, NAME, QUICK, RIGHTS, served

BATCH = 40
WAIT_S = 60.0
SOON = 10_000
NUMBER = re.compile(r'"[itI]":(\d{1,15})(?=[,}])')
"""The venue's own of an order or a fill; they count up from 1, one fill to an order."""
KEPT = 400
"""Messages of real orders that are kept to be mutated."""


class Tally(NamedTuple):
    """What a campaign saw.

    Attributes:
        mutated: messages.
        decoded: of them, still JSON objects.
        reports: that came of everything.
        orders: true ones in between, each accepted and filled.
        slowest_s: of them, from its sending to its fill.
    """

    mutated: int = 0
    decoded: int = 0
    reports: int = 0
    orders: int = 0
    slowest_s: float = 0.0

    def plus(self, other: "Tally") -> "Tally":
        """Both together."""
        sums = [a + b for a, b in zip(self[:4], other[:4], strict=True)]
        return Tally(*sums, max(self.slowest_s, other.slowest_s))


def recorded() -> list[bytes]:
    """Recorded messages of a spot account's stream, of the symbol that is traded here."""
    found = (x for x in lines("nautilus_adapter_messages") if "spot/user_data" in x["name"])
    return [text({"subscriptionId": 0, "event": {**x["body"], "s": COIN.symbol}}) for x in found]


def reads(body: str) -> bool:
    """Whether a message is still a JSON object."""
    try:
        return isinstance(json.loads(body), dict)
    except ValueError:
        return False


class Taker:
    """An engine that takes every report, whatever it says, and asks the venue what it wants to.

    Args:
        seed: of its rules.
        venue: asked.
    """

    def __init__(self, seed: int, venue: CcxtVenue) -> None:
        scene = msgspec.structs.replace(draw(seed), instruments=KEY + 1)
        universe, self._numbers, self._venue = universe_of(scene), count(1), venue
        self.desk = make_desk(
            universe.lineage, Parameters(1, tree_of(scene)), adopt_quick,
            lambda setup: seeded_book(scene, setup),
        )  # fmt: skip
        self._engine = Engine(self.desk, way_of(scene), self._append, self._push)
        self._engine.process(Started(time.time_ns(), "fuzzed", "", 0))

    def _append(self, record: object) -> int:
        encode(record)
        return next(self._numbers)

    def _push(self, number: int, effect: Effect) -> None:
        match effect:
            case Query(order=order):
                self._venue.query(KEY, order)
            case AskAccount(cursor=cursor):
                self._venue.fills_since(cursor)
            case _:
                pass

    def sent(self, order: Order) -> None:
        """It remembers an order as its own."""
        evolve(self.desk, OrderApproved(time.time_ns(), order))

    def take(self, reports: list[VenueReport]) -> None:
        """Everything that came in, and what is due."""
        for report in reports:
            self._engine.process(report)
        now = time.time_ns()
        if self._engine.next_deadline() <= now:
            self._engine.process(Tick(now, (NO_QUOTE,) * (KEY + 1)))

    def works(self, order: str) -> bool:
        """Whether it knows that the venue has an order."""
        return existed(self.desk.state_of(order))

    def filled(self, order: str) -> bool:
        """Whether it knows all fills of an order, and that it is gone."""
        state = self.desk.state_of(order)
        return isinstance(state, Done) and state.filled == state.order.lots


class Stream:
    """The account's stream between a server and an adapter, with somebody's hand on it."""

    def __init__(self, server, venue, seed: int) -> None:
        self.server, self.venue, self._random = server, venue, random.Random(f"{seed}/reports")
        self.pool = [Recorded("", 0, each) for each in recorded()]
        self._real: list[Recorded] = []
        self._taker, self._numbers, self._seed = Taker(seed, venue), count(1), seed
        self.reports = self._last = 0

    def mutate(self) -> int:
        """Send a batch of mutated messages; gives how many of them still read."""
        texts = [self._mutated() for _ in range(BATCH)]
        self.server.do(self._tell, texts)
        return sum(map(reads, texts))

    def _mutated(self) -> str:
        """A message that may lie about anything but what has not happened yet."""
        pool = self.pool + self._real
        while True:
            body = self._random.choice(pool).body
            changed = self._random.choice(MUTATIONS)(body, self._random, pool)
            said = changed.decode("utf-8", "replace")
            if not any(self._last < int(each) < self._last + SOON for each in NUMBER.findall(said)):
                return said

    def _tell(self, texts: list[str]) -> None:
        for line in self._lines():
            for each in texts:
                line.send(each.encode())

    def _lines(self) -> list[Line]:
        return [x for x in self.server.server.streams.lines if x.account is not None]

    def _keep(self) -> None:
        """What real orders cause on a line is kept, to be mutated later."""
        for line in self._lines():
            line.send = self._kept(line.send)

    def _kept(self, send):
        def keep(body: bytes, *delays: float) -> None:
            self._real = [*self._real[-KEPT:], Recorded("", 0, body)]
            send(body, *delays)

        return keep

    def _free(self) -> None:
        for line in self._lines():
            vars(line).pop("send", None)

    def true_order(self) -> float:
        """A real order between the mutated messages; seconds until its fill was reported."""
        self._until(lambda: self.venue.connected, "the stream never came back")
        number = next(self._numbers)
        side = 1 if number % 2 else -1
        name, between = f"k{self._random.getrandbits(32):08x}-1-0", (BID + ASK) // 2
        self._last = number
        order = Order(name, KEY, side, LOT, OrderType.LIMIT, limit=between)
        self._taker.sent(order)
        self.server.do(self._keep)
        began, taker = time.monotonic(), self._taker
        self.venue.submit(approved(order))
        self._until(lambda: self._take() and taker.works(name), f"{name} was never accepted")
        self.server.do(self.server.floor.act, Cross(KEY, -side, between, LOT))
        self._until(lambda: self._take() and taker.filled(name), f"the fill of {name} never came")
        self.server.do(self._free)
        return time.monotonic() - began

    def _take(self) -> bool:
        reports = self.venue.reports()
        self.reports += len(reports)
        self._taker.take(reports)
        return True

    def _until(self, true: Callable[[], bool], what: str) -> None:
        end = time.monotonic() + WAIT_S
        while not true():
            assert time.monotonic() < end, f"seed {self._seed}: {what}"
            time.sleep(0.001)


@contextmanager
def joined(url: str) -> Iterator[CcxtVenue]:
    """The adapter, with all the requests to its name that it wants."""
    access = Access(exchange=exchange(), key=NAME, secret=RIGHTS.secret, url=url)
    venue = CcxtVenue(access, {KEY: COIN}, time.time_ns, backoff=QUICK)
    try:
        venue.open()
        yield venue
    finally:
        venue.close()


def campaign(seed: int, batches: int) -> Tally:
    """Batches of mutated messages with a true order after each."""
    decoded, slowest = 0, 0.0
    with served(terms=Terms(allowed=ALLOWED)) as server, joined(server.url) as venue:
        stream = Stream(server, venue, seed)
        stream.true_order()
        for _ in range(batches):
            decoded += stream.mutate()
            slowest = max(slowest, stream.true_order())
    return Tally(batches * BATCH, decoded, stream.reports, batches, slowest)


def main(total: int, state: Path, batches: int = 50) -> Tally:
    """The whole campaign, from where ``state`` says it stopped."""
    return resumed(total, state, Tally, lambda seed: campaign(seed, batches))


def said(tally: Tally) -> str:
    """A tally in one line."""
    return (
        f"{tally.mutated:,} mutated messages, {tally.decoded / tally.mutated:.1%} still decoded, "
        f"{tally.reports:,} reports, {tally.orders:,} true orders filled in between, "
        f"the slowest in {tally.slowest_s:.1f} s"
    )


if __name__ == "__main__":
    folder = Path(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    whole = main(int(sys.argv[1]), folder / "report_fuzz.json")
    sys.stdout.write(f"{said(whole)}\n")
    sys.exit(0 if whole.decoded >= DECODED * whole.mutated else 1)
