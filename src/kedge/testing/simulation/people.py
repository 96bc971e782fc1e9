"""What people do to a session: kill, flatten, resume and stop it, and trade beside it by hand."""

from collections.abc import Iterator
from random import Random
from typing import Final

from kedge.domain.control import Asked, Mode, Verb
from kedge.domain.order import Order, OrderType
from kedge.testing.simulation.scene import OPENING, SECOND, START, Scene
from kedge.venues.simulated.faults import FaultyVenue
from kedge.venues.simulated.requests import Cancel, Submit

HAND: Final = Order("by-hand", 0, 1, 1_000, OrderType.LIMIT, limit=OPENING // 10)
"""An order that nobody here has sent; it rests where nobody sells, wherever prices go."""
_BEFORE: Final = 40 * SECOND
"""How long before its end the session is asked to stop."""


class People:
    """Everybody who has a hand on the session.

    A kill closes the latch at once; the session hears of it later, as its loop is busy.

    Args:
        scene: with or without commands and a stranger's order.
        random: of these alone.
        until: ns UTC at which faults stop.
        end: of the world, unless it is put off.

    Attributes:
        latch: closed or not; it outlives the process.
        end: of the world; somebody asks for a stop some time before.
    """

    def __init__(self, scene: Scene, random: Random, until: int, end: int) -> None:
        self.latch = False
        self._until, self._random = until, random
        self._orders = sorted(self._drawn(scene))
        self.end, self._stopped = end, False
        self._every = scene.looks_s * SECOND
        self._looks = START + self._every
        self._heard: list[tuple[int, Asked]] = []
        self._hand = self._moment() if scene.stranger else -1
        self._rests = False

    def _moment(self, share: float = 0.75) -> int:
        """Somewhere in the later part of what is traded before faults stop."""
        span = self._until - START
        return START + int((share + (1.0 - share) * self._random.random()) * span)

    def _drawn(self, scene: Scene) -> Iterator[tuple[int, Verb]]:
        yield self._until + 70 * SECOND, Verb.RESUME
        if scene.commands:
            at = self._moment(0.0)
            yield at, self._random.choice((Verb.KILL, Verb.FLATTEN))
            yield at + self._random.choice((20, 45)) * SECOND, Verb.RESUME

    def asked(self, now: int, mode: Mode) -> list[Asked]:
        """What the session hears by now.

        Args:
            now: ns UTC.
            mode: of the session; nobody resumes what trades.
        """
        while self._orders and self._orders[0][0] <= now:
            self._ask(*self._orders.pop(0), mode)
        self._look(now, mode)
        if now >= self.end - _BEFORE and not self._stopped:
            self._stopped = True
            self._ask(now, Verb.STOP, mode)
        found = [asked for at, asked in self._heard if at <= now]
        self._heard = [line for line in self._heard if line[0] > now]
        return found

    def _look(self, now: int, mode: Mode) -> None:
        """Somebody resumes a session that holds itself back; what people closed stays closed."""
        if self._every and now >= self._looks:
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

    def trade(self, now: int, venue: FaultyVenue) -> bool:
        """Somebody sends an order of his own on the session's account, and cancels it later.

        Returns:
            Whether he did something now.
        """
        if self._hand < 0 or now < self._hand:
            return False
        if self._rests:
            venue.by_hand(Cancel(HAND.key, HAND.id))
            self._hand = -1
        else:
            venue.by_hand(Submit(HAND))
            self._rests, self._hand = True, self._until + 62 * SECOND
        return True
