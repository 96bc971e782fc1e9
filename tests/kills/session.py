"""A session in a process of its own: engine, journal on a real disk, ccxt over real sockets."""

import time
from collections.abc import Callable
from hashlib import blake2b
from multiprocessing.connection import Connection
from pathlib import Path
from typing import NamedTuple

from kedge.domain.control import Parameters, Started
from kedge.domain.record import SCHEMA, Opened, encode
from kedge.engine.trading.desk import Desk, Universe
from kedge.engine.trading.market import MarketSide, Watch
from kedge.engine.trading.recovery import recover
from kedge.engine.trading.setup import make_desk, unrecorded
from kedge.engine.trading.shell import Shell
from kedge.engine.trading.snapshot import dump, load
from kedge.execution.tracked import Working
from kedge.ledger.journal.disk import SystemDisk
from kedge.ledger.journal.folder import SNAPSHOTS, open_journal
from kedge.ledger.journal.journal import Journal
from kedge.ledger.journal.snapshot import Snapshots
from kedge.numeric_platform import platform_fingerprint
from kedge.testing.simulation.parameters import seeded_book, tree_of
from kedge.testing.simulation.scene import START, Scene, instruments_of, universe_of, way_of
from kedge.venues.ccxt.adapter import CcxtVenue
from kedge.venues.ccxt.client import Access
from kedge.venues.wire.server import KEYS
from kills.ears import ears_of
from kills.stages import Halt, HaltingDisk, HaltingJournal, HaltingLine, Wish
from kills.terms import MS, SECOND, adopt_quick, exchange
from wire_stage import QUICK as BACKOFF

BEAT_S = 0.004
SAVE_NS = 300 * MS
NAME, RIGHTS = next(iter(KEYS.items()))


class Settled(NamedTuple):
    """What a session says once nothing of it is on its way any more.

    Attributes:
        positions: lots by key.
        cash: minor units by currency.
        resting: ids of the protective stops that it knows to rest.
        mode: of the session.
        durable: the journal's last record.
        recovered: digest of all that it remembered before its first record.
    """

    positions: dict[int, int]
    cash: dict[str, int]
    resting: frozenset[str]
    mode: str
    durable: int
    recovered: str


class Life:
    """One process of a session: recovered, started, then driven by `turn`.

    Args:
        folder: of the session.
        scene: what it trades.
        url: of its venue.
        halt: where it dies.
    """

    def __init__(self, folder: Path, scene: Scene, url: str, halt: Halt) -> None:
        self.halt, self.trades = halt, False
        instruments, universe = instruments_of(scene), universe_of(scene)
        self._raw: Journal = open_journal(folder / "journal", segment_bytes=1 << 18)
        self._journal = HaltingJournal(self._raw, halt)
        self._shelf = Snapshots(HaltingDisk(SystemDisk(folder / "journal" / SNAPSHOTS), halt))
        wanted = Parameters(time.time_ns(), tree_of(scene))
        self.desk = self._recovered(scene, universe, wanted)
        self._remembered, halt.state = self._state(), self._state
        self.venue = CcxtVenue(
            Access(exchange=exchange(), key=NAME, secret=RIGHTS.secret, url=url),
            dict(enumerate(instruments)), time.time_ns, backoff=BACKOFF,
        )  # fmt: skip
        self.venue.open()
        self._ears = ears_of(url, instruments)
        self._shell = self._started(scene, universe, wanted)
        self._saved = self.now

    def _recovered(self, scene: Scene, universe: Universe, wanted: Parameters) -> Desk:
        desk = make_desk(
            universe.lineage, wanted, adopt_quick, lambda setup: seeded_book(scene, setup)
        )
        kept = self._shelf.newest(self._raw)
        known = kept.seq if kept is not None and load(desk, kept.state) else 0
        if recover(desk, self._raw.read(known + 1)) + known == 0:
            ids = tuple(each.id for each in universe.instruments)
            platform = platform_fingerprint()
            opened = Opened(SCHEMA, universe.lineage, time.time_ns(), "killed", platform,
                            universe.keys, ids)  # fmt: skip
            self._raw.append(encode(opened))
        return desk

    def _state(self) -> str:
        return blake2b(dump(self.desk)).hexdigest()

    def _started(self, scene: Scene, universe: Universe, wanted: Parameters) -> Shell:
        span = scene.session_rows * scene.row_ns
        self.now = max(time.time_ns(), self.desk.at)
        watch = Watch(
            20 * MS, 20 * SECOND, lambda at: (at - 1 - START) // span, lambda at: self.trades
        )
        market = MarketSide(universe, watch, self.now, self.desk.rows)
        line = HaltingLine(self.venue, self._journal, self.halt)
        shell = Shell(
            self.desk, way_of(scene), self._journal, [line] * len(universe.keys), market,
            watch.session, lambda: False, self._journal.seen,
        )  # fmt: skip
        started = Started(self.now, "killed", platform_fingerprint(), self._raw.cut)
        shell.start(started, self.now, unrecorded(self.desk, wanted))
        return shell

    def turn(self) -> None:
        """One turn, and now and then a snapshot, with orders on their way in it."""
        self.now = max(time.time_ns(), self.now)
        broke, events = self._ears.take()
        if broke:
            self._shell.market.lose()
        self._shell.turn(self.now, (), events)
        busy = any(not state.order.protective for state in self.desk.orders.values())
        if self.trades and busy and self.now - self._saved >= SAVE_NS:
            self._saved = self.now
            self._save()

    def _save(self) -> None:
        if self._raw.durable == self._raw.seq:
            self._shelf.save(self._raw.seq, self._raw.chain, dump(self.desk))

    @property
    def settled(self) -> bool:
        """Whether nothing is on its way, and the account was found equal to the venue's."""
        desk = self.desk
        quiet = all(s.order.protective and isinstance(s, Working) for s in desk.orders.values())
        compared = all(desk.compared) and all(
            desk.answered.get(key, -1) >= desk.asked.get(key, 0) for key in desk.accounts
        )
        return quiet and not desk.works and compared and self.venue.connected and self.venue.idle

    @property
    def orders(self) -> int:
        """Orders that this process has approved."""
        return len(self._journal.approved)

    def told(self) -> Settled:
        """What it believes."""
        desk = self.desk
        positions = {key: lots for key, lots in enumerate(desk.positions) if lots}
        return Settled(
            positions, desk.book.cash(), frozenset(desk.orders), desk.mode.name,
            self._raw.durable, self._remembered,
        )  # fmt: skip

    def close(self) -> None:
        """A graceful end."""
        self._ears.close()
        self.venue.close()
        self._raw.close()


def live(folder: Path, scene: Scene, url: str, wish: Wish, talk: Connection) -> None:
    """A process: settle, say so, trade when told to, die where wished, or end when told to."""
    halt = Halt(wish, talk.send)
    life = Life(folder, scene, url, halt)
    _until(life, lambda: life.settled)
    talk.send(life.told())
    while True:
        _until(life, talk.poll)
        word = talk.recv()
        if word == "end":
            break
        if word == "again":
            _until(life, lambda: life.settled)
            talk.send(life.told())
        else:
            life.trades = halt.armed = True
    life.close()


def _until(life: Life, over: Callable[[], bool]) -> None:
    while not over():
        life.turn()
        time.sleep(BEAT_S)
