"""One journal and one venue, and the processes that follow each other on them."""

import multiprocessing
import os
import time
from multiprocessing import forkserver
from multiprocessing.context import ForkServerContext
from pathlib import Path
from typing import TypeVar
from unittest.mock import patch

from kedge.domain.control import Mode
from kedge.engine.trading.replay import replay
from kedge.ledger.journal.disk import SystemDisk
from kedge.ledger.journal.verify import verify
from kedge.numeric_platform import platform_fingerprint
from kedge.testing.simulation.parameters import seeded_book
from kedge.testing.simulation.scene import Scene
from kills.evidence import findings, records
from kills.market import Market
from kills.session import Settled, live
from kills.stages import There, Wish
from kills.terms import adopt_quick, scene_of, turned

PATIENCE_S = 60.0
AGREE_S = 5.0
"""A stop may fill while both sides are read; they agree within so long, or never."""
Told = TypeVar("Told")
_TESTS = Path(__file__).resolve().parents[1]


def nursery() -> ForkServerContext:
    """Where processes are forked: everything is imported and compiled there already."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["kills.warm"])
    paths = os.pathsep.join((str(_TESTS), str(_TESTS.parent / "src")))
    with patch.dict(os.environ, PYTHONPATH=paths):
        forkserver.ensure_running()
    return context


class Process:
    """One process of a session.

    Args:
        context: where it is forked.
        given: folder, what it trades, URL of the venue, and where it dies.
    """

    def __init__(self, context: ForkServerContext, given: tuple[Path, Scene, str, Wish]) -> None:
        self._talk, theirs = context.Pipe()
        self._process = context.Process(target=live, args=(*given, theirs), daemon=True)
        self._process.start()
        theirs.close()

    @property
    def said(self) -> bool:
        """Whether it has said anything that was not read."""
        try:
            return self._talk.poll()
        except OSError:
            return False

    def say(self, word: str) -> None:
        """Tell it to trade, to settle again, or to end."""
        self._talk.send(word)

    def settled(self) -> Settled | None:
        """What it believes once it has settled; None where that never comes."""
        return self._heard(Settled)

    def there(self) -> There | None:
        """Where it waits for its end; None where it never comes there."""
        return self._heard(There)

    def _heard(self, kind: type[Told]) -> Told | None:
        try:
            said = self._talk.recv() if self._talk.poll(PATIENCE_S) else None
        except EOFError:
            return None
        return said if isinstance(said, kind) else None

    def strike(self) -> None:
        """Kill it, and do not wait."""
        self._process.kill()

    def kill(self) -> None:
        """Kill it, and wait until it is gone."""
        self._process.kill()
        self._process.join()

    def end(self) -> None:
        """A graceful end."""
        self.say("end")
        self._process.join(PATIENCE_S)
        self.kill()


class Session:
    """A session whose processes die.

    Args:
        seed: of what it trades, and of its venue.
        folder: of the journal.
        market: the venue.

    Attributes:
        left: digest of what a process remembered when it died, all of it durable; empty where
            that is not known.
    """

    def __init__(self, seed: int, folder: Path, market: Market) -> None:
        self.folder, self.market = folder, market
        self._scene, self._context = scene_of(seed), nursery()
        self._counted, self._lives = (0, 0), 0
        self.left = ""

    def start(self, wish: Wish) -> Process:
        """The next process; every other one has other limits."""
        self._lives += 1
        scene = self._scene if self._lives % 2 else turned(self._scene)
        return Process(self._context, (self.folder, scene, self.market.url, wish))

    def compared(self, process: Process) -> tuple[str, ...]:
        """What is wrong once a process has settled."""
        end = time.monotonic() + AGREE_S
        while True:
            settled = process.settled()
            found = ("it never settled",) if settled is None else self._wrong(settled)
            if not found or settled is None or time.monotonic() > end:
                return found
            process.say("again")

    def _wrong(self, settled: Settled) -> tuple[str, ...]:
        """The venue against the journal, and against what the session believes."""
        truth = self.market.truth()
        found = findings(records(self.folder), truth, self._scene)
        lots = {key: each for key, each in truth.lots.items() if each}
        resting = {known.order.id for known in truth.open}
        if (settled.positions, settled.cash) != (lots, truth.cash):
            found.append(f"it believes {settled}, the venue has {lots} and {truth.cash}")
        if settled.resting != resting:
            found.append(f"stops {sorted(settled.resting)} here, {sorted(resting)} there")
        if self.left and settled.recovered != self.left:
            found.append("it does not remember what the process before it did")
        if settled.mode != Mode.ACTIVE.name:
            found.append(f"it is {settled.mode}")
        return tuple(found)

    def counted(self) -> tuple[int, int]:
        """Orders and fills at the venue since this was asked for last."""
        truth = self.market.truth()
        before, self._counted = self._counted, (len(truth.orders), len(truth.fills))
        return self._counted[0] - before[0], self._counted[1] - before[1]

    def ended(self) -> tuple[str, ...]:
        """What is wrong once nobody writes any more: bytes, chain, decisions derived again."""
        found = []
        damage = verify(SystemDisk(self.folder / "journal")).damage
        if damage is not None:
            found.append(f"the journal: {damage}")
        again = replay(
            enumerate(records(self.folder), 1), adopt_quick, platform_fingerprint(),
            book=lambda setup: seeded_book(self._scene, setup),
        )  # fmt: skip
        if not again.equal:
            found.append(f"a replay differs: {again.first}")
        return tuple(found)
