"""One world: a session that trades, a venue with faults, a disk that forgets, and crashes."""

from collections import Counter
from collections.abc import Callable
from random import Random
from typing import Final, get_args

import msgspec

from kedge.data.books.book import Book
from kedge.domain.control import Asked, Mode, Parameters, Started, Verb
from kedge.domain.errors import RunError
from kedge.domain.market import MarketEvent
from kedge.domain.record import SCHEMA, Event, Opened, Record, decode, encode
from kedge.engine.session.driver import NO_ROOM
from kedge.engine.trading.book import Book as Ledger
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
from kedge.testing.simulation.line import KilledError, Line
from kedge.testing.simulation.parameters import adopt, seeded_book, tree_of
from kedge.testing.simulation.people import People, moment
from kedge.testing.simulation.rest import differences, failures_of
from kedge.testing.simulation.scene import (
    EVENTS,
    SECOND,
    UNBOUND,
    Scene,
    draw,
    hour_binds,
    start_of,
    universe_of,
    venue_of,
    way_of,
)
from kedge.testing.simulation.stranger import HAND, Stranger
from kedge.venues.simulated.fault_plan import Plan, drawn
from kedge.venues.simulated.faults import FaultyVenue

_LAST: Final = 10 * SECOND
"""How long a fill of the last moment may be on its way."""
_LONGER: Final = 50 * SECOND
"""By how much it goes on at a time where too little has happened, up to `_LONGEST`."""
_LONGEST: Final = 7_200 * SECOND
_LEVELS: Final = 1_024
"""Of a side of a book: a small crowd fills a small part of them."""
_EVENTS: Final = frozenset(get_args(Event))
_KEPT: Final = 0.02
"""Share of the turns after which somebody wants the state to be kept."""


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
        self.start = self.now = start_of(self.scene)
        self.until = self.start + self.scene.rows * self.scene.row_ns
        self.end = self.until + self.scene.quiet_s * SECOND
        self._is_calm = False
        plan = plan or drawn(Random(f"{seed}/plan"), self.until)
        self.venue = FaultyVenue(venue_of(self.scene), plan)
        self.disk = FaultyDisk(Random(f"{seed}/disk"))
        self.shelf = FaultyDisk(Random(f"{seed}/shelf"))
        bad = Random(f"{seed}/bad disk")
        self._bad = BadDisk(self.disk, self.scene.bad_disk, bad, self.start, self.until)
        self.counts: Counter[str] = Counter()
        self.submitted: Counter[str] = Counter()
        self._crashes = sorted(self._moments(self.scene.crashes))
        people = Random(f"{seed}/people")
        self.people = People(self.scene, people, self.until, self.end)
        by_hand = moment(people, self.start, self.until, 0.75)
        self._stranger = Stranger(self.scene, by_hand, self.people.calm - 8 * SECOND)
        self.configured, self._changes = self.scene, self._drawn_changes(seed)
        self._begin()

    def _moments(self, count: int) -> list[int]:
        return [moment(self._random, self.start, self.until) for _ in range(count)]

    def _drawn_changes(self, seed: int) -> list[tuple[int, Scene]]:
        """When somebody turns a limit and lifts it again, and to what."""
        random = Random(f"{seed}/changes")
        turned, changes = self.scene, []
        if random.random() >= 0.5:
            turned = msgspec.structs.replace(
                turned,
                kelly_fraction=random.choice((0.15, 0.2, 0.4)),
                gate_position=random.choice((0.008, 0.32, 0.5)),
            )
            changes.append((moment(random, self.start, self.until), turned))
        back = msgspec.structs.replace(self.scene, hour_share=UNBOUND)
        if turned != back:
            earliest = changes[-1][0] if changes else self.start
            lifted = moment(random, self.start, self.until, 0.7)
            changes.append((max(earliest, lifted), back))
        return changes

    def _begin(self) -> None:
        """A process starts: recovery, and then the first event."""
        scene = self.scene
        self._lives = (self.disk.life, self.shelf.life)
        self.journal = self._opened()
        universe = universe_of(scene)
        wanted = Parameters(self.now, tree_of(self.configured))
        self.desk = make_desk(universe.lineage, wanted, adopt, self._book)
        kept = Snapshots(self.shelf).newest(self.journal)
        known = kept.seq if kept is not None and load(self.desk, kept.state) else 0
        if known:
            self.counts["started from a snapshot"] += 1
        fresh = recover(self.desk, self.journal.read(known + 1)) + known == 0
        session = lambda at: (at - 1 - self.start) // (scene.session_rows * scene.row_ns)  # noqa: E731
        watch = Watch(SECOND // 2, 20 * SECOND, session)
        books = [Book(key, capacity=_LEVELS) for key in range(len(universe.keys))]
        market = MarketSide(universe, watch, self.now, self.desk.rows, books)
        self.line = Line(self.venue)
        venues = [self.line] * len(universe.keys)
        if fresh:
            self._open(universe)
        for key in range(len(universe.keys)):
            self.venue.ask_depth(key)
        self.shell = Shell(
            self.desk, way_of(scene), self.journal, venues, market, session, self._killed, self._saw
        )
        started = Started(self.now, "simulated", platform_fingerprint(), self.journal.cut)
        parameters = unrecorded(self.desk, wanted)
        self.people.restarted(self.now, self.desk.mode)
        self._guarded(lambda: self.shell.start(started, self.now, parameters))

    def _opened(self) -> Journal:
        """The journal; where a sync fails while it is opened somebody starts it again."""
        try:
            return Journal.open(self.disk, segment_bytes=self.scene.segment_bytes)
        except RunError:
            self.counts["crash: the disk failed"] += 1
            self.counts["crashes"] += 1
            self._bad.mend()
            return Journal.open(self.disk, segment_bytes=self.scene.segment_bytes)

    def _saw(self, record: Record) -> None:
        if type(record) in _EVENTS:
            self.counts["events"] += 1

    def _killed(self) -> bool:
        return self.people.latch

    def _snapshot(self) -> None:
        """Now and then the state is kept, so that the next start is quicker."""
        if self.journal.durable == self.journal.seq:
            state = dump(self.desk)
            Snapshots(self.shelf).save(self.journal.durable, self.journal.chain, state)

    def _book(self, setup: Setup) -> Ledger:
        return seeded_book(self.scene, setup)

    def _open(self, universe: Universe) -> None:
        ids = tuple(i.id for i in universe.instruments)
        opened = Opened(SCHEMA, universe.lineage, self.now, "simulated", platform_fingerprint(),
                        universe.keys, ids)  # fmt: skip
        self.journal.append(encode(opened))

    def run(self) -> "World":
        """To the end of the world, and on until the last fill has been told."""
        while self.now < self.end or (self.now < self.end + _LAST and self._differs()):
            self._advance()
        self._collect()
        return self

    def _differs(self) -> bool:
        return any(differences(self.desk, self.venue.truth()))

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
        if self.end - due < _LONGER:
            self._prolong()
        self.venue.advance(due)
        self._bad.turn(due)
        if self._crashes and self._crashes[0] <= due:
            self._crashes.pop(0)
            self._set_crash()
        if due >= self.until and not self._is_calm:
            self._calm()
        asked = self._asked()
        events = self.venue.market_events()
        if asked or events or self._is_due(due):
            self.counts["market events"] += len(events)
            self._guarded(lambda: self._turn(due, asked, events))
            if self._random.random() < _KEPT:
                self._guarded(self._snapshot)
        for key in self.shell.market.wanting():
            if self._random.random() < 0.3:
                self.venue.ask_depth(key)

    def _is_due(self, now: int) -> bool:
        """Whether a turn would do anything, though nobody asks and the market says nothing."""
        changes = bool(self._changes) and self._changes[0][0] <= now
        return changes or min(self.venue.next_time(), self.shell.next_deadline()) <= now

    def _prolong(self) -> None:
        """A world in which little has happened goes on, without faults, until enough has."""
        if self.now < self.until + _LONGEST:
            sent = self.submitted.total() + self.line.submitted.total()
            few = self.counts["events"] + self.counts["market events"] < EVENTS
            if sent < self.scene.orders or (self.scene.orders and few):
                self.end = self.people.end = self.now + _LONGER

    def _calm(self) -> None:
        """Nothing goes wrong any more."""
        self._is_calm = True
        self.disk.fuse = self.shelf.fuse = self.line.fuse = -1
        self._bad.mend()
        if not self.counts["crashes"]:
            self._restart(False)  # what it was to die in never came

    def _turn(self, now: int, asked: list[Asked], events: list[MarketEvent]) -> None:
        """One turn; new parameters come in between two."""
        while self._changes and self._changes[0][0] <= now:
            _, self.configured = self._changes.pop(0)
            if hour_binds(self.desk, self.scene):
                self.counts["hourly share"] += 1
            self.shell.engine.process(Parameters(now, tree_of(self.configured)))
            self.counts["parameters"] += 1
        self.shell.turn(now, asked, events)

    def _asked(self) -> list[Asked]:
        found = self.people.asked(self.now, self.desk.mode)
        if not self.journal.reserve and self.desk.mode is not Mode.HALTED:
            found.append(Asked(self.now, Verb.KILL, NO_ROOM))
            self.counts["no room"] += 1
        if found:
            self.counts.update(each.verb.name.lower() for each in found)
        if self.scene.stranger:
            self._trade_by_hand()
        return found

    def _trade_by_hand(self) -> None:
        tracked = HAND in self.desk.orders
        done = self._stranger.act(self.now, self.venue, self.desk.quotes[0].bid, tracked)
        if done:
            self.counts[done] += 1

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
        self.venue.connect()
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
        return failures_of(self)
