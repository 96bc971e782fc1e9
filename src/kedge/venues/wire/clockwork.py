"""What moves the venue: our clock at a pace, or, in lockstep, its client."""

import asyncio
from collections.abc import Callable
from typing import Final

from kedge.venues.simulated.fault_plan import Fault
from kedge.venues.simulated.requests import Halt
from kedge.venues.wire.faults import Faults
from kedge.venues.wire.floor import Floor
from kedge.venues.wire.pace import Pace
from kedge.venues.wire.refusals import RequestError
from kedge.venues.wire.streams import Streams

_STEP_S: Final = 0.01
_FLUSH: Final = 100_000_000


class Clockwork:
    """The venue's clock.

    Args:
        floor: the exchange.
        streams: told to tell what was gathered.
        faults: their spells run by this clock.
        pace: of the clock.
        wall: ns UTC of ours.

    Attributes:
        on_spell: called when a spell begins or ends.
        on_step: called with the new pace before a step in lockstep.
    """

    def __init__(
        self, floor: Floor, streams: Streams, faults: Faults, pace: Pace, wall: Callable[[], int]
    ) -> None:
        self._floor, self._streams, self._faults = floor, streams, faults
        self._pace, self._wall = pace, wall
        self._flushed = 0
        self.on_spell: Callable[[Fault, bool], None] = _ignored
        self.on_step: Callable[[Pace], object] = id

    @property
    def lockstep(self) -> bool:
        """Whether it moves only when told to."""
        return self._pace.speed == 0.0

    @property
    def door(self) -> int:
        """The time that requests are held against, ns UTC."""
        skew = self._faults.plan.skew if self._faults.holds(Fault.CLOCK_SKEW) else 0
        return self._wall() + skew

    def run(self) -> None:
        """Bring the venue up to now."""
        if not self.lockstep:
            self._to(self._pace.at(self._wall()))

    def step(self, until: int) -> None:
        """Move the tape in lockstep.

        Raises:
            RequestError: it moves by itself, or not backward.
        """
        if not self.lockstep:
            raise RequestError(-1000, "This venue does not run in lockstep.", 409)
        if until < self._floor.now:
            raise RequestError(-1000, f"The tape is at {self._floor.now} already.", 409)
        self.on_step(Pace(self._wall(), until, 0.0))
        self._to(until)
        self._streams.flush()

    def strike(self, fault: Fault, lasting: int) -> None:
        """Begin a spell now that lasts so many ns of the venue's clock."""
        self._faults.strike(fault, self._floor.now + lasting)
        self._weather(fault, True)

    async def turn(self) -> None:
        """Keep the venue up to date, for ever."""
        while True:
            self.run()
            await asyncio.sleep(_STEP_S)

    def _to(self, now: int) -> None:
        for fault, on in self._faults.turned(now):
            self._weather(fault, on)
        self._floor.run(now)
        if now // _FLUSH != self._flushed and not self.lockstep:
            self._flushed = now // _FLUSH
            self._streams.flush()

    def _weather(self, fault: Fault, on: bool) -> None:
        floor = self._floor
        if fault is Fault.HALT:
            floor.act(Halt(next(iter(floor.keyed)), on))
        elif fault is Fault.OUTAGE:
            for key in floor.keyed:
                floor.act(Halt(key, on))
        self.on_spell(fault, on)


def _ignored(fault: Fault, on: bool) -> None:
    pass
