"""Ctrl-C and SIGTERM: the first asks for a graceful end, the second ends at once."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event
from types import FrameType
from typing import Final

NAMES: Final = {signal.SIGINT: "Ctrl-C", signal.SIGTERM: "SIGTERM"}


class Stop:
    """What a signal asked for.

    Args:
        bell: rung when somebody asks.

    Attributes:
        by: who asked, empty while nobody has.
    """

    def __init__(self, bell: Event) -> None:
        self._bell = bell
        self.by = ""

    @property
    def asked(self) -> bool:
        """Whether a graceful end is wanted."""
        return bool(self.by)

    def ask(self, by: str) -> None:
        """Ask for a graceful end; the first to ask is remembered."""
        self.by = self.by or by
        self._bell.set()


@contextmanager
def graceful(bell: Event) -> Iterator[Stop]:
    """Turn the first signal into a request while the block runs.

    Args:
        bell: rung by it.

    Raises:
        KeyboardInterrupt: inside the block, at the second signal.
    """
    stop = Stop(bell)

    def hear(number: int, frame: FrameType | None) -> None:
        if stop.asked:
            raise KeyboardInterrupt
        stop.ask(NAMES[signal.Signals(number)])

    before = {each: signal.signal(each, hear) for each in NAMES}
    try:
        yield stop
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
