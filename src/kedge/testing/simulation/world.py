"""One world: a session that trades, a venue with faults, a disk that forgets, and crashes."""

from collections import Counter
from collections.abc import Callable
from random import Random
from typing import Final

import msgspec

from kedge.domain.control import Asked, Mode, Parameters, Started, Verb
from kedge.domain.errors import RunError
from kedge.domain.market import MarketEvent
from kedge.domain.record import SCHEMA, Opened, Record, decode, encode
from kedge.engine.session.driver import NO_ROOM
from kedge.engine.trading.book import Book
from kedge.engine.trading.desk import Universe
from kedge.engine.trading.market import MarketSide, Watch
from kedge.engine.trading.recovery import recover
from kedge.engine.trading.replay import Verdict, replay
from kedge.engine.trading.setup import Setup, make_desk, unrecorded
from kedge.engine.trading.shell import Shell
from kedge.engine.trading.snapshot import dump, load
from kedge.ledger.journal.journal import Journal
from kedge.ledger.journal.snapshot import Snapshots
from kedge.numeric_platform import platform_fingerprint
from kedge.testing.faulty_disk import FaultyDisk, PowerLostError
from kedge.testing.simulation.bad_disk import BadDisk
from kedge.testing.simulation.conduct import GRACE_NS
from kedge.testing.simulation.line import KilledError, Line
from kedge.testing.simulation.observer import judge
from kedge.testing.simulation.parameters import adopt, seeded_book, tree_of
from kedge.testing.simulation.people import People
from kedge.testing.simulation.scene import (
    SECOND,
    START,
    Scene,
    draw,
    universe_of,
    venue_of,
    way_of,
)
from kedge.venues.simulated.fault_plan import Plan, drawn
from kedge.venues.simulated.faults import FaultyVenue

_QUIET: Final = 150 * SECOND
"""How long a world goes on once nothing goes wrong any more."""
_LAST: Final = 10 * SECOND
"""How long a fill of the last moment may be on its way."""
_LONGER: Final = 60 * SECOND
"""By how much it goes on at a time where it has sent too few orders, up to `_LONGEST`."""
_LONGEST: Final = 1_800 * SECOND


