"""What people do to a session: kill, flatten, resume and stop it."""

from collections.abc import Iterator
from random import Random
from typing import Final

from kedge.domain.control import Asked, Mode, Verb
from kedge.testing.simulation.scene import SECOND, Scene, start_of

_BEFORE: Final = 40 * SECOND
"""How long before its end the session is asked for the last thing."""
_RESUMED: Final = 7 / 15
"""Of the quiet time after which a session that holds itself back is resumed."""


def moment(random: Random, start: int, until: int, share: float = 0.0) -> int:
    """Somewhere between two instants, after a share of the time between them."""
    return start + int((share + (1.0 - share) * random.random()) * (until - start))


class People:
    """Everybody who has a hand on the session.

    A kill closes the latch at once; the session hears of it later, as its loop is busy.

    Args:
        scene: with or without commands.
        random: of these alone.
        until: ns UTC at which faults stop.
        end: of the world, unless it is put off.

    Attributes:
        latch: closed or not; it outlives the process.
        end: of the world; somebody asks for a stop some time before.
        calm: ns UTC at which somebody resumes what faults have held back.
    """

    def __init__(self, scene: Scene, random: Random, until: int, end: int) -> None:
        self.latch = False
        self._start, self._random = start_of(scene), random
        self.calm = until + int(_RESUMED * scene.quiet_s * SECOND)
        self._orders = sorted(self._drawn(scene, until))
        self.end, self._last = end, Verb.FLATTEN if scene.ends_flat else Verb.STOP
        self._ended = False
        self._every = scene.looks_s * SECOND
        self._looks = self._start + self._every
        self._heard: list[tuple[int, Asked]] = []

    def _drawn(self, scene: Scene, until: int) -> Iterator[tuple[int, Verb]]:
        yield self.calm, Verb.RESUME
        if scene.commands:
            at = moment(self._random, self._start, until)
            yield at, self._random.choice((Verb.KILL, Verb.FLATTEN))
            wait = self._random.choice((20, 45)) * SECOND
            yield min(at + wait, self.calm), Verb.RESUME

    def asked(self, now: int, mode: Mode) -> list[Asked]:
        """What the session hears by now.

        Args:
            now: ns UTC.
            mode: of the session; nobody resumes what trades.
        """
        while self._orders and self._orders[0][0] <= now:
            self._ask(*self._orders.pop(0), mode)
        if self._every and now >= self._looks:
            self._look(now, mode)
        if now >= self.end - _BEFORE and not self._ended:
            self._ended = True
            self._ask(now, self._last, mode)
        if not self._heard:
            return []
        found = [asked for at, asked in self._heard if at <= now]
        self._heard = [line for line in self._heard if line[0] > now]
        return found

    def _look(self, now: int, mode: Mode) -> None:
        """Somebody resumes a session that holds itself back; what people closed stays closed."""
        self._looks = now + self._every
        if not self.latch:
            self._ask(now, Verb.RESUME, mode)

    def _ask(self, at: int, verb: Verb, mode: Mode) -> None:
        if verb is Verb.RESUME:
            if mode is Mode.ACTIVE and not self.latch:
                return
            self.latch = False
        lag = 0
        if verb in (Verb.KILL, Verb.FLATTEN):
            self.latch = True
            lag = self._random.choice((0, SECOND // 2, 3 * SECOND))
        self._heard.append((at + lag, Asked(at, verb, "somebody")))

    def restarted(self, now: int, mode: Mode) -> None:
        """A process begins: what closed the latch is told to it, unless it knows."""
        if self.latch and mode is not Mode.HALTED:
            self._heard.append((now, Asked(now, Verb.KILL, "latch")))