class World:
    """A world from a seed, run to its end by `run`.

    Args:
        seed: of everything that the other two leave open.
        scene: its choices, drawn where they are not given.
        plan: of faults, drawn where it is not given.

    Attributes:
        scene: its choices.
        venue: with its faults; ``venue.truth()`` is what an observer there sees.
        disk, shelf: that the journal and its snapshots lie on.
        desk: the session's state, after the last restart.
        counts: what happened.
    """

    def __init__(self, seed: int, scene: Scene | None = None, plan: Plan | None = None) -> None:
        self.scene = scene or draw(seed)
        self._random = Random(f"{seed}/world")
        self.until = START + self.scene.rows * self.scene.row_ns
        self.end = self.until + _QUIET
        plan = plan or drawn(Random(f"{seed}/plan"), self.until)
        self.venue = FaultyVenue(venue_of(self.scene), plan)
        self.disk = FaultyDisk(Random(f"{seed}/disk"))
        self.shelf = FaultyDisk(Random(f"{seed}/shelf"))
        bad = Random(f"{seed}/bad disk")
        self._bad = BadDisk(self.disk, self.scene.bad_disk, bad, START, self.until)
        self.counts: Counter[str] = Counter()
        self.now = START
        self.submitted: Counter[str] = Counter()
        self._crashes = sorted(self._moments(self.scene.crashes))
        self.people = People(self.scene, Random(f"{seed}/people"), self.until, self.end)
        self.configured, self._changes = self.scene, self._drawn_changes(seed)
        self._begin()

    def _moments(self, count: int) -> list[int]:
        return [START + int(self._random.random() * (self.until - START)) for _ in range(count)]

    def _drawn_changes(self, seed: int) -> list[tuple[int, Scene]]:
        """When somebody turns a limit, and to what."""
        random = Random(f"{seed}/changes")
        if random.random() < 0.5:
            return []
        turned = msgspec.structs.replace(
            self.scene,
            kelly_fraction=random.choice((0.15, 0.2, 0.4)),
            gate_position=random.choice((0.008, 0.32, 0.5)),
        )
        return [(START + int(random.random() * (self.until - START)), turned)]

    def _begin(self) -> None:
        """A process starts: recovery, and then the first event."""
        scene = self.scene
        self._lives = (self.disk.life, self.shelf.life)
        self.journal = Journal.open(self.disk, segment_bytes=scene.segment_bytes)
        universe = universe_of(scene)
        wanted = Parameters(self.now, tree_of(self.configured))
        self.desk = make_desk(universe.lineage, wanted, adopt, self._book)
        kept = Snapshots(self.shelf).newest(self.journal)
        known = kept.seq if kept is not None and load(self.desk, kept.state) else 0
        if known:
            self.counts["started from a snapshot"] += 1
        fresh = recover(self.desk, self.journal.read(known + 1)) + known == 0
        session = lambda at: (at - 1 - START) // (scene.session_rows * scene.row_ns)  # noqa: E731
        watch = Watch(SECOND // 2, 20 * SECOND, session)
        market = MarketSide(universe, watch, self.now, self.desk.rows)
        self.line = Line(self.venue)
        venues = [self.line] * len(universe.keys)
        if fresh:
            self._open(universe)
        for key in range(len(universe.keys)):
            self.venue.ask_depth(key)
        self.shell = Shell(
            self.desk, way_of(scene), self.journal, venues, market, session, self._killed
        )
        started = Started(self.now, "simulated", platform_fingerprint(), self.journal.cut)
        parameters = unrecorded(self.desk, wanted)
        self.people.restarted(self.now, self.desk.mode)
        self._guarded(lambda: self.shell.start(started, self.now, parameters))

    def _killed(self) -> bool:
        return self.people.latch

    def _snapshot(self) -> None:
        """Now and then the state is kept, so that the next start is quicker."""
        if self._random.random() < 0.01 and self.journal.durable == self.journal.seq:
            state = dump(self.desk)
            Snapshots(self.shelf).save(self.journal.durable, self.journal.chain, state)

    def _book(self, setup: Setup) -> Book:
        return seeded_book(self.scene, setup)

    def _open(self, universe: Universe) -> None:
        ids = tuple(i.id for i in universe.instruments)
        opened = Opened(SCHEMA, universe.lineage, self.now, "simulated", platform_fingerprint(),
                        universe.keys, ids)  # fmt: skip
        self.journal.append(encode(opened))

    def run(self) -> "World":
        """To the end of the world, and on until the last fill has been told."""
        while self.now < self.end or (self.now < self.end + _LAST and self._differences()):
            self._advance()
        self._collect()
        return self

    def go(self, seconds: float, so: Callable[[], bool] = lambda: False) -> bool:
        """Go on for so many seconds of the world's time, or until something is so.

        Scenarios act between two of these.

        Args:
            seconds: at most.
            so: asked after every turn.

        Returns:
            Whether it came to be so.
        """
        over = self.now + int(seconds * SECOND)
        while self.now < min(over, self.end) and not so():
            self._advance()
        self._collect()
        return so()

    def crash(self, power: bool = False) -> None:
        """Kill the process now, or let the power fail; then it starts again."""
        self._restart(power)

    def _advance(self) -> None:
        turn = self.now + (self.scene.turn_ns if self.now < self.until else SECOND)
        due = max(self.now + 1_000_000, min(turn, self.shell.next_deadline()))
        self.now = due
        self._prolong()
        self.venue.advance(due)
        self._bad.turn(due)
        if self._crashes and self._crashes[0] <= due:
            self._crashes.pop(0)
            self._set_crash()
        if due >= self.until:
            self._calm()
        asked = self._asked()
        events = self.venue.market_events()
        self.counts["market events"] += len(events)
        before = self.journal.seq
        if asked or events or self._is_due(due):
            self._guarded(lambda: self._turn(due, asked, events))
            self._guarded(self._snapshot)
        self.counts["events"] += max(0, self.journal.seq - before)
        for key in self.shell.market.wanting():
            if self._random.random() < 0.3:
                self.venue.ask_depth(key)

    def _is_due(self, now: int) -> bool:
        """Whether a turn would do anything, though nobody asks and the market says nothing."""
        changes = bool(self._changes) and self._changes[0][0] <= now
        return changes or min(self.venue.next_time(), self.shell.next_deadline()) <= now

    def _prolong(self) -> None:
        """A world that has sent few orders goes on, without faults, until it has sent enough."""
        if self.end - self.now < _LONGER and self.now < self.until + _LONGEST:
            sent = self.submitted.total() + self.line.submitted.total()
            if sent < self.scene.orders:
                self.end = self.people.end = self.now + _LONGER

    def _calm(self) -> None:
        """Nothing goes wrong any more."""
        self.disk.fuse = self.shelf.fuse = self.line.fuse = -1
        self._bad.mend()
        if not self.counts["crashes"]:
            self._restart(False)  # what it was to die in never came

    def _turn(self, now: int, asked: list[Asked], events: list[MarketEvent]) -> None:
        """One turn; new parameters come in between two."""
        while self._changes and self._changes[0][0] <= now:
            _, self.configured = self._changes.pop(0)
            self.shell.engine.process(Parameters(now, tree_of(self.configured)))
            self.counts["parameters"] += 1
        self.shell.turn(now, asked, events)

    def _asked(self) -> list[Asked]:
        found = self.people.asked(self.now, self.desk.mode)
        if not self.journal.reserve and self.desk.mode is not Mode.HALTED:
            found.append(Asked(self.now, Verb.KILL, NO_ROOM))
            self.counts["no room"] += 1
        self.counts.update(each.verb.name.lower() for each in found)
        if self.people.trade(self.now, self.venue):
            self.counts["by hand"] += 1
        return found

    def _set_crash(self) -> None:
        """Choose how the process ends: between turns, inside the disk, or around a send."""
        kind = self._random.choice(self.scene.ends)
        self.counts[f"crash: {kind}"] += 1
        if kind == "kill":
            self._restart(False)
        elif kind == "power":
            self._restart(True)
        elif kind == "in the disk":
            self.disk.fuse = self._random.randint(0, 6)
        elif kind == "in a sync":
            self.disk.fuse = 1  # what comes first is the write before it
        elif kind == "in a snapshot's sync":
            self.shelf.fuse = 2  # after its file was made and written
        elif kind == "in a snapshot":
            self.shelf.fuse = self._random.randint(0, 4)
        else:
            self.line.fuse, self.line.after = self._random.randint(0, 2), kind == "after a send"

    def _guarded(self, act: Callable[[], None]) -> None:
        try:
            act()
        except KilledError:
            self._restart(False)
        except PowerLostError:
            self._restart(True)
        except RunError:
            self.counts["crash: the disk failed"] += 1
            self._bad.mend()
            self._restart(False)

    def _restart(self, power: bool) -> None:
        """The process is gone; what it had not made durable may be, too. Then it starts again."""
        self.counts["crashes"] += 1
        self._collect()
        if power:
            for disk, life in ((self.disk, self._lives[0]), (self.shelf, self._lives[1])):
                if disk.life == life:  # the power has not failed inside it already
                    disk.crash()
        else:
            self.disk.fuse = self.shelf.fuse = -1
        self._bad.restarted()
        self.now += int(self._random.random() * 10 * SECOND)
        self.venue.advance(self.now)
        self.venue.market_events()
        self._begin()

    def _collect(self) -> None:
        self.submitted.update(self.line.submitted)
        self.line.submitted.clear()

    def records(self) -> list[Record]:
        """Everything durable in the journal."""
        return [decode(payload) for _, payload in self.journal.read()]

    def replayed(self) -> Verdict:
        """Every decision of the journal, derived again from its events."""
        numbered = enumerate(self.records(), 1)
        return replay(numbered, adopt, platform_fingerprint(), book=self._book)

    def failures(self) -> list[str]:
        """What is wrong with the world, by the observer and by a recovery from its journal."""
        payloads, truth = list(self.journal.read()), self.venue.truth()
        records = [decode(payload) for _, payload in payloads]
        found = judge(records, truth, way_of(self.scene).rules)
        return [*found, *self._differences(), *self._progress(), *self._recovered(payloads)]

    def _differences(self) -> list[str]:
        """Where the ledger is not what the venue holds."""
        desk, truth, found = self.desk, self.venue.truth(), []
        if {k: v for k, v in enumerate(desk.positions) if v} != {
            k: v for k, v in truth.lots.items() if v
        }:
            found.append(f"positions {desk.positions}, the venue has {truth.lots}")
        if desk.book.cash() != truth.cash:
            found.append(f"cash {desk.book.cash()}, the venue has {truth.cash}")
        return found

    def _progress(self) -> list[str]:
        """Once faults have stopped everything is resolved, and the session trades on."""
        desk, found = self.desk, []
        late = self.now - GRACE_NS
        lost = [n for n, s in desk.orders.items() if s.at < late and not s.order.protective]
        if lost:
            found.append(f"still unresolved: {', '.join(lost)}")
        if not all(desk.compared):
            found.append("the account was never found equal to the venue's after the last start")
        if desk.mode is not Mode.ACTIVE:
            found.append(f"still {desk.mode.name}: {desk.why}")
        quiet = (self.end - self.until) // self.scene.row_ns
        if desk.rows < quiet // 2:
            found.append(f"only {desk.rows} rows were decided")
        return found

    def _recovered(self, payloads: list[tuple[int, bytes]]) -> list[str]:
        """A recovery from the journal gives the state that the session had."""
        first = Parameters(START, tree_of(self.scene))
        again = make_desk(self.desk.universe.lineage, first, adopt, self._book)
        recover(again, payloads)
        return [
            f"{name} after recovery differs"
            for name, mine, theirs in (
                ("state", again.book.words.tobytes(), self.desk.book.words.tobytes()),
                ("orders", again.orders, self.desk.orders),
                ("positions", again.positions, self.desk.positions),
                ("mode", again.mode, self.desk.mode),
                ("the rest of it", dump(again), dump(self.desk)),
            )
            if mine != theirs
        ]
